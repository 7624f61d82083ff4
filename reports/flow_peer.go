package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/rules"
)

// epoch counts the moves of legal time that had begun by then: what happened
// in different epochs lies hours or months apart.
func (a *artist) epoch(at time.Time) (n int) {
	for _, move := range a.view.Case.ClockMoves {
		if !at.Before(move.Now.Add(-move.By)) {
			n++
		}
	}
	return n
}

// epochs is how many there are.
func (a *artist) epochs() int { return len(a.view.Case.ClockMoves) + 1 }

// later separates an epoch from the one before.
func (a *artist) later(epoch int) {
	move := a.view.Case.ClockMoves[epoch-1]
	text := spanWords(move.By) + " pass"
	for _, r := range a.view.Case.Restarts {
		if a.epoch(r.At) == epoch {
			text += "; " + r.Provider + " is restarted"
		}
	}
	a.flow.Arrows = append(a.flow.Arrows, arrow{Divider: text})
}

// spanWords says how much legal time passed.
func spanWords(d time.Duration) string {
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		return plural(int(d/(24*time.Hour)), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d >= time.Minute && d%time.Minute == 0 && d < time.Hour:
		return plural(int(d/time.Minute), "minute")
	}
	return d.Round(time.Second).String()
}

// unfold draws what came of one cause, epoch by epoch: the answers that the
// harness gave in it, then the messages of the target.
func (a *artist) unfold(messages []*rules.Message, answers []*rules.Dispatch, carried []evidence.RelayExchange) {
	for epoch := range a.epochs() {
		var now []*rules.Message
		for _, m := range messages {
			if a.epoch(m.Delivered) == epoch {
				now = append(now, m)
			}
		}
		var said []*rules.Dispatch
		for _, d := range answers {
			if a.epoch(d.Started) == epoch {
				said = append(said, d)
			}
		}
		if epoch > 0 {
			if len(now)+len(said) == 0 {
				continue
			}
			a.later(epoch)
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
		label, tone = kindWords(d.PEC), toneOf(d.PEC)
	}
	note := ""
	if d.Damage != "" {
		note = strings.ReplaceAll(d.Damage, "-", " ")
	}
	a.add(arrow{From: from, To: host, Label: label, Note: note, Tone: tone, Path: a.path(d.Blob), IDs: []string{d.ID}})
	if !d.Accepted() {
		a.add(arrow{From: host, To: from, Label: "refused: " + dispatchAnswer(d.Dispatch), Tone: "reply"})
	}
	for _, m := range d.Found {
		a.add(arrow{From: host, To: a.mailbox(m.Mailbox), Label: label, Tone: tone, Path: a.path(m.Blob), IDs: []string{m.ID}})
	}
}

// peer returns the lifeline of who the harness plays.
func (a *artist) peer(d *rules.Dispatch) int {
	if d.Peer == "" {
		return a.line("host ordinary", "another mail host", "played by the harness", "ordinary", rankSender)
	}
	return a.line("host "+d.Peer, d.Peer, "played by the harness", "provider", rankProvider)
}

// dispatches draws what the harness sent of its own accord, each with what
// followed from it.
func (a *artist) dispatches() {
	for _, d := range a.view.Dispatches {
		if d.About != "" && slices.ContainsFunc(a.view.Transactions, func(t *rules.Transaction) bool { return t.ID == d.About }) {
			continue // drawn with the submission that it answers
		}
		a.divide(d.ID + ": " + dispatchWords(d.Dispatch))
		a.dispatch(d)
		a.unfold(d.Messages, nil, nil)
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
func dispatchWords(d evidence.Dispatch) string {
	words := cmp.Or(d.Peer, "another mail host") + ", " + strings.ReplaceAll(d.Template, "-", " ")
	if d.Damage != "" {
		words += " (" + strings.ReplaceAll(d.Damage, "-", " ") + ")"
	}
	if d.Again != "" {
		words += ", the octets of " + d.Again + " once more"
	}
	return words
}

// dispatchAnswer is what the target said last of a dispatch.
func dispatchAnswer(d evidence.Dispatch) string {
	return answerOf(evidence.Submission{MailReply: d.MailReply, Recipients: d.Recipients, DataReply: d.DataReply})
}

// readingItems are the looks at the directory, and the moves of legal time, as
// a reader is shown them in the list of what was asked.
func readingItems(record *evidence.Record, c *evidence.Case) []probed {
	var list []probed
	for _, r := range c.DirectoryReads {
		outcome := "handed out"
		if r.Refused {
			outcome = "refused"
		}
		if r.Status != 0 {
			outcome += fmt.Sprintf(", status %d", r.Status)
		}
		shown := "no client certificate"
		if r.Shown != "" {
			shown = "with the certificate of " + r.Shown
		}
		path := ""
		if r.Blob != "" {
			path = record.Path(r.Blob)
		}
		list = append(list, probed{Name: strings.ReplaceAll(r.What, "-", " "), Service: r.Address, Provider: r.Provider, Asked: shown, Outcome: outcome, Dialogue: path})
	}
	for _, r := range c.Resolutions {
		outcome := strings.Join(r.Answers, ", ")
		list = append(list, probed{Name: "name service", Asked: r.Type + " of " + r.Name, Outcome: cmp.Or(outcome, r.Error, "no answer")})
	}
	return list
}
