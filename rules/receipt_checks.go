package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// What the families of receipts and notices have in common: the header, the
// subject, the facts of the readable text and the certification data. Each
// function states what is wrong; which rule that breaks is said by its judge.

// problem is one thing that is not as it must.
type problem struct {
	part           string
	expected, seen string
	reported       bool // the rule is kept: a warning at most
}

// examine builds a judge that looks at messages one by one.
func examine(rule, looks string, pick func(*View) []*Message, look func(*View, *Message) []problem, needs ...Need) Judge {
	return Judge{Rule: rule, Looks: looks, Needs: needs, Look: func(v *View, f *Findings) {
		for _, m := range pick(v) {
			kept := about(m)
			if m.Mailbox != "" {
				kept += " in " + m.Mailbox
			}
			f.report(m.Where, look(v, m), kept)
		}
	}}
}

// report answers for one place: each problem, or that the rule is kept.
func (f *Findings) report(where func(string) Where, problems []problem, kept string) {
	broken := false
	for _, p := range problems {
		if p.reported {
			f.Warns(where(p.part), p.expected, p.seen)
			continue
		}
		broken = true
		f.Broken(where(p.part), p.expected, p.seen)
	}
	if !broken {
		f.Holds(where(""), kept)
	}
}

// byNature picks the messages of a nature in transactions of users.
func byNature(kinds ...pec.Kind) func(*View) []*Message {
	return func(v *View) []*Message {
		return slices.DeleteFunc(natured(v.Messages, kinds...), func(m *Message) bool {
			return m.Transaction != nil && m.Transaction.Channel == evidence.IncomingPoint
		})
	}
}

// submittedOnes leaves out the messages whose submission is not known.
func submittedOnes(pick func(*View) []*Message) func(*View) []*Message {
	return func(v *View) []*Message {
		return slices.DeleteFunc(pick(v), func(m *Message) bool { return m.Transaction == nil })
	}
}

// nonDeliveries picks the non-deliveries for virus, or the others. What a
// notice is about is told by what happened to the recipient before by what the
// notice says, so that a damaged notice is judged where it belongs.
func nonDeliveries(virus bool) func(*View) []*Message {
	return func(v *View) []*Message {
		return slices.DeleteFunc(byNature(pec.NonDelivery)(v), func(m *Message) bool { return v.aboutVirus(m) != virus })
	}
}

func (v *View) aboutVirus(m *Message) bool {
	if m.Transaction == nil {
		return virusNotice(m)
	}
	recipient := m.Transaction.recipientOf(m)
	for _, d := range v.dues(m.Transaction) {
		if d.Address == recipient && d.Fate == fateInfected {
			return true
		}
		if d.Address == recipient && (d.Fate == fateFull || d.Fate == fateUnknown) {
			return false
		}
	}
	return virusNotice(m)
}

// headerProblems checks X-Ricevuta, Date, From, To and X-Riferimento-Message-ID
// of a receipt that emitter must have sent to an address.
func headerProblems(m *Message, kind pec.Kind, emitter *evidence.Provider, to string) []problem {
	var all []problem
	root := m.PEC.Root
	if got := fold(root.Value(pec.HeaderReceipt)); !strings.EqualFold(got, tokenOf(kind)) {
		all = append(all, problem{part: "header X-Ricevuta", expected: tokenOf(kind), seen: shown(got)})
	}
	all = append(all, dateProblems(m)...)
	from := addressOf(root.Value("From"))
	if emitter != nil && !manages(emitter, from) {
		all = append(all, problem{part: "header From", expected: "the service address of " + emitter.Name + ", " + emitter.ServiceAddress, seen: shown(root.Value("From"))})
	}
	all = append(all, toProblems(m, to)...)
	return append(all, referenceProblems(m)...)
}

// manages tells that the address belongs to the provider: its service address
// or another one of its domains.
func manages(p *evidence.Provider, address string) bool {
	domain := domainOf(address)
	return pec.SameAddress(address, p.ServiceAddress) || domain != "" && lists(p.Domains, domain)
}

func toProblems(m *Message, to string) []problem {
	list, err := pec.ParseAddressList(m.PEC.Root.Value("To"))
	if to == "" {
		return nil // nobody knows
	}
	if err == nil && len(list) == 1 && pec.SameAddress(list[0].String(), to) && len(m.PEC.Root.Lookup("To")) == 1 {
		return nil
	}
	return []problem{{part: "header To", expected: to + " alone", seen: shown(m.PEC.Root.Value("To"))}}
}

// dateProblems compares the Date field with the certification data.
func dateProblems(m *Message) []problem {
	at, err := headerInstant(m.PEC.Root)
	if err != nil {
		return []problem{{part: "header Date", expected: "a date", seen: shown(m.PEC.Root.Value("Date"))}}
	}
	if c := m.PEC.Certification; c != nil {
		if certified, err := certifiedInstant(c); err == nil && at.Sub(certified).Abs() > dateTolerance {
			return []problem{{part: "header Date", expected: "the instant of the certification data, " + certified.Format(time.RFC1123Z), seen: at.Format(time.RFC1123Z)}}
		}
	}
	return nil
}

func referenceProblems(m *Message) []problem {
	want, known := referenceAbout(m)
	got := fold(m.PEC.Root.Value(pec.HeaderReference))
	switch {
	case !known || got == want:
		return nil
	case want == "":
		return []problem{{part: "header " + pec.HeaderReference, expected: "no such field: the client gave no Message-ID", seen: shown(got)}}
	default:
		return []problem{{part: "header " + pec.HeaderReference, expected: want, seen: shown(got)}}
	}
}

