package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/tickets"
)

// What a provider does about the lives of its mailboxes. The technical rules say
// nothing of it: what is done follows the policy, and what a sender gets is one
// of the rules' own messages.

// inactiveMailbox is the reason for a failed delivery to a mailbox that exists
// and takes nothing (RFC 6109 3.3.3).
var inactiveMailbox = compose.Failure{Error: "altro", Reason: compose.Reason{Code: "5.2.1", Text: "la casella del destinatario non è attiva"}}

// lives waits for the instants at which mailboxes change by themselves, on the
// legal clock, and does what follows from a change.
type lives struct {
	p        *Provider
	desk     *tickets.Desk
	activity listen.Activity
	ctx      context.Context
	cancel   context.CancelFunc
	ended    chan struct{} // nil until it has begun
	wake     chan struct{}

	boxes sync.Mutex // over making and removing mailboxes

	mu    sync.Mutex
	armed time.Time        // what run sleeps until
	alarm <-chan time.Time // which tells that armed has come; nil for none
}

// openLives takes up the accounts and what their lives have come to.
func (p *Provider) openLives() error {
	l := &lives{p: p, wake: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	p.lives = l
	var err error
	if p.accounts, err = accounts.Open(accounts.Options{
		Accounts: p.c.Accounts, Policies: p.c.Life, Now: p.c.Clock.Now, Random: p.c.Random, Ledgers: p.c.Store, Changed: p.changed, Moved: l.rouse,
	}); err != nil {
		return err
	}
	if l.desk, err = tickets.NewDesk(tickets.Options{
		Prefix: strings.ToUpper(strings.Fields(p.c.Identity.Name)[0]), Ledgers: p.c.Store, Now: p.c.Clock.Now, Notify: p.tellReporter,
	}); err != nil {
		return err
	}
	for _, a := range p.accounts.List() {
		if err := p.fitMailbox(a); err != nil {
			return err
		}
	}
	return nil
}

// fitMailbox sees to it that who has a mailbox has one in the store, and that
// nothing is left of one that is gone. The lock is held, or nobody is there yet.
func (p *Provider) fitMailbox(a accounts.Account) error {
	if p.exists(a.Address) {
		if err := p.c.Store.CreateMailbox(a.Address, a.Quota); err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
		return nil
	}
	if err := p.c.Store.RemoveMailbox(a.Address); err != nil && !errors.Is(err, store.ErrNoMailbox) {
		return err
	}
	return nil
}

// changed does what follows from a change: contents are given up or made room
// for, and the holder is told by ordinary mail.
func (p *Provider) changed(c accounts.Change) {
	defer p.lives.activity.Begin()()
	if a, known := p.accounts.Lookup(c.Address); known {
		p.lives.boxes.Lock()
		var errs []error
		if c.What == accounts.Repurchased { // what was wiped when it was deleted, unless that was cut short
			if err := p.c.Store.RemoveMailbox(a.Address); err != nil && !errors.Is(err, store.ErrNoMailbox) {
				errs = append(errs, err)
			}
		}
		errs = append(errs, p.fitMailbox(a))
		p.lives.boxes.Unlock()
		errs = append(errs, p.tellHolder(a, c))
		if err := errors.Join(errs...); err != nil {
			c.Note = fmt.Sprintf("%s (%v)", c.Note, err) // nobody else can be told
		}
	}
	if p.c.Changed != nil {
		p.c.Changed(c)
	}
}

// begin starts to wait. It is called once, when mail can be sent.
func (l *lives) begin() error {
	if err := l.p.accounts.Elapse(); err != nil { // what happened while nobody was up
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = make(chan struct{})
	go l.run(l.ended)
	return nil
}

// rouse has run look again at what it sleeps until.
func (l *lives) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lives) run(ended chan struct{}) {
	defer close(ended)
	for {
		select {
		case <-l.arm():
			l.fire()
		case <-l.wake:
		case <-l.ctx.Done():
			return
		}
	}
}

// arm sets the alarm to the next instant at which something happens by itself.
func (l *lives) arm() <-chan time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	next, any := l.p.accounts.Due()
	switch {
	case !any:
		l.armed, l.alarm = time.Time{}, nil
	case l.alarm == nil || !next.Equal(l.armed):
		l.armed, l.alarm = next, l.p.c.Clock.After(next.Sub(l.p.now()))
	}
	return l.alarm
}

