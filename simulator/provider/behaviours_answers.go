package provider

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/reserved"
	"github.com/collaudo/collaudo/simulator/smtp"
)

// The answers of the reserved recipients: what they send back by themselves,
// each through a door that a user, a provider or another host has too.

// afterArrival does what follows an arrival once it has been elaborated: what
// was held back until it came goes after it, and reserved recipients answer.
func (p *Provider) afterArrival(a *arrival) {
	err := p.followed(a.certification().Identifier, a.t.Recipients)
	if err == nil {
		err = p.answer(a)
	}
	if err != nil {
		p.note(journal.Entry{
			At: a.at, Event: journal.Discarded, Sender: a.t.ReversePath, Recipients: a.t.Recipients,
			Issuer: p.identity.Name, Detail: "answer of a reserved recipient: " + err.Error(),
		})
	}
}

// answer sends what reserved recipients answer to an arrival, each once.
func (p *Provider) answer(a *arrival) error {
	if p.c.Reserved == nil || a.found != "" {
		return nil
	}
	var recipients []string
	after := ""
	switch {
	case a.class == envelope:
		after, recipients = reserved.AfterEnvelope, distinct(a.t.Recipients)
	case a.class == userReceipt && a.message.Kind == pec.Delivery:
		after, recipients = reserved.AfterReceipt, []string{a.certification().Delivery}
	}
	sender := a.facts().Sender
	if _, reservedToo := p.c.Reserved.Lookup(sender); reservedToo || sender == "" {
		return nil // they would answer each other for ever
	}
	for _, r := range recipients {
		entry, _ := p.c.Reserved.Lookup(r)
		for _, answer := range entry.Answers {
			if answer.After != after {
				continue
			}
			if before, err := p.once(a, "answer-"+answer.Send, r); before || err != nil {
				return err
			}
			if err := p.answers(a, answer.Send, r, sender); err != nil {
				return err
			}
		}
	}
	return nil
}

// answers sends one answer of a recipient to a sender.
func (p *Provider) answers(a *arrival, send, recipient, sender string) error {
	subject := oneLine(compose.DecodeSubject(a.facts().Subject))
	reply := letter{from: recipient, to: []string{sender}, subject: "Re: " + subject}
	switch send {
	case reserved.SendReply:
		reply.text = "Prova di connessione riuscita: il messaggio è arrivato a " + recipient + "."
		return p.submitFor(recipient, reply)
	case reserved.SendNested:
		reply.subject, reply.text, reply.enclosed = "I: "+subject, "Si inoltra il messaggio ricevuto.", a.octets
		return p.submitFor(recipient, reply)
	case reserved.SendOrdinary:
		reply.text = "Questa risposta arriva per posta ordinaria."
		octets, err := p.letter(reply)
		if err != nil {
			return err
		}
		return p.InjectRaw(recipient, []string{sender}, octets, reserved.AnswerDelay)
	case reserved.SendStatus:
		failed := map[string]*smtp.Reply{recipient: smtp.Refuse(550, 5, 1, 1, "<"+recipient+">: no such mailbox")}
		octets, err := p.statusNotification(sender, a.octets, failed, p.now())
		if err != nil {
			return err
		}
		return p.InjectRaw("", []string{sender}, octets, reserved.AnswerDelay)
	case reserved.SendTampered:
		reply.text = "Il testo firmato era un altro: questo messaggio non è più quello."
		octets, err := p.letter(reply)
		if err != nil {
			return err
		}
		_, err = p.Inject(Injection{
			Variant: compose.VariantTransportEnvelope, To: []string{sender}, Sender: recipient, Original: octets,
			Acts: []faults.Act{{At: faults.AtSealed, Operator: "sealed-replace", Arguments: map[string]string{"pattern": "Content-Type: message/rfc822", "by": "$0; x-falso=si"}}},
		})
		return err
	case reserved.SendOrphan:
		_, err := p.Inject(Injection{
			Variant: compose.VariantDeliveryConcise, To: []string{sender}, Recipients: []compose.Recipient{{Address: recipient, Certified: true}},
			Subject: "Messaggio mai inviato",
		})
		return err
	case reserved.SendService:
		octets, err := p.letter(letter{
			from: "assistenza@" + p.identity.Domain, to: []string{sender}, subject: "Spazio della casella in esaurimento",
			text: "La casella " + sender + " sta per esaurire lo spazio. Questo avviso non è posta certificata.",
		})
		if err != nil {
			return err
		}
		_, err = p.Put(sender, "", "assistenza@"+p.identity.Domain, octets)
		return err
	}
	return fmt.Errorf("answer %q is none that a recipient can give", send)
}

// submitFor hands a message to the access point in the name of a user.
func (p *Provider) submitFor(user string, l letter) error {
	octets, err := p.letter(l)
	if err != nil {
		return err
	}
	t := smtp.Transaction{
		Peer:        smtp.Peer{Address: "127.0.0.1:0", Hello: p.c.Hostname, TLS: true, Account: user},
		ReversePath: user, Recipients: l.to,
	}
	return (&access{p}).Message(context.Background(), t, octets)
}

// letter is a message as a user's client writes it.
type letter struct {
	from      string
	to        []string
	subject   string
	messageID string // one of its own when empty
	text      string
	enclosed  []byte // a message attached to it; nil: none
}

func (p *Provider) letter(l letter) ([]byte, error) {
	at := p.now()
	if l.messageID == "" {
		id, err := p.identifier(at)
		if err != nil {
			return nil, err
		}
		l.messageID = "<client." + id + ">"
	}
	var b bytes.Buffer
	line := func(format string, arguments ...any) { fmt.Fprintf(&b, format+"\r\n", arguments...) }
	line("From: %s\r\nTo: %s", l.from, strings.Join(l.to, ",\r\n "))
	line("Subject: %s", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", l.subject), "?= =?", "?=\r\n =?"))
	line("Date: %s\r\nMessage-ID: %s\r\nMIME-Version: 1.0", clockDate(at), l.messageID)
	text := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + l.text
	if l.enclosed == nil {
		line("%s", text)
		return b.Bytes(), nil
	}
	boundary := "allegato-" + strings.NewReplacer("@", "-", "<", "", ">", "").Replace(l.messageID)
	line("Content-Type: multipart/mixed; boundary=\"%s\"\r\n", boundary)
	line("--%s\r\n%s\r\n\r\n--%s", boundary, text, boundary)
	line("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: attachment; filename=\"messaggio.eml\"\r\n")
	b.Write(l.enclosed)
	line("\r\n--%s--", boundary)
	return b.Bytes(), nil
}

// oneLine is a text without control characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
}
