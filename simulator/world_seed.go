package simulator

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// Seed puts messages into mailboxes as they are, and submits others through the
// access points of their senders, one after the other. When one cannot be put
// the error says which; those before it are there.
func (w *World) Seed(ctx context.Context, s control.Seed) (control.Seeded, error) {
	done := control.Seeded{Messages: []control.SeededMessage{}, Submissions: []control.SeededSubmission{}}
	for i, m := range s.Messages {
		put, err := w.put(m)
		if err != nil {
			return done, fmt.Errorf("message %d: %w", i+1, err)
		}
		done.Messages = append(done.Messages, put)
	}
	for i, m := range s.Submissions {
		sent, err := w.submit(ctx, m)
		if err != nil {
			return done, fmt.Errorf("submission %d: %w", i+1, err)
		}
		done.Submissions = append(done.Submissions, sent)
	}
	return done, nil
}

func (w *World) put(m control.SeedMessage) (control.SeededMessage, error) {
	if len(m.Octets) == 0 {
		return control.SeededMessage{}, fmt.Errorf("%w: there are no octets", control.ErrInvalid)
	}
	b, err := w.box(m.Mailbox)
	if err != nil {
		return control.SeededMessage{}, err
	}
	folder := cmp.Or(m.Folder, store.Inbox)
	if err := writable(folder, m.Flags); err != nil {
		return control.SeededMessage{}, err
	}
	if err := b.store.CreateFolder(b.address, folder); err != nil && !errors.Is(err, store.ErrExists) {
		return control.SeededMessage{}, missing(err)
	}
	flags := slices.Sorted(slices.Values(m.Flags))
	at := m.Received
	if at.IsZero() {
		at = w.Now()
	}
	uid, err := b.store.Append(b.address, folder, m.Octets, store.Message{Received: at, Flags: flags, Trace: store.Trace{Recipient: b.address}}, false)
	switch {
	case errors.Is(err, store.ErrQuota), errors.Is(err, store.ErrFull):
		return control.SeededMessage{}, fmt.Errorf("%w: %w", control.ErrInvalid, err)
	case err != nil:
		return control.SeededMessage{}, missing(err)
	}
	return control.SeededMessage{Mailbox: b.address, Folder: folder, UID: uid, SHA256: store.Hash(m.Octets)}, nil
}

// writable says what IMAP could not tell its clients: a folder with control
// characters in its name, a flag that is no atom (RFC 3501 9).
func writable(folder string, flags []string) error {
	if strings.ContainsFunc(folder, unicode.IsControl) {
		return fmt.Errorf("%w: folder %q holds control characters", control.ErrInvalid, folder)
	}
	for _, flag := range flags {
		name := strings.TrimPrefix(flag, `\`)
		if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`(){%*"\]`, c) }) {
			return fmt.Errorf("%w: flag %q: want an atom, as \\Seen or $Letto", control.ErrInvalid, flag)
		}
	}
	return nil
}

// submit sends as a user's client does. What the access point refuses is in the
// result and no error.
func (w *World) submit(ctx context.Context, m control.SeedSubmission) (control.SeededSubmission, error) {
	if len(m.Octets) == 0 || len(m.Recipients) == 0 {
		return control.SeededSubmission{}, fmt.Errorf("%w: want octets and at least one recipient", control.ErrInvalid)
	}
	for _, address := range append([]string{m.From}, m.Recipients...) {
		if strings.ContainsFunc(address, unicode.IsControl) {
			return control.SeededSubmission{}, fmt.Errorf("%w: address %q holds control characters", control.ErrInvalid, address)
		}
	}
	address, password, err := w.sender(m.From, m.Password)
	if err != nil {
		return control.SeededSubmission{}, err
	}
	dialer := tls.Dialer{Config: w.trusting()}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return control.SeededSubmission{}, fmt.Errorf("reach the access point of %s: %w", m.From, err)
	}
	defer connection.Close()
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	c := gosmtp.NewClient(connection)
	sent := control.SeededSubmission{}
	answered := func(err error) (control.SeededSubmission, error) {
		var refusal *gosmtp.SMTPError
		if errors.As(err, &refusal) {
			sent.Code, sent.Text = refusal.Code, refusal.Message
			return sent, nil
		}
		return sent, err
	}
	if err := c.Auth(sasl.NewPlainClient("", m.From, password)); err != nil {
		return answered(err)
	}
	if err := c.Mail(m.From, nil); err != nil {
		return answered(err)
	}
	for _, r := range m.Recipients {
		if err := c.Rcpt(r, nil); err != nil {
			sent.Refused = append(sent.Refused, r)
			if _, err := answered(err); err != nil {
				return sent, err
			}
		}
	}
	if len(sent.Refused) == len(m.Recipients) {
		return sent, nil
	}
	data, err := c.Data()
	if err != nil {
		return answered(err)
	}
	if _, err := data.Write(m.Octets); err != nil {
		return answered(err)
	}
	reply, err := data.CloseWithResponse()
	if err != nil {
		return answered(err)
	}
	sent.Code, sent.Text = 250, reply.StatusText
	return sent, c.Quit()
}

// sender finds the access point of a user, and the password as configured unless
// one is given: those that were set while the world runs are known to nobody.
func (w *World) sender(address, given string) (host, password string, err error) {
	same := func(a accounts.Account) bool { return !a.Service && strings.EqualFold(a.Address, address) }
	for _, p := range w.hosts.all() {
		if !slices.ContainsFunc(p.Accounts(), same) {
			continue
		}
		configured := slices.IndexFunc(p.Config().Accounts, same)
		switch {
		case given != "":
			return p.Addresses().SubmissionTLS, given, nil
		case configured < 0:
			return "", "", fmt.Errorf("%w: %s was made while the world runs: give its password", control.ErrInvalid, address)
		}
		return p.Addresses().SubmissionTLS, p.Config().Accounts[configured].Password, nil
	}
	return "", "", fmt.Errorf("%w: no provider has a user %s", control.ErrNotFound, address)
}

// trusting is how a client connects that was given the CA of the world.
func (w *World) trusting() *tls.Config {
	return &tls.Config{RootCAs: w.roots(), ServerName: "localhost", MinVersion: tls.VersionTLS12, Time: w.Now}
}

func (w *World) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(w.authority.Certificate())
	return pool
}
