package rules

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// threshold is which of the two delay notices a notice is. On the wire both
// have the same header and the same type: time and text tell them apart.
type threshold int

const (
	thresholdFirst  threshold = iota // after 12 hours
	thresholdSecond                  // after 24 hours
)

func (s threshold) String() string {
	if s == thresholdSecond {
		return "second delay notice (24 hours)"
	}
	return "first delay notice (12 hours)"
}

// notice is a delay notice about one recipient.
type notice struct {
	*Message
	At    time.Time // when it was emitted
	Which threshold
}

// noticesAbout returns the delay notices about the recipient, in order of time,
// each told apart.
func noticesAbout(w *wait) []notice {
	var all []notice
	for _, m := range w.t.concerning(w.Address, pec.Delay) {
		all = append(all, notice{Message: m, At: emittedAt(w.t, m)})
	}
	slices.SortStableFunc(all, func(a, b notice) int { return a.At.Compare(b.At) })
	for i := range all {
		all[i].Which = whichOf(all, i, w.Dispatched)
	}
	return all
}

// emittedAt returns when a notice was emitted: what it states, unless it lay in
// the mailbox at quite another time; then the statement is judged (PEC-TMO-009)
// and the mailbox believed.
func emittedAt(t *Transaction, m *Message) time.Time {
	at, stated := instantOf(m)
	if !stated {
		var err error
		if at, err = headerInstant(m.PEC.Root); err != nil {
			return m.Delivered
		}
	}
	if delivered, sensible := deliveredAt(t, m); sensible && delivered.Sub(at).Abs() > plausibly {
		return delivered
	}
	return at
}

// deliveredAt returns when the message came into the mailbox; false when the
// mailbox does not say, or says what cannot be.
func deliveredAt(t *Transaction, m *Message) (time.Time, bool) {
	return m.Delivered, !m.Delivered.IsZero() && !t.Started.IsZero() && m.Delivered.After(t.Started)
}

// A notice within an hour of a limit is the one of that limit, whatever it
// says, unless there is another that says so.
const nearLimit = time.Hour

func whichOf(all []notice, i int, dispatched time.Time) threshold {
	age := all[i].At.Sub(dispatched)
	text, said := saidThreshold(all[i].Message)
	contested := func(nominal time.Duration) bool {
		return said && slices.ContainsFunc(all, func(other notice) bool {
			otherText, otherSaid := saidThreshold(other.Message)
			return other.Message != all[i].Message && otherSaid && otherText != text && (other.At.Sub(dispatched)-nominal).Abs() <= nearLimit
		})
	}
	switch {
	case (age-firstAfter).Abs() <= nearLimit && !contested(firstAfter):
		return thresholdFirst
	case age >= secondNotUntil-nearLimit && age <= secondBy+nearLimit && !contested(secondBy):
		return thresholdSecond
	case said:
		return text
	case age < (firstAfter+secondNotUntil)/2:
		return thresholdFirst
	default:
		return thresholdSecond
	}
}

var (
	twelveHours     = regexp.MustCompile(`(?i)\b(dodici|12)\s*(ore|h)\b`)
	twentyFourHours = regexp.MustCompile(`(?i)\b(ventiquattro|24)\s*(ore|h)\b`)
)

// saidThreshold reads in text and extended error which notice it says it is;
// false when it says neither, or both.
func saidThreshold(m *Message) (threshold, bool) {
	text := delayWords(m) + " " + extendedError(m)
	first, second := twelveHours.MatchString(text), twentyFourHours.MatchString(text)
	if second {
		return thresholdSecond, !first
	}
	return thresholdFirst, first
}

// delayWords returns the readable text without the subject, which may speak of
// hours of its own.
func delayWords(m *Message) string {
	r, ok := readableOf(m.PEC)
	if !ok {
		return ""
	}
	if subject, _ := subjectAbout(m); fold(subject) != "" {
		return strings.ReplaceAll(r.Text, fold(subject), " … ")
	}
	return r.Text
}

// of returns the notices of one threshold.
func (w *wait) of(which threshold) []notice {
	return slices.DeleteFunc(slices.Clone(w.Notices), func(n notice) bool { return n.Which != which })
}

// since returns the notices that came after an answer. One that came before it,
// and before its time, is a matter of the time.
func (w *wait) since(a *answerSeen) []notice {
	return slices.DeleteFunc(slices.Clone(w.Notices), func(n notice) bool { return !n.At.After(a.At.Add(clocksApart)) })
}

// elapsed writes the time since the dispatch, for a person.
func (w *wait) elapsed(at time.Time) string {
	return legalTime(at) + ", " + at.Sub(w.Dispatched).Round(time.Second).String() + " after the dispatch"
}

// one answers whether there is exactly one notice of a threshold. That none
// came counts once legal time has passed the limit.
func (f *Findings) one(v *View, w *wait, which threshold, limit time.Time) {
	expected := "one " + which.String() + " about " + w.Address + " to " + w.t.sender()
	switch list := w.of(which); {
	case len(list) == 1:
		f.Holds(list[0].Where(""), w.elapsed(list[0].At))
	case len(list) > 1:
		f.Broken(list[1].Where(""), expected, noticeIDs(list))
	case v.passed(limit) && v.hears(w.t):
		f.absent(v, w.t.Where(""), expected)
	}
}

// quiet answers whether there is none of these notices; it is exercised once
// legal time has passed the limit.
func (f *Findings) quiet(v *View, w *wait, list []notice, limit time.Time, why string) {
	for _, n := range list {
		f.Broken(n.Where(""), "no "+n.Which.String()+" about "+w.Address+": "+why, w.elapsed(n.At))
	}
	switch {
	case len(list) > 0 || !v.passed(limit) || !v.hears(w.t):
	case !v.Case.Settled:
		f.Unable(w.t.Where(""), notSettled)
	default:
		f.Holds(w.t.Where(""), "no notice about "+w.Address+" by "+legalTime(v.now()))
	}
}

func noticeIDs(list []notice) string {
	var messages []*Message
	for _, n := range list {
		messages = append(messages, n.Message)
	}
	return messageIDs(messages)
}
