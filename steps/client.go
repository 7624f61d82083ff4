package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// ClientBench is a mail client under test, and the world around it.
type ClientBench struct {
	Client   *Client
	Services map[string]string // of the provider of the client's mailbox: host:port by the names that templates use
	Host     string            // a name that the certificates of those services bear
	Dir      string            // a folder of the scenario's own, empty
	Place    Placer            // nil where nobody can put anything into a mailbox
}

// Placer changes what lies in a mailbox, past every check of a provider.
type Placer interface {
	// Place puts a message at the end of the INBOX.
	Place(mailbox string, octets []byte) error
	// Empty removes every message of the INBOX.
	Empty(mailbox string) error
}

// clientActor is whose mailbox the client serves.
const clientActor = Anna

var errNoClient = errors.New("the step speaks of a client, but the target is none: give a target file of kind client")

// clientAccount is the mailbox that the client serves, and its provider.
func (w *World) clientAccount() (*Provider, *Mailbox, error) {
	if w.options.Client == nil {
		return nil, nil, errNoClient
	}
	box := w.target.byActor(string(clientActor))
	if box == nil {
		return nil, nil, fmt.Errorf("the world has no mailbox for the client: none has the actor %s", clientActor)
	}
	provider := w.target.provider(box.Provider)
	if provider == nil {
		return nil, nil, fmt.Errorf("the mailbox %s has no provider of certified e-mail", box.Address)
	}
	return provider, box, nil
}