// referenceAbout returns the client's msgid that a receipt refers to; false when
// it is not known.
func referenceAbout(m *Message) (string, bool) {
	if t := m.Transaction; t != nil && t.Sent != nil {
		return t.clientMessageID(), len(t.Sent.Lookup("Message-ID")) < 2
	}
	if c := m.PEC.Certification; c != nil && c.HasMessageID {
		return fold(c.MessageID), true
	}
	return "", false
}

// subjectProblems compares the subject with the prefix of its kind and the
// subject that was submitted. White space and characters replaced by a question
// mark are for PEC-GEN-025.
func subjectProblems(m *Message, kind pec.Kind, virus bool) []problem {
	got, prefix := subjectOf(m.PEC.Root), prefixOf(kind, virus)
	rest, ok := strings.CutPrefix(got, strings.TrimSpace(prefix))
	if !ok {
		return []problem{{part: "header Subject", expected: shown(prefix + "…"), seen: shown(got)}}
	}
	want, known := subjectAbout(m)
	if !known || rawSubject(m) || m.Transaction != nil && m.Transaction.Sent != nil && len(m.Transaction.Sent.Lookup("Subject")) > 1 {
		return nil
	}
	if compact(rest) == compact(want) || lossyEqual(compact(want), compact(rest)) {
		return nil
	}
	return []problem{{part: "header Subject", expected: shown(prefix + want), seen: shown(got)}}
}

// compact leaves white space out.
func compact(s string) string { return strings.ReplaceAll(fold(s), " ", "") }

// textWants are the facts that a readable text must give.
type textWants struct {
	recipients   []string
	withSender   bool
	withID       bool
	description  string // what went wrong, as the certification data say it
	describes    bool   // a description must be there
	undescribed  string // expected, when the description is not recognised
	timeOfHeader bool   // no certification data: the time is that of the Date field
}

// textProblems searches the readable text for the facts; wording is not judged.
func textProblems(m *Message, w textWants) []problem {
	renderings := readables(m.PEC)
	if len(renderings) == 0 {
		return []problem{{part: "text", expected: "a readable text", seen: "none"}}
	}
	text := renderings[0].Text
	var all []problem
	lacks := func(expected string) {
		all = append(all, problem{part: "text", expected: expected, seen: shown(text)})
	}
	subject, _ := subjectAbout(m)
	if at, ok := elaboration(m, w.timeOfHeader); ok && !slices.ContainsFunc(stampsIn(text, subject), func(s stamp) bool {
		stated, err := s.instant()
		return err == nil && stated.Sub(at).Abs() <= dateTolerance
	}) {
		lacks("the day, the time and the zone of the event: " + legalTime(at))
	}
	if subject != "" && !rawSubject(m) && !says(text, subject) && !saysWithLoss(text, subject) && !strings.Contains(compact(text), compact(subject)) {
		lacks("the subject " + shown(subject))
	}
	if sender := senderOf(m); w.withSender && sender != "" && !saysAddress(text, sender) {
		lacks("the sender " + sender)
	}
	for _, r := range w.recipients {
		if !saysAddress(text, r) {
			lacks("the recipient " + r)
		}
	}
	if c := m.PEC.Certification; w.withID && c != nil && c.Identifier != "" && !says(text, bareID(c.Identifier)) {
		lacks("the identifier " + bareID(c.Identifier))
	}
	if w.describes && !describes(text, w.description, noiseIn(m)...) {
		lacks(w.undescribed)
	}
	return all
}

// elaboration returns the instant that the message is about.
func elaboration(m *Message, ofHeader bool) (time.Time, bool) {
	if !ofHeader {
		return instantOf(m)
	}
	at, err := headerInstant(m.PEC.Root)
	return at, err == nil
}

// commonWords say that something is wrong, but not what: every notice has them.
var commonWords = []string{"virus", "presenza", "messaggio", "problema", "sicurezza", "rilevato", "errore", "consegna", "contenuto"}

// describes tells that a text gives a description: literally, by its leading
// status code, or with most of the words of what it ends with. Descriptions in
// the field are written as code - provider - reason. Words of noise, what else
// the text holds (subject, addresses), prove nothing.
func describes(text, description string, noise ...string) bool {
	description = fold(description)
	if description == "" {
		return false
	}
	if says(text, description) {
		return true
	}
	if code := statusCode(description); code != "" && says(text, code) {
		return true
	}
	text = strings.ToLower(text)
	for _, other := range noise {
		if other = strings.ToLower(fold(other)); other != "" {
			text = strings.ReplaceAll(text, other, " ")
		}
	}
	reason := description[strings.LastIndex(description, " - ")+1:]
	found, long := 0, 0
	for _, word := range strings.FieldsFunc(strings.ToLower(reason), func(r rune) bool { return strings.ContainsRune(" -,.;:()\"'", r) }) {
		if len(word) < 4 || slices.Contains(commonWords, word) {
			continue
		}
		long++
		if strings.Contains(text, word) {
			found++
		}
	}
	return long > 0 && found*2 > long
}

// noiseIn returns what the text of a notice holds besides the reason.
func noiseIn(m *Message) []string {
	subject, _ := subjectAbout(m)
	noise := append([]string{subject, senderOf(m)}, recipientsOf(m)...)
	if c := m.PEC.Certification; c != nil {
		noise = append(noise, c.Identifier)
	}
	return noise
}
