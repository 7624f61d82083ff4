package simulator_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

const (
	taxCode    = "BRNBRN80A01H501X"
	studio     = "bruno@archivio-borea.example" // in an own domain
	postmaster = "dario@archivio-borea.example"
	newSecret  = "nuovo-segreto"
)

// held gives Bruno's mailboxes a holder, whose ordinary mail Elena reads, and
// the second one an own domain with a postmaster.
func held(p accounts.Policy) func(*simulator.Config) {
	return func(c *simulator.Config) {
		onClock(c)
		borea := &c.Providers[1]
		for i := range borea.Accounts {
			borea.Accounts[i].Holder = accounts.Holder{Name: "Bruno Verdi", TaxCode: taxCode, Email: elena, Phone: "+39 000 0002"}
		}
		borea.Accounts = append(borea.Accounts, accounts.Account{Address: postmaster, Password: "segreto-" + postmaster})
		borea.Life = accounts.Policies{Policy: p, Own: map[string]string{"archivio-borea.example": postmaster}}
	}
}

func (w *world) wait(t *testing.T, by time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	if err := w.Advance(ctx, by); err != nil {
		t.Fatal(err)
	}
}

// do asks for something about an account, and wants that status.
func (w *world) do(t *testing.T, address, act, body string, want int) control.Account {
	t.Helper()
	var a control.Account
	if got := w.ask(t, "POST", "/v1/accounts/"+address+"/"+act, body, &a); got != want {
		t.Errorf("%s %s: %d, want %d", act, address, got, want)
	}
	return a
}

// opens signs in over IMAP.
func (w *world) opens(t *testing.T, address, password string) (*imapclient.Client, bool) {
	t.Helper()
	_, hosts := w.account(t, address)
	c, err := imapclient.DialTLS(hosts.IMAP, &imapclient.Options{TLSConfig: w.trust})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, c.Login(address, password).Wait() == nil
}

// inbox is what a mailbox holds, and its UIDVALIDITY; the password opens it.
func (w *world) inbox(t *testing.T, address, password string) (messages, validity uint32) {
	t.Helper()
	c, ok := w.opens(t, address, password)
	if !ok {
		t.Fatalf("the password does not open %s", address)
	}
	s, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	return s.NumMessages, s.UIDValidity
}

// outcome sends a message and says what its sender gets about it.
func (w *world) outcome(t *testing.T, to, subject string) string {
	t.Helper()
	if err := w.submit(t, mail{from: anna, to: []string{to}, subject: subject}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	for _, m := range w.fetch(t, anna) {
		c := m.Certification
		if c == nil || c.MessageID != "<"+subject+"@client.example>" {
			continue
		}
		switch m.Kind {
		case pec.Delivery:
			return "delivery"
		case pec.NonDelivery:
			return c.Error + " " + strings.Fields(c.ExtendedError)[0]
		}
	}
	return "nothing"
}

// The grace of an expired mailbox, to the day: 90 days, 30 in an own domain.
// While it lasts the mailbox is renewed with all that it holds.
func TestGraceOnTheSteppedClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		address string
		days    int
		want    string
	}{
		{bruno, 89, "delivery"},
		{bruno, 90, "no-dest 5.1.1"},
		{bruno, 91, "no-dest 5.1.1"},
		{studio, 29, "delivery"},
		{studio, 30, "no-dest 5.1.1"},
		{studio, 31, "no-dest 5.1.1"},
	} {
		t.Run(fmt.Sprintf("%s after %d days", tt.address, tt.days), func(t *testing.T) {
			t.Parallel()
			w := start(t, held(accounts.Policy{}))
			if got := w.outcome(t, tt.address, "Prima"); got != "delivery" {
				t.Fatalf("before: %s", got)
			}
			if a := w.do(t, tt.address, "expire", `{}`, http.StatusOK); a.State != accounts.Expired {
				t.Fatalf("state %s, want expired", a.State)
			}
			w.wait(t, time.Duration(tt.days)*24*time.Hour)
			if got := w.outcome(t, tt.address, "Dopo"); got != tt.want {
				t.Errorf("the sender gets %s, want %s", got, tt.want)
			}
			if tt.want != "delivery" {
				w.do(t, tt.address, "renew", `{"months": 12}`, http.StatusConflict)
				if _, ok := w.opens(t, tt.address, "segreto-"+tt.address); ok {
					t.Error("the password opens a mailbox that is gone")
				}
				return
			}
			w.do(t, tt.address, "renew", `{"months": 12}`, http.StatusOK)
			if n, _ := w.inbox(t, tt.address, "segreto-"+tt.address); n != 2 {
				t.Errorf("renewed, it holds %d messages, want both", n)
			}
		})
	}
}

