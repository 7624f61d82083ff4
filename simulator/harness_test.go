package simulator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	imap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
)

// keys serve all worlds of these tests: making them is what takes time.
var keys = authority.NewPool()

// patience is how long a test waits for a world to come to rest.
const patience = 20 * time.Second

type world struct {
	*simulator.World
	simulator.Description
	trust *tls.Config
}

func start(t testing.TB, change ...func(*simulator.Config)) *world {
	t.Helper()
	c := simulator.Pair()
	c.Keys = keys
	for _, f := range change {
		f(&c)
	}
	if ordinaryTrust(c) {
		c.Authority = authorityOf(t, c)
	}
	w, err := simulator.Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := w.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	d, err := w.Describe()
	if err != nil {
		t.Fatal(err)
	}
	trust := trusting(t, d)
	trust.Time = w.Now
	return &world{World: w, Description: d, trust: trust}
}

// authorities are those of worlds that begin on the same day, as the worlds of a run
// share one: a CA that is made anew signs a dozen certificates, which costs more
// than most of what a world is then asked to do.
var authorities sync.Map // by day: func() (*authority.Authority, error)

func authorityOf(t testing.TB, c simulator.Config) *authority.Authority {
	t.Helper()
	now := time.Now()
	if c.Clock != nil {
		now = c.Clock.Now()
	}
	plain := simulator.Pair()
	plain.Keys, plain.Clock = keys, clock.NewOffset(now)
	made, _ := authorities.LoadOrStore(now.UTC().Format(time.DateOnly), sync.OnceValues(plain.NewAuthority))
	a, err := made.(func() (*authority.Authority, error))()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ownAuthority gives a world a CA that no other world has.
func ownAuthority(t testing.TB) func(*simulator.Config) {
	return func(c *simulator.Config) {
		var err error
		if c.Authority, err = c.NewAuthority(); err != nil {
			t.Fatal(err)
		}
	}
}

// ordinaryTrust tells whether a world may have such a CA: it asks for none of its
// own, none that is at fault, and speaks for no other domains than the pair.
func ordinaryTrust(c simulator.Config) bool {
	if c.Authority != nil || c.Root != nil || c.Apart != nil || c.Keys != authority.KeySource(keys) || slices.Contains(c.Faults, "authority-without-constraints") {
		return false
	}
	domains := func(c simulator.Config) []string {
		all := []string{c.Ordinary.Domain}
		for _, p := range c.Providers {
			all = append(append(all, p.ServiceDomain), p.Domains...)
		}
		return all
	}
	return slices.Equal(domains(c), domains(simulator.Pair()))
}

// trusting is how a client that was given the CA connects.
func trusting(t testing.TB, d simulator.Description) *tls.Config {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(d.Trust.CA)) {
		t.Fatal("the CA is no PEM")
	}
	return &tls.Config{RootCAs: roots, ServerName: "localhost"}
}

func faulty(ids ...string) func(*simulator.Config) {
	return func(c *simulator.Config) { c.Faults = ids }
}

// account finds an account, users and service mailboxes alike, with its host.
func (w *world) account(t testing.TB, address string) (simulator.Account, simulator.Hosts) {
	t.Helper()
	for _, p := range w.Providers {
		for _, a := range append(p.Accounts, p.ServiceMailbox) {
			if a.Address == address {
				return a, p.Hosts
			}
		}
	}
	for _, a := range w.Ordinary.Accounts {
		if a.Address == address {
			return a, w.Ordinary.Hosts
		}
	}
	t.Fatalf("no account %s", address)
	return simulator.Account{}, simulator.Hosts{}
}

// mail is a message as a user's client writes it.
type mail struct {
	from    string // account; also From unless header says otherwise
	to      []string
	rcpt    []string // to, when nil
	header  string   // replaces the whole header
	extra   string   // further header lines, each with CRLF
	subject string
	body    string
}

func (m mail) octets() []byte {
	if m.header == "" {
		m.header = fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <%s@client.example>\r\n",
			m.from, strings.Join(m.to, ", "), m.subject, strings.ReplaceAll(m.subject, " ", "."))
	}
	if m.body == "" {
		m.body = "Buongiorno.\r\n.Punto iniziale.\r\n"
	}
	return []byte(m.header + m.extra + "\r\n" + m.body)
}

func (m mail) recipients() []string {
	if m.rcpt != nil {
		return m.rcpt
	}
	return m.to
}

// submit sends by implicit TLS and returns what the server said.
func (w *world) submit(t testing.TB, m mail) error {
	t.Helper()
	a, hosts := w.account(t, m.from)
	c, err := gosmtp.DialTLS(hosts.SubmissionTLS, w.trust)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", a.User, a.Password)); err != nil {
		t.Fatal(err)
	}
	if err := c.SendMail(m.from, m.recipients(), bytes.NewReader(m.octets())); err != nil {
		return err
	}
	return c.Quit()
}

// arrive sends to a provider's incoming point as an ordinary host does.
func (w *world) arrive(t testing.TB, host, from string, to []string, octets []byte) error {
	t.Helper()
	c, err := gosmtp.Dial(host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.SendMail(from, to, bytes.NewReader(octets))
}

func (w *world) settle(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

// fetch reads a mailbox over IMAP.
func (w *world) fetch(t testing.TB, address string) []*pec.Message {
	t.Helper()
	a, hosts := w.account(t, address)
	c, err := imapclient.DialTLS(hosts.IMAP, &imapclient.Options{TLSConfig: w.trust})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(a.User, a.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	selected, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if selected.NumMessages == 0 {
		return nil
	}
	all := imap.SeqSet{}
	all.AddRange(1, 0)
	section := &imap.FetchItemBodySection{Peek: true}
	fetched, err := c.Fetch(all, &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var messages []*pec.Message
	for _, f := range fetched {
		m, err := pec.Read(f.FindBodySection(section))
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	if err := c.Logout().Wait(); err != nil {
		t.Fatal(err)
	}
	return messages
}

// kinds counts what a mailbox holds.
func (w *world) kinds(t testing.TB, address string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, m := range w.fetch(t, address) {
		name := m.Kind.String()
		if m.Virus {
			name += "(virus)"
		}
		count[name]++
	}
	return count
}

func of(messages []*pec.Message, kind pec.Kind) *pec.Message {
	for _, m := range messages {
		if m.Kind == kind {
			return m
		}
	}
	return nil
}

// code is the SMTP code of a refusal, 0 for none.
func code(err error) int {
	var refusal *gosmtp.SMTPError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	if err != nil {
		return -1
	}
	return 0
}
