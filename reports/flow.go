package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// flow is the messages of a scenario as a sequence between lifelines.
type flow struct {
	Lines  []lifeline
	Arrows []arrow
}

// arrow is one step of the sequence. One with a Divider separates what follows
// from what came before, and goes nowhere.
type arrow struct {
	From, To int // lifelines, by index
	Label    string
	Brief    string // the label where it has to be short; "": as it is
	Note     string
	Tone     string   // plain, envelope, receipt, trouble or reply: how it is drawn
	Path     string   // of the octets
	IDs      []string // of the submission or the messages
	Count    int      // how many equal ones it stands for
	Divider  string
}

// artist draws a flow.
type artist struct {
	words *words.Words
	view  *rules.View
	path  func(hash string) string
	flow  flow
	hops  map[string]bool // already drawn in this transaction: kind, from, to
}

// draw puts the messages of a scenario in sequence: in each transaction the
// submission, what the provider answered, what went to others, and what came
// of it, in the order in which one follows from the other. path finds octets.
func draw(w *words.Words, view *rules.View, path func(hash string) string) flow {
	a := &artist{words: w, view: view, path: path}
	a.client()
	for _, t := range view.Transactions {
		if len(view.Transactions) > 1 {
			a.divide(t.ID + ": " + t.Actor + ", " + submissionWords(a.words, t.Submission))
		}
		a.submission(t)
		a.unfold(t.Started, t.Messages, a.answersTo(t.ID), a.carried(t))
	}
	a.dispatches()
	if len(view.Unclaimed) > 0 {
		a.divide(a.words.Text("flow.unclaimed"))
		a.messages(view.Unclaimed, nil)
	}
	a.others()
	a.order()
	a.cut()
	return a.flow
}

func (a *artist) divide(text string) {
	a.hops = map[string]bool{}
	a.flow.Arrows = append(a.flow.Arrows, arrow{Divider: text})
}

func (a *artist) submission(t *rules.Transaction) {
	address := cmp.Or(t.Account, t.ReversePath)
	from := a.line("mailbox "+strings.ToLower(address), cmp.Or(t.Actor, a.words.Text("flow.somebody")), address, "actor", rankSender)
	host := a.host(t.Host, t.Account)
	label, tone := a.words.Text("flow.submission"), "plain"
	if t.Channel == evidence.IncomingPoint {
		label = a.words.Text("flow.ordinary-mail")
	}
	if n := len(t.Recipients); n > 1 {
		label = a.words.Text("flow.to", a.words.Count(n, "count.recipients"))
	}
	if t.Infected != "" {
		label, tone = label+a.words.Text("flow.infected"), "trouble"
	}
	a.add(arrow{From: from, To: host, Label: label, Tone: tone, Path: a.path(t.Blob), IDs: []string{t.ID}})
	if !t.Accepted() {
		a.refusal(host, from, t.Submission)
	}
}

// refusal draws that a host refused what it was handed.
func (a *artist) refusal(host, to int, s evidence.Submission) {
	code, _ := replyTo(a.words, s)
	a.add(arrow{
		From: host, To: to, Tone: "reply",
		Label: a.words.Text("flow.refused", answerOf(a.words, s)),
		Brief: a.words.Text("flow.refused", cmp.Or(code, a.words.Text("flow.no-reply"))),
	})
}

// messages draws the messages of one transaction, and what was carried between
// hosts and reached no mailbox. Envelopes go to the other provider before it
// answers, and to the mailbox after.
func (a *artist) messages(messages []*rules.Message, carried []evidence.RelayExchange) {
	if a.hops == nil {
		a.hops = map[string]bool{}
	}
	sorted := slices.Clone(messages)
	slices.SortStableFunc(sorted, func(m, n *rules.Message) int {
		return cmp.Or(
			cmp.Compare(place(m), place(n)),
			cmp.Compare(m.PEC.Root.Value("From"), n.PEC.Root.Value("From")),
			m.Delivered.Compare(n.Delivered),
		)
	})
	away := slices.IndexFunc(sorted, func(m *rules.Message) bool { return place(m) >= placeOf(pec.TakenInCharge) })
	for i := 0; i < len(sorted); {
		if i == away {
			a.depart(sorted[i:], carried)
		}
		n := 1
		for i+n < len(sorted) && i+n != away && alike(sorted[i], sorted[i+n]) {
			n++
		}
		a.message(sorted[i], sorted[i:i+n])
		i += n
	}
	if away < 0 {
		a.depart(nil, carried)
	}
}

// alike tells messages that are drawn as one: nobody could tell their arrows
// apart.
func alike(m, n *rules.Message) bool {
	return m.PEC.Kind == n.PEC.Kind && m.PEC.Virus == n.PEC.Virus && m.Mailbox == n.Mailbox && m.PEC.Root.Value("From") == n.PEC.Root.Value("From")
}

// depart draws what leaves for other hosts.
func (a *artist) depart(messages []*rules.Message, carried []evidence.RelayExchange) {
	for _, m := range messages {
		if m.PEC.Kind != pec.TransportEnvelope || m.Provider == "" {
			continue
		}
		if p := a.view.Provider(m); p != nil && p.Name != m.Provider {
			a.hop(arrow{From: a.provider(p.Name), To: a.provider(m.Provider), Label: kindIn(a.words, m.PEC), Tone: toneOf(m.PEC), Path: a.path(m.Blob), IDs: []string{m.ID}})
		}
	}
	for _, r := range carried {
		a.add(arrow{From: a.provider(r.From), To: a.host(r.To, ""), Label: a.words.Text("flow.not-delivered"), Tone: "envelope"})
	}
}

