package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// about is what the provider notes on a message that it hands to the relay, so
// that the journal can speak of it without reading it again.
type about struct {
	Kind       pec.Kind `json:"kind"`
	MessageID  string   `json:"messageId,omitempty"`
	Identifier string   `json:"identifier,omitempty"`
	Sender     string   `json:"sender,omitempty"`
	Subject    string   `json:"subject,omitempty"`
	Related    string   `json:"related,omitempty"`
}

func aboutOf(e emission) ([]byte, error) {
	return json.Marshal(about{
		Kind: e.draft.Kind, MessageID: e.facts.ClientMessageID, Identifier: e.facts.Identifier,
		Sender: e.facts.Sender, Subject: rawmime.DecodeWords(e.facts.Subject), Related: e.draft.Value("Message-ID"),
	})
}

// relayed is told by the relay how an attempt ended. What no host would take is
// told to the sender: for certified recipients of an envelope by the notice of
// non-delivery, for the others as ordinary mail does it.
func (p *Provider) relayed(tx store.Tx, o relay.Outcome) {
	var known about
	if len(o.About) > 0 {
		_ = json.Unmarshal(o.About, &known) // our own note; without it the line says less
	}
	_ = p.in(tx, func(p *Provider) error {
		p.claim(known.Identifier)
		p.attempted(o, known)
		return nil
	})
}

func (p *Provider) attempted(o relay.Outcome, known about) {
	note := func(event string, recipients []string, detail string) {
		entry := journal.Entry{
			At: o.At, Event: event, MessageID: known.MessageID, Identifier: known.Identifier,
			Sender: known.Sender, Recipients: recipients, Subject: known.Subject, Issuer: p.identity.Name, Detail: detail,
		}
		if entry.Sender == "" {
			entry.Sender = o.ReversePath
		}
		if known.Related != "" {
			entry.Related = []string{known.Related}
		}
		p.note(entry)
	}
	if len(o.Accepted) > 0 {
		note(journal.Relayed, o.Accepted, o.Host)
		p.followedOutside(known.Identifier, o.Accepted)
	}
	if len(o.Retried) > 0 {
		note(journal.Deferred, o.Retried, o.Why)
	}
	if len(o.Failed) == 0 {
		return
	}
	failed := slices.Sorted(maps.Keys(o.Failed))
	for _, r := range failed {
		note(journal.NotRelayed, []string{r}, o.Failed[r].Error())
	}
	if known.Kind != pec.TransportEnvelope || !p.owns(o.ReversePath) || p.keepsQuiet() {
		return // receipts and bounces are never answered
	}
	message, err := pec.Read(o.Octets)
	if err == nil {
		err = p.together(func(p *Provider) error { return p.undeliverable(o, compose.FactsOfSystem(message)) })
	}
	if err != nil {
		note(journal.Discarded, failed, err.Error())
	}
}

// undeliverable tells our user that an envelope did not leave.
func (p *Provider) undeliverable(o relay.Outcome, facts compose.Facts) error {
	var notices []emission
	ordinary := map[string]*smtp.Reply{}
	for _, r := range slices.Sorted(maps.Keys(o.Failed)) {
		certified := slices.ContainsFunc(facts.Recipients, func(f compose.Recipient) bool { return f.Certified && sameAddress(f.Address, r) })
		if !certified {
			ordinary[r] = o.Failed[r]
			continue
		}
		id, err := p.identifier(o.At)
		if err != nil {
			return err
		}
		if err := p.watch.closed(facts.Identifier, r, pec.NonDelivery); err != nil {
			return err
		}
		notices = append(notices, emission{
			draft: compose.NonDelivery(p.identity, facts, o.At, id, r, failureOf(o.Failed[r])),
			facts: facts, event: journal.NonDelivery, to: []string{o.ReversePath}, deposit: true, detail: o.Failed[r].Error(),
		})
	}
	if err := p.emit(notices...); err != nil {
		return err
	}
	if len(ordinary) == 0 {
		return nil
	}
	return p.bounce(o.ReversePath, o.Octets, ordinary, o.At)
}

// failureOf puts an SMTP refusal into the words of certification data.
func failureOf(reply *smtp.Reply) compose.Failure {
	e := reply.Enhanced
	code := fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
	if e[0] == 0 {
		code = "5.0.0"
	}
	f := compose.Failure{Error: "altro", Reason: compose.Reason{Code: code, Text: strings.ReplaceAll(reply.Text, "\n", " ")}}
	switch {
	case e[1] == 1 && e[2] == 2:
		f.Error, f.Text = "no-dominio", "il dominio del destinatario non esiste"
	case e[1] == 1:
		f.Error, f.Text = "no-dest", "indirizzo non valido"
	case e[1] == 4 && e[2] == 7:
		f.Text = "il sistema di destinazione non ha accettato il messaggio nel tempo massimo"
	}
	return f
}

// bounce sends a delivery status notification (RFC 3464) as any mail host
// would, with the null reverse path, so that it is never answered itself.
// Nothing is sent where there is no reverse path.
func (p *Provider) bounce(reversePath string, octets []byte, failed map[string]*smtp.Reply, at time.Time) error {
	if reversePath == "" {
		return nil
	}
	notification, err := p.statusNotification(reversePath, octets, failed, at)
	if err != nil {
		return err
	}
	return p.relay.Submit(relay.Message{Recipients: []string{reversePath}, Octets: notification})
}

// statusNotification writes it.
func (p *Provider) statusNotification(reversePath string, octets []byte, failed map[string]*smtp.Reply, at time.Time) ([]byte, error) {
	id, err := p.identifier(at)
	if err != nil {
		return nil, err
	}
	boundary := "dsn-" + strings.NewReplacer("@", "-", ".", "-").Replace(id)
	var b bytes.Buffer
	line := func(format string, arguments ...any) { fmt.Fprintf(&b, format+"\r\n", arguments...) }
	line("From: Mail Delivery System <mailer-daemon@%s>", p.c.Hostname)
	line("To: <%s>", reversePath)
	line("Subject: Undelivered Mail Returned to Sender")
	line("Date: %s", clockDate(at))
	line("Message-ID: <%s>", id)
	line("Auto-Submitted: auto-replied")
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"%s\"", boundary)
	line("\r\n--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n", boundary)
	line("The message could not be delivered to:\r\n")
	for _, r := range slices.Sorted(maps.Keys(failed)) {
		line("<%s>: %s", r, printable(failed[r].Error()))
	}
	line("\r\n--%s\r\nContent-Type: message/delivery-status\r\n", boundary)
	line("Reporting-MTA: dns; %s", p.c.Hostname)
	for _, r := range slices.Sorted(maps.Keys(failed)) {
		e := failed[r].Enhanced
		line("\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.%d.%d", r, e[1], e[2])
		line("Diagnostic-Code: smtp; %s", printable(failed[r].Error()))
	}
	line("\r\n--%s\r\nContent-Type: text/rfc822-headers\r\n", boundary)
	if whole, err := rawmime.Parse(octets, rawmime.Limits{Parts: 1}); err == nil {
		b.Write(bytes.TrimRight(whole.HeaderBytes(), "\r\n"))
	}
	line("\r\n\r\n--%s--", boundary)
	return b.Bytes(), nil
}

// printable keeps a peer's words on one line of plain ASCII.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, s)
}
