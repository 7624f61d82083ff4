package conformance

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator/simulatortest"
	"github.com/collaudo/collaudo/steps"
)

// overTheNetwork is a simulated pair as a target that is judged over the network: without
// white box and without peers.
func overTheNetwork(t *testing.T) *steps.Target {
	t.Helper()
	_, target := realEndpoint(t)
	target.Peers, target.Directory.Played, target.Reach = nil, nil, steps.Reach{}
	target.Patience = steps.Patience{Acceptance: 5 * time.Second, Delivery: 10 * time.Second, Settle: 20 * time.Second, Quiet: 300 * time.Millisecond}
	return target
}

// TestInterruptedBeforeItBegan: what cannot be reached because the run was told
// to end says nothing of the target.
func TestInterruptedBeforeItBegan(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tryKeyed(ctx, Options{Target: overTheNetwork(t), Now: time.Now, Seed: 1, Out: filepath.Join(t.TempDir(), "run"), Tags: "@id:complete-transaction"})
	if ExitCodeOf(err) != ExitInterrupted {
		t.Errorf("exit %d, %v: expected %d", ExitCodeOf(err), err, ExitInterrupted)
	}
}

// altered is a copy of a target with something done to it.
func altered(target *steps.Target, change func(*steps.Target)) *steps.Target {
	c := *target
	c.Providers, c.Mailboxes = slices.Clone(target.Providers), slices.Clone(target.Mailboxes)
	change(&c)
	return &c
}

// TestTroubleWithATargetIsToldAtOnce asks for one clear sentence and the right
// exit code, within seconds, and for no report of a run that never began.
func TestTroubleWithATargetIsToldAtOnce(t *testing.T) {
	t.Parallel()
	target := overTheNetwork(t)
	expired, certificate := simulatortest.Expired(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	tests := []struct {
		name   string
		change func(*steps.Target)
		code   int
		says   string
	}{
		{
			"a wrong password", func(c *steps.Target) { c.Mailboxes[0].Password = "altro" },
			ExitUnreachable, "refuses the login",
		},
		{
			"a closed port", func(c *steps.Target) { c.Providers[0].SubmissionTLS = closed.Addr().String() },
			ExitUnreachable, "nobody listens at " + closed.Addr().String(),
		},
		{
			"an expired certificate", func(c *steps.Target) {
				c.Providers[0].IMAP, c.TLS.Authorities = expired, c.TLS.Authorities+string(certificate)
			},
			ExitUnreachable, "expired on " + time.Now().AddDate(-1, 0, 0).UTC().Format(time.DateOnly),
		},
		{
			"an authority that nobody trusts", func(c *steps.Target) { c.TLS.Authorities = string(certificate) },
			ExitUnreachable, "tls.authorities",
		},
		{
			"another name in the certificate", func(c *steps.Target) { c.Providers[0].TLSName = "mx.acme.example" },
			ExitUnreachable, "set tlsName",
		},
		{
			"a port without TLS", func(c *steps.Target) { c.Providers[0].IMAP = c.Providers[0].Incoming },
			ExitUnreachable, "does not speak TLS on this port",
		},
		{
			"a port of another service", func(c *steps.Target) { c.Providers[0].IMAP = c.Providers[0].SubmissionTLS },
			ExitUnreachable, "IMAP of",
		},
		{
			"an address elsewhere", func(c *steps.Target) { c.Providers[0].IMAP = "imap.acme.example:993" },
			ExitUsage, "reach.allow",
		},
		{
			"an address elsewhere, allowed, and nobody to ask", func(c *steps.Target) {
				c.Providers[0].IMAP, c.Reach.Allow = "imap.acme.example:993", []string{"imap.acme.example"}
			},
			ExitUsage, "--yes",
		},
		{
			"an allow-list that makes no sense", func(c *steps.Target) { c.Reach.Allow = []string{"*"} },
			ExitUsage, "wildcard",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "run")
			began := time.Now()
			_, err := tryKeyed(t.Context(), Options{Target: altered(target, tt.change), Now: time.Now, Seed: 1, Out: out, Tags: "@id:complete-transaction"})
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("that took %s", took)
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) || ExitCodeOf(err) != tt.code {
				t.Fatalf("exit %d, %v: expected exit %d and words about %q", ExitCodeOf(err), err, tt.code, tt.says)
			}
			if lines := strings.Count(err.Error(), "\n"); lines > 8 { // one for each service
				t.Errorf("it says it in %d lines:\n%v", lines+1, err)
			}
			if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
				t.Errorf("a run that never began left %d files", len(entries))
			}
		})
	}
}

