package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// What the Then steps of scenarios ask for. The vocabulary is closed: a check
// that does not stand here is an error of the harness, never a pass.

// harnessFault is the answer of an expectation that cannot be evaluated because
// the scenario asks amiss. It is no verdict on the target: it weighs as an error.
const harnessFault answer = -1

// amiss records that the scenario, not the target, is at fault.
func (f *Findings) amiss(e evidence.Expectation, why string) {
	f.list = append(f.list, finding{
		answer: harnessFault, where: Where{Submission: e.Submission},
		expected: e.Text, seen: "the scenario asks amiss: expectation " + e.ID + " (" + e.Check + "): " + why,
	})
}

// expectation evaluates one named check.
type expectation struct {
	parameters []string // that must be there
	options    []string // that may be there
	submission bool     // it is about one submission
	look       func(*question)
}

// question is one expectation, put to one view.
type question struct {
	v *View
	t *Transaction // nil for checks that are about no submission
	e evidence.Expectation
	f *Findings
}

func (q *question) parameter(name string) string { return q.e.Parameters[name] }

// expectations returns the closed table of checks.
func expectations() map[string]expectation {
	all := map[string]expectation{
		"refused":         {options: []string{"by"}, submission: true, look: expectRefused},
		"accepted":        {submission: true, look: expectAccepted},
		"receives":        {parameters: []string{"mailbox", "kind", "count"}, options: []string{"virus", "about", "notice"}, submission: true, look: expectReceives},
		"nothing-more":    {submission: true, look: expectNothingMore},
		"complete":        {submission: true, look: expectComplete},
		"label":           {parameters: []string{"recipient", "type"}, submission: true, look: expectLabel},
		"receipt-content": {parameters: []string{"recipient", "content"}, submission: true, look: expectReceiptContent},
		"original-intact": {parameters: []string{"mailbox"}, submission: true, look: expectOriginalIntact},
		"probe":           {parameters: []string{"probe", "outcome"}, look: expectProbe},
		"mailbox-empty":   {parameters: []string{"mailbox"}, look: expectMailboxEmpty},
		"reading":         {parameters: []string{"reading", "outcome"}, look: expectReading},
	}
	maps.Copy(all, clientExpectations())
	maps.Copy(all, mailboxExpectations())
	return all
}

