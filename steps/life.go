package steps

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// The lives of mailboxes: what their holders and their provider do about them,
// asked of the adapter, and where they stand then, as the target claims it.

// Names of the checks about mailboxes.
const (
	checkMailboxState    = "mailbox-state"
	checkMailboxAnew     = "mailbox-anew"
	checkMailboxReceives = "mailbox-receives"
	checkRecoverySilent  = "recovery-silent"
)

func lifeChecks() []string {
	return []string{checkMailboxState, checkMailboxAnew, checkMailboxReceives, checkRecoverySilent}
}

// lifeAnswer is what the adapter says of a mailbox.
type lifeAnswer struct {
	State       string    `json:"state"`
	Incarnation int       `json:"incarnation"`
	Expires     time.Time `json:"expires"`
	Bytes       int64     `json:"bytes"`
	Quota       int64     `json:"quota"`
}

// lifeVocabulary lists the steps about the lives of mailboxes.
func (w *World) lifeVocabulary() []definition {
	party := partyPattern()
	var acts []string
	for _, a := range lifeActs() {
		acts = append(acts, regexp.QuoteMeta(a.words))
	}
	return []definition{
		{`^the domain of (` + party + `) belongs to a customer$`, "has a provider treat a domain as its customer's own", w.ownDomain},
		{
			`^(Anna|Bruno)'s provider locks a mailbox after (\d+) wrong passwords$`,
			"has a provider count wrong passwords", w.lockAfter,
		},
		{`^the mailbox of (` + party + `) (` + strings.Join(acts, "|") + `)$`, "does something to a mailbox, as its provider or its holder can", w.changeLife},
		{
			`^(\d+) wrong passwords are tried at the mailbox of (` + party + `), by SMTP and IMAP in turn$`,
			"tries wrong passwords, over protocols that take turns", w.tryWrongPasswords,
		},
		{`^(` + party + `) tries to sign in, to send and to read$`, "tries what a mailbox lets its user do, by every protocol", w.tryMailbox},
		{
			`^a new password is asked for the mailbox of (` + party + `) and for an unknown one$`,
			"asks for help as somebody would who lost a password", w.askRecovery,
		},

		{
			`^the mailbox of (` + party + `) is (active|expired|suspended|gone|locked for wrong passwords)$`,
			"asks where a mailbox stands, as the target claims it", w.expectMailboxState,
		},
		{`^the mailbox of (` + party + `) holds nothing of its former life$`, "asks for an empty mailbox with another UIDVALIDITY", w.expectMailboxAnew},
		{
			`^(Anna|Bruno) receives one outcome about (` + party + `), whichever it is$`,
			"asks for either a delivery receipt or a non-delivery", w.expectEitherOutcome,
		},
		{`^both are told the same$`, "asks that nobody learns which mailboxes exist", w.expectSilence},
	}
}

// holderCode is the tax code by which the harness makes itself known as the
// holder of a mailbox.
const holderCode = "PRVCLD80A01H501X"

// lifeAct is something that can be done to a mailbox.
type lifeAct struct {
	words string
	path  string // last part, under the mailbox
	body  func(*Mailbox) map[string]any
	held  bool // the holder does it: the target is told who that is
	plan  bool // there has to be a plan that holds nothing
}

func lifeActs() []lifeAct {
	nothing := func(*Mailbox) map[string]any { return map[string]any{} }
	return []lifeAct{
		{words: "is not paid for any more", path: "expire", body: nothing},
		{words: "is renewed", path: "renew", body: func(*Mailbox) map[string]any { return map[string]any{"months": 12} }},
		{words: "is suspended by its provider", path: "suspend", body: nothing},
		{words: "is unlocked by its provider", path: "unlock", body: nothing},
		{words: "is closed by its holder", path: "close", held: true, body: func(*Mailbox) map[string]any { return map[string]any{"taxCode": holderCode} }},
		{words: "is bought again by its holder", path: "repurchase", body: func(m *Mailbox) map[string]any {
			return map[string]any{"taxCode": holderCode, "password": m.Password.Reveal(), "months": 12}
		}},
		{words: "is moved to a plan without room", path: "plan", plan: true, body: func(*Mailbox) map[string]any { return map[string]any{"plan": planWithoutRoom} }},
	}
}

const planWithoutRoom = "without-room"

// changeLife does something to a mailbox. What came before is taken into
// evidence first: afterwards it may not be there any more.
func (w *World) changeLife(ctx context.Context, party, words string) error {
	box, provider, err := w.mailboxOf(party)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(lifeActs(), func(a lifeAct) bool { return a.words == words })
	if i < 0 {
		return fmt.Errorf("nothing is known of a mailbox that %q", words)
	}
	if err := w.Finish(ctx); err != nil {
		return err
	}
	act := lifeActs()[i]
	if act.plan {
		if err := w.setPolicy(ctx, provider, func(p *policies) { p.Policy["plans"] = map[string]int64{planWithoutRoom: 1} }); err != nil {
			return err
		}
	}
	if act.held {
		if err := w.tellAccount(ctx, box, "holder", map[string]any{"holder": map[string]string{"taxCode": holderCode}}); err != nil {
			return err
		}
	}
	if err := w.tellAccount(ctx, box, act.path, act.body(box)); err != nil {
		return err
	}
	return w.watchLife(ctx, box)
}

