package console

import (
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/journal"
)

// sequence is an exchange as it is drawn: arrows between lanes.
type sequence struct {
	Lanes  []lane
	Arrows []arrow
}

// lane is a vertical line: a person with a mailbox, or a host.
type lane struct {
	Key    string
	Name   string
	Detail string
	Kind   string // person, provider, ordinary or outside
	rank   int
}

// arrow is one step. One with a Divider separates what follows from what came
// before, and goes nowhere.
type arrow struct {
	From, To int // lanes, by index
	Label    string
	Note     string
	Tone     string // plain, envelope, receipt, late, trouble or note: how it is drawn
	SHA256   string // of the message, when it is kept somewhere
	At       time.Time
	Count    int
	Missing  bool // logged, but in no mailbox
	Divider  string
}

// Places of lanes from left to right.
const (
	rankSender = iota
	rankHome   // the sender's host
	rankHost
	rankRecipient
)

// maxLanes bounds the recipients that have a lane of their own.
const maxLanes = 6

// maxArrows bounds the picture; the log has the rest.
const maxArrows = 300

// artist draws an exchange.
type artist struct {
	*snapshot
	speaker
	e     *exchange
	home  string            // name of the sender's host
	kinds map[string]string // event that made the message of that Message-ID
	sequence
	last time.Time
}

// draw makes the sequence of an exchange in the speaker's language.
func draw(s *snapshot, say speaker, e *exchange) sequence {
	a := &artist{snapshot: s, speaker: say, e: e, kinds: map[string]string{}}
	for _, l := range e.lines {
		if made(l.Event) {
			a.kinds[first(l.Related)] = l.Event
		}
	}
	if e.Sender != "" {
		a.person(e.Sender, rankSender)
		if h := s.host(e.Sender); h != nil {
			a.home = h.Name
			a.at(h.Name)
		}
	}
	begun := false
	for _, st := range ordered(e.lines) {
		a.passTime(st.line.At)
		if !begun && st.line.Event != journal.Delay {
			begun = true
			a.begin(st.line)
		}
		a.line(st)
	}
	for _, m := range e.strays {
		a.passTime(m.Received)
		a.stray(m)
	}
	if more := len(a.Arrows) - maxArrows; more > 0 {
		a.Arrows = append(a.Arrows[:maxArrows], arrow{Divider: say.Count("flow.steps", more)})
	}
	a.arrange()
	return a.sequence
}

// begin draws how the message came to the first provider that logged it.
func (a *artist) begin(l LogLine) {
	if a.e.Sender == "" || a.service(a.e.Sender) {
		return
	}
	from, to := a.person(a.e.Sender, rankSender), a.at(l.Provider)
	tone := "plain"
	if a.home == "" || a.home == l.Provider {
		label := a.Say("arrow.submission")
		if a.home == "" {
			label = a.Say("arrow.ordinary")
		}
		a.add(arrow{From: from, To: to, Label: label, Tone: tone, At: l.At})
		return
	}
	home := a.at(a.home)
	a.add(arrow{From: from, To: home, Label: a.Say("arrow.submission"), Tone: tone, At: l.At})
	if h := a.named(a.home); h != nil && !h.Provider {
		a.add(arrow{From: home, To: to, Label: a.Say("arrow.ordinary"), Tone: tone, At: l.At})
	}
}

func (a *artist) line(st step) {
	l := st.line
	host, id := a.at(l.Provider), first(l.Related)
	switch l.Event {
	case journal.Relayed:
		a.hop(l, host, id)
	case journal.Deferred, journal.NotRelayed:
		to := a.destination(l)
		a.add(arrow{From: host, To: to, Label: a.Say("arrow." + l.Event), Note: l.Detail, Tone: "trouble", At: l.At})
	case journal.Stored, journal.ReceiptArrived:
		for _, r := range l.Recipients {
			a.deliver(host, r, id, l)
		}
	case journal.Envelope: // drawn when it leaves, or when it is stored
		if !a.leaves(l.Provider, id) {
			a.local(host, l, id)
		}
	case journal.TakenInCharge, journal.Virus: // between providers
	case journal.Acceptance, journal.NonAcceptance, journal.Delay, journal.Delivery, journal.NonDelivery, journal.Anomaly:
		if !a.leaves(l.Provider, id) {
			a.local(host, l, id)
		}
	case journal.Refused:
		a.add(arrow{From: host, To: a.person(l.Sender, rankSender), Label: a.Say("arrow.refused"), Note: l.Detail, Tone: "trouble", At: l.At})
	default: // quarantined, discarded, repeated, and what later versions may log
		a.add(arrow{From: host, To: host, Label: a.SayOf("arrow", l.Event), Note: l.Detail, Tone: "note", At: l.At})
	}
}

