package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// envelopeInheritanceJudges answers for the header fields that the envelope
// inherits unmodified (RFC 6109 2.1.1.2, 3.1.5).
func envelopeInheritanceJudges() []Judge {
	return []Judge{
		{Rule: "PEC-TE-005", Looks: "Reply-To of the envelope, when the submission has one: unchanged", Look: eachAccessEnvelope(replyToKept)},
		{Rule: "PEC-TE-006", Looks: "Reply-To of the envelope, when the submission has none: the sender", Look: eachAccessEnvelope(replyToMade)},
		{Rule: "PEC-TE-007", Looks: "To and Cc of the envelope: unchanged", Look: eachAccessEnvelope(recipientsKept)},
		{Rule: "PEC-TE-008", Looks: "Received lines and Return-Path of the envelope: inherited, in order", Look: eachAccessEnvelope(traceInherited)},
	}
}

func replyToKept(_ *View, f *Findings, e envelopeSeen) {
	sent := e.Transaction.Sent
	if sent.Has("Reply-To") {
		judgeKept(f, e, sent, "Reply-To")
	}
}

// judgeKept compares a field of the envelope with the submitted one, unfolded;
// what holds is recorded by the caller where several fields make one answer.
func judgeKept(f *Findings, e envelopeSeen, sent *rawmime.Entity, name string) bool {
	want, got := sent.Values(name), e.Envelope.Root.Values(name)
	if !slices.Equal(unfolded(want), unfolded(got)) {
		f.Broken(e.Where("header "+name), name+" as submitted: "+shownValues(want), shownValues(got))
		return false
	}
	if name == "Reply-To" {
		f.Holds(e.Where("header "+name), shownValues(got))
	}
	return true
}

func replyToMade(_ *View, f *Findings, e envelopeSeen) {
	if e.Transaction.Sent.Has("Reply-To") {
		return
	}
	where, values := e.Where("header Reply-To"), e.Envelope.Root.Values("Reply-To")
	if len(values) == 1 {
		if list := addressesOrNone(values[0]); len(list) == 1 && lists(list, e.Transaction.sender()) {
			f.Holds(where, shown(values[0]))
			return
		}
	}
	f.Broken(where, "Reply-To: "+e.Transaction.sender()+", the sender", shownValues(values))
}

func recipientsKept(_ *View, f *Findings, e envelopeSeen) {
	sent := e.Transaction.Sent
	to := judgeKept(f, e, sent, "To")
	if cc := judgeKept(f, e, sent, "Cc"); to && cc {
		f.Holds(e.Where("header To"), fmt.Sprintf("To %s, Cc %s", shownValues(sent.Values("To")), shownValues(sent.Values("Cc"))))
	}
}

// traceInherited compares the envelope's trace with that of the enclosed
// original, which has the access point's own line too, or else with what was
// submitted. Lines of later hosts stand above and are nobody's business.
func traceInherited(_ *View, f *Findings, e envelopeSeen) {
	source, name := e.Transaction.Sent, "the submitted message"
	if e.Envelope.Original != nil {
		source, name = e.Envelope.Original, "the enclosed original"
	}
	broken := judgeReturnPath(f, e, source)
	// What the client brought along is inherited whatever the original says.
	want := unfolded(source.Values("Received"))
	for _, line := range unfolded(e.Transaction.Sent.Values("Received")) {
		if !slices.Contains(want, line) {
			want = append(want, line)
		}
	}
	got := unfolded(e.Envelope.Root.Values("Received"))
	where := e.Where("header Received")
	missing, problem := traceProblem(want, got)
	switch {
	case problem != "":
		f.Broken(where, "the Received lines of "+name+", unchanged and in their order", problem)
	case len(missing) == 0 && (len(want) > 0 || e.Envelope.Root.Has("Return-Path")) && !broken:
		f.Holds(where, plural(len(want), "Received line")+" inherited, Return-Path kept")
	case len(missing) > 0 && len(missing) < len(want) && !slices.Contains(missing, want[0]):
		f.Deviates(where, "all Received lines of "+name, "only the topmost ones; missing: "+shown(missing[0]))
	case len(missing) > 0:
		f.Broken(where, "the Received lines of "+name, "missing: "+shown(missing[0]))
	}
}

// traceProblem returns which wanted lines are missing, and what is wrong with
// the rest: another order, or a line among them that nobody wrote.
func traceProblem(want, got []string) (missing []string, problem string) {
	var inherited []string
	first := -1
	for i, line := range got {
		if slices.Contains(want, line) {
			inherited = append(inherited, line)
			if first < 0 {
				first = i
			}
		} else if first >= 0 {
			return nil, "a line that is not in the original, or was changed: " + shown(line)
		}
	}
	last := -1
	for _, line := range inherited {
		i := slices.Index(want, line)
		if i <= last {
			return nil, "not in the order of the original: " + shown(line)
		}
		last = i
	}
	for _, line := range want {
		if !slices.Contains(inherited, line) {
			missing = append(missing, line)
		}
	}
	return missing, ""
}

func judgeReturnPath(f *Findings, e envelopeSeen, source *rawmime.Entity) (broken bool) {
	expected := "Return-Path: <" + e.Transaction.sender() + ">"
	for _, value := range e.Envelope.Root.Values("Return-Path") {
		if !pec.SameAddress(pec.BareAddress(value), e.Transaction.sender()) {
			f.Broken(e.Where("header Return-Path"), expected, shown(value))
			return true
		}
	}
	if source.Has("Return-Path") && !e.Envelope.Root.Has("Return-Path") && strings.Contains(source.Value("Return-Path"), "@") {
		f.Broken(e.Where("header Return-Path"), expected+", as in the original", "the field is not there")
		return true
	}
	return false
}
