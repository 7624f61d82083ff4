package simulator_test

import (
	"bytes"
	"fmt"
	"net/textproto"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

// say carries out a dialogue in clear text and returns the codes of the replies.
func say(t *testing.T, address string, lines ...string) []int {
	t.Helper()
	c, err := textproto.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, _, err := c.ReadResponse(220); err != nil {
		t.Fatal(err)
	}
	var codes []int
	for _, line := range lines {
		if err := c.PrintfLine("%s", line); err != nil {
			t.Fatal(err)
		}
		code, _, _ := c.ReadResponse(0)
		codes = append(codes, code)
	}
	return codes
}

func TestSubmissionRefusesStrangers(t *testing.T) {
	t.Parallel()
	w := start(t)
	hosts := w.Providers[0].Hosts
	got := say(t, hosts.SubmissionSTARTTLS, "EHLO x", "AUTH PLAIN AGEAYg==", "MAIL FROM:<"+anna+">", "RCPT TO:<"+bruno+">", "DATA", "STARTTLS")
	if diff := cmp.Diff([]int{250, 523, 530, 502, 502, 220}, got); diff != "" {
		t.Errorf("clear text (-want +got):\n%s", diff)
	}
	c, err := gosmtp.DialTLS(hosts.SubmissionTLS, w.trust)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := code(c.Mail(anna, nil)); got != 530 {
		t.Errorf("MAIL without AUTH: %d, want 530", got)
	}
	if got := code(c.Auth(sasl.NewPlainClient("", anna, "sbagliata"))); got != 535 {
		t.Errorf("wrong password: %d, want 535", got)
	}
	if got := code(c.Auth(sasl.NewPlainClient("", serviceA, "segreto-servizio-aurora"))); got != 535 {
		t.Errorf("service mailbox: %d, want 535", got)
	}
	if err := c.Auth(sasl.NewLoginClient(anna, "segreto-"+anna)); err != nil {
		t.Errorf("AUTH LOGIN: %v", err)
	}
	if got := code(c.Mail("carla@aurora.example", nil)); got != 550 {
		t.Errorf("reverse path of another: %d, want 550", got)
	}
	if got := code(c.Mail("anna@AURORA.example", nil)); got != 0 {
		t.Errorf("own reverse path in other letter case: %d, want 250", got)
	}
}

func TestSubmissionOverSTARTTLS(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, err := gosmtp.DialStartTLS(w.Providers[0].Hosts.SubmissionSTARTTLS, w.trust)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(sasl.NewLoginClient(anna, "segreto-"+anna)); err != nil {
		t.Fatal(err)
	}
	m := mail{from: anna, to: []string{bruno}, subject: "STARTTLS"}
	if err := c.SendMail(anna, m.to, bytes.NewReader(m.octets())); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if diff := cmp.Diff(counts{"Acceptance": 1, "Delivery": 1}, w.kinds(t, anna)); diff != "" {
		t.Errorf("Anna (-want +got):\n%s", diff)
	}
}

// Elena writes through her own host, which forwards to the providers.
func TestOrdinaryHostSends(t *testing.T) {
	t.Parallel()
	w := start(t)
	c, err := gosmtp.DialStartTLS(w.Ordinary.Hosts.SubmissionSTARTTLS, w.trust)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := code(c.Mail(elena, nil)); got != 530 {
		t.Errorf("MAIL without AUTH: %d, want 530", got)
	}
	if err := c.Auth(sasl.NewPlainClient("", elena, "segreto-"+elena)); err != nil {
		t.Fatal(err)
	}
	m := mail{from: elena, to: []string{anna, bruno}, subject: "Da fuori"}
	if err := c.SendMail(elena, m.to, bytes.NewReader(m.octets())); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	for _, mailbox := range m.to {
		if diff := cmp.Diff(counts{"AnomalyEnvelope": 1}, w.kinds(t, mailbox)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", mailbox, diff)
		}
	}
	if got := code(w.arrive(t, w.Ordinary.Hosts.Incoming, anna, []string{"nessuno@posta.example"}, m.octets())); got != 550 {
		t.Errorf("unknown mailbox: %d, want 550", got)
	}
}

// Limits are inclusive: what is exactly as large is accepted.
func TestSizeLimits(t *testing.T) {
	t.Parallel()
	const limit, notice = 64 << 10, 96 << 10
	w := start(t, func(c *simulator.Config) {
		c.Providers[0].Limits = provider.Limits{MaxTotalBytes: limit, NoticeBytes: notice, MaxRecipients: 3}
	})
	sized := func(total int) mail {
		m := mail{from: anna, to: []string{bruno}, subject: "Misura"}
		m.body = ""
		line := strings.Repeat("x", 70) + "\r\n"
		for rest := total - len(m.octets()) + len("Buongiorno.\r\n.Punto iniziale.\r\n"); rest > 0; {
			n := min(rest, len(line))
			if rest-n == 1 || n < 3 { // never leave room for half a line end
				n = min(rest, 71)
			}
			m.body += line[len(line)-n:]
			rest -= n
		}
		if got := len(m.octets()); got != total {
			t.Fatalf("made a message of %d octets, want %d", got, total)
		}
		return m
	}
	for _, tt := range []struct { //nolint:paralleltest // each counts what came since the one before
		size, code int
		want       string
	}{{limit, 0, "Acceptance"}, {limit + 1, 0, "NonAcceptance"}, {notice, 0, "NonAcceptance"}, {notice + 1, 552, ""}} {
		t.Run(fmt.Sprint(tt.size), func(t *testing.T) {
			before := w.kinds(t, anna)
			if got := code(w.submit(t, sized(tt.size))); got != tt.code {
				t.Fatalf("code %d, want %d", got, tt.code)
			}
			w.settle(t)
			after := w.kinds(t, anna)
			for _, kind := range []string{"Acceptance", "NonAcceptance"} {
				want := before[kind]
				if kind == tt.want {
					want++
				}
				if after[kind] != want {
					t.Errorf("%d of %s, want %d", after[kind], kind, want)
				}
			}
		})
	}
	many := mail{from: anna, to: []string{bruno, carla, dario, "altro@borea.example"}, subject: "Molti"}
	if got := code(w.submit(t, many)); got != 452 {
		t.Errorf("one recipient too many: %d, want 452", got)
	}
}
