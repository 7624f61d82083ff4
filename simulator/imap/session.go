package imap

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
)

const delimiter = '/'

// session is one client. go-imap calls it from one goroutine at a time.
type session struct {
	o       *Options
	tap     *history.Tap
	mailbox string // of the account; "" before login
	view    *view  // the folder selected; nil when none is
}

var (
	_ imapserver.SessionMove      = (*session)(nil)
	_ imapserver.SessionNamespace = (*session)(nil)
	_ imapserver.SessionSASL      = (*session)(nil)
)

func (s *session) Close() error { return nil }

func (s *session) Login(user, password string) error {
	mailbox, ok := s.o.SignIn(s.tap.RemoteAddr().String(), user, password)
	if !ok {
		return imapserver.ErrAuthFailed
	}
	s.mailbox = mailbox
	s.tap.Account(mailbox)
	return nil
}

// AuthenticateMechanisms implements imapserver.SessionSASL; go-imap offers
// them over TLS only.
func (s *session) AuthenticateMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (s *session) Authenticate(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(identity, user, password string) error {
			if identity != "" && identity != user {
				return imapserver.ErrAuthFailed
			}
			return s.Login(user, password)
		}), nil
	case sasl.Login:
		return smtp.NewLoginServer(s.Login), nil
	default:
		return nil, no("", "SASL mechanism not supported")
	}
}

func (s *session) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: delimiter}}}, nil
}

func (s *session) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	f, err := s.o.Store.Folder(s.mailbox, name)
	if err != nil {
		return nil, answer(err)
	}
	s.view = newView(s, f, options != nil && options.ReadOnly)
	flags := []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}
	data := &imap.SelectData{
		Flags: flags, PermanentFlags: append(slices.Clone(flags), imap.FlagWildcard),
		NumMessages: uint32(len(f.Messages)), UIDNext: imap.UID(f.UIDNext), UIDValidity: f.UIDValidity,
	}
	if s.view.readOnly {
		data.PermanentFlags = nil
	}
	for i, m := range f.Messages {
		if !slices.Contains(m.Flags, string(imap.FlagSeen)) {
			data.FirstUnseenSeqNum = uint32(i + 1)
			break
		}
	}
	return data, nil
}

func (s *session) Unselect() error {
	s.view = nil
	return nil
}

func (s *session) Create(name string, _ *imap.CreateOptions) error {
	return answer(s.o.Store.CreateFolder(s.mailbox, strings.TrimSuffix(name, string(delimiter))))
}

func (s *session) Delete(name string) error { return answer(s.o.Store.DeleteFolder(s.mailbox, name)) }

func (s *session) Rename(from, to string, _ *imap.RenameOptions) error {
	return answer(s.o.Store.RenameFolder(s.mailbox, from, to))
}

// Subscribe and Unsubscribe are accepted: every folder counts as subscribed.
func (s *session) Subscribe(string) error   { return nil }
func (s *session) Unsubscribe(string) error { return nil }

func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: delimiter})
	}
	names, err := s.o.Store.Folders(s.mailbox)
	if err != nil {
		return answer(err)
	}
	for _, name := range names {
		if !slices.ContainsFunc(patterns, func(p string) bool { return imapserver.MatchList(name, delimiter, ref, p) }) {
			continue
		}
		data := &imap.ListData{Delim: delimiter, Mailbox: name, Attrs: attributes(name, names)}
		if options.SelectSpecialUse && len(data.Attrs) < 2 {
			continue
		}
		if options.SelectSubscribed || options.ReturnSubscribed {
			data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
		}
		if options.ReturnStatus != nil {
			if data.Status, err = s.Status(name, options.ReturnStatus); err != nil {
				return err
			}
		}
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) Status(name string, options *imap.StatusOptions) (*imap.StatusData, error) {
	f, err := s.o.Store.Folder(s.mailbox, name)
	if err != nil {
		return nil, answer(err)
	}
	var total, unseen, deleted, recent uint32
	var size int64
	for _, m := range f.Messages {
		total++
		size += m.Size
		if !slices.Contains(m.Flags, string(imap.FlagSeen)) {
			unseen++
		}
		if slices.Contains(m.Flags, string(imap.FlagDeleted)) {
			deleted++
		}
	}
	data := &imap.StatusData{Mailbox: f.Name}
	if options.NumMessages {
		data.NumMessages = &total
	}
	if options.NumRecent {
		data.NumRecent = &recent
	}
	if options.NumUnseen {
		data.NumUnseen = &unseen
	}
	if options.NumDeleted {
		data.NumDeleted = &deleted
	}
	if options.Size {
		data.Size = &size
	}
	if options.UIDNext {
		data.UIDNext = imap.UID(f.UIDNext)
	}
	if options.UIDValidity {
		data.UIDValidity = f.UIDValidity
	}
	return data, nil
}

func (s *session) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if r.Size() > s.o.MaxAppend {
		return nil, no(imap.ResponseCodeTooBig, "the message is too big")
	}
	octets, err := io.ReadAll(io.LimitReader(r, s.o.MaxAppend))
	if err != nil {
		return nil, err
	}
	m := store.Message{Received: options.Time, Flags: canonical(options.Flags)}
	if m.Received.IsZero() {
		m.Received = s.o.Clock.Now()
	}
	uid, err := s.o.Store.Append(s.mailbox, name, octets, m, false)
	if errors.Is(err, store.ErrNoFolder) {
		return nil, no(imap.ResponseCodeTryCreate, "no such folder")
	}
	if err != nil {
		return nil, answer(err)
	}
	return s.appended(name, uid)
}

func (s *session) appended(name string, uid uint32) (*imap.AppendData, error) {
	f, err := s.o.Store.Folder(s.mailbox, name)
	if err != nil {
		return nil, answer(err)
	}
	return &imap.AppendData{UID: imap.UID(uid), UIDValidity: f.UIDValidity}, nil
}

// answer turns an error of the store into one that the client understands.
func answer(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNoFolder), errors.Is(err, store.ErrNoMailbox):
		return no(imap.ResponseCodeNonExistent, err.Error())
	case errors.Is(err, store.ErrExists):
		return no(imap.ResponseCodeAlreadyExists, err.Error())
	case errors.Is(err, store.ErrQuota), errors.Is(err, store.ErrFull):
		return no(imap.ResponseCodeOverQuota, err.Error())
	default:
		return no(imap.ResponseCodeCannot, err.Error())
	}
}

func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}
