package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/fixtures"
)

// clientMails lists what can lie in the mailbox of a client without having come
// through a provider: by the words of the scenarios, the template of it.
func clientMails() map[string]string {
	return map[string]string{
		"a warning about the mailbox, which is no certified mail":      "quota-warning",
		"a message that is no MIME":                                    "no-mime",
		"a receipt of a kind that nobody knows":                        "unknown-receipt",
		"a delivery receipt without certification data":                "receipt-without-data",
		"a delivery receipt that no provider signed":                   "unsigned-delivery",
		"an ordinary message whose subject is that of the receipt":     "subject-of-delivery",
		"a delivery receipt about a message that nobody sent":          "orphan-delivery",
		"a bounce of an ordinary mail host":                            "bounce",
		"a message of a mailing list with a signature of another kind": "list-mail",
	}
}

func clientMailsPattern() string {
	var words []string
	for w := range clientMails() {
		words = append(words, regexp.QuoteMeta(w))
	}
	slices.Sort(words)
	return "(?:" + strings.Join(words, "|") + ")"
}

// mailFor fills a template in, about the client's last message.
func (w *World) mailFor(template string) ([]byte, error) {
	provider, box, err := w.clientAccount()
	if err != nil {
		return nil, err
	}
	text, err := fixtures.ClientMail(template)
	if err != nil {
		return nil, err
	}
	values := map[string]string{
		"address": box.Address, "service": provider.ServiceAddress, "issuer": provider.Name, "token": w.token(),
		"date": w.now().Format("Mon, 02 Jan 2006 15:04:05 -0700"), "day": w.now().Format("02/01/2006"), "time": w.now().Format("15:04:05"),
		"zone": w.now().Format("-0700"),
	}
	if len(w.clientSendings) > 0 {
		last := w.clientSendings[len(w.clientSendings)-1].order
		values["message_id"], values["subject"], values["recipient"] = last.MessageID, last.Subject, last.Recipients[0]
		values["bare_id"] = bareMessageID(last.MessageID)
	}
	return []byte(strings.ReplaceAll(fill(text, values), "\n", "\r\n")), nil
}

// letLie puts a message into the client's mailbox.
func (w *World) letLie(ctx context.Context, words string) error {
	octets, err := w.mailFor(clientMails()[words])
	if err != nil {
		return err
	}
	if _, err := w.waitUntilSettled(ctx); err != nil {
		return err
	}
	return w.place(words, octets)
}

// place puts octets into the client's mailbox, and takes that into evidence.
func (w *World) place(what string, octets []byte) error {
	_, box, err := w.clientAccount()
	if err != nil {
		return err
	}
	if w.options.Client.Place == nil {
		return errors.New("nobody in this world can put a message into a mailbox")
	}
	if err := w.options.Client.Place.Place(box.Address, octets); err != nil {
		return fmt.Errorf("put a message into %s: %w", box.Address, err)
	}
	w.disturbed()
	blob, err := w.recorder.Keep(evidence.Sent, octets, containsAny(octets, w.needles))
	if err != nil {
		return err
	}
	return w.recorder.Record(evidence.Event{Type: evidence.ClientGiven, ClientPlacing: &evidence.ClientPlacing{Mailbox: box.Address, What: what, Blob: blob}})
}

// letArrive gives what lies in the client's mailbox another order, or puts it
// there once more.
func (w *World) letArrive(ctx context.Context, words string) error {
	if err := w.Finish(ctx); err != nil {
		return err
	}
	_, box, err := w.clientAccount()
	if err != nil {
		return err
	}
	known := w.fetched[box.Address]
	delete(w.fetched, box.Address) // all of it, not only what is new
	lying, err := w.fetch(ctx, box)
	w.fetched[box.Address] = known
	if err != nil {
		return err
	}
	if len(lying) < 2 {
		return fmt.Errorf("%d messages lie in %s: too few to be put in another order", len(lying), box.Address)
	}
	if words == "in reverse order" {
		if w.options.Client.Place == nil {
			return errors.New("nobody in this world can empty a mailbox")
		}
		if err := w.options.Client.Place.Empty(box.Address); err != nil {
			return fmt.Errorf("empty %s: %w", box.Address, err)
		}
	}
	slices.Reverse(lying)
	for _, m := range lying {
		if err := w.place("what lay there, "+words, m.octets); err != nil {
			return err
		}
	}
	return nil
}

// writeToClient has Bruno write to the client's mailbox through his provider.
func (w *World) writeToClient(ctx context.Context, words string) error {
	bruno, err := w.target.person(Bruno)
	if err != nil {
		return err
	}
	_, box, err := w.clientAccount()
	if err != nil {
		return err
	}
	token := w.token()
	order := evidence.ClientOrder{
		Token: token, Subject: "Perché la città è più bella " + token, Recipients: []string{box.Address},
		MessageID: fmt.Sprintf("<%s.%d@cliente.example>", strings.ToLower(token), w.now().Unix()),
	}
	octets := composed(bruno.address, order, accentedText, w.now())
	if strings.Contains(words, "encloses") {
		enclosed, err := w.mailFor("unsigned-delivery")
		if err != nil {
			return err
		}
		octets = enclosing(octets, enclosed, "messaggio")
	}
	if order.Text, err = w.recorder.Keep(evidence.Sent, []byte(accentedText), false); err != nil {
		return err
	}
	w.clientReceived = clientSent{order: order, text: accentedText}
	w.submissions++
	provider := w.target.provider(bruno.mailbox.Provider)
	return w.carryOut(ctx, &sending{
		hello: "EHLO", login: "PLAIN", octets: octets, envelope: order.Recipients, account: bruno.mailbox, provider: provider,
		record: evidence.Submission{
			ID: fmt.Sprintf("s%d", w.submissions), Token: token, Actor: string(Bruno), Size: int64(len(octets)),
			Channel: evidence.SubmissionTLS, Account: bruno.address, ReversePath: bruno.address,
		},
	})
}

// enclosing puts a message into another one, before its text: who looks for the
// first certification data finds the wrong ones.
func enclosing(octets, enclosed []byte, boundary string) []byte {
	head, body, _ := bytes.Cut(octets, []byte("\r\n\r\n"))
	at := bytes.Index(head, []byte("Content-Type:"))
	var b bytes.Buffer
	b.Write(head[:at])
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n--%s\r\nContent-Type: message/rfc822\r\n", boundary, boundary)
	fmt.Fprintf(&b, "Content-Disposition: attachment; filename=\"ricevuta.eml\"\r\n\r\n%s\r\n--%s\r\n%s\r\n\r\n%s\r\n--%s--\r\n", enclosed, boundary, head[at:], body, boundary)
	return b.Bytes()
}
