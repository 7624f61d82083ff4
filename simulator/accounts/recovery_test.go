package accounts

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func every() Policies {
	return Policies{Policy: Policy{Channels: []Channel{ByEmail, BySMS, ByQuestion}, LockAttempts: 2}}
}

const fresh = "nuovo-segreto"

// Who asks is answered in the same way whatever is true of the address; only
// the holder gets something.
func TestAskRecovery(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, address, taxCode string
		channel                Channel
		before                 func(*bench) error
		want                   bool
	}{
		{"right", anna, code16, ByEmail, nil, true},
		{"by SMS", anna, code16, BySMS, nil, true},
		{"unknown", "nessuno@x.example", code16, ByEmail, nil, false},
		{"another's tax code", anna, "altro", ByEmail, nil, false},
		{"no channel", anna, code16, "fax", nil, false},
		{"expired", anna, code16, ByEmail, func(b *bench) error { return b.SetExpiry(anna, b.now) }, false},
		{"gone", anna, code16, ByEmail, func(b *bench) error { return b.Close(anna, code16) }, false},
		{"locked", anna, code16, ByEmail, func(b *bench) error { return b.Lock(anna, LockedPassword) }, true},
	} {
		b := begin(t, every())
		if tt.before != nil {
			b.must(tt.before(b))
		}
		sent, err := b.AskRecovery(tt.address, tt.taxCode, tt.channel)
		if err != nil || (sent != nil) != tt.want {
			t.Errorf("%s: %+v, %v", tt.name, sent, err)
		}
	}
	b := begin(t, every())
	for i := range 7 {
		sent, err := b.AskRecovery(anna, code16, ByEmail)
		if err != nil || (sent != nil) != (i < 5) {
			t.Errorf("attempt %d: %v, %v", i+1, sent, err)
		}
	}
	if sent, _ := b.AskRecovery(anna, code16, BySMS); sent == nil {
		t.Error("another channel has its own count")
	}
	b.after(time.Hour)
	if sent, _ := b.AskRecovery(anna, code16, ByEmail); sent == nil {
		t.Error("an hour later nothing was sent")
	}
}

func TestRedeem(t *testing.T) {
	t.Parallel()
	b := begin(t, every())
	b.must(b.Lock(anna, LockedPassword))
	ask := func() string {
		t.Helper()
		sent, err := b.AskRecovery(anna, code16, ByEmail)
		if err != nil || sent == nil || sent.To != "anna@posta.example" {
			t.Fatalf("%+v, %v", sent, err)
		}
		return sent.Token
	}
	token := ask()
	if _, err := b.Redeem(token, "breve"); !errors.Is(err, ErrPassword) {
		t.Errorf("a short password: %v", err)
	}
	if address, err := b.Redeem(token, fresh); err != nil || address != anna {
		t.Fatalf("%s, %v", address, err)
	}
	if _, ok := b.Authenticate(anna, fresh); !ok {
		t.Error("the new password does not open, or the lock is still on")
	}
	if _, ok := b.Authenticate(anna, secret); ok {
		t.Error("the old password opens")
	}
	late := ask()
	b.after(61 * time.Minute)
	for name, old := range map[string]string{"used": token, "late": late, "made up": "x"} {
		if _, err := b.Redeem(old, fresh); !errors.Is(err, ErrRecovery) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := ask()
	b.must(b.Close(anna, code16))
	b.must(b.Repurchase(anna, code16, "terzo-segreto", 0))
	if _, err := b.Redeem(other, fresh); !errors.Is(err, ErrRecovery) {
		t.Errorf("a link to the mailbox before: %v", err)
	}
	if n := len(b.ledgers.Records(recoveryLedger)); n > 2 {
		t.Errorf("%d links are kept, want those that may still work", n)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	ask := func(b *bench) string {
		t.Helper()
		sent, err := b.AskRecovery(anna, code16, BySMS)
		if err != nil || sent == nil || len(sent.Token) != 6 {
			t.Fatalf("%+v, %v", sent, err)
		}
		return sent.Token
	}
	b := begin(t, every())
	digits := ask(b)
	for range maxWrongCodes {
		if err := b.RedeemCode(anna, "x", fresh); !errors.Is(err, ErrRecovery) {
			t.Fatal(err)
		}
	}
	if err := b.RedeemCode(anna, digits, fresh); !errors.Is(err, ErrRecovery) {
		t.Errorf("the right code after %d wrong ones: %v", maxWrongCodes, err)
	}
	digits = ask(b)
	b.must(b.RedeemCode(anna, digits, fresh))
	if err := b.RedeemCode(anna, digits, fresh); !errors.Is(err, ErrRecovery) {
		t.Errorf("twice: %v", err)
	}
	digits = ask(b)
	b.after(10 * time.Minute)
	for _, address := range []string{anna, "nessuno@x.example"} {
		if err := b.RedeemCode(address, digits, fresh); !errors.Is(err, ErrRecovery) {
			t.Errorf("%s, ten minutes later: %v", address, err)
		}
	}
	if _, ok := b.Authenticate(anna, fresh); !ok {
		t.Error("the new password does not open")
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	b := begin(t, every())
	ask := func(address string) string {
		t.Helper()
		q, err := b.Question(address)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	if q := ask(anna); q != Questions()[2] {
		t.Errorf("Anna is asked %q", q)
	}
	one := ask("nessuno@x.example")
	b.open(b.Policies(), b.o.Accounts)
	if two := ask("NESSUNO@x.example"); one == "" || one != two {
		t.Errorf("a stranger is asked %q, and after a restart %q", one, two)
	}
	_, none := b.Answer("nessuno@x.example", code16, "x")
	_, wrong := b.Answer(anna, code16, "x")
	if none == nil || wrong == nil || none.Error() != wrong.Error() {
		t.Errorf("the unknown address and the wrong answer differ: %v, %v", none, wrong)
	}
	token, err := b.Answer(anna, code16, " reggio emilia ")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Redeem(token, fresh); err != nil {
		t.Error(err)
	}
	b.must(b.SetHolder(anna, Holder{TaxCode: code16, Question: Questions()[0], Answer: "Bianchi"}))
	for range 2 {
		_, _ = b.Answer(anna, code16, "x")
	}
	if _, err := b.Answer(anna, code16, "bianchi"); err != nil {
		t.Errorf("the fifth attempt of the hour: %v", err)
	}
	if _, err := b.Answer(anna, code16, "bianchi"); !errors.Is(err, ErrRecovery) {
		t.Errorf("the sixth: %v", err)
	}
}

// Nothing that is kept holds a password or an answer.
func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	b := begin(t, every())
	b.must(b.Suspend(own, ""))
	b.must(b.SetPassword(anna, fresh, ""))
	b.must(b.SetHolder(anna, Holder{TaxCode: code16, Question: Questions()[0], Answer: "Bianchi"}))
	all, err := json.Marshal(b.ledgers.Records(ledger))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range b.ledgers.Records(ledger) {
		all = append(all, r.Data...)
	}
	for _, s := range []string{secret, fresh, "Bianchi", "bianchi", "Emilia"} {
		if bytes.Contains(all, []byte(s)) {
			t.Errorf("the ledger holds %q", s)
		}
	}
	for _, a := range b.List() {
		if a.Password != "" {
			t.Errorf("the list shows the password of %s", a.Address)
		}
	}
}
