package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// transactionLogged: from the log alone one can tell, of each message that a
// provider issued about a submission, what it was, about whom, and which.
func transactionLogged(v *View, f *Findings) {
	for _, m := range issuedMessages(v) {
		t := m.Transaction
		if t == nil || t.Channel == evidence.IncomingPoint {
			continue
		}
		var concerned []string
		switch nature(m.Message) {
		case pec.TakenInCharge:
			if c := m.PEC.Certification; c != nil {
				for _, r := range c.Reception {
					concerned = append(concerned, pec.BareAddress(r))
				}
			}
		case pec.Delivery, pec.NonDelivery, pec.Delay, pec.VirusDetection:
			concerned = consegnaOf(m.Message)
		case pec.Acceptance, pec.NonAcceptance:
			concerned = t.addressees()
		}
		f.traced(v, m, concerned)
	}
}

func (f *Findings) traced(v *View, m issued, concerned []string) {
	expected := fmt.Sprintf("an entry %q in the log of %s that names %s and %s", m.events[0], m.by, m.PEC.Root.Value("Message-ID"), shownList(concerned))
	var near []string
	for _, j := range entriesOf(v, m) {
		if !slices.Contains(m.events, j.Event) {
			continue
		}
		var lacks []string
		if !namesMessage(j, m.Message) {
			lacks = append(lacks, "its msgid")
		}
		for _, r := range concerned {
			if !holdsAddress(j.Recipients, r) {
				lacks = append(lacks, r)
			}
		}
		if len(lacks) == 0 {
			f.Holds(m.Where("log"), m.by+": "+j.Event)
			return
		}
		near = append(near, "an entry without "+strings.Join(lacks, ", "))
	}
	if len(near) == 0 {
		near = []string{"none"}
	}
	f.Broken(m.Where("log"), expected, strings.Join(near, "; "))
}

// namesMessage tells that the entry names the message itself. An anomaly
// envelope bears the identifier of what it wraps.
func namesMessage(j evidence.JournalEntry, m *Message) bool {
	own := bareID(m.PEC.Root.Value("Message-ID"))
	names := func(id string) bool { return own != "" && bareID(id) == own }
	return own == "" || names(j.MessageID) || names(j.Identifier) || slices.ContainsFunc(j.Related, names)
}

// extractHandedOut: what the log holds of the holder's message, and nothing of
// other messages.
func extractHandedOut(v *View, f *Findings) {
	for _, e := range v.Case.Events {
		if e.LogExtract == nil || !v.judged(e.LogExtract.Provider) {
			continue
		}
		x := extract{*e.LogExtract, e.At}
		where := Where{Blob: x.Blob, Part: "log extract of " + x.Provider + " for " + x.Address}
		t := v.submissionWith(x.MessageID)
		if t == nil {
			if len(x.Entries) > 0 {
				f.Broken(where, "nothing: "+x.MessageID+" is no message of this scenario", plural(len(x.Entries), "entry")+" handed out")
			}
			continue
		}
		party := pec.SameAddress(t.sender(), x.Address) || lists(t.addressees(), x.Address)
		foreign := foreignEntries(v, t, x)
		missing := v.missingEntries(t, x)
		dispatched, known := t.dispatchedAt()
		switch {
		case !party && (len(x.Entries) > 0 || v.documentHolds(x, t)):
			f.Broken(where, "nothing: "+x.Address+" has no part in "+x.MessageID, plural(len(x.Entries), "entry")+" handed out")
		case !party:
			f.Holds(where, "nothing handed out to a stranger")
		case len(foreign) > 0:
			f.Broken(where, "the holder's message "+x.MessageID+" and no other", strings.Join(foreign, ", "))
		case len(x.Entries) == 0 && known && loggedUntil(dispatched).Before(x.at):
			f.Observes(where, "none, more than 30 months after "+legalTime(dispatched))
		case len(x.Entries) == 0 && !v.documentHolds(x, t):
			f.Broken(where, "the log extract about "+x.MessageID, "none")
		case len(missing) > 0 && len(x.Entries) > 0:
			f.Broken(where, "every entry of the log about "+x.MessageID, "missing: "+strings.Join(missing, ", "))
		default:
			f.Holds(where, plural(len(x.Entries), "line")+" about "+x.MessageID)
		}
	}
}

// extract is what was handed out, and when; at is zero where that is not known.
type extract struct {
	evidence.LogExtract
	at time.Time
}

// submissionWith returns the submission with that client msgid, or nil.
func (v *View) submissionWith(messageID string) *Transaction {
	for _, t := range v.Transactions {
		if id := bareID(t.clientMessageID()); id != "" && id == bareID(messageID) {
			return t
		}
	}
	return nil
}

// foreignEntries names what the extract says of other messages.
func foreignEntries(v *View, t *Transaction, x extract) []string {
	ids := identifiersOf(t)
	for _, m := range t.Messages {
		if c := m.PEC.Certification; c != nil {
			ids = append(ids, bareID(c.Identifier))
		}
	}
	var all []string
	for _, j := range x.Entries {
		mine := bareID(j.MessageID) == bareID(x.MessageID) || j.Identifier != "" && slices.Contains(ids, bareID(j.Identifier))
		if !mine {
			all = append(all, fmt.Sprintf("%s about %s", j.Event, shown(j.MessageID)))
		}
	}
	if octets, err := v.Case.Blob(x.Blob); err == nil && len(all) == 0 {
		for _, other := range v.Transactions {
			if id := bareID(other.clientMessageID()); other != t && id != "" && id != bareID(x.MessageID) && strings.Contains(string(octets), id) {
				all = append(all, "the document names "+id)
			}
		}
	}
	return all
}

// missingEntries names the entries of the provider's log about the holder's
// message that the extract lacks: for the sender all of them, for a recipient
// those that name the recipient.
func (v *View) missingEntries(t *Transaction, x extract) []string {
	var all []string
	for _, j := range v.dueEntries(t, x) {
		if !slices.ContainsFunc(x.Entries, func(k evidence.JournalEntry) bool { return k.Event == j.Event && k.At.Equal(j.At) }) {
			all = append(all, j.Event+" of "+legalTime(j.At))
		}
	}
	return all
}

// dueEntries are the entries of the log that an extract for that holder has to
// have: those of the operations that generated a message, up to when it was asked for.
func (v *View) dueEntries(t *Transaction, x extract) []evidence.JournalEntry {
	var due []evidence.JournalEntry
	sender := pec.SameAddress(t.sender(), x.Address)
	for _, j := range entriesAbout(v, t, x.Provider) {
		later := !x.at.IsZero() && j.At.After(x.at)
		if !later && slices.Contains(generating, j.Event) && (sender || holdsAddress(j.Recipients, x.Address)) {
			due = append(due, j)
		}
	}
	return due
}

// documentHolds tells that the document handed out traces the message: it names
// it, and the hour of everything that the log says was done about it. A heading
// that repeats what was asked is no trace.
func (v *View) documentHolds(x extract, t *Transaction) bool {
	octets, err := v.Case.Blob(x.Blob)
	id := bareID(t.clientMessageID())
	if err != nil || id == "" || !strings.Contains(string(octets), id) {
		return false
	}
	for _, j := range v.dueEntries(t, x) {
		if !strings.Contains(string(octets), j.At.In(legalZone()).Format(time.TimeOnly)) {
			return false
		}
	}
	return true
}