// leaves tells that a message was handed to another host.
func (a *artist) leaves(provider, id string) bool {
	for _, l := range a.e.lines {
		if l.Provider == provider && (l.Event == journal.Relayed || l.Event == journal.Deferred || l.Event == journal.NotRelayed) && first(l.Related) == id {
			return true
		}
	}
	return false
}

// local draws a message that its provider put into a mailbox of its own.
func (a *artist) local(host int, l LogLine, id string) {
	for _, m := range a.held(id, "") {
		if h := a.host(m.Mailbox); h != nil && h.Name == l.Provider && !a.service(m.Mailbox) && !a.storedLater(l.Provider, id) {
			a.deliver(host, m.Mailbox, id, l)
		}
	}
	if len(a.held(id, "")) > 0 || l.Event == journal.Envelope {
		return
	}
	to := l.Sender // receipts and notices go to the sender, an anomaly envelope to the recipient
	if l.Event == journal.Anomaly {
		to = first(l.Recipients)
	}
	switch {
	case to == "":
	case a.came(id, to):
		a.deliver(host, to, id, l)
	default:
		a.add(arrow{From: host, To: a.person(to, rankRecipient), Label: a.SayOf("kind", kindOf(l.Event)), Tone: tone(l.Event), At: l.At, Missing: true, Note: a.Say("arrow.missing")})
	}
}

// storedLater tells that a line of its own says when the message was stored.
func (a *artist) storedLater(provider, id string) bool {
	for _, l := range a.e.lines {
		if l.Provider == provider && (l.Event == journal.Stored || l.Event == journal.ReceiptArrived) && first(l.Related) == id {
			return true
		}
	}
	return false
}

// hop draws a message on its way to another host. A host that is no provider
// keeps no log: what is in its mailboxes is drawn at once.
func (a *artist) hop(l LogLine, from int, id string) {
	to := a.at(l.Detail)
	event := a.kinds[id]
	w := arrow{From: from, To: to, Label: a.SayOf("kind", kindOf(event)), Tone: tone(event), At: l.At}
	if event == "" {
		w.Label, w.Tone = a.Say("arrow.message"), "plain"
	}
	if kept := a.held(id, ""); len(kept) > 0 {
		w.SHA256 = kept[0].SHA256
	}
	if from != to {
		a.add(w)
	}
	if h := a.named(l.Detail); h != nil && !h.Provider {
		for _, r := range l.Recipients {
			if len(a.held(id, r)) > 0 {
				a.deliver(to, r, id, l)
			}
		}
	}
}

// deliver draws a message that went into a mailbox. The arrow to a provider's
// own mailbox is the one that reached the provider.
func (a *artist) deliver(host int, mailbox, id string, l LogLine) {
	if a.service(mailbox) {
		return
	}
	event := a.kinds[id]
	w := arrow{From: host, To: a.person(mailbox, rankRecipient), Label: a.SayOf("kind", kindOf(event)), Tone: tone(event), At: l.At}
	if copies := a.held(id, mailbox); len(copies) > 0 {
		w.SHA256 = copies[0].SHA256
		w.Label, w.Tone = a.labelOf(copies[0].summary), toneOfKind(copies[0].Kind)
	} else {
		w.Note = a.Say("arrow.removed") // the log says that it was stored, or an event did
		if event == "" {
			w.Label, w.Tone = a.Say("arrow.message"), "plain"
		}
	}
	a.add(w)
}

// stray draws a message that no provider's log knows.
func (a *artist) stray(m placed) {
	to := a.person(m.Mailbox, rankRecipient)
	from := to
	if h := a.host(m.Mailbox); h != nil {
		from = a.at(h.Name)
	}
	if sender := addressIn(m.From); strings.Contains(sender, "@") && !strings.EqualFold(sender, m.Mailbox) {
		a.add(arrow{From: a.person(sender, rankSender), To: from, Label: a.Say("arrow.message"), Tone: "plain", At: m.Received})
	}
	a.add(arrow{From: from, To: to, Label: a.labelOf(m.summary), Tone: toneOfKind(m.Kind), At: m.Received, SHA256: m.SHA256})
}

func (a *artist) labelOf(m *summary) string {
	label := a.SayOf("kind", m.Kind.String())
	if m.Virus {
		label += ", " + a.Say("kind.virus")
	}
	return label
}