func (l *lives) fire() {
	defer l.activity.Begin()()
	l.mu.Lock()
	l.alarm = nil
	l.mu.Unlock()
	_ = l.p.accounts.Elapse() // what could not be kept is tried again with the next change; rights hold by themselves
}

// Reading implements what settling asks for: an instant that has come and was
// not acted upon yet, or that no alarm is set for, counts as under way.
func (l *lives) Reading() (under, starts int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	under, starts = l.activity.Reading()
	next, any := l.p.accounts.Due()
	if l.ended != nil && any && (l.alarm == nil || !next.Equal(l.armed) || !next.After(l.p.now())) {
		under++
	}
	return under, starts
}

func (l *lives) close(ctx context.Context) error {
	l.cancel()
	l.mu.Lock()
	ended := l.ended
	l.mu.Unlock()
	if ended == nil {
		return nil
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("provider %s: lives of mailboxes: %w", l.p.identity.Name, ctx.Err())
	}
}

// exists tells whether a mailbox is there, in whatever state.
func (p *Provider) exists(address string) bool {
	_, ok := p.accounts.RightsOf(address)
	return ok
}

// cannotReceive is why a mailbox that exists takes nothing; nil when it does.
func (p *Provider) cannotReceive(mailbox string) *compose.Failure {
	r, _ := p.accounts.RightsOf(mailbox)
	switch {
	case r.Receive:
		return nil
	case r.Refusal == "no-dest":
		return &unknownMailbox
	}
	return &inactiveMailbox
}

// inactive is cannotReceive for ordinary senders.
func (p *Provider) inactive(mailbox, address string) *smtp.Reply {
	switch failure := p.cannotReceive(mailbox); failure {
	case nil:
		return nil
	case &unknownMailbox:
		return smtp.Refuse(550, 5, 1, 1, "<"+address+">: no such mailbox")
	default:
		return smtp.Refuse(550, 5, 2, 1, "<"+address+">: the mailbox is not active")
	}
}

// mayNotSend refuses a user whose mailbox sends nothing, at SMTP.
func (p *Provider) mayNotSend(account string) *smtp.Reply {
	if account == "" { // only a fault lets anybody in who has not signed in
		return nil
	}
	if r, _ := p.accounts.RightsOf(account); r.Send == accounts.SendRefused {
		return smtp.Refuse(550, 5, 7, 1, "<"+account+">: the state of this mailbox does not allow to send")
	}
	return nil
}

// sendsByNotice is the formal check of the same matter: where the policy has it
// answered by a notice of non-acceptance.
func sendsByNotice(p *Provider, s *submission) string {
	if s.t.Account == "" {
		return ""
	}
	r, _ := p.accounts.RightsOf(s.t.Account)
	return when(r.Send == accounts.SendByNotice, "la casella non è abilitata all'invio")
}

// signIn says whose mailbox a password opens, to a client at an address.
func (p *Provider) signIn(peer, user, password string) (string, bool) {
	a, ok := p.accounts.SignIn(user, password, peer)
	if !ok && p.takesAnyPassword() {
		a, ok = p.accounts.Lookup(user)
	}
	return a.Address, ok
}

// signInSender is signIn for submission: the service mailbox sends nothing.
func (p *Provider) signInSender(peer, user, password string) (string, bool) {
	a, ok := p.accounts.SignIn(user, password, peer)
	if !ok || a.Service {
		return "", false
	}
	return a.Address, true
}
