package reports

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// apart is by how much legal time two things have to lie apart to be drawn apart:
// within it everything follows from one cause, and mailboxes state their times
// to the second only.
const apart = 5 * time.Minute

// eras parts instants where more than a moment of legal time lies between two
// of them, and returns the beginning of each part.
func eras(instants []time.Time) []time.Time {
	slices.SortFunc(instants, time.Time.Compare)
	var begins []time.Time
	for i, at := range instants {
		if i == 0 || at.Sub(instants[i-1]) > apart {
			begins = append(begins, at)
		}
	}
	return begins
}

// later separates an era from what was sent at first.
func (a *artist) later(since, begins, before time.Time) {
	text := a.words.Text("flow.after", spanWords(a.words, begins.Sub(since)))
	for _, r := range a.view.Case.Restarts {
		if r.At.After(before) && !r.At.After(begins) {
			text += a.words.Text("flow.restarted", r.Provider)
		}
	}
	for _, n := range a.view.Case.NetworkChanges {
		if n.At.After(before) && !n.At.After(begins) {
			text += a.words.Text(map[bool]string{true: "flow.network-cut", false: "flow.network-whole"}[n.Cut], n.Between[0], n.Between[1])
		}
	}
	a.flow.Arrows = append(a.flow.Arrows, arrow{Divider: text})
}

// spanWords says how much legal time passed, to the minute.
func spanWords(w *words.Words, d time.Duration) string {
	d = d.Round(time.Minute)
	days, hours, minutes := int(d/(24*time.Hour)), int(d%(24*time.Hour)/time.Hour), int(d%time.Hour/time.Minute)
	if days < 2 {
		hours, days = hours+24*days, 0
	}
	var parts []string
	for _, part := range []struct {
		n   int
		key string
	}{{days, "count.days"}, {hours, "count.hours"}, {minutes, "count.minutes"}} {
		if part.n > 0 {
			parts = append(parts, w.Count(part.n, part.key))
		}
	}
	if len(parts) == 0 {
		return w.Text("flow.no-minute")
	}
	return strings.Join(parts, " ")
}

// unfold draws what came of one cause, era by era: in each first what the
// provider said and passed on, then the answers that the harness gave, then
// what the target made of them.
func (a *artist) unfold(since time.Time, messages []*rules.Message, answers []*rules.Dispatch, carried []evidence.RelayExchange) {
	instants := []time.Time{since}
	for _, m := range messages {
		instants = append(instants, m.Delivered)
	}
	for _, d := range answers {
		instants = append(instants, d.Started)
	}
	begins := eras(instants)
	in := func(at time.Time, i int) bool {
		return !at.Before(begins[i]) && (i+1 == len(begins) || at.Before(begins[i+1]))
	}
	for i := range begins {
		var now []*rules.Message
		for _, m := range messages {
			if in(m.Delivered, i) {
				now = append(now, m)
			}
		}
		var said []*rules.Dispatch
		for _, d := range answers {
			if in(d.Started, i) {
				said = append(said, d)
			}
		}
		if len(now)+len(said) == 0 && (i > 0 || len(carried) == 0) {
			continue
		}
		if i > 0 {
			a.later(since, begins[i], begins[i-1])
			carried = nil
		}
		early := slices.DeleteFunc(slices.Clone(now), func(m *rules.Message) bool { return place(m) > placeOf(pec.TransportEnvelope) })
		late := slices.DeleteFunc(slices.Clone(now), func(m *rules.Message) bool { return place(m) <= placeOf(pec.TransportEnvelope) })
		a.messages(early, carried)
		for _, d := range said {
			a.dispatch(d)
		}
		a.messages(late, nil)
	}
}

// dispatch draws what the harness handed over as a provider or a mail host,
// and where it was found.
func (a *artist) dispatch(d *rules.Dispatch) {
	from := a.peer(d)
	host := a.provider(d.Host)
	label, tone := d.Template, "plain"
	if d.PEC != nil {
		label, tone = kindIn(a.words, d.PEC), toneOf(d.PEC)
	}
	note := ""
	if d.Damage != "" {
		note = strings.ReplaceAll(d.Damage, "-", " ")
	}
	a.add(arrow{From: from, To: host, Label: label, Note: note, Tone: tone, Path: a.path(d.Blob), IDs: []string{d.ID}})
	if !d.Accepted() {
		a.refusal(host, from, asSubmission(d.Dispatch))
	}
	for _, m := range d.Found {
		if m.Role == evidence.ServiceMailbox {
			continue // it belongs to the provider, whom the arrow above has reached
		}
		a.add(arrow{From: host, To: a.mailbox(m.Mailbox), Label: label, Tone: tone, Path: a.path(m.Blob), IDs: []string{m.ID}})
	}
}

// peer returns the lifeline of who the harness plays.
func (a *artist) peer(d *rules.Dispatch) int {
	if d.Peer == "" {
		return a.line("host ordinary", a.words.Text("flow.another-host"), a.words.Text("flow.played"), "ordinary", rankSender)
	}
	return a.provider(d.Peer)
}

// dispatches draws what the harness sent of its own accord, each with what
// followed from it.
func (a *artist) dispatches() {
	for _, d := range a.view.Dispatches {
		if d.About != "" && slices.ContainsFunc(a.view.Transactions, func(t *rules.Transaction) bool { return t.ID == d.About }) {
			continue // drawn with the submission that it answers
		}
		a.divide(d.ID + ": " + dispatchWords(a.words, d.Dispatch))
		a.dispatch(d)
		a.unfold(d.Started, d.Messages, nil, nil)
	}
}

// answersTo returns what the harness answered about a submission.
func (a *artist) answersTo(id string) []*rules.Dispatch {
	var list []*rules.Dispatch
	for _, d := range a.view.Dispatches {
		if d.About == id {
			list = append(list, d)
		}
	}
	return list
}

// dispatchWords says what the harness sent, and as whom.
func dispatchWords(w *words.Words, d evidence.Dispatch) string {
	text := cmp.Or(d.Peer, w.Text("flow.another-host")) + ", " + strings.ReplaceAll(d.Template, "-", " ")
	if d.Damage != "" {
		text += " (" + strings.ReplaceAll(d.Damage, "-", " ") + ")"
	}
	if d.Again != "" {
		text += w.Text("flow.again", d.Again)
	}
	return text
}

// dispatchAnswer is what the target said last of a dispatch.
func dispatchAnswer(w *words.Words, d evidence.Dispatch) string {
	return answerOf(w, asSubmission(d))
}

// asSubmission are the answers to a dispatch, as those to a submission.
func asSubmission(d evidence.Dispatch) evidence.Submission {
	return evidence.Submission{MailReply: d.MailReply, Recipients: d.Recipients, DataReply: d.DataReply}
}
