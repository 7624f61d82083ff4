package imap

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/store"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message/textproto"
)

var errNothingSelected = no(imap.ResponseCodeClientBug, "no folder is selected")

func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if s.view == nil {
		return errNothingSelected
	}
	markSeen := !s.view.readOnly && (slices.ContainsFunc(options.BodySection, func(b *imap.FetchItemBodySection) bool { return !b.Peek }) ||
		slices.ContainsFunc(options.BinarySection, func(b *imap.FetchItemBinarySection) bool { return !b.Peek }))
	return s.view.each(set, func(number uint32, i int) error {
		m := s.view.known[i]
		octets, err := s.o.Bodies.Octets(m.Body)
		if errors.Is(err, store.ErrNoBody) {
			return nil // expunged meanwhile; the client will be told
		}
		if err != nil {
			return err
		}
		flags := options.Flags
		if markSeen && !slices.Contains(m.Flags, string(imap.FlagSeen)) {
			if err := s.setFlags(i, add(m.Flags, string(imap.FlagSeen))); err != nil {
				return err
			}
			m, flags = s.view.known[i], true
		}
		return write(w.CreateMessage(number), m, flags, octets, options)
	})
}

func write(w *imapserver.FetchResponseWriter, m store.Message, flags bool, octets []byte, o *imap.FetchOptions) error {
	w.WriteUID(imap.UID(m.UID))
	if flags {
		w.WriteFlags(flagsOf(m))
	}
	if o.InternalDate {
		w.WriteInternalDate(m.Received)
	}
	if o.RFC822Size {
		w.WriteRFC822Size(m.Size)
	}
	if o.Envelope {
		header, _ := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(octets)))
		w.WriteEnvelope(imapserver.ExtractEnvelope(header))
	}
	if o.BodyStructure != nil {
		w.WriteBodyStructure(imapserver.ExtractBodyStructure(bytes.NewReader(octets)))
	}
	for _, section := range o.BodySection {
		part := bodySection(octets, section)
		body := w.WriteBodySection(section, int64(len(part)))
		if _, err := body.Write(part); err != nil {
			return err
		}
		if err := body.Close(); err != nil {
			return err
		}
	}
	for _, section := range o.BinarySection {
		part := imapserver.ExtractBinarySection(bytes.NewReader(octets), section)
		body := w.WriteBinarySection(section, int64(len(part)))
		if _, err := body.Write(part); err != nil {
			return err
		}
		if err := body.Close(); err != nil {
			return err
		}
	}
	for _, section := range o.BinarySectionSize {
		w.WriteBinarySectionSize(section, imapserver.ExtractBinarySectionSize(bytes.NewReader(octets), section))
	}
	return w.Close()
}

// bodySection cuts a section out of the octets. The whole message, its header
// and its text are cut by offsets, so that damaged messages come out as they
// are; the library, which parses and writes again, serves parts of parts.
func bodySection(octets []byte, section *imap.FetchItemBodySection) []byte {
	plain := len(section.Part) == 0 && len(section.HeaderFields) == 0 && len(section.HeaderFieldsNot) == 0
	if !plain || len(octets) == 0 {
		return imapserver.ExtractBodySection(bytes.NewReader(octets), section)
	}
	part := octets
	if section.Specifier != imap.PartSpecifierNone {
		end := headerEnd(octets)
		switch section.Specifier {
		case imap.PartSpecifierHeader:
			part = octets[:end]
		case imap.PartSpecifierText:
			part = octets[end:]
		}
	}
	if p := section.Partial; p != nil {
		from := min(p.Offset, int64(len(part)))
		part = part[from:min(from+p.Size, int64(len(part)))]
	}
	return part
}

func headerEnd(octets []byte) int {
	entity, err := rawmime.Parse(octets, rawmime.Limits{Parts: 1})
	if err != nil {
		return len(octets)
	}
	return entity.BodyStart
}

