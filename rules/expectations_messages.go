package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
)

// Expectations about the messages of one submission.

// wantsMessages is what a `receives` asks for.
type wantsMessages struct {
	mailbox string
	kind    pec.Kind
	virus   bool
	about   string
	notice  string // of delay notices: first, second; "" either
	count   int
}

// wantsOf reads the parameters of a `receives`.
func wantsOf(e evidence.Expectation) (wantsMessages, error) {
	w := wantsMessages{mailbox: e.Parameters["mailbox"], about: e.Parameters["about"], notice: e.Parameters["notice"]}
	var known bool
	if w.kind, known = kindByName(e.Parameters["kind"]); !known {
		return w, fmt.Errorf("there is no kind %s", shown(e.Parameters["kind"]))
	}
	var err error
	if w.count, err = strconv.Atoi(e.Parameters["count"]); err != nil || w.count < 0 {
		return w, fmt.Errorf("count must be a number, not %s", shown(e.Parameters["count"]))
	}
	if w.notice != "" && (w.kind != pec.Delay || w.notice != firstWord && w.notice != secondWord) {
		return w, fmt.Errorf("notice must be first or second, of a delay notice, not %s", shown(w.notice))
	}
	switch e.Parameters["virus"] {
	case "yes":
		w.virus = true
	case "", "no":
	default:
		return w, fmt.Errorf("virus must be yes or no, not %s", shown(e.Parameters["virus"]))
	}
	return w, nil
}

// matching picks the messages that are asked for: the transaction's, those of
// the harness included that lie where they should, and what the harness
// answered to it in the role of a provider.
func (w wantsMessages) matching(v *View, t *Transaction) []*Message {
	all := slices.Clone(t.Messages)
	for _, d := range v.Dispatches {
		if d.About == t.ID {
			all = append(all, d.Found...)
		}
	}
	return slices.DeleteFunc(within(natured(all, w.kind), w.mailbox), func(m *Message) bool {
		variants := w.kind == pec.NonAcceptance || w.kind == pec.NonDelivery
		if variants && (w.kind == pec.NonDelivery && v.aboutVirus(m) || w.kind == pec.NonAcceptance && virusNotice(m)) != w.virus {
			return true
		}
		if w.notice != "" && v.whichNotice(m) != w.notice {
			return true
		}
		return w.about != "" && !pec.SameAddress(aboutWhom(t, m), w.about)
	})
}

// aboutWhom returns the recipient that a message is about; of an answer of the
// harness the one that it states.
func aboutWhom(t *Transaction, m *Message) string {
	if c := m.PEC.Certification; m.Emitter == evidence.Harness && c != nil && c.HasDelivery {
		return pec.BareAddress(c.Delivery)
	}
	return t.recipientOf(m)
}

func (w wantsMessages) String() string {
	s := plural(w.count, tokenOf(w.kind))
	if w.count != 1 {
		s = fmt.Sprintf("%d %s", w.count, tokenOf(w.kind))
	}
	if w.virus {
		s += " for virus"
	}
	if w.notice != "" {
		s += ", the " + w.notice + " one,"
	}
	if w.about != "" {
		s += " about " + w.about
	}
	return s + " in " + w.mailbox
}

func expectReceives(q *question) {
	w, err := wantsOf(q.e)
	if err != nil {
		q.f.amiss(q.e, err.Error())
		return
	}
	if !q.v.watches(w.mailbox) {
		q.f.Unable(q.t.Where(""), notReadableBy+w.mailbox)
		return
	}
	came := w.matching(q.v, q.t)
	seen := plural(len(came), "message")
	if len(came) > 0 {
		seen += ": " + messageIDs(came)
	}
	where := q.t.Where("")
	if len(came) > 0 {
		where = came[len(came)-1].Where("")
	}
	switch {
	case len(came) > w.count:
		q.f.Broken(where, w.String(), seen)
	case !q.v.Case.Settled:
		q.f.Unable(where, notSettled)
	case len(came) < w.count:
		q.f.Broken(where, w.String(), seen)
	default:
		q.f.Holds(where, seen)
	}
}

// expectNothingMore: every message of the transaction is one that the scenario
// asks for elsewhere. What providers tell each other about an envelope that is
// asked for goes with it.
func expectNothingMore(q *question) {
	asked := map[*Message]bool{}
	envelope := false
	for _, e := range q.v.Case.Expectations {
		if q.v.submission(e.Submission) != q.t {
			continue
		}
		switch e.Check {
		case "accepted":
			envelope = true
			q.t.mark(asked, 1, natured(q.t.Messages, pec.Acceptance))
		case "refused":
			q.t.mark(asked, 1, natured(q.t.Messages, pec.NonAcceptance))
		case "complete":
			// Whatever is owed is asked for; what is not owed breaks `complete`.
			envelope = true
			q.t.mark(asked, len(q.t.Messages), q.t.Messages)
		case "receives":
			w, err := wantsOf(e)
			if err != nil {
				q.f.amiss(e, err.Error())
				return
			}
			envelope = envelope || w.kind == pec.TransportEnvelope && w.count > 0
			q.t.mark(asked, w.count, w.matching(q.v, q.t))
		}
	}
	extra := 0
	for _, m := range q.t.Messages {
		between := m.Role == evidence.ServiceMailbox && slices.Contains([]pec.Kind{pec.TakenInCharge, pec.VirusDetection}, nature(m))
		if asked[m] || between && envelope || q.impliedBy(m, envelope) {
			continue
		}
		extra++
		q.f.Broken(m.Where(""), "nothing more", about(m)+" in "+m.Mailbox)
	}
	switch {
	case extra > 0:
	case !q.v.Case.Settled:
		q.f.Unable(q.t.Where(""), notSettled)
	default:
		q.f.Holds(q.t.Where(""), "nothing more")
	}
}

