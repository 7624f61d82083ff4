package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// logJudges answers for what a provider keeps: its log (RFC 6109 2.3), and its
// store of infected messages (2.2.4). How long it keeps them no run can see.
func logJudges() []Judge {
	journal, store := []Need{NeedJournal}, []Need{NeedQuarantine}
	return []Judge{
		{Rule: "PEC-LOG-001", Looks: "an entry in the log for every message that a provider issued", Needs: journal, Look: operationsLogged},
		{Rule: "PEC-LOG-002", Looks: "fields of the log entries", Needs: journal, Look: entriesComplete},
		{Rule: "PEC-LOG-003", Looks: "a log entry of the fitting type for every kind of message that occurred", Needs: journal, Look: eventTypesLogged},
		{Rule: "PEC-LOG-006", Looks: "instants of log entries against those of the messages", Needs: journal, Look: instantsLogged},
		{Rule: "PEC-NAV-007", Looks: "infected submissions refused at the access point: kept as they are", Needs: store, Look: infectedKeptAsIs},
		{Rule: "PEC-STO-001", Looks: "infected submissions: stored by the sender's provider", Needs: store, Look: storedBySender},
		{Rule: "PEC-STO-002", Looks: "infected envelopes: stored by the recipient's provider", Needs: store, Look: storedByRecipient},
		{Rule: "PEC-STO-003", Looks: "stored copies of infected submissions: the message as is", Needs: store, Look: infectedKeptAsIs},
	}
}

// eventsOf returns the event types under which an issued message may be
// logged; a virus notice may be logged as the virus that it tells of.
func eventsOf(m *Message) []string {
	virus := m.PEC.Virus || m.PEC.Certification != nil && m.PEC.Certification.Error == "virus"
	names := map[pec.Kind]string{
		pec.Acceptance: "acceptance", pec.NonAcceptance: "non-acceptance", pec.TakenInCharge: "taken-in-charge",
		pec.Delivery: "delivery", pec.NonDelivery: "non-delivery", pec.Delay: "delay", pec.VirusDetection: "virus",
		pec.TransportEnvelope: "envelope", pec.AnomalyEnvelope: "anomaly",
	}
	name, known := names[m.PEC.Kind]
	switch {
	case !known:
		return nil
	case virus && name != "virus":
		return []string{name, "virus"}
	default:
		return []string{name}
	}
}

// issued is a message of a judged provider of the world, with the name of the
// provider in whose log it has to stand.
type issued struct {
	*Message
	by     string
	events []string
}

func issuedMessages(v *View) []issued {
	var all []issued
	for _, m := range v.Messages {
		p := v.Provider(m)
		if p == nil || !v.judged(p.Name) || len(eventsOf(m)) == 0 {
			continue
		}
		if at, stated := instantOf(m); stated && loggedUntil(at).Before(v.now()) {
			continue // its entries need not be kept any more
		}
		all = append(all, issued{m, p.Name, eventsOf(m)})
	}
	return all
}

// entriesAbout returns the provider's entries about the submission: by client
// msgid, by PEC msgid, or by the token in the subject.
func entriesAbout(v *View, t *Transaction, provider string) []evidence.JournalEntry {
	ids := identifiersOf(t)
	for _, m := range t.Messages {
		if c := m.PEC.Certification; c != nil && c.Identifier != "" {
			ids = append(ids, bareID(c.Identifier))
		}
	}
	client := bareID(t.clientMessageID())
	var about []evidence.JournalEntry
	for _, j := range v.Case.Journal {
		mine := client != "" && bareID(j.MessageID) == client ||
			j.Identifier != "" && slices.Contains(ids, bareID(j.Identifier)) ||
			t.Token != "" && strings.Contains(j.Subject, t.Token)
		if mine && (provider == "" || j.Provider == provider) && !v.namesDispatch(j) {
			about = append(about, j)
		}
	}
	return about
}

// namesDispatch tells that the entry is about a message that the harness sent
// as a provider: an answer about a submission bears the token of its subject.
func (v *View) namesDispatch(j evidence.JournalEntry) bool {
	return j.MessageID != "" && slices.ContainsFunc(v.Dispatches, func(d *Dispatch) bool { return bareID(d.MessageID) == bareID(j.MessageID) })
}

// entriesOf returns the entries about the message's submission, and those that
// name the message itself: an anomaly envelope may hold an answer to a
// submission that its provider logs as mail of its own.
func entriesOf(v *View, m issued) []evidence.JournalEntry {
	entries := entriesAbout(v, m.Transaction, m.by)
	own := bareID(m.PEC.Root.Value("Message-ID"))
	if own == "" {
		return entries
	}
	for _, j := range v.Case.Journal {
		names := func(id string) bool { return bareID(id) == own }
		if j.Provider == m.by && (names(j.MessageID) || slices.ContainsFunc(j.Related, names)) {
			entries = append(entries, j)
		}
	}
	return entries
}

