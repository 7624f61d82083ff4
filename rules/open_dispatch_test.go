package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// TestWhatFollowsFromADispatch: each message of the target belongs to what it
// speaks of, whatever the harness took it for.
func TestWhatFollowsFromADispatch(t *testing.T) {
	t.Parallel()
	receipt := inAnswer(cirrosOrder("delivery", "unlisted"))
	unrelated := correct("delivery").with(t, "7f3a", "9c1d", "c1@pc.aurora", "c2@pc.aurora", "<identificativo>pec1.", "<identificativo>pec2.")
	for _, test := range []struct {
		name  string
		build func(*testCase)
		want  map[string]string // message → what it belongs to
		own   []string          // messages that are the harness' own
	}{
		{"an envelope and its receipts", handedOver(plainly), map[string]string{"m3": "d1", "m4": "d1", "m5": "d1"}, []string{"m1", "m2"}},
		{"an anomaly envelope around an envelope", wrappedUp(afterwards), map[string]string{"m1": "d1"}, nil},
		{"an anomaly envelope taken for the message itself", both(wrappedUp(afterwards, drop("anomaly")), func(c *testCase) {
			found(c, bruno, anomalyAround(c.t, afterwards.octets(c.t)).raw, "d1")
		}), map[string]string{"m1": "d1"}, nil},
		{"an anomaly envelope around an answer", wrappedUp(receipt, func(t *testing.T, all map[string][]placed) {
			t.Helper()
			all["anomaly"] = []placed{anomalyBy(t, receipt.octets(t), keys().aurora, "gestore.aurora.example", anna)}
		}), map[string]string{"m1": "s1", "m2": "d1"}, nil},
		{"what an answer makes the target say", wrappedUp(inAnswer(cirrosOrder("virus-detection", "correct")), func(t *testing.T, all map[string][]placed) {
			t.Helper()
			clear(all)
			all["notice"] = []placed{piece(correct("non-delivery-virus").with(t, bruno, paolo), anna)}
		}), map[string]string{"m1": "s1", "m2": "s1"}, nil},
		{"a receipt for a receipt", wrappedUp(cirrosOrder("delivery", "correct"), func(t *testing.T, all map[string][]placed) {
			t.Helper()
			clear(all)
			all["extra"] = []placed{piece(correct("taken-in-charge").with(t, identifier, "delivery.20260114@gestore.cirro.example"), serviceCirro)}
		}), map[string]string{"m1": "d1"}, nil},
		{"nothing that was sent", both(wrappedUp(receipt, drop("anomaly")), func(c *testCase) {
			c.submitted(strings.ReplaceAll(originalText, "7f3a", "55aa"), func(s *evidence.Submission) { s.Token = "55aa" })
			c.put(unrelated)
		}), map[string]string{"m1": "s1", "m2": ""}, nil},
		{"the only thing that was sent", both(wrappedUp(afterwards, drop("anomaly")), func(c *testCase) { c.put(unrelated) }), map[string]string{"m1": "d1"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			test.build(c)
			v := c.view()
			got := map[string]string{}
			for _, m := range v.Messages {
				got[m.ID] = ""
				if m.Transaction != nil {
					got[m.ID] = m.Transaction.ID
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("what messages belong to (-want +got):\n%s", diff)
			}
			var own []string
			for _, m := range v.Own {
				own = append(own, m.ID)
			}
			if diff := cmp.Diff(test.own, own); diff != "" {
				t.Errorf("messages of the harness (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReceptionOfWhatIsSent: how a message has to be taken is told by its octets
// and by the directory.
func TestReceptionOfWhatIsSent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		sent  order
		build func(*testCase)
		class class
		rule  string
	}{
		{"correct", plainly, nil, correctEnvelope, "PEC-IP-003"},
		{"renewed", signedBy("renewed"), nil, correctEnvelope, "PEC-IP-003"},
		{"altered", afterwards, nil, untrusted, "PEC-IP-008"},
		{"unlisted", signedBy("unlisted"), nil, untrusted, "PEC-IP-007"},
		{"hash only", signedBy("hash-only"), nil, untrusted, "PEC-IP-030"},
		{"foreign", signedBy("foreign"), nil, untrusted, "PEC-IP-011"},
		{"expired", signedBy("expired"), nil, untrusted, "PEC-IP-009"},
		{"revoked long ago", signedBy("revoked"), nil, untrusted, "PEC-IP-010"},
		{"another address", signedBy("other-address"), nil, faulty, "PEC-IP-016"},
		{"no data", order{raw: withoutData}, nil, faulty, "PEC-IP-013"},
		{"no headers", order{raw: plainlySigned}, nil, faulty, "PEC-IP-014"},
		{"opaque", order{raw: opaque}, nil, openClass, "PEC-IP-024"},
		{"a receipt", cirrosOrder("delivery", "correct"), nil, correctReceipt, "PEC-IP-004"},
		{"no trust data", plainly, (*testCase).withoutTrust, openClass, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			withCirro(c)
			if test.build != nil {
				test.build(c)
			}
			test.sent.hand(c, 1, "")
			v := c.view()
			got := v.receptionOf(v.Dispatches[0])
			if got.class != test.class || got.rule != test.rule || got.why == "" {
				t.Errorf("class %d of %q (%s), want %d of %q", got.class, got.rule, got.why, test.class, test.rule)
			}
		})
	}
}

// TestReceiptsInThePeersName: what the harness' provider has to certify, the
// target must not.
func TestReceiptsInThePeersName(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]pec.Kind{"delivery": pec.Delivery, "taken-in-charge": pec.TakenInCharge} {
		c := newCase(t)
		withCirro(c)
		c.submitted(strings.ReplaceAll(originalText, bruno, paolo), to(paolo))
		c.put(correct("acceptance"))
		c.put(correct(name).with(t, bruno, paolo))
		c.settled()
		v := c.view()
		found := false
		for _, x := range v.flaws(v.Transactions[0]) {
			found = found || x.kind == kind && x.sort == flawContradictory && x.recipient == paolo
		}
		if !found {
			t.Errorf("a %s of the target about a recipient of the peer is no flaw: %+v", name, v.flaws(v.Transactions[0]))
		}
	}
}
