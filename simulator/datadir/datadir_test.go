package datadir_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/datadir"
)

const patience = 20 * time.Second

// life is a world on a folder.
type life struct {
	*simulator.World
	dir *datadir.Dir
}

func start(t *testing.T, path string, change ...func(*simulator.Config)) life {
	t.Helper()
	dir, err := datadir.Open(path, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	c := simulator.Pair()
	if c.Clock, err = dir.Stepped(time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&c)
	}
	if err := dir.Apply(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	w, err := simulator.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return life{w, dir}
}

func (l life) end(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	if err := errors.Join(l.Close(ctx), l.dir.Close()); err != nil {
		t.Fatal(err)
	}
}

func (l life) send(t *testing.T, from, to, subject string) {
	t.Helper()
	_, err := l.Seed(t.Context(), control.Seed{Submissions: []control.SeedSubmission{{
		From: from, Recipients: []string{to}, Octets: []byte("From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject +
			"\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <" + subject + "@client.example>\r\n\r\nBuongiorno.\r\n"),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := l.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

func (l life) kinds(t *testing.T, mailbox string) string {
	t.Helper()
	list, err := l.Messages(mailbox, control.MessageChoice{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range list {
		all = append(all, m.Kind+" "+strings.Trim(m.Reference, "<>"))
	}
	return strings.Join(all, ", ")
}

// A world that is started again is the same: CA, mail, legal time; and it works
// with providers that came in between.
func TestWorldLasts(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first := start(t, path)
	first.send(t, "anna@aurora.example", "bruno@borea.example", "uno")
	before := first.kinds(t, "anna@aurora.example")
	if err := first.Advance(t.Context(), 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	trust, err := first.Trust()
	if err != nil {
		t.Fatal(err)
	}
	was := first.Now()
	first.end(t)

	third := simulator.ProviderConfig{Name: "Zefiro PEC", ServiceDomain: "gestore.zefiro.example", Domains: []string{"zefiro.example"}}
	third.Accounts = append(third.Accounts, simulator.Pair().Providers[0].Accounts[0])
	third.Accounts[0].Address = "zoe@zefiro.example"
	again := start(t, path, func(c *simulator.Config) { c.Providers = append(c.Providers, third) })
	defer again.end(t)
	if now := again.Now(); now.Before(was) {
		t.Errorf("legal time went back from %v to %v", was, now)
	}
	if got := again.kinds(t, "anna@aurora.example"); got != before || !strings.Contains(got, "Delivery uno@client.example") {
		t.Errorf("Anna has %q, had %q", got, before)
	}
	now, err := again.Trust()
	if err != nil || now.CA != trust.CA {
		t.Errorf("another CA than before, or %v", err)
	}
	again.send(t, "anna@aurora.example", "zoe@zefiro.example", "due")
	again.send(t, "zoe@zefiro.example", "bruno@borea.example", "tre")
	if got := again.kinds(t, "anna@aurora.example"); !strings.Contains(got, "Delivery due@client.example") {
		t.Errorf("Anna has %q, want a delivery receipt from the new provider", got)
	}
	if got := again.kinds(t, "zoe@zefiro.example"); !strings.Contains(got, "Delivery tre@client.example") {
		t.Errorf("Zoe has %q, want a delivery receipt", got)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first, err := datadir.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := datadir.Open(path, nil); !errors.Is(err, datadir.ErrBusy) {
		t.Errorf("%v: want %v", err, datadir.ErrBusy)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := datadir.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func TestLegalTimeDoesNotGoBack(t *testing.T) {
	t.Parallel()
	dir, err := datadir.Open(t.TempDir(), func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if _, err := dir.Real(); err != nil {
		t.Errorf("real time on a new folder: %v", err)
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for life := range 3 {
		o, err := dir.Stepped(now)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Now().Sub(now).Round(time.Hour); got != time.Duration(life)*12*time.Hour {
			t.Errorf("life %d begins %v ahead", life, got)
		}
		o.Advance(5 * time.Hour)
		o.Advance(7 * time.Hour)
	}
	if _, err := dir.Real(); !errors.Is(err, datadir.ErrAhead) {
		t.Errorf("%v: want %v", err, datadir.ErrAhead)
	}
	if err := os.WriteFile(filepath.Join(dir.Path(), "clock"), []byte("yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Stepped(now); err == nil || !strings.Contains(err.Error(), "12h0m0s") {
		t.Errorf("%v: want an error that says what was expected", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		if d, err := datadir.Open(path, nil); err == nil {
			d.Close()
			t.Errorf("%s was taken for a folder", path)
		}
	}
}