func operationsLogged(v *View, f *Findings) {
	if !v.Case.HasJournal {
		return
	}
	for _, m := range issuedMessages(v) {
		if m.Transaction == nil {
			continue
		}
		entries := entriesOf(v, m)
		if slices.ContainsFunc(entries, func(j evidence.JournalEntry) bool { return slices.Contains(m.events, j.Event) }) {
			f.Holds(m.Where("log"), m.by+": "+m.events[0])
		} else {
			f.Broken(m.Where("log"), fmt.Sprintf("an entry %q about %s in the log of %s", m.events[0], m.Transaction.ID, m.by), eventsSeen(entries))
		}
	}
}

func eventsSeen(entries []evidence.JournalEntry) string {
	var events []string
	for _, j := range entries {
		events = append(events, j.Event)
	}
	slices.Sort(events)
	if events = slices.Compact(events); len(events) == 0 {
		return "no entry about it"
	}
	return "only " + strings.Join(events, ", ")
}

func entriesComplete(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		for _, j := range entriesAbout(v, t, "") {
			if !v.judged(j.Provider) || !slices.Contains(generating, j.Event) {
				continue
			}
			where := Where{Submission: t.ID, Part: fmt.Sprintf("log of %s, %s", j.Provider, j.Event)}
			if lacks := lacking(t, j); len(lacks) > 0 {
				f.Broken(where, "msgid, instant, sender, recipients, subject, event, msgids of generated messages, sending provider", "missing or wrong: "+strings.Join(lacks, ", "))
			} else {
				f.Holds(where, "complete")
			}
		}
	}
}

// lacking names what an entry about the submission should say and does not.
func lacking(t *Transaction, j evidence.JournalEntry) []string {
	var lacks []string
	need := func(what string, ok bool) {
		if !ok {
			lacks = append(lacks, what)
		}
	}
	client := bareID(t.clientMessageID())
	subject, hasSubject := t.subject()
	need("the msgid of the original", client == "" || bareID(j.MessageID) == client)
	need("date and time", !j.At.IsZero())
	need("the sender "+t.sender(), strings.EqualFold(pec.BareAddress(j.Sender), t.sender()))
	need("the recipients", len(j.Recipients) > 0)
	if j.Event == "acceptance" || j.Event == "non-acceptance" || j.Event == "envelope" {
		for _, r := range t.addressees() { // what comes later may concern some of them only
			need("the recipient "+r, holdsAddress(j.Recipients, r))
		}
	}
	need("the subject", !hasSubject || subject == "" || loggedSubject(j.Subject) == subject || lossyEqual(subject, j.Subject) || !ascii(t.Sent.Value("Subject")))
	need("the msgids of generated messages", len(j.Related) > 0)
	need("the sending provider", j.Issuer != "")
	return lacks
}

// generating are the operations of which the rules speak: each makes a message.
// What else a provider logs, of SMTP or of its mailboxes, is its own affair.
var generating = []string{"acceptance", "non-acceptance", "envelope", "taken-in-charge", "delivery", "non-delivery", "delay", "virus", "anomaly"}

// loggedSubject reads a subject that was logged decoded or as it stood.
func loggedSubject(s string) string { return fold(rawmime.DecodeWords(s)) }

func eventTypesLogged(v *View, f *Findings) {
	if !v.Case.HasJournal {
		return
	}
	done := map[string]bool{}
	for _, m := range issuedMessages(v) {
		key := m.by + " " + m.events[0]
		if done[key] {
			continue
		}
		done[key] = true
		var entries []evidence.JournalEntry
		for _, j := range v.Case.Journal {
			if j.Provider == m.by {
				entries = append(entries, j)
			}
		}
		if slices.ContainsFunc(entries, func(j evidence.JournalEntry) bool { return slices.Contains(m.events, j.Event) }) {
			f.Holds(m.Where("log"), key)
		} else {
			f.Broken(m.Where("log"), fmt.Sprintf("entries of type %q in the log of %s, which issued %s", m.events[0], m.by, m.ID), eventsSeen(entries))
		}
	}
}

func instantsLogged(v *View, f *Findings) {
	for _, m := range issuedMessages(v) {
		c := m.PEC.Certification
		if c == nil || m.Transaction == nil {
			continue
		}
		at, err := certifiedInstant(c)
		if err != nil {
			continue
		}
		var instants []string
		same := false
		for _, j := range entriesOf(v, m) {
			if slices.Contains(m.events, j.Event) {
				instants = append(instants, j.At.Format(time.RFC3339))
				same = same || j.At.Truncate(time.Second).Equal(at)
			}
		}
		switch {
		case same:
			f.Holds(m.Where("log"), at.Format(time.RFC3339))
		case len(instants) > 0:
			f.Broken(m.Where("log"), "an entry at "+at.Format(time.RFC3339)+", the instant of the message", strings.Join(instants, ", "))
		}
	}
}
