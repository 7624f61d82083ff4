package accounts

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/google/go-cmp/cmp"
)

const (
	anna   = "anna@x.example"
	own    = "anna@pec.studio.example"
	secret = "segreto-di-anna"
	code16 = "NNANNA80A41H501X"
)

// bench is a directory on a clock that only the test moves.
type bench struct {
	*Directory
	t       *testing.T
	now     time.Time
	ledgers store.Ledgers
	told    []Change
}

func begin(t *testing.T, p Policies, change ...func(*Account)) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), ledgers: store.NewMemory(0)}
	holder := Holder{Name: "Anna Neri", TaxCode: code16, Email: "anna@posta.example", Phone: "+39 000 0001", Question: Questions()[2], Answer: "Reggio  Emilia"}
	list := []Account{{Address: anna, Password: secret, Holder: holder}, {Address: own, Password: secret, Holder: holder}}
	for i := range list {
		for _, f := range change {
			f(&list[i])
		}
	}
	b.open(p, list)
	return b
}

func (b *bench) open(p Policies, list []Account) {
	b.t.Helper()
	d, err := Open(Options{
		Accounts: list, Policies: p, Ledgers: b.ledgers, Random: rand.Reader,
		Now: func() time.Time { return b.now }, Changed: func(c Change) { b.told = append(b.told, c) },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.Directory = d
}

func (b *bench) after(d time.Duration) {
	b.t.Helper()
	b.now = b.now.Add(d)
	if err := b.Elapse(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) state(address string) State {
	b.t.Helper()
	s, ok := b.Status(address)
	if !ok {
		b.t.Fatalf("%s has no status", address)
	}
	return s.State
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func ownDomain() Policies {
	return Policies{Own: map[string]string{"pec.studio.example": "postmaster@pec.studio.example"}}
}

// The grace is counted in days of the calendar from the expiry, also over the
// hour that spring takes away: to its last second a mailbox can be renewed.
func TestGrace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		address string
		days    int
		less    time.Duration
		want    State
	}{
		{anna, 0, time.Second, Active},
		{anna, 0, 0, Expired},
		{anna, 89, 0, Expired},
		{anna, 90, time.Second, Expired},
		{anna, 90, 0, Deleted},
		{anna, 91, 0, Deleted},
		{own, 29, 0, Expired},
		{own, 30, time.Second, Expired},
		{own, 30, 0, Deleted},
		{own, 31, 0, Deleted},
	} {
		b := begin(t, ownDomain())
		expiry := clock.Legal(b.now).AddDate(0, 0, 10)
		b.must(b.SetExpiry(tt.address, expiry))
		b.now = expiry.AddDate(0, 0, tt.days).Add(-tt.less)
		if got := b.state(tt.address); got != tt.want { // before anybody was told
			t.Errorf("%s, %d days less %v after its expiry: %s, want %s", tt.address, tt.days, tt.less, got, tt.want)
		}
		b.must(b.Elapse())
		err := b.Renew(tt.address, 12)
		if gone := tt.want == Deleted; errors.Is(err, ErrState) != gone || err != nil && !gone {
			t.Errorf("%s, %d days less %v after its expiry: renewal: %v", tt.address, tt.days, tt.less, err)
		}
		if s, _ := b.Status(tt.address); tt.want != Deleted && !s.Expires.Equal(expiry.AddDate(1, 0, 0)) {
			t.Errorf("renewed until %v, want a year after %v", s.Expires, expiry)
		}
	}
}

func TestRightsOfStates(t *testing.T) {
	t.Parallel()
	read := Rights{SignIn: true, Send: SendRefused, Read: true, Receive: true}
	locked := Rights{Send: SendRefused, Receive: true}
	for _, tt := range []struct {
		name string
		do   func(*bench) error
		want Rights
		ok   bool
	}{
		{"active", func(*bench) error { return nil }, all(), true},
		{"expired", func(b *bench) error { return b.SetExpiry(anna, b.now) }, read, true},
		{"locked", func(b *bench) error { return b.Lock(anna, LockedFarAway) }, locked, true},
		{"expired while locked", func(b *bench) error { return errors.Join(b.Lock(anna, LockedFarAway), b.SetExpiry(anna, b.now)) }, locked, true},
		{"suspended", func(b *bench) error { return b.Suspend(anna, "") }, Rights{Send: SendRefused, Refusal: "altro"}, true},
		{"resumed", func(b *bench) error { return errors.Join(b.Suspend(anna, ""), b.Resume(anna)) }, all(), true},
		{"closed", func(b *bench) error { return b.Close(anna, code16) }, Rights{Send: SendRefused, Refusal: "no-dest"}, false},
		{"unlocked", func(b *bench) error { return errors.Join(b.Lock(anna, LockedPassword), b.Unlock(anna)) }, all(), true},
	} {
		b := begin(t, Policies{})
		b.must(tt.do(b))
		got, ok := b.RightsOf("ANNA@x.example")
		if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
			t.Errorf("%s: ok %v (-want +got):\n%s", tt.name, ok, diff)
		}
		if _, in := b.Authenticate(anna, secret); in != tt.want.SignIn {
			t.Errorf("%s: signed in: %v, want %v", tt.name, in, tt.want.SignIn)
		}
	}
	strict := Policies{Policy: Policy{Rights: map[State]Rights{Expired: {Send: SendByNotice, Refusal: "altro"}}}}
	b := begin(t, strict)
	b.must(b.SetExpiry(anna, b.now))
	if got, _ := b.RightsOf(anna); got.Receive || got.Send != SendByNotice || got.Refusal != "altro" {
		t.Errorf("a policy of its own: %+v", got)
	}
}

func TestEndAndRepurchase(t *testing.T) {
	t.Parallel()
	b := begin(t, Policies{})
	if err := b.Close(anna, "altro"); !errors.Is(err, ErrHolder) {
		t.Errorf("closed by a stranger: %v", err)
	}
	b.must(b.Close(anna, " "+code16))
	for name, err := range map[string]error{
		"renew": b.Renew(anna, 1), "suspend": b.Suspend(anna, ""), "password": b.SetPassword(anna, "un'altra password", ""),
	} {
		if !errors.Is(err, ErrState) {
			t.Errorf("%s a closed mailbox: %v", name, err)
		}
	}
	if err := b.Repurchase(anna, "altro", "nuovo-segreto", 0); !errors.Is(err, ErrHolder) {
		t.Errorf("bought by a stranger: %v", err)
	}
	b.must(b.Repurchase(anna, code16, "nuovo-segreto", 0))
	_, old := b.Authenticate(anna, secret)
	_, fresh := b.Authenticate(anna, "nuovo-segreto")
	if old || !fresh {
		t.Errorf("the old password opens: %v, the new one: %v", old, fresh)
	}
	b.open(b.Policies(), b.o.Accounts)
	if _, ok := b.Authenticate(anna, secret); ok {
		t.Error("after a restart the configured password opens again")
	}
	if s, _ := b.Status(anna); s.Incarnation != 2 || s.State != Active {
		t.Errorf("%+v: want the second incarnation, active", s)
	}
	if err := b.Repurchase(anna, code16, "nuovo-segreto", 0); !errors.Is(err, ErrState) {
		t.Errorf("bought while it is there: %v", err)
	}
}

func TestRenewalByItself(t *testing.T) {
	t.Parallel()
	for pays, want := range map[bool]string{true: Renewed, false: RenewalFailed} {
		b := begin(t, Policies{}, func(a *Account) { a.Expires, a.AutoRenew = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), true })
		b.must(b.SetRenewal(anna, true, pays))
		if due, ok := b.Due(); !ok || !due.Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("due %v, %v", due, ok)
		}
		b.after(40 * 24 * time.Hour)
		if c, _ := b.Changes(anna); len(c) == 0 || c[0].What != want || (b.state(anna) == Active) != pays {
			t.Errorf("pays %v: %+v, %s", pays, c, b.state(anna))
		}
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	b := begin(t, Policies{Policy: Policy{ActivationMinutes: 10}})
	fresh := Account{Address: "nuova@x.example", Password: "molto-segreto"}
	b.must(b.Create(fresh, 12))
	if err := b.Create(fresh, 12); err == nil {
		t.Error("made twice")
	}
	if err := b.Create(Account{Address: "corta@x.example", Password: "breve"}, 0); !errors.Is(err, ErrPassword) {
		t.Errorf("a short password: %v", err)
	}
	if _, ok := b.Authenticate(fresh.Address, fresh.Password); ok || b.state(fresh.Address) != InActivation {
		t.Errorf("signed in: %v, %s", ok, b.state(fresh.Address))
	}
	b.after(10 * time.Minute)
	b.open(b.Policies(), b.o.Accounts)
	if _, ok := b.Authenticate(fresh.Address, fresh.Password); !ok {
		t.Error("active after a restart, and not let in")
	}
}