// What each state lets happen, at every door, and what senders get.
func TestStatesAtTheDoors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		policy    accounts.Policy
		act, body string
		opens     bool
		submits   int    // SMTP code; 0: taken; -1: AUTH refused
		sender    string // what a certified sender gets
		ordinary  int    // what an ordinary one is answered
	}{
		{"active", accounts.Policy{}, "unlock", `{}`, true, 0, "delivery", 0},
		{"expired", accounts.Policy{}, "expire", `{}`, true, 550, "delivery", 0},
		{"expired, takes nothing", accounts.Policy{Rights: map[accounts.State]accounts.Rights{
			accounts.Expired: {SignIn: true, Read: true, Send: accounts.SendRefused, Refusal: "altro"},
		}}, "expire", `{}`, true, 550, "altro 5.2.1", 550},
		{"expired, told by a notice", accounts.Policy{Rights: map[accounts.State]accounts.Rights{
			accounts.Expired: {SignIn: true, Read: true, Send: accounts.SendByNotice, Receive: true},
		}}, "expire", `{}`, true, 0, "delivery", 0},
		{"locked", accounts.Policy{}, "lock", `{"state": "locked-far-away"}`, false, -1, "delivery", 0},
		{"suspended", accounts.Policy{}, "suspend", `{}`, false, -1, "altro 5.2.1", 550},
		{"closed", accounts.Policy{}, "close", `{"taxCode": "` + taxCode + `"}`, false, -1, "no-dest 5.1.1", 550},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, held(tt.policy))
			session, _ := w.opens(t, bruno, "segreto-"+bruno) // one that was there before
			w.do(t, bruno, tt.act, tt.body, http.StatusOK)
			if _, ok := w.opens(t, bruno, "segreto-"+bruno); ok != tt.opens {
				t.Errorf("IMAP opens: %v, want %v", ok, tt.opens)
			}
			if _, err := session.Select("INBOX", nil).Wait(); (err == nil) != tt.opens {
				t.Errorf("a session from before goes on: %v, want %v", err, tt.opens)
			}
			if got := w.sends(t, bruno, "segreto-"+bruno, "Di Bruno"); got != tt.submits {
				t.Errorf("submission: %d, want %d", got, tt.submits)
			}
			if got := w.outcome(t, bruno, "A.Bruno"); got != tt.sender {
				t.Errorf("the sender gets %s, want %s", got, tt.sender)
			}
			octets := []byte("From: <x@altrove.example>\r\nTo: <" + bruno + ">\r\nSubject: Ciao\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <x@altrove.example>\r\n\r\nCiao\r\n")
			if got := code(w.arrive(t, w.Providers[1].Hosts.Incoming, "x@altrove.example", []string{bruno}, octets)); got != tt.ordinary {
				t.Errorf("an ordinary host is answered %d, want %d", got, tt.ordinary)
			}
			if tt.policy.Rights[accounts.Expired].Send == accounts.SendByNotice {
				w.settle(t)
				if got := w.kinds(t, bruno)["NonAcceptance"]; got != 1 {
					t.Errorf("%d notices of non-acceptance, want one", got)
				}
			}
		})
	}
}

// sends submits a message to oneself and returns the SMTP code of the refusal.
func (w *world) sends(t *testing.T, address, password, subject string) int {
	t.Helper()
	_, hosts := w.account(t, address)
	c, err := gosmtp.DialTLS(hosts.SubmissionTLS, w.trust)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Auth(sasl.NewPlainClient("", address, password)) != nil {
		return -1
	}
	m := mail{from: address, to: []string{anna}, subject: subject}
	return code(c.SendMail(address, m.to, bytes.NewReader(m.octets())))
}

// An expired mailbox is read and not changed.
func TestExpiredIsReadOnly(t *testing.T) {
	t.Parallel()
	w := start(t, held(accounts.Policy{}))
	w.outcome(t, bruno, "Letta")
	w.do(t, bruno, "expire", `{}`, http.StatusOK)
	c, ok := w.opens(t, bruno, "segreto-"+bruno)
	if !ok {
		t.Fatal("an expired mailbox does not open")
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	all := imap.SeqSetNum(1)
	if got, err := c.Fetch(all, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect(); err != nil || len(got) != 1 {
		t.Errorf("fetched %d, %v", len(got), err)
	}
	if err := c.Store(all, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
		t.Errorf("marks: %v", err)
	}
	if err := c.Expunge().Close(); err == nil {
		t.Error("a message was removed")
	}
	if err := c.Create("Altro", nil).Wait(); err == nil {
		t.Error("a folder was made")
	}
	if n, _ := w.inbox(t, bruno, "segreto-"+bruno); n != 1 {
		t.Errorf("it holds %d messages, want the one", n)
	}
}

// Policies can be given to a world that runs, and lives go by them.
func TestPoliciesAtRunTime(t *testing.T) {
	t.Parallel()
	w := start(t, held(accounts.Policy{}))
	if got := w.ask(t, "PUT", "/v1/policies", `{"provider": "gestore.borea.example", "policy": {"inactivityDays": 150, "farAwayKmh": 900}}`, nil); got != http.StatusOK {
		t.Fatalf("policy: %d", got)
	}
	if got := w.ask(t, "PUT", "/v1/policies", `{"provider": "gestore.borea.example", "policy": {"graceDays": -1}}`, nil); got != http.StatusBadRequest {
		t.Errorf("a policy that means nothing: %d", got)
	}
	before := w.Events().Last()
	w.wait(t, 151*24*time.Hour)
	if got, _, err := w.Events().After(before, events.Filter{Type: events.Account, Mailbox: bruno}, 0); err != nil || len(got) != 1 || got[0].Event != accounts.HasBeenLocked {
		t.Errorf("events %+v, %v: want that of the lock", got, err)
	}
	if a := w.do(t, bruno, "unlock", `{}`, http.StatusOK); a.State != accounts.Active {
		t.Errorf("state %s", a.State)
	}
}
