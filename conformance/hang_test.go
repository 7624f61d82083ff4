package conformance

import (
	"bufio"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// silent listens, takes connections, says what it is told to and nothing else.
func silent(t *testing.T, says string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open = append(open, conn)
			if says != "" {
				w := bufio.NewWriter(conn)
				_, _ = w.WriteString(says) // who does not read it has hung up
				_ = w.Flush()
			}
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
		for _, conn := range open {
			conn.Close()
		}
	})
	return listener.Addr().String()
}

// A target that takes the connection and then says nothing, or half a line, costs
// the time that its file grants it, and is told by its address.
func TestATargetThatHangsBeforeTheRun(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		says   string
		change func(*steps.Provider, string)
	}{
		"says nothing over IMAP":     {"", func(p *steps.Provider, a string) { p.IMAP = a }},
		"says half a line over IMAP": {"* OK [CAPABIL", func(p *steps.Provider, a string) { p.IMAP = a }},
		"says half a line over SMTP": {"220 smtp.aur", func(p *steps.Provider, a string) { p.SubmissionSTARTTLS = a }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, target := realEndpoint(t)
			target.Providers = slices.Clone(target.Providers)
			address := silent(t, row.says)
			row.change(&target.Providers[0], address)
			target.Patience.Connect = time.Second
			began := time.Now()
			report, err := tryEndpoint(t, target, "complete-transaction")
			if report != nil || ExitCodeOf(err) != ExitUnreachable || !strings.Contains(err.Error(), address) {
				t.Errorf("report %v, error %v; want exit code %d and the address %s", report, err, ExitUnreachable, address)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// hangsWhen passes connections on to a service that answers. While it hangs, only
// the first of what is said on each is passed on, in so many portions; with none
// there is not a word from it either.
func hangsWhen(t *testing.T, service string, portions int, hangs func() bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var passing sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	passing.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			if hangs() && portions == 0 {
				continue
			}
			behind, err := net.Dial("tcp", service)
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, behind)
			mu.Unlock()
			for _, way := range []struct {
				to   io.WriteCloser
				from io.Reader
			}{{conn, behind}, {&hanging{behind, portions, hangs}, conn}} {
				passing.Go(func() {
					_, _ = io.Copy(way.to, way.from) // it ends when either hangs up
					way.to.Close()
				})
			}
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		passing.Wait()
	})
	return listener.Addr().String()
}

// hanging loses what is written to a connection while it hangs, but for its first
// portions.
type hanging struct {
	net.Conn

	portions int
	hangs    func() bool
}

func (c *hanging) Write(b []byte) (int, error) {
	if c.portions == 0 && c.hangs() {
		return len(b), nil
	}
	c.portions = max(0, c.portions-1)
	return c.Conn.Write(b)
}

// One that hangs where a message is handed over leaves its scenario inconclusive,
// whether it greets or not: it was there a moment ago, and nothing is known of what
// it would have done.
func TestATargetThatHangsInTheRun(t *testing.T) {
	t.Parallel()
	for name, portions := range map[string]int{
		"before its greeting": 0,
		"amid a dialogue":     3, // two make a handshake of TLS 1.3, and EHLO is the third
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, target := realEndpoint(t)
			target.Providers = slices.Clone(target.Providers)
			p := &target.Providers[0]
			o := Options{Target: target, Tags: "@id:complete-transaction", Seed: 1, Now: time.Now, Out: filepath.Join(t.TempDir(), "run"), Version: "test", atMost: time.Second}
			p.SubmissionTLS, p.SubmissionSTARTTLS = hangsWhen(t, p.SubmissionTLS, portions, func() bool { // it answers those who look at it before the run
				events, err := os.ReadFile(filepath.Join(o.Out, evidence.EventsFile))
				return err == nil && strings.Contains(string(events), string(evidence.ScenarioStarted))
			}), ""
			target.Patience = steps.Patience{Connect: time.Second, Acceptance: time.Second / 2, Delivery: time.Second / 2, Quiet: time.Second / 5, Settle: 2 * time.Second}
			report, err := tryKeyed(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			s := report.Result.Scenarios[0]
			if report.Result.Verdict != rules.Inconclusives || !slices.Contains(s.Lacking, noAnswer) {
				t.Errorf("%s (%s): lacking %v, %s; want INCONCLUSIVE for want of an answer", report.Result.Verdict, report.Result.Reason, s.Lacking, s.Error)
			}
		})
	}
}
