package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/tickets"
)

// RecoveryCategory is the category of tickets that ask for a password by hand.
const RecoveryCategory = "password-recovery"

// SMS is a text that was sent to a telephone of the world, where there are none:
// tests read it here.
type SMS struct {
	At   time.Time `json:"at"`
	To   string    `json:"to"`
	Text string    `json:"text"`
}

const smsLedger = "sms"

// AskRecovery is somebody who has lost the password of an address, and says the
// holder's tax code. Whatever is true of the address, who asks is told the same:
// only an error of this provider itself is returned.
func (p *Provider) AskRecovery(address, taxCode string, channel accounts.Channel) error {
	sent, err := p.accounts.AskRecovery(address, taxCode, channel)
	if err != nil || sent == nil {
		return err
	}
	return p.reach(sent)
}

// reach sends a link or a code to the holder.
func (p *Provider) reach(sent *accounts.Dispatch) error {
	if sent.Channel == accounts.BySMS {
		return p.text(sent.To, "Codice per la casella "+sent.Address+": "+sent.Token)
	}
	link := "https://recupero." + p.c.Identity.Domain + "/" + sent.Token
	if p.c.RecoveryLink != nil {
		link = p.c.RecoveryLink(sent.Token)
	}
	return p.write(sent.To, "Nuova password",
		"Per scegliere una nuova password della casella "+sent.Address+" usare, una sola volta ed entro il "+
			sent.Until.Format("02/01/2006 15:04:05")+", il collegamento:\r\n\r\n"+link)
}

func (p *Provider) text(to, text string) error {
	p.lives.boxes.Lock()
	defer p.lives.boxes.Unlock()
	n := 0
	list := p.c.Store.Records(smsLedger)
	if len(list) > 0 {
		n, _ = strconv.Atoi(list[len(list)-1].Key) // our own number
	}
	data, err := json.Marshal(SMS{At: p.now(), To: to, Text: text})
	if err != nil {
		return err
	}
	if err := p.c.Store.Record(smsLedger, strconv.Itoa(n+1), data); err != nil {
		return err
	}
	if len(list) > 1000 {
		p.c.Store.Forget(smsLedger, list[500].Key)
	}
	return nil
}

// Texts returns the texts sent to telephones, oldest first.
func (p *Provider) Texts() ([]SMS, error) {
	list := []SMS{}
	for _, r := range p.c.Store.Records(smsLedger) {
		var s SMS
		if err := json.Unmarshal(r.Data, &s); err != nil {
			return nil, fmt.Errorf("text %s of %s: %w", r.Key, p.identity.Name, err)
		}
		list = append(list, s)
	}
	return list, nil
}

// RecoverByHand opens a ticket for somebody who can be helped by hand only, to
// be dealt with in some working days. It is opened whether or not there is such
// a mailbox; who works on it finds out.
func (p *Provider) RecoverByHand(address, reporter, note string) (tickets.Ticket, error) {
	for _, a := range []string{address, reporter} {
		if _, err := pec.ParseAddress(a); err != nil {
			return tickets.Ticket{}, fmt.Errorf("%w: %q: want the address of a mailbox, and one at which the answer is awaited: %w", tickets.ErrAsked, a, err)
		}
	}
	within := p.accounts.Policies().Of(domainOf(address)).ManualDays
	return p.lives.desk.Open(tickets.Ticket{
		Category: RecoveryCategory, Subject: "Recupero della password", Mailbox: address, Reporter: reporter,
		Due: tickets.WorkingDays(p.now(), within),
	}, note)
}

// GrantRecovery resolves such a ticket: a link goes to the holder's own address,
// wherever the ticket came from.
func (p *Provider) GrantRecovery(id, operator string) (tickets.Ticket, error) {
	t, err := p.lives.desk.Ticket(id)
	switch {
	case err != nil:
		return t, err
	case t.Category != RecoveryCategory || t.State == tickets.Closed || t.State == tickets.Resolved || t.State == tickets.Rejected:
		return t, fmt.Errorf("%w: %s is a %s that is %s: want an open %s", tickets.ErrState, id, t.Category, t.State, RecoveryCategory)
	}
	sent, err := p.accounts.Grant(t.Mailbox)
	if err != nil {
		return t, err
	}
	if err := p.reach(sent); err != nil {
		return t, err
	}
	return p.lives.desk.Change(id, tickets.Resolved, operator, "Inviato un collegamento all'indirizzo del titolare")
}

// Desk is the provider's desk of tickets.
func (p *Provider) Desk() *tickets.Desk { return p.lives.desk }

// Lives is the provider's directory of mailboxes and their lives.
func (p *Provider) Lives() *accounts.Directory { return p.accounts }

// SetPlan gives a mailbox another plan, and with it another quota.
func (p *Provider) SetPlan(address, plan string) error {
	quota, err := p.accounts.SetPlan(address, plan)
	if err != nil {
		return err
	}
	return p.c.Store.SetQuota(address, quota)
}

// ErrPostmaster says that somebody is not the postmaster of a mailbox's domain.
var ErrPostmaster = errors.New("only the postmaster of the domain may do that")

// Postmaster sets a password as the postmaster of an own domain may: of the
// mailboxes of that domain and of no other, this provider's or another's.
func (p *Provider) Postmaster(postmaster, address, password string) error {
	if own := p.accounts.Policies().Postmaster(domainOf(address)); own == "" || !sameAddress(own, postmaster) {
		return fmt.Errorf("%w: %s does not look after %s", ErrPostmaster, postmaster, address)
	}
	return p.accounts.SetPassword(address, password, "by the postmaster "+postmaster)
}
