//go:build kill

package simulator_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/datadir"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// The rounds of TestKilledAtAnyMoment, and the messages that are handed in in
// each until the world is killed.
const (
	killRounds   = 10
	killMessages = 500
)

// killedDir says to a process that it is the world to be killed, and where it
// lasts.
const killedDir = "COLLAUDO_KILLED_DIR"

// TestMain lets this binary be the world that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		if err := killedWorld(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// killedWorld runs a world until its input ends, and says on its output how to
// reach it.
func killedWorld(dir string) error {
	data, err := datadir.Open(dir, func(err error) { fmt.Fprintln(os.Stderr, err) })
	if err != nil {
		return err
	}
	c := simulator.Pair()
	if err := data.Apply(context.Background(), &c); err != nil {
		return err
	}
	w, err := simulator.Start(context.Background(), c)
	if err != nil {
		return err
	}
	d, err := w.Describe()
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(d); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		return err
	}
	return data.Close()
}

// child is such a process.
type child struct {
	*world
	process *exec.Cmd
	input   io.Closer
	started time.Duration
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	began := time.Now()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), killedDir+"="+dir), os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the world did not start: %v", err)
	}
	var d simulator.Description
	if err := json.Unmarshal(line, &d); err != nil {
		t.Fatal(err)
	}
	return &child{world: &world{Description: d, trust: trusting(t, d)}, process: cmd, input: input, started: time.Since(began)}
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.process.Wait()
}

func (c *child) end(t *testing.T) {
	t.Helper()
	if err := c.input.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.process.Wait(); err != nil {
		t.Errorf("the world did not end in order: %v", err)
	}
}

// handed are the messages that were handed in, and which of them were answered
// with 250.
type handed struct {
	mu    sync.Mutex
	taken map[string]bool // by Message-ID
}

func (h *handed) set(id string, taken bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.taken[id] = taken
}

// Recipients of each message: of another provider, of the own one, one that does
// not exist, one without certified mail.
var killRecipients = []string{bruno, "carla@aurora.example", "nessuno@borea.example", "elena@posta.example"}

// submitUntil hands messages in over several connections, and has the world
// killed after so many have been answered.
func (c *child) submitUntil(t *testing.T, round, kill int, h *handed) {
	t.Helper()
	var under sync.WaitGroup
	var answered, next atomic.Int64
	dead := make(chan struct{})
	var once sync.Once
	for range 8 {
		under.Go(func() {
			a, hosts := c.account(t, anna)
			s, err := gosmtp.DialTLS(hosts.SubmissionTLS, c.trust)
			if err != nil {
				return
			}
			defer s.Close()
			if err := s.Auth(sasl.NewPlainClient("", a.User, a.Password)); err != nil {
				return
			}
			for i := next.Add(1); i <= killMessages; i = next.Add(1) {
				m := mail{from: anna, to: killRecipients, subject: fmt.Sprintf("Giro %d messaggio %d", round, i), extra: "X-TipoRicevuta: sintetica\r\n"}
				id := "<" + strings.ReplaceAll(m.subject, " ", ".") + "@client.example>"
				h.set(id, false)
				if err := s.SendMail(anna, m.to, bytes.NewReader(m.octets())); err != nil {
					return // the world is dead
				}
				h.set(id, true)
				if answered.Add(1) == int64(kill) {
					once.Do(func() { close(dead) })
				}
			}
		})
	}
	<-dead
	c.kill(t)
	under.Wait()
}

// TestKilledAtAnyMoment kills a world in the middle of its work, again and
// again. Whatever was answered with 250 has one acceptance and one outcome for
// each certified recipient, and reached each mailbox once; what was not may have
// gone the same way or none, but nothing is doubled.
func TestKilledAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	h := &handed{taken: map[string]bool{}}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range killRounds {
		c := startChild(t, dir)
		kill := 20 + random.IntN(killMessages-40)
		c.submitUntil(t, round, kill, h)
		t.Logf("round %d: up in %v, killed after %d answers", round, c.started.Round(time.Millisecond), kill)
	}
	c := startChild(t, dir)
	defer c.end(t)
	counts := c.rest(t)
	taken := 0
	for id, is := range h.taken {
		one := counts[id]
		if is {
			taken++
			if one == nil {
				t.Errorf("%s got 250 and has left no trace", id)
				continue
			}
		} else if one == nil {
			continue
		}
		for what, n := range map[string]int{
			"acceptances":         one["Acceptance"],
			"deliveries to Bruno": one["Delivery "+bruno],
			"deliveries to Carla": one["Delivery carla@aurora.example"],
			"non-deliveries":      one["NonDelivery nessuno@borea.example"],
			"envelopes for Bruno": one["in "+bruno],
			"envelopes for Carla": one["in carla@aurora.example"],
			"envelopes for Elena": one["in elena@posta.example"],
			"messages too many":   one["all"] - 7 + 1,
		} {
			if n != 1 {
				t.Errorf("%s (answered with 250: %v) has %d %s, want 1", id, is, n, what)
			}
		}
	}
	t.Logf("%d messages answered with 250, %d more handed in", taken, len(h.taken)-taken)
	if taken < killRounds*20 {
		t.Errorf("only %d messages were answered with 250: the test shows little", taken)
	}
}

// rest waits until the mailboxes stay as they are, and counts what they hold by
// the original's Message-ID.
func (c *child) rest(t *testing.T) map[string]map[string]int {
	t.Helper()
	boxes := []string{anna, bruno, "carla@aurora.example", "elena@posta.example"}
	var counts map[string]map[string]int
	for last, deadline := -1, time.Now().Add(6*time.Minute); ; time.Sleep(2 * time.Second) {
		counts = map[string]map[string]int{}
		all := 0
		for _, box := range boxes {
			for _, m := range c.fetch(t, box) {
				all++
				id, what := m.Root.Value(pec.HeaderReference), m.Kind.String()
				switch {
				case box != anna:
					what = "in " + box
				case m.Kind == pec.Delivery || m.Kind == pec.NonDelivery:
					what += " " + m.Certification.Delivery
				}
				if id = strings.TrimSpace(id); counts[id] == nil {
					counts[id] = map[string]int{}
				}
				counts[id][what]++
				counts[id]["all"]++
			}
		}
		if all == last {
			return counts
		}
		if last = all; time.Now().After(deadline) {
			t.Fatalf("the world does not come to rest: %d messages", all)
		}
	}
}
