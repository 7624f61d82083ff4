package provider

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/tickets"
)

// write sends ordinary mail, which certifies nothing: what a provider tells the
// holders of its mailboxes at their ordinary addresses. Nobody answers it.
func (p *Provider) write(to, subject, text string) error {
	at := p.now()
	id, err := p.identifier(at)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, field := range [][2]string{
		{"From", "Assistenza <assistenza@" + p.c.Identity.Domain + ">"},
		{"To", "<" + to + ">"},
		{"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", clockDate(at)},
		{"Message-ID", "<" + id + ">"},
		{"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", field[0], field[1])
	}
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	if _, err := fmt.Fprintf(body, "%s\r\n\r\n%s\r\n", text, p.identity.Name); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	return p.relay.Submit(relay.Message{Recipients: []string{to}, Octets: b.Bytes()})
}

// tellHolder tells the holder what has become of the mailbox. What the holder
// did not ask for and what ends it is told; the rest can be seen in the status.
func (p *Provider) tellHolder(a accounts.Account, c accounts.Change) error {
	to := a.Holder.Email
	if to == "" || p.relay == nil {
		return nil
	}
	subject, text := "", ""
	switch c.What {
	case accounts.HasBeenClosed:
		subject, text = "Casella chiusa", "Come richiesto, la casella "+a.Address+" è stata chiusa. Il suo contenuto non è più recuperabile."
	case accounts.HasExpired:
		s, _ := p.accounts.Status(a.Address)
		subject = "Casella scaduta"
		text = "La casella " + a.Address + " è scaduta. Può essere rinnovata, senza perdere i messaggi, fino al " + s.Deletion.Format("02/01/2006 15:04:05") + "."
	case accounts.HasBeenDeleted:
		subject, text = "Casella eliminata", "La casella "+a.Address+" non è stata rinnovata ed è stata eliminata. Il suo contenuto non è più recuperabile."
	case accounts.RenewalFailed:
		subject, text = "Rinnovo non riuscito", "La casella "+a.Address+" non è stata rinnovata da sé: il mezzo di pagamento non funziona."
	case accounts.HasBeenLocked:
		subject, text = "Accesso bloccato", "L'accesso alla casella "+a.Address+" è stato bloccato. La casella continua a ricevere."
	case accounts.PasswordChanged:
		subject, text = "Password cambiata", "La password della casella "+a.Address+" è stata cambiata."
	default:
		return nil
	}
	return p.write(to, subject, text)
}

// tellReporter tells a ticket's new state to whoever opened it.
func (p *Provider) tellReporter(t tickets.Ticket) error {
	var text bytes.Buffer
	if err := t.WriteText(&text); err != nil {
		return err
	}
	return p.write(t.Reporter, "Richiesta "+t.ID, text.String())
}
