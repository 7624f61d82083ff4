package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// TestWhatTheHarnessSendsIsJudged: a message meant as correct that breaks a rule,
// and one damaged at a rule that no judge finds broken, are errors of the harness.
func TestWhatTheHarnessSendsIsJudged(t *testing.T) {
	t.Parallel()
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	court := &Court{Catalogue: catalogue, Judges: Judges(), Profile: Practice}
	at := func(rule string) func(*evidence.Dispatch) {
		return func(d *evidence.Dispatch) { d.Intent.DamagedAt = rule }
	}
	for _, test := range []struct {
		name string
		sent order
		want []string // rules of the errors
	}{
		{"correct", plainly, nil},
		{"meant as correct, wrong subject", order{what: "envelope", edit: []string{"POSTA CERTIFICATA: ", "POSTA RACCOMANDATA: "}}, []string{"PEC-GEN-024", "PEC-TE-003"}},
		{"meant as correct, altered", order{what: "envelope", after: afterwards.after}, []string{"PEC-SIG-002"}},
		{"meant as correct, another To than the original's", order{what: "envelope", edit: []string{"To: Bruno <bruno@borea.example>, elena@posta.example\nCc: carla@borea.example\nReply-To", "To: altri@borea.example\nCc: carla@borea.example\nReply-To"}}, []string{"PEC-TE-007"}},
		{"meant as correct, another Reply-To", order{what: "envelope", edit: []string{"Reply-To: ", "Reply-To: altri@cirro.example, "}}, []string{"PEC-TE-006"}},
		{"damaged as meant", order{what: "envelope", after: afterwards.after, alter: at("PEC-SIG-002")}, nil},
		{"damaged as the incoming point sees it", order{what: "envelope", sign: "revoked", alter: at("PEC-IP-010")}, nil},
		{"revoked", order{what: "envelope", sign: "revoked", alter: at("PEC-SIG-006")}, nil},
		{"foreign, which practice forgives", order{what: "envelope", sign: "foreign", alter: at("PEC-SIG-006")}, nil},
		{"damaged elsewhere", order{what: "envelope", after: afterwards.after, alter: at("PEC-GEN-006")}, []string{"PEC-GEN-006"}},
		{"not damaged at all", order{what: "envelope", alter: at("PEC-XML-002")}, []string{"PEC-XML-002"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			handedOver(test.sent)(c)
			var got []string
			for _, check := range court.selfTest(c.view()) {
				if check.Verdict != Error || check.By != "self-test" || !strings.Contains(check.Seen, "d1") {
					t.Errorf("not an error of the harness about d1: %+v", check)
				}
				got = append(got, check.Rule)
			}
			missing := false
			for _, rule := range test.want {
				missing = missing || !lists(got, rule)
			}
			if missing || len(test.want) == 0 && len(got) > 0 {
				t.Errorf("errors at %v, want %v: %+v", got, test.want, court.selfTest(c.view()))
			}
		})
	}
}

// TestRevokedByTheHarness: the certificate is damaged once the harness has had it
// revoked, whether or not the list says so.
func TestRevokedByTheHarness(t *testing.T) {
	t.Parallel()
	read, err := pec.Read(plainly.octets(t))
	if err != nil {
		t.Fatal(err)
	}
	serial := dispatchSigner(&Dispatch{PEC: read}).SerialNumber.Text(16)
	for _, test := range []struct {
		serial  string
		ago     time.Duration
		damaged string
		want    bool
	}{
		{serial, time.Hour, "PEC-SIG-006", true},
		{serial, -time.Hour, "PEC-SIG-006", false},
		{serial + "0", time.Hour, "PEC-SIG-006", false},
		{serial, time.Hour, "PEC-XML-002", false},
	} {
		c := newCase(t)
		c.changed(evidence.DirectoryChange{What: certificateRevoked, Provider: cirro, Subject: test.serial, At: acceptedAt.Add(-test.ago)}, nil)
		handedOver(plainly)(c)
		v := c.view()
		if got := v.hadRevoked(v.Dispatches[0], test.damaged); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}
