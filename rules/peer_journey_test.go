package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// stray is a message that nothing explains which was sent, in Bruno's mailbox.
func stray(raw func(*testing.T) []byte) func(*testCase) {
	return func(c *testCase) {
		handedOver(plainly)(c)
		c.submitted(strings.ReplaceAll(originalText, "7f3a", "55aa"), func(s *evidence.Submission) { s.Token = "55aa" })
		c.received(bruno, raw(c.t))
		c.settled()
	}
}

// strayMail is a message of nobody's.
const strayMail = "From: qualcuno@altrove.example\nTo: bruno@borea.example\nSubject: Altro\nMessage-ID: <x9@altrove.example>\n\nAltro.\n"

// TestJudgesOfOthersSeePeers: rules with judges of their own elsewhere also speak
// of what the harness sends, and of what nobody sent.
func TestJudgesOfOthersSeePeers(t *testing.T) {
	t.Parallel()
	plain := func(*testing.T) []byte { return []byte(crlf(strayMail)) }
	around := func(t *testing.T) []byte { t.Helper(); return anomalyAround(t, plain(t)).raw }
	bounced := func(t *testing.T) []byte {
		t.Helper()
		return anomalyAround(t, []byte(crlf(strings.Replace(strayMail, "Altro.", "Subject: Preventivo 55aa", 1)))).raw
	}
	signed := order{raw: plainlySigned}
	infectedReceipt := order{raw: func(t *testing.T) []byte { return cirrosReceipt(t, "delivery", "correct") }, alter: infectedAtBorea}
	reported := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["detection"] = []placed{piece(ofCirro(t, correct("virus-detection")), serviceCirro)}
	}
	kept := func(octets string) func(*testCase) {
		return func(c *testCase) {
			q := evidence.Quarantined{Provider: borea, Found: "Test-Virus"}
			if q.Blob = c.blobs.keep([]byte(octets)); octets == "" {
				q.Blob = c.blobs.keep(plainly.octets(c.t))
			}
			c.add(evidence.Event{Type: evidence.QuarantineRead, Quarantine: []evidence.Quarantined{q}})
			c.settled()
		}
	}
	refusedToo := func(c *testCase) {
		wrappedUp(afterwards.refused(), drop("anomaly"))(c)
		o := plainly.refused()
		before := o.alter
		o.alter = func(d *evidence.Dispatch) {
			before(d)
			d.Token = "twin"
		}
		o.hand(c, 2, "")
	}
	judges := Judges()
	for _, test := range []struct {
		rule, name string
		build      func(*testCase)
		want       answer // harnessFault: it must not be broken
	}{
		{"PEC-IP-014", "passed on", wrappedUp(signed), holds},
		{"PEC-IP-014", "lost", wrappedUp(signed, drop("anomaly")), broken},
		{"PEC-IP-014", "refused", wrappedUp(signed.refused(), drop("anomaly")), broken},
		{"PEC-VIR-017", "kept away and told", wrappedUp(infectedReceipt, reported), holds},
		{"PEC-VIR-017", "not told", wrappedUp(infectedReceipt, drop("anomaly")), broken},
		{"PEC-VIR-017", "in an anomaly envelope", wrappedUp(infectedReceipt), broken},
		{"PEC-VIR-017", "as it is", wrappedUp(infectedReceipt, asItIs(infectedReceipt)), broken},
		{"PEC-STO-002", "stored", both(virusStoppedAt(), kept("")), holds},
		{"PEC-STO-002", "another stored", both(virusStoppedAt(), kept("Subject: Altro\r\n\r\nAltro\r\n")), broken},
		{"PEC-STO-002", "altered", both(virusStoppedAt(), kept("Subject: Preventivo 7f3a\r\n\r\nAltro\r\n")), broken},
		{"PEC-IP-008", "a correct one was refused too", refusedToo, unable},
		{"PEC-INT-007", "an anomaly of nothing", stray(around), broken},
		{"PEC-INT-007", "an anomaly around a bounce", stray(bounced), harnessFault},
		{"PEC-ANO-001", "mail without an envelope", stray(plain), broken},
	} {
		c := newCase(t)
		test.build(c)
		v := c.view()
		var f Findings
		for _, j := range judges {
			if j.Rule == test.rule {
				j.Look(v, &f)
			}
		}
		got, any := worst(f.list)
		if none := test.want == harnessFault; none && any && got.answer == broken || !none && (!any || got.answer != test.want) {
			t.Errorf("%s, %s: want %s, got %+v", test.rule, test.name, test.want.name(), f.list)
		}
	}
}

// TestNeedsMissingHereAndThereAreCounted: a judge that sat in one scenario only
// leaves its rule judged, and says how often it could not sit.
func TestNeedsMissingHereAndThereAreCounted(t *testing.T) {
	t.Parallel()
	judge := judgeOf("PEC-GEN-001", func(_ *View, f *Findings) { f.Holds(Where{}, "well") }, NeedJournal)
	with := courtCase(func(c *evidence.Case) { c.HasJournal = true })
	without := courtCase(nil)
	without.Start.ID = "other"
	court := &Court{Catalogue: mustLaw(t), Judges: []Judge{judge}, Profile: Practice}
	result := court.Run(&evidence.Record{Run: evidence.Run{Selected: []string{"s", "other"}}, Cases: []*evidence.Case{with, without}})
	i := slices.IndexFunc(result.Rules, func(r RuleResult) bool { return r.ID == "PEC-GEN-001" })
	if r := result.Rules[i]; r.Verdict != Pass || r.Unmet != 1 || !strings.Contains(r.Reason, string(NeedJournal)) {
		t.Errorf("verdict %s, unmet %d, reason %q; want pass, 1, and the need", r.Verdict, r.Unmet, r.Reason)
	}
}

// TestEachKindOfFormIsTold: what the harness means does not count, so that every
// kind of message must be told by what it shows.
func TestEachKindOfFormIsTold(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"acceptance", "taken-in-charge", "delivery", "non-delivery", "virus-detection", "envelope"} {
		octets := correct(name).sealed(t)
		read, err := pec.Read(octets)
		if err != nil {
			t.Fatal(err)
		}
		if got := formOf(read); got.class != correctReceipt && got.class != correctEnvelope {
			t.Errorf("%s: %+v", name, got)
		}
		cut, err := pec.Read(octets[:len(octets)-400])
		if err != nil {
			t.Fatal(err)
		}
		if got := formOf(cut); got.class == correctReceipt || got.class == correctEnvelope {
			t.Errorf("%s, cut: %+v", name, got)
		}
	}
}
