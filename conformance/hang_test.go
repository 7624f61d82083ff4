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

// hangsWhen passes connections on to a service that answers, and leaves those
// that come when it hangs without a word.
func hangsWhen(t *testing.T, service string, hangs func() bool) string {
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
			if hangs() {
				continue
			}
			behind, err := net.Dial("tcp", service)
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, behind)
			mu.Unlock()
			for _, way := range [][2]net.Conn{{conn, behind}, {behind, conn}} {
				passing.Go(func() {
					_, _ = io.Copy(way[0], way[1]) // it ends when either hangs up
					way[0].Close()
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

// One that hangs where a message is handed over leaves its scenario inconclusive:
// it was there a moment ago, and nothing is known of what it would have done.
func TestATargetThatHangsInTheRun(t *testing.T) {
	t.Parallel()
	_, target := realEndpoint(t)
	target.Providers = slices.Clone(target.Providers)
	p := &target.Providers[0]
	o := Options{Target: target, Tags: "@id:complete-transaction", Seed: 1, Now: time.Now, Out: filepath.Join(t.TempDir(), "run"), Version: "test"}
	p.SubmissionTLS, p.SubmissionSTARTTLS = hangsWhen(t, p.SubmissionTLS, func() bool { // it answers those who look at it before the run
		events, err := os.ReadFile(filepath.Join(o.Out, evidence.EventsFile))
		return err == nil && strings.Contains(string(events), string(evidence.ScenarioStarted))
	}), ""
	target.Patience.Connect = time.Second
	report, err := tryKeyed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s := report.Result.Scenarios[0]
	if report.Result.Verdict != rules.Inconclusives || !slices.Contains(s.Lacking, noAnswer) {
		t.Errorf("%s (%s): lacking %v, %s; want INCONCLUSIVE for want of an answer", report.Result.Verdict, report.Result.Reason, s.Lacking, s.Error)
	}
}