// mailboxOf finds the mailbox of a party, which the harness must be able to use.
func (w *World) mailboxOf(party string) (*Mailbox, *Provider, error) {
	one, err := w.target.person(Party(party))
	if err != nil {
		return nil, nil, err
	}
	if one.mailbox == nil || w.target.provider(one.mailbox.Provider) == nil {
		return nil, nil, fmt.Errorf("%s (%s) has no mailbox with a provider of the target", party, one.address)
	}
	return one.mailbox, w.target.provider(one.mailbox.Provider), nil
}

func (w *World) tellAccount(ctx context.Context, box *Mailbox, act string, body any) error {
	err := w.tell(ctx, "/v1/accounts/"+url.PathEscape(box.Address)+"/"+act, body, nil)
	if errors.Is(err, errNotOffered) {
		return fmt.Errorf("the target cannot be told what becomes of the mailbox %s: the adapter needs POST /v1/accounts/{address}/%s: %w", box.Address, act, err)
	}
	w.disturbed()
	return secretsOf(box.User, box.Password.Reveal()).hideIn(err)
}

// watchLife reads where a mailbox stands, and has it read again from now on
// whenever that matters.
func (w *World) watchLife(ctx context.Context, box *Mailbox) error {
	w.mu.Lock()
	if w.lives == nil {
		w.lives, w.shut = map[string]evidence.MailboxLife{}, map[string]bool{}
	}
	w.lives[box.Address] = evidence.MailboxLife{} // nothing yet: whatever it says now is news
	w.mu.Unlock()
	return w.readLives(ctx)
}

// readLives takes into evidence where the mailboxes stand whose lives matter in
// this scenario, as far as that is news.
func (w *World) readLives(ctx context.Context) error {
	for i := range w.target.Mailboxes {
		box := &w.target.Mailboxes[i]
		before, watched := w.lifeOf(box)
		if !watched {
			continue
		}
		var answer lifeAnswer
		err := w.ask(ctx, "/v1/accounts/"+url.PathEscape(box.Address), nil, &answer)
		if errors.Is(err, errNotOffered) {
			return fmt.Errorf("the target does not say where the mailbox %s stands: the adapter needs GET /v1/accounts/{address}", box.Address)
		}
		if err != nil {
			return err
		}
		now := evidence.MailboxLife{
			Mailbox: box.Address, Provider: box.Provider, At: w.now().UTC(), State: answer.State, Incarnation: answer.Incarnation,
			Expires: answer.Expires, Bytes: answer.Bytes, Quota: answer.Quota,
		}
		if before.At = now.At; before == now {
			continue
		}
		w.mu.Lock()
		w.lives[box.Address] = now
		w.mu.Unlock()
		if err := w.recorder.Record(evidence.Event{Type: evidence.LifeSeen, MailboxLife: &now}); err != nil {
			return err
		}
	}
	return nil
}

// lifeOf returns what was last known of a mailbox whose life matters here.
func (w *World) lifeOf(box *Mailbox) (evidence.MailboxLife, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l, watched := w.lives[box.Address]
	return l, watched
}

func (w *World) expectMailboxState(ctx context.Context, party, state string) error {
	box, _, err := w.mailboxOf(party)
	if err != nil {
		return err
	}
	if state == "locked for wrong passwords" {
		state = "locked-password"
	}
	if err := w.watchLife(ctx, box); err != nil {
		return err
	}
	return w.settledThen(ctx, func() error {
		return w.expect(checkMailboxState, "", map[string]string{"mailbox": box.Address, "state": state})
	})
}

func (w *World) expectMailboxAnew(ctx context.Context, party string) error {
	box, _, err := w.mailboxOf(party)
	if err != nil {
		return err
	}
	return w.settledThen(ctx, func() error {
		return w.expect(checkMailboxAnew, "", map[string]string{"mailbox": box.Address})
	})
}

func (w *World) expectEitherOutcome(ctx context.Context, _, about string) error {
	one, err := w.target.person(Party(about))
	if err != nil {
		return err
	}
	return w.settledThen(ctx, func() error {
		return w.expectOfEach(checkMailboxReceives, map[string]string{"mailbox": one.address})
	})
}

func (w *World) expectSilence(ctx context.Context) error {
	return w.settledThen(ctx, func() error { return w.expect(checkRecoverySilent, "", nil) })
}
