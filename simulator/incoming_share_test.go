package simulator_test

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/google/go-cmp/cmp"
)

// The header of the envelope decides the receipt; who is in neither To nor Cc,
// or when they cannot be read, is one of To.
func TestReceiptTypeOfAnEnvelope(t *testing.T) {
	t.Parallel()
	elsewhere := func(d *compose.Draft) { d.Set("To", "elenco@cirro.example") }
	unreadable := func(d *compose.Draft) { d.Set("To", "<<non si legge>, @@ ; (") }
	tests := []struct {
		name, fault string
		draft       func(*compose.Draft)
		encloses    bool
	}{
		{"in To", "", func(*compose.Draft) {}, true},
		{"in Cc", "", func(d *compose.Draft) { d.Set("To", "elenco@cirro.example"); d.Add("Cc", bruno) }, false},
		{"in neither", "", elsewhere, true},
		{"in neither, a copy", "unlisted-recipient-is-copy", elsewhere, false},
		{"unreadable", "", unreadable, true},
		{"unreadable, copies", "unreadable-addressees-are-copies", unreadable, false},
		{"asked on the envelope", "", func(d *compose.Draft) { d.Set(pec.HeaderReceiptType, "sintetica") }, false},
		{"asked on the original", "delivery-type-of-original", func(d *compose.Draft) { d.Set(pec.HeaderReceiptType, "sintetica") }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var change []func(*simulator.Config)
			if tt.fault != "" {
				change = append(change, faulty(tt.fault))
			}
			p := withPeer(t, change...)
			d := p.envelope("Tipo", "Buongiorno.\r\n", bruno)
			tt.draft(d)
			if err := p.deliver(p.seal(d, "correct"), bruno); err != nil {
				t.Fatal(err)
			}
			p.settle(t)
			p.mu.Lock()
			defer p.mu.Unlock()
			m := of(p.got, pec.Delivery)
			if m == nil {
				t.Fatal("no delivery receipt")
			}
			if (m.Original != nil) != tt.encloses {
				t.Errorf("encloses the original: %v, want %v", m.Original != nil, tt.encloses)
			}
		})
	}
}

// Two transactions with one envelope: each recipient is taken in charge.
func TestEnvelopeInTwoTransactions(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]int{"": 2, "first-transaction-charged-only": 1} {
		t.Run("with "+fault, func(t *testing.T) {
			t.Parallel()
			var change []func(*simulator.Config)
			if fault != "" {
				change = append(change, faulty(fault))
			}
			p := withPeer(t, change...)
			octets := p.seal(p.envelope("Due", "Buongiorno.\r\n", bruno, carla), "correct")
			for _, r := range []string{bruno, carla} {
				if err := p.deliver(octets, r); err != nil {
					t.Fatal(err)
				}
				p.settle(t)
			}
			if diff := cmp.Diff(counts{"TakenInCharge": want, "Delivery": 2}, p.taken()); diff != "" {
				t.Errorf("the peer (-want +got):\n%s", diff)
			}
		})
	}
}

// What comes again is delivered again by a provider that remembers nothing.
func TestTheSameEnvelopeAgainToAForgetfulProvider(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string][2]int{"delivers-again": {2, 2}, "receipt-again": {1, 2}} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			p := withPeer(t, faulty(fault))
			octets := p.seal(p.envelope("Ancora", "Buongiorno.\r\n", bruno), "correct")
			for range 2 {
				if err := p.deliver(octets, bruno); err != nil {
					t.Fatal(err)
				}
				p.settle(t)
			}
			if got := [2]int{p.kinds(t, bruno)["TransportEnvelope"], p.taken()["Delivery"]}; got != want {
				t.Errorf("envelopes and receipts %v, want %v", got, want)
			}
		})
	}
}

// What the scanner cannot look through is refused where it comes in.
func TestUnverifiableSubmission(t *testing.T) {
	t.Parallel()
	w := start(t)
	deep := strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 60) + "Subject: x\r\n\r\nfine\r\n"
	m := mail{from: anna, to: []string{bruno}, subject: "Profonda", extra: "MIME-Version: 1.0\r\n" + deep[:len("Content-Type: message/rfc822\r\n")], body: deep}
	if err := w.submit(t, m); err != nil {
		t.Fatal(err)
	}
	if got := code(w.arrive(t, w.Providers[1].Hosts.Incoming, elena, []string{bruno}, m.octets())); got != 554 {
		t.Errorf("ordinary mail: %d, want 554", got)
	}
	w.settle(t)
	if diff := cmp.Diff(counts{"NonAcceptance(virus)": 1}, w.kinds(t, anna)); diff != "" {
		t.Errorf("Anna (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(counts{}, w.kinds(t, bruno)); diff != "" {
		t.Errorf("Bruno (-want +got):\n%s", diff)
	}
}