func (s *session) Store(w *imapserver.FetchWriter, set imap.NumSet, change *imap.StoreFlags, _ *imap.StoreOptions) error {
	if s.view == nil {
		return errNothingSelected
	}
	if s.view.readOnly {
		return no("", "the folder was opened to be read only")
	}
	given := canonical(change.Flags)
	return s.view.each(set, func(number uint32, i int) error {
		flags := given
		switch change.Op {
		case imap.StoreFlagsAdd:
			flags = add(s.view.known[i].Flags, given...)
		case imap.StoreFlagsDel:
			flags = slices.DeleteFunc(slices.Clone(s.view.known[i].Flags), func(f string) bool { return has(given, f) })
		}
		if err := s.setFlags(i, flags); err != nil {
			return err
		}
		if change.Silent {
			return nil
		}
		m := w.CreateMessage(number)
		m.WriteUID(imap.UID(s.view.known[i].UID))
		m.WriteFlags(flagsOf(s.view.known[i]))
		return m.Close()
	})
}

// setFlags changes flags in the store and in the view, so that this client is
// not told again what it has just done.
func (s *session) setFlags(i int, flags []string) error {
	m := &s.view.known[i]
	if err := s.o.Store.SetFlags(s.mailbox, s.view.name, m.UID, flags); err != nil {
		return answer(err)
	}
	m.Flags = slices.Clone(flags)
	return nil
}

func (s *session) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if s.view == nil {
		return errNothingSelected
	}
	if s.view.readOnly {
		return nil
	}
	var gone []uint32
	for _, m := range s.view.known {
		if has(m.Flags, string(imap.FlagDeleted)) && (uids == nil || uids.Contains(imap.UID(m.UID))) {
			gone = append(gone, m.UID)
		}
	}
	return s.remove(gone, w.WriteExpunge)
}

// remove expunges messages and tells this client at once.
func (s *session) remove(uids []uint32, tell func(number uint32) error) error {
	if err := s.o.Store.Expunge(s.mailbox, s.view.name, uids); err != nil {
		return answer(err)
	}
	for i := len(s.view.known) - 1; i >= 0; i-- {
		if !slices.Contains(uids, s.view.known[i].UID) {
			continue
		}
		s.view.known = slices.Delete(s.view.known, i, i+1)
		if err := tell(uint32(i + 1)); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) Copy(set imap.NumSet, to string) (*imap.CopyData, error) {
	if s.view == nil {
		return nil, errNothingSelected
	}
	data := &imap.CopyData{}
	err := s.view.each(set, func(_ uint32, i int) error {
		m := s.view.known[i]
		octets, err := s.o.Bodies.Octets(m.Body)
		if errors.Is(err, store.ErrNoBody) {
			return nil
		}
		if err != nil {
			return err
		}
		uid, err := s.o.Store.Append(s.mailbox, to, octets, store.Message{Received: m.Received, Flags: m.Flags, Trace: m.Trace}, false)
		if errors.Is(err, store.ErrNoFolder) {
			return no(imap.ResponseCodeTryCreate, "no such folder")
		}
		if err != nil {
			return answer(err)
		}
		data.SourceUIDs.AddNum(imap.UID(m.UID))
		data.DestUIDs.AddNum(imap.UID(uid))
		return nil
	})
	if err != nil {
		return nil, err
	}
	f, err := s.o.Store.Folder(s.mailbox, to)
	if err != nil {
		return nil, answer(err)
	}
	data.UIDValidity = f.UIDValidity
	return data, nil
}

func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, to string) error {
	data, err := s.Copy(set, to)
	if err != nil {
		return err
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	numbers, _ := data.SourceUIDs.Nums()
	uids := make([]uint32, len(numbers))
	for i, n := range numbers {
		uids[i] = uint32(n)
	}
	return s.remove(uids, w.WriteExpunge)
}

// systemFlags in the letter case of RFC 3501: clients exist that know no other.
var systemFlags = []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}

// canonical brings flags into their canonical letter case, without repeats,
// sorted. Keywords stay as the client wrote them.
func canonical(flags []imap.Flag) []string {
	var out []string
	for _, f := range flags {
		name := string(f)
		for _, known := range systemFlags {
			if strings.EqualFold(name, string(known)) {
				name = string(known)
			}
		}
		out = add(out, name)
	}
	return out
}

func has(flags []string, flag string) bool {
	return slices.ContainsFunc(flags, func(f string) bool { return strings.EqualFold(f, flag) })
}

func add(flags []string, more ...string) []string {
	out := slices.Clone(flags)
	for _, f := range more {
		if !has(out, f) {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

func flagsOf(m store.Message) []imap.Flag {
	flags := make([]imap.Flag, len(m.Flags))
	for i, f := range m.Flags {
		flags[i] = imap.Flag(f)
	}
	return flags
}
