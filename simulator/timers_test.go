package simulator_test

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/google/go-cmp/cmp"
)

// onClock starts a world on a clock of its own.
func onClock(c *simulator.Config) {
	c.Clock = clock.NewOffset(time.Date(2026, 6, 10, 9, 0, 0, 0, time.UTC))
}

// about are the facts of the envelope that came to the peer last.
func (p *peer) about() compose.Facts { return compose.FactsOfSystem(p.last()) }

func (p *peer) own() string {
	p.t.Helper()
	id, err := compose.NewIdentifier(p.identity, p.Now())
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *peer) charge(signer string, taken ...string) {
	p.t.Helper()
	d := compose.TakenInCharge(p.identity, p.about(), p.Now(), p.own(), taken, serviceA)
	p.answer(p.seal(d, signer), serviceA)
}

func (p *peer) delivered(signer, recipient string) {
	p.t.Helper()
	d, err := compose.Delivery(p.identity, p.about(), p.Now(), p.own(), recipient, true, []byte("From: "+anna+"\r\n\r\nx\r\n"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.answer(p.seal(d, signer), anna)
}

func (p *peer) notDelivered(recipient string) {
	p.t.Helper()
	d := compose.NonDelivery(p.identity, p.about(), p.Now(), p.own(), recipient, compose.Failure{Error: "no-dest", Reason: compose.Reason{Code: "5.1.1", Text: "indirizzo non valido"}})
	p.answer(p.seal(d, "correct"), anna)
}

func (p *peer) infected(recipient string) {
	p.t.Helper()
	p.answer(p.seal(compose.VirusDetection(p.identity, p.about(), p.Now(), p.own(), recipient, "Prova", serviceA), "correct"), serviceA)
}

// notices are the recipients of Anna's notices of delay, first and second ones
// apart, in order of arrival.
func (p *peer) notices() (list []string) {
	p.t.Helper()
	for _, m := range p.fetch(p.t, anna) {
		if m.Kind == pec.Delay {
			stage := "12h "
			if m.Certification.ExtendedError[:5] == "5.4.1" {
				stage = "24h "
			}
			list = append(list, stage+m.Certification.Delivery)
		}
	}
	return list
}

// What a peer answers, and when, decides which notices Anna gets: recipient by
// recipient, and exactly.
func TestNotices(t *testing.T) {
	t.Parallel()
	type step struct {
		by string
		do func(*peer)
	}
	charge := func(who ...string) func(*peer) { return func(p *peer) { p.charge("correct", who...) } }
	deliver := func(who string) func(*peer) { return func(p *peer) { p.delivered("correct", who) } }
	restart := func(p *peer) {
		if err := p.Restart(p.t.Context(), "gestore.aurora.example"); err != nil {
			p.t.Fatal(err)
		}
	}
	both := []string{"12h " + paolo, "24h " + paolo}
	tests := []struct {
		name, fault string
		to          []string
		steps       []step
		want        []string
	}{
		{"silence", "", nil, nil, both},
		{"taken, never delivered", "", nil, []step{{"1h", charge(paolo)}}, both[1:]},
		{"taken late", "", nil, []step{{"13h", charge(paolo)}}, both},
		{"delivered after twelve hours", "", nil, []step{{"13h", deliver(paolo)}}, both[:1]},
		{"delivered, never taken", "", nil, []step{{"11h", deliver(paolo)}}, nil},
		{"taken and delivered", "", nil, []step{{"1s", charge(paolo)}, {"1s", deliver(paolo)}}, nil},
		{"failed", "", nil, []step{{"1h", func(p *peer) { p.notDelivered(paolo) }}}, nil},
		{"infected", "", nil, []step{{"1h", func(p *peer) { p.infected(paolo) }}}, nil},
		{"delivered after a day", "", nil, []step{{"30h", deliver(paolo)}}, both},
		{"one of two answers", "", []string{paolo, pia}, []step{{"1h", deliver(paolo)}}, []string{"12h " + pia, "24h " + pia}},
		{"one of two is taken", "", []string{paolo, pia}, []step{{"1h", charge(pia)}}, []string{"12h " + paolo, "24h " + paolo, "24h " + pia}},
		{"unsigned answer", "", nil, []step{{"1h", func(p *peer) { p.delivered("", paolo) }}}, both},
		{"stranger's answer", "", nil, []step{{"1h", func(p *peer) { p.delivered("unlisted", paolo) }}}, both},
		{"restart", "", nil, []step{{"6h", restart}}, both},
		{"restart between the notices", "", nil, []step{{"13h", restart}, {"1h", restart}}, both},
		{"restart after taking in charge", "", nil, []step{{"1h", charge(paolo)}, {"1h", restart}}, both[1:]},

		{"restart forgets", "restart-forgets-timers", nil, []step{{"6h", restart}}, nil},
		{"restart doubles", "restart-doubles-timers", nil, []step{{"6h", restart}}, []string{both[0], both[0], both[1], both[1]}},
		{"untrusted answer counts", "untrusted-receipts-count", nil, []step{{"1h", func(p *peer) { p.delivered("unlisted", paolo) }}}, nil},
		{"charge ends the wait", "charge-ends-the-wait", nil, []step{{"1h", charge(paolo)}}, nil},
		{"charge is ignored", "charge-ignored", nil, []step{{"1h", charge(paolo)}}, both},
		{"charge counts for all", "charge-counts-for-all", []string{paolo, pia}, []step{{"1h", charge(pia)}}, []string{"24h " + paolo, "24h " + pia}},
		{"delivery is ignored", "deliveries-ignored", nil, []step{{"1h", deliver(paolo)}}, both},
		{"delivery needs charge", "delivery-needs-charge", nil, []step{{"1h", deliver(paolo)}}, both},
		{"delivery counts for all", "delivery-counts-for-all", []string{paolo, pia}, []step{{"1h", deliver(pia)}}, nil},
		{"failure is ignored", "failures-ignored", nil, []step{{"1h", func(p *peer) { p.notDelivered(paolo) }}}, both},
		{"one notice for all", "one-notice-per-message", []string{paolo, pia}, nil, both},
		{"ordinary recipient", "", []string{elena}, nil, nil},
		{"ordinary recipient is waited for", "waits-for-ordinary-recipients", []string{elena}, nil, []string{"12h " + elena, "24h " + elena}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := []func(*simulator.Config){onClock}
			if tt.fault != "" {
				change = append(change, faulty(tt.fault+"@gestore.aurora.example"))
			}
			p := withPeer(t, change...)
			to := tt.to
			if to == nil {
				to = []string{paolo}
			}
			if err := p.submit(t, mail{from: anna, to: to, subject: "Attesa"}); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			for _, s := range tt.steps {
				p.advance(s.by)
				s.do(p)
			}
			p.advance("49h")
			if diff := cmp.Diff(tt.want, p.notices()); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

// Notices come at their hours, not a minute before, and never late.
func TestNoticesAtTheirHours(t *testing.T) {
	t.Parallel()
	for fault, hours := range map[string][2]time.Duration{
		"":                    {12 * time.Hour, 23*time.Hour + 30*time.Minute},
		"first-notice-early":  {11 * time.Hour, 23*time.Hour + 30*time.Minute},
		"first-notice-late":   {14 * time.Hour, 23*time.Hour + 30*time.Minute},
		"second-notice-early": {12 * time.Hour, 21 * time.Hour},
		"second-notice-late":  {12 * time.Hour, 25 * time.Hour},
	} {
		t.Run("with "+fault, func(t *testing.T) {
			t.Parallel()
			change := []func(*simulator.Config){onClock}
			if fault != "" {
				change = append(change, faulty(fault))
			}
			p := withPeer(t, change...)
			if err := p.submit(t, mail{from: anna, to: []string{paolo}, subject: "Ore"}); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			sent, err := p.last().Certification.Instant()
			if err != nil {
				t.Fatal(err)
			}
			p.advance("60h") // all at once: each thing still happens at its own time
			var got []time.Duration
			for _, m := range p.fetch(t, anna) {
				if m.Kind == pec.Delay {
					at, err := m.Certification.Instant()
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, at.Sub(sent).Round(time.Minute))
				}
			}
			if diff := cmp.Diff(hours[:], got); diff != "" {
				t.Errorf("hours of the notices (-want +got):\n%s", diff)
			}
		})
	}
}

// A receipt that comes late still reaches Anna, and nothing follows; a virus
// that is told twice is told to her once.
func TestLateAndDoubledAnswers(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]counts{
		"":                      {"Acceptance": 1, "Delay": 2, "Delivery": 1, "NonDelivery(virus)": 1},
		"late-receipts-dropped": {"Acceptance": 1, "Delay": 2, "NonDelivery(virus)": 1},
	} {
		t.Run("with "+fault, func(t *testing.T) {
			t.Parallel()
			change := []func(*simulator.Config){onClock}
			if fault != "" {
				change = append(change, faulty(fault))
			}
			p := withPeer(t, change...)
			if err := p.submit(t, mail{from: anna, to: []string{paolo, pia}, subject: "Tardi"}); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			p.advance("1h")
			p.infected(pia)
			p.infected(pia)
			p.advance("29h")
			p.delivered("correct", paolo)
			p.advance("48h")
			if diff := cmp.Diff(want, p.kinds(t, anna)); diff != "" {
				t.Errorf("Anna (-want +got):\n%s", diff)
			}
			if got := p.kinds(t, serviceA)["VirusDetection"]; got != 2 {
				t.Errorf("the service mailbox holds %d notices of a virus, want both", got)
			}
		})
	}
}

// A host that cannot be reached, or not safely, is tried for a day; then the
// user is told. Nothing goes in clear.
func TestRelayToAPeer(t *testing.T) {
	t.Parallel()
	told := counts{"Acceptance": 1, "Delay": 2, "NonDelivery": 1}
	at1 := counts{"Acceptance": 1, "NonDelivery": 1}
	tests := []struct {
		name, fault string
		before      func(*peer)
		after       func(*peer) // an hour later
		want        counts
		came        int
		clear       bool
	}{
		{name: "down", before: (*peer).down, after: nil, want: told},
		{name: "down for an hour", before: (*peer).down, after: (*peer).up, want: counts{"Acceptance": 1, "Delay": 2}, came: 1},
		{name: "no STARTTLS", before: func(p *peer) { p.down(); p.offersTLS = false; p.up() }, want: told},
		{name: "no STARTTLS, in clear", fault: "relay-falls-back-to-clear", before: func(p *peer) { p.down(); p.offersTLS = false; p.up() }, want: counts{"Acceptance": 1, "Delay": 2}, came: 1, clear: true},
		{name: "TLS fails", before: func(p *peer) { p.badTLS = true }, want: told},
		{name: "TLS fails, in clear", fault: "relay-falls-back-to-clear", before: func(p *peer) { p.badTLS = true }, want: counts{"Acceptance": 1, "Delay": 2}, came: 1, clear: true},
		{name: "later", before: func(p *peer) { p.refusal = smtp.Refuse(451, 4, 3, 0, "later") }, after: func(p *peer) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.refusal = nil
		}, want: counts{"Acceptance": 1, "Delay": 2}, came: 1},
		{name: "never", before: func(p *peer) { p.refusal = smtp.Refuse(550, 5, 1, 1, "never") }, want: at1},
		{name: "later, given up", fault: "relay-gives-up-at-once", before: func(p *peer) { p.refusal = smtp.Refuse(451, 4, 3, 0, "later") }, want: at1},
		{name: "down, given up", fault: "relay-gives-up-after-an-hour", before: (*peer).down, want: at1},
		{name: "down, never given up", fault: "relay-retries-for-ever", before: (*peer).down, want: counts{"Acceptance": 1, "Delay": 2}},
		{name: "never, not told", fault: "relay-failures-untold", before: func(p *peer) { p.refusal = smtp.Refuse(550, 5, 1, 1, "never") }, want: counts{"Acceptance": 1, "Delay": 2}},
		{name: "never, tried again", fault: "relay-retries-refusals", before: func(p *peer) { p.refusal = smtp.Refuse(550, 5, 1, 1, "never") }, want: told},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := []func(*simulator.Config){onClock}
			if tt.fault != "" {
				change = append(change, faulty(tt.fault))
			}
			p := withPeer(t, change...)
			tt.before(p)
			if err := p.submit(t, mail{from: anna, to: []string{paolo}, subject: "Consegna"}); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			p.advance("1h")
			if tt.after != nil {
				tt.after(p)
			}
			p.advance("30h")
			if diff := cmp.Diff(tt.want, p.kinds(t, anna)); diff != "" {
				t.Errorf("Anna (-want +got):\n%s", diff)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if len(p.got) != tt.came || (p.clear > 0) != tt.clear {
				t.Errorf("%d envelopes came, %d transactions in clear; want %d, in clear: %v", len(p.got), p.clear, tt.came, tt.clear)
			}
		})
	}
}
