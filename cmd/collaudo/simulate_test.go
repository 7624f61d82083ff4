package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/control/client"
	"github.com/collaudo/collaudo/simulator/events"
)

// standingWorld is a collaudo simulate that runs as users run it.
type standingWorld struct {
	readiness
	command *exec.Cmd
	out     *heard
	ended   chan error
}

// heard is what a process has printed so far.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) Write(octets []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(octets)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

func simulated(t *testing.T, arguments ...string) *standingWorld {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ready := filepath.Join(t.TempDir(), "ready.json")
	w := &standingWorld{out: &heard{}, ended: make(chan error, 1)}
	w.command = exec.CommandContext(t.Context(), path, append([]string{"simulate", "--ports", "free", "--ready-file", ready}, arguments...)...)
	w.command.Stdout, w.command.Stderr = w.out, w.out
	if err := w.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { w.ended <- w.command.Wait() }()
	if a := collaudo(t, "simulate", "ready", "--wait", "60s", "--ready-file", ready); a.code != 0 {
		w.stop(t, syscall.SIGKILL)
		t.Fatalf("it did not come up: %s%s\n%s", a.out, a.err, w.out)
	}
	if w.readiness, err = readReadiness(ready); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.command.Process.Kill() }) // of those that the test did not stop
	return w
}

// stop ends it by a signal and returns its exit code.
func (w *standingWorld) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := w.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-w.ended:
		var exited *exec.ExitError
		if errors.As(err, &exited) {
			return exited.ExitCode()
		}
		return 0
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
		return -1
	}
}

// submit sends a message from Anna to Bruno as a mail client that was given the
// CA file and the table of accounts.
func (w *standingWorld) submit(t *testing.T, subject string) {
	t.Helper()
	ca, err := os.ReadFile(w.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	p := w.Providers[0]
	c, err := gosmtp.DialTLS(p.Hosts.SubmissionTLS, &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", p.Accounts[0].User, p.Accounts[0].Password)); err != nil {
		t.Fatal(err)
	}
	message := "From: anna@aurora.example\r\nTo: bruno@borea.example\r\nSubject: " + subject +
		"\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <" + subject + "@client.example>\r\n\r\nBuongiorno.\r\n"
	if err := c.SendMail("anna@aurora.example", []string{"bruno@borea.example"}, strings.NewReader(message)); err != nil {
		t.Fatal(err)
	}
}

// await waits for a message about another in a mailbox.
func (w *standingWorld) await(t *testing.T, mailbox, kind, subject string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	page, err := client.New(w.ControlURL).Events(ctx, client.EventQuery{
		Filter: events.Filter{Type: events.Message, Mailbox: mailbox, Kind: kind, Reference: "<" + subject + "@client.example>"}, Wait: 30 * time.Second,
	})
	if err != nil || len(page.Events) == 0 {
		t.Fatalf("no %s about %s: %v", kind, subject, err)
	}
}

// A world with a data folder is the same after it was ended, or killed.
func TestSimulateLasts(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "world")
	first := simulated(t, "--data", data)
	first.submit(t, "uno")
	first.await(t, "anna@aurora.example", "Delivery", "uno")
	if a := collaudo(t, "simulate", "--ports", "free", "--data", data); a.code != 2 || !strings.Contains(a.err, "another collaudo is running") {
		t.Errorf("a second one on the same folder: %d, %s", a.code, a.err)
	}
	first.stop(t, syscall.SIGKILL)
	second := simulated(t, "--data", data)
	if second.Trust.CA != first.Trust.CA {
		t.Error("the second start has another CA")
	}
	list, err := client.New(second.ControlURL).Messages(t.Context(), "anna@aurora.example", control.MessageChoice{Kind: "Delivery"})
	if err != nil || len(list) != 1 {
		t.Errorf("%d delivery receipts after the restart, %v", len(list), err)
	}
	if got := second.stop(t, syscall.SIGTERM); got != 0 {
		t.Errorf("SIGTERM: exit code %d\n%s", got, second.out)
	}
	if _, err := os.Stat(filepath.Join(data, "ready.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a ready file is left: %v", err)
	}
	for _, file := range []string{"ca.pem", "crl.pem", "directory.ldif"} {
		if _, err := os.Stat(filepath.Join(data, file)); err != nil {
			t.Error(err)
		}
	}
}

