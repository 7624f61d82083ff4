package rules

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// nonAcceptanceJudges answers for the notices by which the access point refuses
// a message: for formal exceptions (NA) and for a virus (NAV). Storage of the
// infected original (NAV-007) is answered for in judge_log.go.
func nonAcceptanceJudges() []Judge {
	formal := func(look func(v *View, f *Findings, m *Message)) func(*View, *Findings) {
		return func(v *View, f *Findings) { eachNotice(v, f, false, look) }
	}
	virus := func(look func(v *View, f *Findings, m *Message)) func(*View, *Findings) {
		return func(v *View, f *Findings) { eachNotice(v, f, true, look) }
	}
	return []Judge{
		{Rule: "PEC-NA-001", Looks: "submissions that fail a formal check: one notice, to the sender", Look: oneNotice},
		{Rule: "PEC-NA-002", Looks: "header of the formal notice", Look: formal(noticeHeader)},
		{Rule: "PEC-NA-003", Looks: "subject of the formal notice", Look: formal(noticeSubject)},
		{Rule: "PEC-NA-004", Looks: "facts in the readable text of the formal notice", Look: formal(noticeText)},
		{Rule: "PEC-NA-005", Looks: "tipo, errore and errore-esteso of the formal notice", Look: formal(noticeData)},
		{Rule: "PEC-NA-006", Looks: "parts of the formal notice: the original is not enclosed", Look: formal(noticeEnclosesNothing)},
		{Rule: "PEC-NA-007", Looks: "formal notices: no X-VerificaSicurezza", Look: formal(noticeWithoutSecurity)},
		{Rule: "PEC-NA-008", Looks: "submissions that fail a formal check: no envelope reaches another provider or host", Look: noEnvelopeElsewhere},
		{Rule: "PEC-NA-009", Looks: "identifier printed in the formal notice: recorded", Look: formal(noticeIdentifier)},
		{Rule: "PEC-NAV-001", Looks: "infected submissions: refused, with a notice to the sender", Look: virusRefused},
		{Rule: "PEC-NAV-002", Looks: "header of the virus notice", Look: virus(virusHeader)},
		{Rule: "PEC-NAV-003", Looks: "subject of the virus notice", Look: virus(virusSubject)},
		{Rule: "PEC-NAV-004", Looks: "facts in the readable text of the virus notice", Look: virus(virusText)},
		{Rule: "PEC-NAV-005", Looks: "tipo and errore of the virus notice", Look: virus(virusData)},
		{Rule: "PEC-NAV-006", Looks: "infected submissions: the original is neither enclosed in the notice nor forwarded", Look: virusGoesNowhere},
	}
}

// eachNotice looks at the notices of non-acceptance that are (or should be)
// about a virus, or at the others. The submission decides what a notice is
// about; only where it is unknown does the notice itself.
func eachNotice(v *View, f *Findings, virus bool, look func(*View, *Findings, *Message)) {
	for _, m := range v.OfKind(pec.NonAcceptance) {
		if aboutVirus(v, m) == virus {
			look(v, f, m)
		}
	}
}

func aboutVirus(v *View, m *Message) bool {
	if t := m.Transaction; t != nil && t.Sent != nil {
		_, alsoFormal := formalBreach(breachesOf(v, t))
		if infected := scannerKnows(t, t.Host); !infected || !alsoFormal {
			return infected
		}
	}
	c := m.PEC.Certification
	return m.PEC.Virus || c != nil && c.Error == "virus"
}