// ExpectationChecks returns the names of the checks that a scenario may ask
// for, in order.
func ExpectationChecks() []string {
	var names []string
	for name := range expectations() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// judgeExpectation answers an expectation from the evidence. Absence is judged
// only once the target has settled.
func judgeExpectation(v *View, e evidence.Expectation, f *Findings) {
	check, known := expectations()[e.Check]
	if !known {
		f.amiss(e, "there is no such check; there are: "+strings.Join(ExpectationChecks(), ", "))
		return
	}
	for _, name := range check.parameters {
		if e.Parameters[name] == "" {
			f.amiss(e, "the parameter "+name+" is missing")
			return
		}
	}
	for name := range e.Parameters {
		if !slices.Contains(check.parameters, name) && !slices.Contains(check.options, name) {
			f.amiss(e, "it has no parameter "+name)
			return
		}
	}
	q := &question{v: v, e: e, f: f}
	if check.submission {
		if q.t = v.submission(e.Submission); q.t == nil {
			f.amiss(e, fmt.Sprintf("there is no submission or dispatch %q among %d", e.Submission, len(v.journeys())))
			return
		}
	}
	check.look(q)
}

// submission returns the submission with that id, or the journey of the dispatch
// with that id; the only one where none is named.
func (v *View) submission(id string) *Transaction {
	if id == "" && len(v.Transactions) == 1 {
		return v.Transactions[0]
	}
	if d := v.dispatch(id); d != nil {
		return d.Journey
	}
	for _, t := range v.journeys() {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// kindByName reads a kind by its name or by its token on the wire.
func kindByName(name string) (pec.Kind, bool) {
	for _, k := range systemKinds {
		if strings.EqualFold(name, k.String()) || strings.EqualFold(name, tokenOf(k)) {
			return k, true
		}
	}
	return pec.Unclear, false
}

// expectRefused: refused by SMTP or by a notice, and nothing that only an
// accepted message has.
func expectRefused(q *question) {
	by := q.parameter("by")
	if by != "" && by != "smtp" && by != "notice" && by != "either" {
		q.f.amiss(q.e, "by must be smtp, notice or either, not "+shown(by))
		return
	}
	t := q.t
	if t.Dispatch != nil {
		q.dispatchRefused(by)
		return
	}
	if !t.Twin && q.v.twinFailed() {
		q.f.Unable(t.Where(""), twinWasToo)
		return
	}
	notices := natured(t.Messages, pec.NonAcceptance)
	for _, kind := range []pec.Kind{pec.Acceptance, pec.TransportEnvelope, pec.AnomalyEnvelope, pec.Delivery, pec.TakenInCharge} {
		for _, m := range natured(t.Messages, kind) {
			q.f.Broken(m.Where(""), "the submission refused", about(m)+" in "+m.Mailbox)
			return
		}
	}
	wants := map[string]string{"smtp": "a refusal by SMTP", "notice": "a non-acceptance notice"}[by]
	if wants == "" {
		wants = "a refusal by SMTP or a non-acceptance notice"
	}
	switch {
	case !t.Accepted() && t.temporary():
		q.f.Broken(t.Where("SMTP"), wants+", for good", "a temporary error: "+refusal(t))
	case (!t.Accepted() || len(notices) > 0) && !q.v.Case.Settled:
		q.f.Unable(t.Where(""), notSettled) // an acceptance may still come
	case !t.Accepted() && by != "notice" && t.answered():
		q.f.Holds(t.Where("SMTP"), "refused by SMTP: "+refusal(t))
	case len(notices) > 0 && by != "smtp":
		q.f.Holds(notices[0].Where(""), "refused by a notice")
	case !t.Accepted() && !t.answered():
		q.f.Unable(t.Where("SMTP"), noFinalReply)
	case !t.Accepted():
		q.f.Broken(t.Where("SMTP"), wants, "refused by SMTP: "+refusal(t))
	case len(notices) > 0:
		q.f.Broken(notices[0].Where(""), wants, "a non-acceptance notice")
	default:
		q.f.absent(q.v, t.Where(""), wants)
	}
}

// temporary tells that SMTP answered with a 4xx: nothing is decided by that.
func (t *Transaction) temporary() bool {
	o := outcomeOf(t)
	return o.temporary()
}

// answered tells that the dialogue was answered with a refusal somewhere.
func (t *Transaction) answered() bool { return outcomeOf(t).stage != "" }

// twinFailed tells that the scenario's well-formed twin was not accepted, so
// that a refusal proves nothing.
func (v *View) twinFailed() bool {
	return slices.ContainsFunc(v.Transactions, func(t *Transaction) bool {
		submission := t.Channel != evidence.IncomingPoint
		return t.Twin && (!t.Accepted() || submission && v.Case.Settled && !t.accepted())
	})
}

func expectAccepted(q *question) {
	if q.t.Dispatch != nil {
		q.dispatchAccepted()
		return
	}
	acceptances, refusals := natured(q.t.Messages, pec.Acceptance), natured(q.t.Messages, pec.NonAcceptance)
	const want = "exactly one acceptance and no non-acceptance"
	switch {
	case !q.t.Accepted():
		q.f.Broken(q.t.Where("SMTP"), want, "refused by SMTP: "+refusal(q.t))
	case len(refusals) > 0:
		q.f.Broken(refusals[0].Where(""), want, about(refusals[0])+" in "+refusals[0].Mailbox)
	case len(acceptances) > 1:
		q.f.Broken(acceptances[1].Where(""), want, messageIDs(acceptances))
	case len(acceptances) == 0:
		q.f.absent(q.v, q.t.Where(""), want)
	default:
		q.f.Holds(acceptances[0].Where(""), "one acceptance")
	}
}

// expectProbe looks at the answers to a protocol question.
func expectProbe(q *question) {
	i := slices.IndexFunc(q.v.Case.Probes, func(p evidence.Probe) bool { return p.Name == q.parameter("probe") })
	if i < 0 {
		q.f.amiss(q.e, "the question was never asked")
		return
	}
	for _, p := range q.v.Case.Probes[i:] {
		if p.Name != q.parameter("probe") {
			continue
		}
		where := Where{Blob: p.Transcript, Part: "probe " + p.Name}
		seen := map[bool]string{true: "refused", false: "allowed"}[p.Refused]
		if p.TLSVersion != "" {
			seen += ", " + p.TLSVersion
		}
		kept := false
		switch q.parameter("outcome") {
		case "refused":
			kept = p.Refused
		case "allowed":
			kept = !p.Refused
		case "tls":
			kept = !p.Refused && p.TLSVersion != ""
		default:
			q.f.amiss(q.e, "outcome must be refused, allowed or tls, not "+shown(q.parameter("outcome")))
			return
		}
		if kept {
			q.f.Holds(where, seen)
		} else {
			q.f.Broken(where, p.Asked+" at "+p.Provider+": "+q.parameter("outcome"), seen)
		}
	}
}

func expectMailboxEmpty(q *question) {
	mailbox := q.parameter("mailbox")
	if !q.v.watches(mailbox) {
		q.f.amiss(q.e, "the world has no mailbox "+mailbox)
		return
	}
	for _, m := range q.v.Case.Messages {
		if strings.EqualFold(m.Mailbox, mailbox) {
			q.f.Broken(Where{Message: m.ID, Blob: m.Blob}, "nothing in "+mailbox, "message "+m.ID)
			return
		}
	}
	if !q.v.Case.Settled {
		q.f.Unable(Where{}, notSettled)
		return
	}
	q.f.Holds(Where{}, "nothing in "+mailbox)
}
