package simulator_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
)

// apartConfig is the built-in pair, every part of it at an address of its own, and
// the folder of their certificates.
func apartConfig(t *testing.T) (c simulator.Config, dir string) {
	t.Helper()
	c, dir = simulator.Pair(), t.TempDir()
	c.Apart = &simulator.Apart{Hosts: map[string]string{}}
	for _, part := range c.PartNames() {
		c.Apart.Hosts[part] = "127.0.0.1"
	}
	for i := range c.Providers {
		c.Providers[i].Ports.Incoming = free(t)
	}
	c.Ordinary.Ports.Incoming = free(t)
	c.AuthorityPorts.Files, c.AuthorityPorts.Revocation = free(t), free(t)
	if err := c.IssueCertificates(dir); err != nil {
		t.Fatal(err)
	}
	return c, dir
}

// playing starts the process of one part.
func playing(t *testing.T, c simulator.Config, dir, part string) *world {
	t.Helper()
	return start(t, func(own *simulator.Config) {
		var err error
		if *own, err = c.Part(part); err != nil {
			t.Fatal(err)
		}
		if err := own.UseCertificates(filepath.Join(dir, part)); err != nil {
			t.Fatal(err)
		}
		own.Clock = clock.NewOffset(time.Now())
	})
}

// Four processes play one world: mail goes between them, and is believed.
func TestApart(t *testing.T) {
	t.Parallel()
	c, dir := apartConfig(t)
	centre := playing(t, c, dir, simulator.AuthorityPart)
	aurora := playing(t, c, dir, "gestore.aurora.example")
	borea := playing(t, c, dir, "gestore.borea.example")
	posta := playing(t, c, dir, "posta.example")
	everybody := []*world{centre, aurora, borea, posta}
	settle := func() {
		t.Helper()
		for range 3 { // an answer crosses twice at most
			for _, w := range everybody {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				if err := w.Settle(ctx); err != nil {
					t.Fatal(err)
				}
				cancel()
			}
		}
	}
	if err := aurora.submit(t, mail{from: anna, to: []string{bruno, "elena@posta.example"}, subject: "da un processo a un altro"}); err != nil {
		t.Fatal(err)
	}
	settle()
	kinds := func(w *world, address string) (list []string) {
		t.Helper()
		for _, m := range w.fetch(t, address) {
			list = append(list, m.Kind.String())
		}
		return list
	}
	want := []string{pec.Acceptance.String(), pec.Delivery.String()}
	if diff := cmp.Diff(want, kinds(aurora, anna)); diff != "" {
		t.Errorf("Anna's mailbox (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{pec.TransportEnvelope.String()}, kinds(borea, bruno)); diff != "" {
		t.Errorf("Bruno's mailbox (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{pec.TransportEnvelope.String()}, kinds(posta, "elena@posta.example")); diff != "" {
		t.Errorf("Elena's mailbox (-want +got):\n%s", diff)
	}

	// Two days later directory and revocation list come from the authority.
	for _, w := range everybody {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if err := w.Advance(ctx, 48*time.Hour); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	if err := aurora.submit(t, mail{from: anna, to: []string{bruno}, subject: "due giorni dopo"}); err != nil {
		t.Fatal(err)
	}
	settle()
	if diff := cmp.Diff([]string{pec.TransportEnvelope.String(), pec.TransportEnvelope.String()}, kinds(borea, bruno)); diff != "" {
		t.Errorf("Bruno's mailbox after two days (-want +got):\n%s", diff)
	}
}

// The folder of a part holds what is its own: neither the key of the CA nor
// another's.
func TestApartFolders(t *testing.T) {
	t.Parallel()
	c, dir := apartConfig(t)
	for part, allowed := range map[string][]string{
		"gestore.aurora.example": {"aurora.example", "time-stamping"},
		"posta.example":          {"posta.example", "time-stamping"},
	} {
		files, err := os.ReadDir(filepath.Join(dir, part, "keys"))
		if err != nil || len(files) < 2 {
			t.Fatalf("%s: %d keys, error %v", part, len(files), err)
		}
		for _, f := range files {
			if !strings.Contains(f.Name(), allowed[0]) && !strings.Contains(f.Name(), allowed[1]) {
				t.Errorf("%s holds the key %s", part, f.Name())
			}
		}
	}
	own, err := c.Part("gestore.aurora.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := own.UseCertificates(filepath.Join(dir, "gestore.borea.example")); err != nil {
		t.Fatal(err)
	}
	if _, err := simulator.Start(context.Background(), own); !errors.Is(err, authority.ErrSealed) {
		t.Errorf("Aurora in Borea's folder: %v, want %v", err, authority.ErrSealed)
	}
}

// What does not fit is said before anything starts.
func TestApartMistakes(t *testing.T) {
	t.Parallel()
	whole := func(change func(*simulator.Config)) simulator.Config {
		c, err := simulator.Pair().WithDefaultPorts()
		if err != nil {
			t.Fatal(err)
		}
		c.Apart = &simulator.Apart{Hosts: map[string]string{
			"gestore.aurora.example": "aurora", "gestore.borea.example": "borea", "posta.example": "127.0.0.3", simulator.AuthorityPart: "autorita",
		}}
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		change func(*simulator.Config)
		parts  []string
		want   string
	}{
		"in order":            {func(*simulator.Config) {}, []string{"gestore.aurora.example"}, ""},
		"no part":             {func(*simulator.Config) {}, nil, "at least one of its parts"},
		"unknown part":        {func(*simulator.Config) {}, []string{"aurora"}, "aurora is no part of this world"},
		"two hosts":           {func(*simulator.Config) {}, []string{"gestore.aurora.example", "gestore.borea.example"}, "one process is at one host"},
		"a public address":    {func(c *simulator.Config) { c.Apart.Hosts["posta.example"] = "192.0.2.7" }, []string{"gestore.aurora.example"}, "want the name of the host"},
		"a private address":   {func(c *simulator.Config) { c.Apart.Hosts["posta.example"] = "10.0.0.7" }, []string{"gestore.aurora.example"}, "want the name of the host"},
		"a part without host": {func(c *simulator.Config) { delete(c.Apart.Hosts, "posta.example") }, []string{"gestore.aurora.example"}, "posta.example is at \"\""},
		"a host without part": {func(c *simulator.Config) { c.Apart.Hosts["altro.example"] = "altro" }, []string{"gestore.aurora.example"}, "altro.example is no part of this world"},
		"free ports":          {func(c *simulator.Config) { c.Providers[1].Ports.Incoming = "" }, []string{"gestore.aurora.example"}, "fixed ports only"},
		"not apart":           {func(c *simulator.Config) { c.Apart = nil }, []string{"gestore.aurora.example"}, "not apart"},
	} {
		_, err := whole(test.change).Part(test.parts...)
		if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