func oneNotice(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		all := breachesOf(v, t)
		b, formal := formalBreach(all)
		o := outcomeOf(t)
		if !formal && (len(o.notices) == 0 || scannerKnows(t, t.Host) || foreignReversePath(t)) {
			continue
		}
		if b.rule == "PEC-AP-017" && o.stage != "" || !o.contentJudged() || t.sender() == "" {
			continue // left to SMTP (3.1.2), or never checked
		}
		where, expected := t.Where("notices"), "one notice of non-acceptance, to "+t.sender()
		if formal {
			expected += ", because " + b.detail
		}
		to := noticesTo(t)
		switch {
		case len(o.notices) > len(to):
			f.Broken(where, expected, "a notice in another mailbox: "+mailboxesOf(o.notices))
		case len(to) > 1:
			f.Broken(where, expected, counted(len(to), "notice", to))
		case len(to) == 1:
			f.Holds(where, o.String())
		case twinRefused(v, t):
			f.Unable(where, twinWasToo)
		case v.Case.Mailbox(t.sender()) == nil:
			f.Unable(where, notReadableBy+t.sender())
		case o.temporary():
			f.Unable(where, "a temporary refusal decides nothing: "+o.smtp())
		case o.unanswered && !o.accepted():
			f.Unable(where, noFinalReply)
		case o.stage == "" && !o.accepted() && !v.Case.Settled:
			f.Unable(where, notSettled)
		default:
			f.Broken(where, expected, o.String())
		}
	}
}

func mailboxesOf(messages []*Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, m.ID+" in "+m.Mailbox)
	}
	return strings.Join(all, ", ")
}

func noticeHeader(v *View, f *Findings, m *Message) {
	findAll(f, m, "header", receiptHeader(v, f, m), "header as listed in 3.1.2")
}

func noticeSubject(_ *View, f *Findings, m *Message) {
	judgeSubject(f, m, subjectOf(m.PEC.Root), prefixOf(pec.NonAcceptance, false))
}

var refusalWords = regexp.MustCompile(`(?i)non\s+(è|e'|é|e)\s+stat[oa]\s+accettat|rifiutat|respint|not\s+(been\s+)?accepted|rejected|refused`)

func noticeText(_ *View, f *Findings, m *Message) {
	wrong := textFacts(m, m.PEC)
	subject, _ := subjectAbout(m)
	if line := sharedLine(m.PEC, recipientsOf(m), subject); line != "" {
		wrong = append(wrong, problem{part: "text", expected: "recipients one per line", seen: shown(line)})
	}
	texts := readables(m.PEC)
	if len(texts) > 0 && !saysCause(texts[0].Text, m.PEC) {
		wrong = append(wrong, problem{part: "text", expected: "the readable text gives the cause of the refusal", seen: shown(texts[0].Text)})
	}
	if len(texts) > 0 && !refusalWords.MatchString(texts[0].Text) {
		f.Warns(m.Where("text"), "a statement that the message was not accepted", shown(texts[0].Text))
	}
	findAll(f, m, "text", wrong, "all facts of the model, recipients one per line")
}

var causeWords = regexp.MustCompile(`(?i)(a causa di|motiv[oi]|causa)\s*:?\s*[^\s.]|due to\s+[^\s.]`)

// saysCause looks for the cause that the certification data give, or for words
// that announce one.
func saysCause(text string, m *pec.Message) bool {
	cause := causeGiven(m)
	return cause != "" && says(text, cause) || causeWords.MatchString(text)
}

// causeGiven returns what errore-esteso says after the code and the provider;
// "" when it says nothing.
func causeGiven(m *pec.Message) string {
	if m.Certification == nil {
		return ""
	}
	pieces := strings.Split(m.Certification.ExtendedError, " - ")
	return fold(pieces[len(pieces)-1])
}

