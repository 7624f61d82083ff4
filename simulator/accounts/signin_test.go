package accounts

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWrongPasswords(t *testing.T) {
	t.Parallel()
	b := begin(t, Policies{Policy: Policy{LockAttempts: 3, LockWindowMinutes: 10, LockMinutes: 30}})
	wrong := func(n int) {
		for range n {
			if _, ok := b.SignIn(anna, "sbagliata", "127.0.0.1:1000"); ok {
				t.Fatal("a wrong password was taken")
			}
		}
	}
	in := func(want bool, when string) {
		t.Helper()
		if _, ok := b.SignIn(anna, secret, "127.0.0.1:1000"); ok != want {
			t.Errorf("%s: signed in: %v, want %v", when, ok, want)
		}
	}
	wrong(2)
	in(true, "two wrong ones")
	wrong(2)
	in(true, "a right one begins the count again")
	wrong(2)
	b.after(11 * time.Minute)
	wrong(2)
	in(true, "out of the window")
	wrong(3)
	in(false, "three within the window")
	b.open(b.Policies(), b.o.Accounts) // a restart forgets no lock
	in(false, "after a restart")
	b.after(29 * time.Minute)
	in(false, "a minute early")
	b.after(time.Minute)
	in(true, "when its time is over")
	var what []string
	for _, c := range b.told {
		what = append(what, c.What+" "+string(c.To))
	}
	if diff := cmp.Diff([]string{"locked locked-password", "unlocked active"}, what); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestFarAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to string
		after    time.Duration
		want     bool
	}{
		{"127.0.0.1:1", "127.81.0.1:1", time.Hour, false},
		{"127.0.0.1:1", "127.81.0.1:1", 12 * time.Hour, true},
		{"127.0.0.1:1", "127.2.0.1:1", time.Minute, true}, // nearer than is looked at
		{"127.0.0.1:1", "127.44.3.2", time.Hour, false},
		{"127.0.0.1:1", "192.0.2.1:1", time.Second, true}, // nobody knows where that is
	} {
		b := begin(t, Policies{Policy: Policy{FarAwayKmh: 900}})
		if _, ok := b.SignIn(anna, secret, tt.from); !ok {
			t.Fatal("not signed in")
		}
		b.after(tt.after)
		_, ok := b.SignIn(anna, secret, tt.to)
		if ok != tt.want {
			t.Errorf("%s, then %s after %v: signed in: %v, want %v", tt.from, tt.to, tt.after, ok, tt.want)
		}
		if locked := b.state(anna) == LockedFarAway; locked == tt.want {
			t.Errorf("%s, then %s after %v: %s", tt.from, tt.to, tt.after, b.state(anna))
		}
		if _, again := b.SignIn(anna, secret, tt.from); !tt.want && again {
			t.Errorf("%s, after one from %s: the lock lets the first place in", tt.from, tt.to)
		}
		b.must(b.Unlock(anna))
		if _, ok := b.SignIn(anna, secret, tt.to); !ok {
			t.Errorf("unlocked, and not let in from %s", tt.to)
		}
	}
}

func TestInactivity(t *testing.T) {
	t.Parallel()
	b := begin(t, Policies{Policy: Policy{InactivityDays: 180}})
	b.after(100 * 24 * time.Hour)
	if _, ok := b.Authenticate(anna, secret); !ok {
		t.Fatal("not signed in")
	}
	b.after(179 * 24 * time.Hour)
	if b.state(anna) != Active || b.state(own) != LockedInactive {
		t.Errorf("%s, %s: want the one who signed in active", b.state(anna), b.state(own))
	}
	b.after(26 * time.Hour)
	if _, ok := b.Authenticate(anna, secret); ok || b.state(anna) != LockedInactive {
		t.Errorf("signed in: %v, %s", ok, b.state(anna))
	}
	b.must(b.Unlock(anna))
	if _, ok := b.Authenticate(anna, secret); !ok {
		t.Error("unlocked, and not let in")
	}
}