// impliedBy leaves out what need not be asked for: the envelope of an accepted
// message that a peer took in, and delay notices once their time may have come,
// which are for the rules about delays.
func (q *question) impliedBy(m *Message, accepted bool) bool {
	switch nature(m) {
	case pec.TransportEnvelope:
		p := q.v.provider(m.Provider)
		return accepted && q.t.Dispatch == nil && p != nil && p.Emitter == evidence.Harness && lists(q.t.addressees(), m.Mailbox)
	case pec.Delay:
		return q.v.passed(q.t.Ended.Add(firstAfter))
	default:
		return false
	}
}

// mark notes up to n messages as asked for.
func (t *Transaction) mark(asked map[*Message]bool, n int, messages []*Message) {
	for _, m := range messages[:min(n, len(messages))] {
		asked[m] = true
	}
}

func expectComplete(q *question) {
	t := q.t
	flaws := q.v.flaws(t)
	if len(flaws) == 0 && t.Channel != evidence.IncomingPoint && !q.v.hears(t) {
		q.f.Unable(t.Where(""), notReadableBy+t.sender())
		return
	}
	q.f.flaws(q.v, t, flaws, "closed: "+plural(len(t.Messages), "message")+" for "+plural(len(t.addressees()), "recipient"))
}

func expectLabel(q *question) {
	want := q.parameter("type")
	if want != "certificato" && want != "esterno" {
		q.f.amiss(q.e, "type must be certificato or esterno, not "+shown(want))
		return
	}
	acceptances := natured(q.t.Messages, pec.Acceptance)
	if len(acceptances) == 0 {
		q.f.absent(q.v, q.t.Where(""), "an acceptance that labels "+q.parameter("recipient"))
		return
	}
	for _, m := range acceptances {
		problems := labelProblems(m, q.parameter("recipient"), want)
		if c := m.PEC.Certification; c == nil || !slices.ContainsFunc(c.Recipients, func(r certification.Recipient) bool {
			return pec.SameAddress(pec.BareAddress(r.Address), q.parameter("recipient"))
		}) {
			problems = append(problems, problem{part: "daticert.xml destinatari", expected: q.parameter("recipient"), seen: "not listed"})
		}
		q.f.report(m.Where, problems, q.parameter("recipient")+" as "+want)
	}
}

func expectReceiptContent(q *question) {
	recipient, want := q.parameter("recipient"), content(q.parameter("content"))
	if !slices.Contains([]content{contentComplete, contentBrief, contentConcise}, want) {
		q.f.amiss(q.e, "content must be complete, brief or concise, not "+shown(string(want)))
		return
	}
	if q.t.Sent == nil {
		q.f.Unable(q.t.Where(""), string(NeedSubmission))
		return
	}
	receipts := q.t.concerning(recipient, pec.Delivery)
	if len(receipts) == 0 {
		q.f.absent(q.v, q.t.Where(""), "a delivery receipt about "+recipient)
		return
	}
	for _, m := range receipts {
		var problems []problem
		switch want {
		case contentComplete:
			problems = holdsWholeOriginal(q.v, m)
		case contentBrief:
			problems = holdsBriefOriginal(q.v, m)
		case contentConcise:
			problems = holdsNoOriginal(q.v, m)
		}
		q.f.report(m.Where, problems, shownContent(m))
	}
}

// expectOriginalIntact: the message is in that mailbox and encloses what was
// submitted, trace and identifiers aside.
func expectOriginalIntact(q *question) {
	mailbox := q.parameter("mailbox")
	if q.t.Sent == nil {
		q.f.Unable(q.t.Where(""), string(NeedSubmission))
		return
	}
	if !q.v.watches(mailbox) {
		q.f.Unable(q.t.Where(""), notReadableBy+mailbox)
		return
	}
	found := false
	for _, m := range within(q.t.Messages, mailbox) {
		switch nature(m) {
		case pec.TransportEnvelope, pec.AnomalyEnvelope, pec.Ordinary:
		default:
			continue
		}
		found = true
		if m.PEC.Original == nil {
			q.f.Broken(m.Where(""), "the original enclosed", "no original")
			continue
		}
		if seen := unchangedExcept(q.t.Sent, m.PEC.Original, append(slices.Clone(traceFields), certifiedFields...)...); seen != "" {
			q.f.Broken(m.Where("postacert.eml"), "the original as it was submitted", seen)
			continue
		}
		q.f.Holds(m.Where("postacert.eml"), "intact in "+strings.ToLower(mailbox))
	}
	if !found {
		q.f.absent(q.v, q.t.Where(""), "the message in "+mailbox)
	}
}
