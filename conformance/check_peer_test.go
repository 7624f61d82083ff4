package conformance

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// TestCheckGoesThereAndBackAsPeer: the target hands a message to a provider that
// the harness plays, and gets its receipts. Where it cannot reach that provider
// the check says so.
func TestCheckGoesThereAndBackAsPeer(t *testing.T) {
	t.Parallel()
	_, target := realEndpoint(t)
	peer := func(c *steps.Target) Trip {
		t.Helper()
		check, err := CheckTarget(t.Context(), Options{Target: c, Now: time.Now, Seed: 1})
		if err != nil || len(check.Trips) != len(trips()) {
			t.Fatalf("%v: %v\n%+v", err, check.Trouble(), check)
		}
		if len(check.Contradicted) > 0 {
			t.Errorf("claims contradicted: %v", check.Contradicted)
		}
		return check.Trips[1]
	}
	if trip := peer(target); trip.Trouble != "" || len(trip.Lacking) > 0 || trip.Took == 0 {
		t.Errorf("the round trip as peer: %+v", trip)
	}
	elsewhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = elsewhere.Close()
	lost := altered(target, func(c *steps.Target) {
		c.Peers = slices.Clone(c.Peers)
		c.Peers[0].Listen = elsewhere.Addr().String()
		c.Patience = steps.Patience{Quiet: 250 * time.Millisecond, Acceptance: time.Second, Delivery: time.Second, Settle: 3 * time.Second}
	})
	if trip := peer(lost); !strings.Contains(trip.Trouble, "at which the harness listens") {
		t.Errorf("a peer that the target cannot reach: %+v", trip)
	}
}

// TestCheckContradictsAClaim: what a target claims and does not have is told, and
// ends with the code of a wrong file; a run names it.
func TestCheckContradictsAClaim(t *testing.T) {
	t.Parallel()
	_, target := realEndpoint(t)
	// No directory is asked: the description is what contradicts the claim.
	target.Directory, target.Peers, target.Mailboxes = steps.DirectoryService{}, nil, slices.Clone(target.Mailboxes)
	target.Providers = slices.Clone(target.Providers)
	for i, p := range target.Providers {
		target.Providers[i].Domains = slices.DeleteFunc(slices.Clone(p.Domains), func(d string) bool {
			return !strings.HasSuffix(p.ServiceAddress, d)
		})
	}
	target.Mailboxes = slices.DeleteFunc(target.Mailboxes, func(m steps.Mailbox) bool {
		_, domain, _ := strings.Cut(m.Address, "@")
		return m.Provider != "" && !slices.ContainsFunc(target.Providers, func(p steps.Provider) bool { return slices.Contains(p.Domains, domain) })
	})
	target.Claims = []string{string(rules.ClaimSeveralDomains), string(rules.ClaimHTMLText)}
	check, err := CheckTarget(t.Context(), Options{Target: target, Now: time.Now, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := check.Trouble(); ExitCodeOf(err) != ExitUsage || !strings.Contains(err.Error(), "claim contradicted: the file claims several-domains") {
		t.Errorf("exit %d, %v", ExitCodeOf(err), err)
	}
	if len(check.Contradicted) != 1 {
		t.Errorf("contradicted: %+v", check.Contradicted)
	}
	report, err := tryEndpoint(t, target, "complete-transaction")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(report.Result.Reason, "claim contradicted: several-domains") {
		t.Errorf("the run says: %s", report.Result.Reason)
	}
}