func noticeData(_ *View, f *Findings, m *Message) {
	c := m.PEC.Certification
	if c == nil {
		f.Broken(m.Where("daticert.xml"), "tipo non-accettazione, errore altro, errore-esteso", certificationMissing(m.PEC))
		return
	}
	var wrong []problem
	if c.Type != "non-accettazione" {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "tipo non-accettazione", seen: "tipo " + c.Type})
	}
	switch c.Error {
	case "altro":
	case "nessuno", "virus":
		wrong = append(wrong, problem{part: "daticert.xml", expected: "errore altro: a formal exception", seen: "errore " + c.Error})
	default:
		f.Warns(m.Where("daticert.xml"), "errore altro", "errore "+c.Error)
	}
	if strings.TrimSpace(c.ExtendedError) == "" {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "errore-esteso with the cause", seen: "no errore-esteso"})
	}
	findAll(f, m, "daticert.xml", wrong, fmt.Sprintf("errore %s, %s", c.Error, shown(c.ExtendedError)))
}

func noticeEnclosesNothing(_ *View, f *Findings, m *Message) {
	if part := enclosedOriginal(m); part != "" {
		f.Broken(m.Where(part), "a notice without the original message", part)
	} else {
		f.Holds(m.Where("parts"), "no part holds the original")
	}
}

// leastTelling is the shortest body, in octets, whose presence in a part tells
// that the original is in there.
const leastTelling = 24

// enclosedOriginal names the part of the message that holds the original; ""
// when none does.
func enclosedOriginal(m *Message) (part string) {
	var body []byte
	if t := m.Transaction; t != nil && t.Sent != nil {
		body = bytes.TrimSpace(t.Sent.Body())
	}
	content := m.PEC.Content
	if content == nil {
		content = m.PEC.Root
	}
	content.Walk(func(e *rawmime.Entity) bool {
		mediaType, _ := e.MediaType()
		name := strings.ToLower(e.FileName())
		switch {
		case part != "":
		case strings.HasPrefix(mediaType, "message/"):
			part = "a " + mediaType + " part"
		case strings.HasSuffix(name, ".eml"):
			part = "a part named " + shown(name)
		case len(e.Parts) == 0 && len(body) >= leastTelling:
			if octets, err := e.Decoded(); err == nil && bytes.Contains(octets, body) {
				part = "a " + mediaType + " part with the body of the original"
			}
		}
		return part == ""
	})
	return part
}

func noticeWithoutSecurity(_ *View, f *Findings, m *Message) {
	if values := m.PEC.Root.Values(pec.HeaderSecurityCheck); len(values) > 0 {
		f.Broken(m.Where("header "+pec.HeaderSecurityCheck), "no "+pec.HeaderSecurityCheck+": no virus was found", shownValues(values))
	} else {
		f.Holds(m.Where("header"), "no "+pec.HeaderSecurityCheck)
	}
}

// noEnvelopeElsewhere looks at recipients that another provider or host reads.
func noEnvelopeElsewhere(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		b, formal := formalBreach(breachesOf(v, t))
		if !formal {
			continue
		}
		remote := 0
		for _, r := range t.recipients() {
			if p := v.Case.ProviderOf(r); p == nil || p.Name != t.Host {
				remote++
			}
		}
		var arrived []*Message
		for _, m := range carriers(envelopesOf(t)) {
			if m.Provider != t.Host {
				arrived = append(arrived, m)
			}
		}
		switch {
		case len(arrived) > 0:
			f.Broken(t.Where("envelopes"), "no transport envelope, because "+b.detail, "received: "+mailboxesOf(arrived))
		case remote == 0:
		case twinRefused(v, t):
			f.Unable(t.Where("envelopes"), twinWasToo)
		case !v.Case.Settled:
			f.Unable(t.Where("envelopes"), notSettled)
		default:
			f.Holds(t.Where("envelopes"), b.detail+": none was received")
		}
	}
}

func noticeIdentifier(_ *View, f *Findings, m *Message) {
	c := m.PEC.Certification
	if c == nil {
		return
	}
	form := "not in the form of a PEC msgid"
	if identifierPattern.MatchString(strings.TrimSpace(c.Identifier)) {
		form = "in the form of a PEC msgid"
	}
	f.Observes(m.Where("daticert.xml"), fmt.Sprintf("identifier %s, %s, though no envelope exists", shown(c.Identifier), form))
}