// carried returns what providers handed to each other for this transaction,
// from the sender on, and that no mailbox holds as it was.
func (a *artist) carried(t *rules.Transaction) []evidence.RelayExchange {
	held := map[string]bool{}
	for _, m := range a.view.Case.Messages {
		held[m.Blob] = true
	}
	var list []evidence.RelayExchange
	for _, r := range a.view.Case.Relay {
		accepted := r.Code >= 200 && r.Code < 300
		if accepted && !held[r.SHA256] && pec.SameAddress(r.ReversePath, t.ReversePath) && a.ownerAt(r) == t {
			list = append(list, r)
		}
	}
	return list
}

// ownerAt returns the submission that a relay from its sender belongs to: the
// last one before it.
func (a *artist) ownerAt(r evidence.RelayExchange) *rules.Transaction {
	var owner *rules.Transaction
	for _, t := range a.view.Transactions {
		if pec.SameAddress(r.ReversePath, t.ReversePath) && !t.Started.After(r.At) {
			owner = t
		}
	}
	return owner
}

// place is where a message stands in its transaction.
func place(m *rules.Message) int { return placeOf(m.PEC.Kind) }

// placeOf is where a kind stands in the life of a message: mailboxes state
// their times to the second, and in a second everything happens.
func placeOf(kind pec.Kind) int {
	order := []pec.Kind{
		pec.NonAcceptance, pec.Acceptance, pec.Unclear, pec.Ordinary, pec.TakenInCharge, pec.TransportEnvelope,
		pec.AnomalyEnvelope, pec.VirusDetection, pec.Delay, pec.Delivery, pec.NonDelivery,
	}
	return slices.Index(order, kind)
}

// message draws a message, or as many that are alike.
func (a *artist) message(m *rules.Message, all []*rules.Message) {
	label, tone, count := kindIn(a.words, m.PEC), toneOf(m.PEC), len(all)
	var ids []string
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	from := -1
	if p := a.view.Provider(m); p != nil {
		from = a.provider(p.Name)
	}
	if m.Role == evidence.ServiceMailbox && m.Provider != "" {
		to := a.provider(m.Provider)
		if from < 0 {
			from = to
		}
		a.add(arrow{From: from, To: to, Label: label, Note: a.words.Text("flow.service-mailbox"), Tone: tone, Path: a.path(m.Blob), IDs: ids, Count: count})
		return
	}
	if m.Provider != "" {
		to := a.provider(m.Provider)
		if from >= 0 && from != to {
			a.hop(arrow{From: from, To: to, Label: label, Tone: tone, Path: a.path(m.Blob), IDs: ids, Count: count})
		}
		from = to
	}
	to := a.mailbox(m.Mailbox)
	if from < 0 {
		from = to
	}
	a.add(arrow{From: from, To: to, Label: label, Tone: tone, Path: a.path(m.Blob), IDs: ids, Count: count})
}

// hop draws the way of a message between two providers, once for all the
// recipients it has there.
func (a *artist) hop(w arrow) {
	key := w.Label + "|" + a.flow.Lines[w.From].key + "|" + a.flow.Lines[w.To].key
	if w.Tone == "envelope" {
		if a.hops[key] {
			return
		}
		a.hops[key] = true
	}
	a.add(w)
}

// others draws what is no message of the target: what it relayed in vain, and
// other mail that a mailbox held.
func (a *artist) others() {
	for _, r := range a.view.Case.Relay {
		if r.Code >= 200 && r.Code < 300 {
			continue
		}
		a.add(arrow{From: a.provider(r.From), To: a.host(r.To, ""), Label: a.words.Text("flow.relay-refused"), Note: a.statusOf(r.Code), Tone: "reply"})
	}
	for _, m := range a.view.Case.Messages {
		if m.Emitter == evidence.Target || m.Emitter == evidence.Harness {
			continue // what the harness sent is drawn with its dispatch
		}
		to := a.mailbox(m.Mailbox)
		a.add(arrow{From: to, To: to, Label: a.words.Text("flow.other-mail"), Tone: "plain", Path: a.path(m.Blob), IDs: []string{m.ID}})
	}
}

func (a *artist) statusOf(code int) string {
	if code == 0 {
		return a.words.Text("flow.no-reply")
	}
	return plainNumber(code)
}

// add appends an arrow, or counts it with the one before when nobody could
// tell them apart.
func (a *artist) add(w arrow) {
	w.Count = max(w.Count, 1)
	if n := len(a.flow.Arrows); n > 0 {
		last := &a.flow.Arrows[n-1]
		if last.From == w.From && last.To == w.To && last.Label == w.Label && last.Note == w.Note && last.Divider == "" {
			last.Count += w.Count
			last.IDs = append(last.IDs, w.IDs...)
			return
		}
	}
	a.flow.Arrows = append(a.flow.Arrows, w)
}

func toneOf(m *pec.Message) string {
	switch m.Kind {
	case pec.TransportEnvelope:
		return "envelope"
	case pec.NonAcceptance, pec.NonDelivery, pec.Delay, pec.VirusDetection, pec.AnomalyEnvelope, pec.Unclear:
		return "trouble"
	case pec.Ordinary:
		return "plain"
	}
	return "receipt"
}