// clientValues are the values of templates that do not depend on what the client
// is told to do. The first call writes the files that the client needs.
func (w *World) clientValues() (map[string]string, error) {
	_, box, err := w.clientAccount()
	if err != nil {
		return nil, err
	}
	bench := w.options.Client
	values := map[string]string{}
	for name := range ClientValues() {
		values[name] = ""
	}
	for name, text := range map[string]string{
		"dir": bench.Dir, "ca": filepath.Join(bench.Dir, "ca.pem"), "host": bench.Host,
		"address": box.Address, "user": box.User, "password": box.Password.Reveal(),
	} {
		values[name] = text
	}
	for _, service := range clientServices() {
		host, port, err := net.SplitHostPort(bench.Services[service])
		if err != nil {
			continue // not offered: the template gets nothing
		}
		values[service+"_host"], values[service+"_port"] = host, port
	}
	if w.clientReady {
		return values, nil
	}
	w.clientReady = true
	files := map[string]string{"ca.pem": w.target.TLS.Authorities}
	for name, text := range bench.Client.Files {
		files[name] = fill(text, values)
	}
	for name, text := range files {
		if err := writeClientFile(bench.Dir, name, []byte(text)); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// writeClientFile writes a file that only its owner reads: clients refuse
// passwords that lie open.
func writeClientFile(dir, name string, octets []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the client's files: %w", err)
	}
	if err := os.WriteFile(path, octets, 0o600); err != nil {
		return fmt.Errorf("write the client's files: %w", err)
	}
	return nil
}

// clientSent is a message that the client was told to send.
type clientSent struct {
	run   string
	order evidence.ClientOrder
	text  string
}

// accentedText is what a client writes and shows: every letter is in
// ISO-8859-1, few are in US-ASCII.
const accentedText = "Perché è così: città, virtù, più di metà dell'età.\nÈ già l'ora: £ 10, § 2, ½, «sì».\n"

const plainText = "Gentile destinatario,\nquesto è un messaggio di prova.\n"

// clientSends tells the client to send a message.
func (w *World) clientSends(ctx context.Context, words, to string) error {
	people, err := w.target.people(to)
	if err != nil {
		return err
	}
	_, box, err := w.clientAccount()
	if err != nil {
		return err
	}
	token := w.token()
	sent := clientSent{text: plainText, order: evidence.ClientOrder{Token: token, Subject: "prova " + token, Recipients: addresses(people)}}
	switch words {
	case "a message in accented letters":
		sent.text, sent.order.Subject = accentedText, "Perché la città è più bella "+token
	case "a message with a virus":
		sent.text, sent.order.Infected = string(eicar())+"\n", "EICAR"
		w.needles = append(w.needles, needles(eicar())...)
	case "another message with the same subject":
		if len(w.clientSendings) == 0 {
			return errors.New("the step speaks of a subject that was used before, but the client has sent nothing")
		}
		first := w.clientSendings[0].order
		sent.order.Token, sent.order.Subject = first.Token, first.Subject
	}
	sent.order.MessageID = fmt.Sprintf("<%s.%d@cliente.example>", strings.ToLower(token), w.now().Unix())
	sent.order.Composed = !w.options.Client.Client.Send.uses("message")
	return w.sendByClient(ctx, box, sent)
}

func (w *World) sendByClient(ctx context.Context, box *Mailbox, sent clientSent) (err error) {
	dir, order := w.options.Client.Dir, &sent.order
	message := composed(box.Address, *order, sent.text, w.now())
	for name, octets := range map[string][]byte{"order.txt": []byte(sent.text), "order.eml": message} {
		if err := writeClientFile(dir, name, octets); err != nil {
			return err
		}
	}
	if order.Text, err = w.recorder.Keep(evidence.Sent, []byte(sent.text), order.Infected != ""); err != nil {
		return err
	}
	w.disturbed()
	run := &evidence.ClientRun{Action: evidence.ClientSend, Order: order, MessageID: order.MessageID}
	if _, err := w.runClient(ctx, run, w.options.Client.Client.Send, map[string]string{
		"message": filepath.Join(dir, "order.eml"), "text_file": filepath.Join(dir, "order.txt"),
		"message_id": order.MessageID, "subject": order.Subject,
	}); err != nil {
		return err
	}
	w.noteSent(w.now().UTC(), box.Address, box.Provider, message)
	if _, err := w.waitUntilSettled(ctx); err != nil {
		return err
	}
	sent.run = run.ID
	if own, err := w.ownMessageID(ctx, box.Provider, order.Token); err != nil {
		return err
	} else if own != "" {
		order.MessageID = own
	}
	w.clientSendings = append(w.clientSendings, sent)
	return nil
}

// ownMessageID is the identifier that the client really gave, as the log of its
// provider has it: some clients make their own. "" when the log has nothing new.
func (w *World) ownMessageID(ctx context.Context, provider, token string) (string, error) {
	entries, err := w.journalOf(ctx, provider)
	for _, e := range entries {
		if e.MessageID == "" || !strings.Contains(e.Subject, token) {
			continue
		}
		known := false
		for _, s := range w.clientSendings {
			known = known || bareMessageID(s.order.MessageID) == bareMessageID(e.MessageID)
		}
		if !known {
			return "<" + bareMessageID(e.MessageID) + ">", err
		}
	}
	return "", err
}

// journalOf reads the whole log of a provider, whatever is in evidence already.
func (w *World) journalOf(ctx context.Context, provider string) ([]evidence.JournalEntry, error) {
	var entries []evidence.JournalEntry
	err := w.ask(ctx, pathJournal, map[string][]string{"provider": {provider}}, &entries)
	for i := range entries {
		entries[i].Provider = provider
	}
	return entries, offered(err)
}

func bareMessageID(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

// composed is the message for clients that are handed one: what a person would
// have written, in ISO-8859-1.
func composed(from string, order evidence.ClientOrder, text string, at time.Time) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: %s\r\n", from,
		strings.Join(order.Recipients, ">,\r\n <"), mime.QEncoding.Encode("ISO-8859-1", latin1(order.Subject)),
		at.Format("Mon, 02 Jan 2006 15:04:05 -0700"), order.MessageID)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	body := quotedprintable.NewWriter(&b)
	_, _ = body.Write([]byte(strings.ReplaceAll(latin1(text), "\n", "\r\n"))) // a buffer takes everything
	_ = body.Close()
	return b.Bytes()
}

// latin1 writes text in ISO-8859-1, of which it must consist.
func latin1(text string) string {
	octets := make([]byte, 0, len(text))
	for _, r := range text {
		octets = append(octets, byte(r))
	}
	return string(octets)
}