func TestCheckOfASoundTarget(t *testing.T) {
	t.Parallel()
	target := overTheNetwork(t)
	check, err := CheckTarget(t.Context(), Options{Target: target, Now: time.Now, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := check.Trouble(); err != nil {
		t.Fatal(err)
	}
	if len(check.Looks) < 10 || len(check.Trips) != len(trips()) {
		t.Errorf("%d looks and %d trips", len(check.Looks), len(check.Trips))
	}
	for _, l := range check.Looks {
		if l.Found == "" {
			t.Errorf("%s found nothing", l.What)
		}
	}
	if trip := check.Trips[0]; trip.Took == 0 || len(trip.Lacking) > 0 {
		t.Errorf("the message between users did not travel: %+v", trip)
	}
	if trip := check.Trips[1]; len(trip.Lacking) == 0 {
		t.Error("a target without peers lacks nothing for a round trip as peer")
	}
	all, err := Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	if check.Played < 100 || check.Played >= len(all) || len(check.Left) == 0 {
		t.Errorf("%d of %d scenarios would be played, for want of %v", check.Played, len(all), check.Left)
	}
	quiet := altered(target, func(c *steps.Target) { c.Reach.Permits = nil })
	if less := planned(quiet, all); less >= check.Played && slices.Contains(target.Reach.Permits, steps.PermitVirus) {
		t.Errorf("without permits %d scenarios would be played, with them %d", less, check.Played)
	}
	loud := altered(target, func(c *steps.Target) { c.Reach.Permits = steps.Permits() })
	if planned(loud, all) <= planned(quiet, all) {
		t.Error("permits make no difference")
	}
}

func planned(target *steps.Target, all []Scenario) int {
	var c Check
	c.plan(target, all)
	return c.Played
}

func TestTroubleOfACheck(t *testing.T) {
	t.Parallel()
	sentence := errors.New("a sentence")
	if err := (&Check{Looks: []steps.Look{{What: "x", Trouble: sentence}}}).Trouble(); ExitCodeOf(err) != ExitUnreachable || !errors.Is(err, sentence) {
		t.Errorf("a look: %v", err)
	}
	if err := (&Check{Looks: []steps.Look{{What: "x", Trouble: steps.ErrListen}}}).Trouble(); ExitCodeOf(err) != ExitUsage {
		t.Errorf("an address of this machine: %v", err)
	}
	if err := (&Check{Trips: []Trip{{Name: "x", Trouble: "lost"}}}).Trouble(); ExitCodeOf(err) != ExitUnreachable {
		t.Errorf("a trip: %v", err)
	}
	if err := (&Check{Trips: []Trip{{Name: "x", Lacking: []string{"role peer"}}}}).Trouble(); err != nil {
		t.Errorf("a trip that was not tried: %v", err)
	}
	wrong := []rules.Contradiction{{Claim: rules.ClaimHTMLText, Seen: "plain text alone"}}
	if err := (&Check{Contradicted: wrong, Trips: []Trip{{Name: "x", Trouble: "lost"}}}).Trouble(); ExitCodeOf(err) != ExitUsage || !strings.Contains(err.Error(), "html-text") {
		t.Errorf("a claim that is wrong: %v", err)
	}
}
