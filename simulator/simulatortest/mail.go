package simulatortest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/summary"
)

// Submit sends a message as a user's mail client does, by SMTP over TLS, and
// returns its Message-ID, in angle brackets, which receipts refer to. Lines may
// end in LF or CRLF. From, To, Date and Message-ID are added where the message
// has none: an access point refuses what has no proper From and To. A refusal
// fails the test; see TrySubmit.
func (w *World) Submit(from string, to []string, message string) (messageID string) {
	w.t.Helper()
	messageID, err := w.TrySubmit(from, to, message)
	if err != nil {
		w.t.Fatalf("simulatortest: send from %s to %v: %v", from, to, err)
	}
	return messageID
}

// TrySubmit is as Submit, but a refusal is returned: *smtp.SMTPError of
// emersion/go-smtp when the provider answered.
func (w *World) TrySubmit(from string, to []string, message string) (messageID string, err error) {
	w.t.Helper()
	account, hosts := w.Account(from)
	octets, messageID, err := w.complete(from, to, message)
	if err != nil {
		return "", err
	}
	c, err := w.dial(hosts.SubmissionTLS, hosts.SubmissionSTARTTLS)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }() // after QUIT there is nothing left to close
	if err := c.Auth(sasl.NewPlainClient("", account.User, account.Password)); err != nil {
		return "", err
	}
	if err := c.SendMail(from, to, bytes.NewReader(octets)); err != nil {
		return "", err
	}
	return messageID, c.Quit()
}

// dial connects to an access point; an ordinary host has STARTTLS only.
func (w *World) dial(implicit, explicit string) (*gosmtp.Client, error) {
	if implicit != "" {
		return gosmtp.DialTLS(implicit, w.TLS())
	}
	return gosmtp.DialStartTLS(explicit, w.TLS())
}

// complete makes a message that an access point takes.
func (w *World) complete(from string, to []string, message string) (octets []byte, messageID string, err error) {
	text := strings.ReplaceAll(strings.ReplaceAll(message, "\r\n", "\n"), "\n", "\r\n")
	if !strings.Contains(text, "\r\n\r\n") && !strings.HasPrefix(text, "\r\n") {
		return nil, "", errors.New(`a message is its header, an empty line and its text, such as "Subject: Prova\n\nBuongiorno.\n"`)
	}
	read, err := pec.Read([]byte(text))
	if err != nil {
		return nil, "", err
	}
	var head strings.Builder
	for _, field := range []struct{ name, value string }{
		{"From", from},
		{"To", strings.Join(to, ", ")},
		{"Date", w.Now().In(pec.Zone()).Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"Message-ID", "<" + rand.Text() + "@simulatortest.example>"},
	} {
		if len(read.Root.Lookup(field.name)) == 0 {
			fmt.Fprintf(&head, "%s: %s\r\n", field.name, field.value)
		}
	}
	octets = []byte(head.String() + text)
	return octets, summary.Of(octets).MessageID, nil
}

// Message is a message in a mailbox.
type Message struct {
	Mailbox, Folder string
	UID             uint32
	*pec.Message    // what it is; Raw are its octets
}

// WaitFor returns the first message of a kind about a message that was submitted,
// by the Message-ID that Submit returned, as soon as it lies in a mailbox: a
// receipt, a notice, or with pec.TransportEnvelope the envelope in the
// recipient's mailbox. It fails the test when none comes within Patience, and
// says what came instead. A message that came before it was asked for counts.
func (w *World) WaitFor(kind pec.Kind, messageID string) Message {
	w.t.Helper()
	return w.wait(events.Filter{Type: events.Message, Kind: kind.String(), Reference: messageID}, 0)
}

// WaitForIn is as WaitFor for one mailbox, and any message when the Message-ID is
// empty.
func (w *World) WaitForIn(mailbox string, kind pec.Kind, messageID string) Message {
	w.t.Helper()
	return w.wait(events.Filter{Type: events.Message, Mailbox: mailbox, Kind: kind.String(), Reference: messageID}, 0)
}

func (w *World) wait(filter events.Filter, cursor int64) Message {
	w.t.Helper()
	filter.Kind = summary.Kind(filter.Kind)
	ctx, cancel := context.WithTimeout(w.t.Context(), Patience)
	defer cancel()
	found, _, err := w.Events().Wait(ctx, cursor, filter, 1)
	var gone *events.GoneError
	if errors.As(err, &gone) {
		return w.wait(filter, gone.Oldest-1)
	}
	if err != nil {
		w.t.Fatalf("simulatortest: %v", err)
	}
	if len(found) == 0 {
		w.t.Fatalf("simulatortest: no %s about %q came within %v; of it there came: %s", filter.Kind, filter.Reference, Patience, w.told(filter.Reference))
	}
	octets, err := w.Message(found[0].SHA256)
	if err != nil {
		w.t.Fatalf("simulatortest: %v", err)
	}
	return w.message(found[0].Mailbox, found[0].Folder, found[0].UID, octets)
}

// told lists what came about a message.
func (w *World) told(messageID string) string {
	list, _, err := w.Events().After(0, events.Filter{Type: events.Message, Reference: messageID}, 0)
	if err != nil || len(list) == 0 {
		return "nothing"
	}
	var all []string
	for _, e := range list {
		all = append(all, e.Kind+" in "+e.Mailbox)
	}
	return strings.Join(all, ", ")
}

// Messages returns what lies in a mailbox, in all its folders, oldest first in
// each.
func (w *World) Messages(mailbox string) []Message {
	w.t.Helper()
	list, err := w.World.Messages(mailbox, control.MessageChoice{})
	if err != nil {
		w.t.Fatalf("simulatortest: %v", err)
	}
	var all []Message
	for _, m := range list {
		octets, err := w.Message(m.SHA256)
		if err != nil {
			w.t.Fatalf("simulatortest: %v", err)
		}
		all = append(all, w.message(m.Mailbox, m.Folder, m.UID, octets))
	}
	return all
}

func (w *World) message(mailbox, folder string, uid uint32, octets []byte) Message {
	w.t.Helper()
	read, err := pec.Read(octets)
	if err != nil {
		w.t.Fatalf("simulatortest: a message in %s: %v", mailbox, err)
	}
	return Message{Mailbox: mailbox, Folder: folder, UID: uid, Message: read}
}
