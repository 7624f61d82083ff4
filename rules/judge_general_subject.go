package rules

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// The subjects of system messages: a prefix by kind, then the original's
// (RFC 6109 3.1.2 to 3.3.3).
func generalSubjectJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-GEN-024", "the prefix of the Subject", judgeGeneralPrefix, systemKinds...),
		everySystemMessage("PEC-GEN-025", "what of the Subject follows the prefix", judgeGeneralSubject, systemKinds...),
		{
			Rule: "PEC-GEN-026", Needs: []Need{NeedSubmission},
			Looks: "what follows from a submission without a Subject, or with an empty one",
			Look:  judgeGeneralNoSubject,
		},
	}
}

// prefixesOf returns the prefixes that a message may have: where header and
// certification data disagree whether it is about a virus, either, since that
// disagreement is for other rules.
func prefixesOf(m *pec.Message) []string {
	prefixes := []string{prefixOf(m.Kind, m.Virus)}
	if data := m.Certification; data != nil && (data.Error == "virus") != m.Virus {
		if other := prefixOf(m.Kind, !m.Virus); other != prefixes[0] {
			prefixes = append(prefixes, other)
		}
	}
	return prefixes
}

// remainder splits the decoded subject of a system message at its prefix.
func remainder(m *pec.Message) (rest string, ok bool) {
	decoded := rawmime.DecodeWords(m.Root.Value("Subject"))
	for _, prefix := range prefixesOf(m) {
		if rest, ok := cutFolded(decoded, prefix); ok {
			return rest, true
		}
	}
	return "", false
}

// cutFolded removes a prefix that a header may have been folded in: any one
// white space stands for its blanks, and the last one goes with an empty rest.
func cutFolded(s, prefix string) (rest string, ok bool) {
	s = strings.TrimLeft(s, " \t")
	unfolded := strings.ReplaceAll(s, "\t", " ") // the field was unfolded before it was decoded: a line break here is the subject's own
	if rest, ok := strings.CutPrefix(unfolded, prefix); ok {
		return rest, true
	}
	return "", unfolded == strings.TrimSuffix(prefix, " ")
}

func judgeGeneralPrefix(_ *View, m *Message, f *Findings) {
	where := m.Where("header Subject")
	expected := fmt.Sprintf("Subject: %q and then the original subject", prefixesOf(m.PEC)[0])
	values := m.PEC.Root.Values("Subject")
	if len(values) != 1 {
		f.Broken(where, expected, fmt.Sprintf("%d Subject fields in the %s", len(values), about(m)))
		return
	}
	rest, ok := remainder(m.PEC)
	if !ok {
		if original, known := knownSubject(m); known {
			expected = fmt.Sprintf("Subject: %q", strings.TrimSpace(prefixesOf(m.PEC)[0]+fold(original)))
		}
		f.Broken(where, expected, shown(rawmime.DecodeWords(values[0])))
		return
	}
	f.Holds(where, prefixesOf(m.PEC)[0]+fold(rest))
}

// knownSubject returns the original subject, decoded, as it was submitted; or
// where no submission is known that of the enclosed original, or that of the
// certification data. An anomaly envelope may enclose something that another
// host made of the submission, such as a bounce: there the enclosed counts.
func knownSubject(m *Message) (string, bool) {
	switch {
	case m.PEC.Kind == pec.AnomalyEnvelope && m.PEC.Original != nil:
		return rawmime.DecodeWords(m.PEC.Original.Value("Subject")), m.PEC.Original.Has("Subject")
	case m.Transaction != nil && m.Transaction.Sent != nil:
		return rawmime.DecodeWords(m.Transaction.Sent.Value("Subject")), m.Transaction.Sent.Has("Subject")
	case m.PEC.Original != nil && encloses(m.PEC.Kind) && m.PEC.Original.Has("Subject"):
		return rawmime.DecodeWords(m.PEC.Original.Value("Subject")), true
	case m.PEC.Certification != nil && m.PEC.Certification.HasSubject:
		return m.PEC.Certification.Subject, true
	}
	return "", false
}

func judgeGeneralSubject(_ *View, m *Message, f *Findings) {
	original, known := knownSubject(m)
	rest, ok := remainder(m.PEC)
	if !known || !ok || fold(original) == "" {
		return
	}
	where := m.Where("header Subject")
	expected := fmt.Sprintf("Subject: %q", prefixesOf(m.PEC)[0]+original)
	if flaw := illegalHeader(m.PEC.Root.Lookup("Subject")); flaw != "" {
		f.Broken(where, "a header field that RFC 5322 allows", flaw)
		return
	}
	if m.Transaction == nil && !encloses(m.PEC.Kind) && squeezed(original) == squeezed(rest) {
		f.Holds(where, rest) // known from XML only, which holds no control characters
		return
	}
	switch compareTexts(original, rest) {
	case textsEqual:
		f.Holds(where, rest)
	case textsAlike:
		f.Deviates(where, expected, shown(prefixesOf(m.PEC)[0]+rest))
	default:
		f.Broken(where, expected, shown(prefixesOf(m.PEC)[0]+rest))
	}
}

// illegalHeader says what makes a field illegal in RFC 5322, "" when nothing.
func illegalHeader(fields []rawmime.Field) string {
	for _, field := range fields {
		raw := field.Raw()
		for i, b := range raw {
			if b > 0x7e || b == 0 {
				return fmt.Sprintf("octet 0x%02x at position %d of the field", b, i)
			}
		}
		if n := longestLine(raw); n > 998 {
			return fmt.Sprintf("a line of %d octets", n)
		}
	}
	return ""
}

func judgeGeneralNoSubject(v *View, f *Findings) {
	for _, t := range v.Transactions {
		subject, has := t.subject()
		if t.Sent == nil || has && subject != "" {
			continue
		}
		for _, m := range t.OfKind(systemKinds...) {
			if original, known := knownSubject(m); known && fold(original) != "" {
				continue // an anomaly envelope around something else
			}
			where := m.Where("header Subject")
			rest, ok := remainder(m.PEC)
			if !ok || fold(rest) != "" {
				f.Broken(where, fmt.Sprintf("Subject: %q alone: the original has no subject", strings.TrimSpace(prefixesOf(m.PEC)[0])),
					shown(rawmime.DecodeWords(m.PEC.Root.Value("Subject"))))
			} else if data := m.PEC.Certification; data != nil && fold(data.Subject) != "" {
				f.Broken(m.Where("daticert.xml"), "oggetto absent or empty: the original has no subject", shown(data.Subject))
			} else {
				f.Holds(where, m.PEC.Root.Value("Subject"))
			}
		}
		if t.Accepted() && v.Case.Settled && len(t.OfKind(pec.Acceptance, pec.NonAcceptance, pec.AnomalyEnvelope)) == 0 {
			f.Broken(t.Where("header Subject"), "an acceptance, as for any other message", "no answer to a message without subject")
		}
	}
}