// In memory nothing is left; the console judges what lies in the mailboxes.
func TestSimulateInMemory(t *testing.T) {
	t.Parallel()
	w := simulated(t, "--clock", "stepped", "--lang", "it", "--limit", "64MiB")
	for _, says := range []string{"È un simulatore", "segreto-anna@aurora.example", w.CAFile, w.ControlURL, w.ConsoleURL, w.Providers[1].Hosts.IMAP} {
		if !strings.Contains(w.out.String(), says) {
			t.Errorf("it does not say %q\n%s", says, w.out)
		}
	}
	w.submit(t, "due")
	w.await(t, "anna@aurora.example", "Delivery", "due")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.ConsoleURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("console: %s", answer.Status)
	}
	line, err := bufio.NewReader(answer.Body).ReadString('\n')
	if err != nil || !strings.Contains(strings.ToLower(line), "<!doctype html") {
		t.Errorf("console begins with %q, %v", line, err)
	}
	if got := w.stop(t, os.Interrupt); got != 0 {
		t.Errorf("interrupt: exit code %d\n%s", got, w.out)
	}
	if _, err := os.Stat(w.CAFile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a CA file is left: %v", err)
	}
}

// A world of one's own, with a third provider and a domain of a customer.
func TestSimulateConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "world.yaml")
	write(t, file, []byte(`
pair: true
providers:
  - name: Zefiro PEC
    domains: [zefiro.example]
    ownDomains: {comune.test: postmaster@comune.test}
    accounts:
      - {address: zoe@zefiro.example, password: abc, folders: [Ordini]}
      - {address: postmaster@comune.test}
`))
	w := simulated(t, "--config", file, "--personality", "opec-2018")
	if len(w.Providers) != 3 || w.Providers[2].Accounts[0].Password != "abc" {
		t.Fatalf("providers: %+v", w.Providers)
	}
	boxes, err := client.New(w.ControlURL).Mailboxes(t.Context(), "gestore.zefiro.example")
	if err != nil {
		t.Fatal(err)
	}
	folders := ""
	for _, b := range boxes {
		if b.Address == "zoe@zefiro.example" {
			for _, f := range b.Folders {
				folders += f.Name + " "
			}
		}
	}
	if folders != "INBOX Ordini " {
		t.Errorf("folders %q", folders)
	}
	w.stop(t, syscall.SIGTERM)
}

func TestSimulateRefuses(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "world.yaml")
	write(t, bad, []byte("provider: []\n"))
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) // after the subtests, which run when this function has returned
	occupied := filepath.Join(t.TempDir(), "occupied.yaml")
	write(t, occupied, []byte("pair: true\nports: {control: \""+taken.Addr().String()+"\"}\n"))
	tests := []struct {
		name      string
		arguments []string
		code      int
		says      string
	}{
		{"an argument", []string{"simulate", "now"}, 2, "now"},
		{"an unknown clock", []string{"simulate", "--clock", "fast"}, 2, "real or stepped"},
		{"unknown ports", []string{"simulate", "--ports", "2000"}, 2, "default or free"},
		{"an unknown language", []string{"simulate", "--lang", "fr"}, 2, "en or it"},
		{"no size", []string{"simulate", "--limit", "much"}, 2, "500MB"},
		{"an unknown fault", []string{"simulate", "--fault", "delivery-nne"}, 2, "delivery-none"},
		{"a fault of nobody", []string{"simulate", "--fault", "delivery-none@x.example"}, 2, "no provider here"},
		{"an unknown personality", []string{"simulate", "--personality", "opec-2081"}, 2, "opec-2018"},
		{"an empty folder name", []string{"simulate", "--data="}, 2, "is empty"},
		{"a file for a folder", []string{"simulate", "--data", file}, 2, "--data"},
		{"no such description", []string{"simulate", "--config", file + "x"}, 2, "--config"},
		{"a wrong description", []string{"simulate", "--config", bad}, 2, "field provider not found"},
		{"a port that is taken", []string{"simulate", "--ports", "free", "--config", occupied}, 3, "address already in use"},
		{"nothing is up", []string{"simulate", "ready", "--ready-file", file + "x"}, 6, "no world is up"},
		{"nothing comes up", []string{"simulate", "ready", "--wait", "100ms", "--data", file + "x"}, 6, "in time"},
		{"somebody else answers", []string{"simulate", "ready", "--control", "http://192.0.2.1:1"}, 6, "no world is up"},
		{"no ready file", []string{"simulate", "ready", "--ready-file", bad}, 6, "is no ready file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := collaudo(t, test.arguments...)
			if a.code != test.code || !strings.Contains(a.err, test.says) {
				t.Errorf("exit code %d, want %d; it says\n%s\nwant %q", a.code, test.code, a.err, test.says)
			}
		})
	}
}
