package rules

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// selfTested is who speaks in the checks about what the harness itself sent.
const selfTested = "self-test"

// selfTest judges what the harness sent in the role of a provider, message by
// message, by the same judges that look at the target: one that was meant as
// correct must keep every rule, one that was damaged at a rule must break it. A
// harness that fails here can say nothing of the target, so what it finds is an
// error of the harness; what it does not find adds nothing.
func (court *Court) selfTest(v *View) []Check {
	var checks []Check
	for _, d := range v.Dispatches {
		if d.Dispatch.Again != "" || d.PEC == nil {
			continue
		}
		system := d.Peer != "" && d.PEC.Kind != pec.Ordinary && d.PEC.Kind != pec.Unclear
		switch damaged := d.Intent.DamagedAt; {
		case damaged != "":
			if v.receptionOf(d).rule != damaged && !v.hadRevoked(d, damaged) && !court.breaks(v.alone(d), damaged) {
				checks = append(checks, selfTestError(v, d, damaged, "a message damaged at "+damaged, "no judge of "+damaged+" finds it broken"))
			}
		case system:
			for _, c := range court.failures(v.alone(d)) {
				checks = append(checks, rejected(v, d, c))
			}
			for _, c := range court.inherited(v, d) {
				checks = append(checks, rejected(v, d, c))
			}
		}
	}
	return checks
}

// rejected is what is said of a message meant as correct that a judge fails.
func rejected(v *View, d *Dispatch, c Check) Check {
	return selfTestError(v, d, c.Rule, "a message meant as correct that keeps the rule", "its own judge rejects it: expected "+c.Expected+", seen "+c.Seen)
}

// inherited compares an envelope to which nothing was done with the original in
// it, as if that had been submitted: nobody submitted it, so the judges of what
// an envelope inherits have nothing else to go by.
func (court *Court) inherited(v *View, d *Dispatch) []Check {
	if d.PEC.Kind != pec.TransportEnvelope || d.PEC.Original == nil || d.Damage != "" || d.About != "" {
		return nil
	}
	lone := v.alone(d)
	m := lone.Messages[0]
	m.Transaction = &Transaction{Sent: d.PEC.Original, Submission: evidence.Submission{ReversePath: senderOf(m)}}
	seen := envelopeSeen{Message: m, Envelope: d.PEC}
	var failures []Check
	for _, test := range []struct {
		rule string
		look func(*View, *Findings, envelopeSeen)
	}{{"PEC-TE-005", replyToKept}, {"PEC-TE-006", replyToMade}, {"PEC-TE-007", recipientsKept}} {
		for _, c := range court.ask(v.Case.Start.ID, selfTested, test.rule, "", func(f *Findings) { test.look(lone, f, seen) }) {
			if c.Verdict == Fail || c.Verdict == Error {
				failures = append(failures, c)
			}
		}
	}
	return failures
}

func selfTestError(v *View, d *Dispatch, rule, expected, seen string) Check {
	return Check{
		Rule: rule, Scenario: v.Case.Start.ID, By: selfTested, Verdict: Error, Count: 1, Where: d.Where(""),
		Expected: expected, Seen: fmt.Sprintf("the harness sent %s (%s): %s", d.ID, d.Template, seen),
	}
}

// hadRevoked tells that the harness had the signer's certificate revoked before
// it sent the message. When the list says so is for the authority.
func (v *View) hadRevoked(d *Dispatch, damaged string) bool {
	return damaged == "PEC-SIG-006" && slices.ContainsFunc(v.Changes, func(c *Change) bool {
		return c.What == certificateRevoked && !d.Started.Before(c.At) && slices.Contains(v.signedWith(c), d)
	})
}

// alone is the view of a dispatched message by itself, as if a provider that is
// judged had sent it, with the trust of that instant.
func (v *View) alone(d *Dispatch) *View {
	lone := loneView(d.PEC, v.trustWhen(d.Started))
	lone.Case.Start.ID = v.Case.Start.ID
	lone.Messages[0].Delivered = d.Started
	for _, p := range v.Case.World.Providers {
		p.Emitter = evidence.Target
		lone.Case.World.Providers = append(lone.Case.World.Providers, p)
	}
	return lone
}

// breaks tells that a judge of the rule finds it broken, even where practice
// forgives it or the rule is only observed.
func (court *Court) breaks(lone *View, rule string) (broke bool) {
	defer func() {
		if recover() != nil {
			broke = false // a judge that panics on its own message proves nothing
		}
	}()
	for _, j := range court.Judges {
		if j.Rule != rule || lone.missing(j.Needs) != "" {
			continue
		}
		var found Findings
		j.Look(lone, &found)
		if slices.ContainsFunc(found.list, func(x finding) bool { return x.answer == broken || x.answer == deviates || x.answer == warned }) {
			return true
		}
	}
	return false
}

// failures returns what the judges hold against a message.
func (court *Court) failures(lone *View) []Check {
	var failures []Check
	for _, j := range court.Judges {
		if lone.missing(j.Needs) != "" {
			continue
		}
		for _, c := range court.ask(lone.Case.Start.ID, selfTested, j.Rule, "", func(f *Findings) { j.Look(lone, f) }) {
			if c.Verdict == Fail || c.Verdict == Error {
				failures = append(failures, c)
			}
		}
	}
	return failures
}
