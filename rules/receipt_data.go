package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
)

var leadingStatus = regexp.MustCompile(`^\s*([245]\.\d{1,3}\.\d{1,3})\b`)

// statusCode returns the enhanced status code that a description starts with,
// "" when it has none.
func statusCode(description string) string {
	if m := leadingStatus.FindStringSubmatch(description); m != nil {
		return m[1]
	}
	return ""
}

// dataProblems compares the certification data with the type and the values of
// errore that they may have, and looks at consegna where one is owed.
func dataProblems(m *Message, kind pec.Kind, errore []string, consegna bool) []problem {
	c, unreadable := certificationOf(m)
	if c == nil {
		return unreadable
	}
	var all []problem
	if c.Type != tokenOf(kind) {
		all = append(all, problem{part: "daticert.xml tipo", expected: tokenOf(kind), seen: shown(c.Type)})
	}
	if !slices.Contains(errore, c.Error) {
		all = append(all, problem{part: "daticert.xml errore", expected: strings.Join(errore, " or "), seen: shown(c.Error)})
	}
	if consegna && (!c.HasDelivery || !holdsAddress(recipientsOf(m), fold(c.Delivery))) {
		all = append(all, problem{part: "daticert.xml consegna", expected: "the recipient concerned, one of " + shownList(recipientsOf(m)), seen: shown(c.Delivery)})
	}
	return all
}

// certificationOf returns the certification data, or why there are none.
func certificationOf(m *Message) (*certification.Data, []problem) {
	if m.PEC.Certification != nil {
		return m.PEC.Certification, nil
	}
	seen := "none"
	if m.PEC.CertificationErr != nil {
		seen = m.PEC.CertificationErr.Error()
	}
	return nil, []problem{{part: "daticert.xml", expected: "certification data that can be read", seen: seen}}
}

// identifierProblems compares identificativo with the PEC msgid of the envelope,
// where the envelope was seen.
func identifierProblems(m *Message) []problem {
	c, unreadable := certificationOf(m)
	if c == nil {
		return unreadable
	}
	if m.Transaction == nil {
		return nil
	}
	if want := m.Transaction.envelopeIdentifier(); want != "" && bareID(c.Identifier) != want {
		return []problem{{part: "daticert.xml identificativo", expected: want + ", the PEC msgid of the envelope", seen: shown(c.Identifier)}}
	}
	return nil
}

// reasonProblems demands errore-esteso with some text in it.
func reasonProblems(m *Message) []problem {
	if c := m.PEC.Certification; c != nil && (!c.HasExtendedError || fold(c.ExtendedError) == "") {
		return []problem{{part: "daticert.xml errore-esteso", expected: "the reason, in words", seen: "none"}}
	}
	return nil
}

// extendedError returns errore-esteso, "" when there is none.
func extendedError(m *Message) string {
	if c := m.PEC.Certification; c != nil {
		return c.ExtendedError
	}
	return ""
}

// consegnaOf returns the single recipient that a notice names, for its text; "" when
// it does not say.
func consegnaOf(m *Message) []string {
	if r := concernOf(m); r != "" {
		return []string{r}
	}
	return nil
}

// enclosed tells whether the message carries the original (or a copy with
// hashes): a message/rfc822 part among its parts.
func enclosed(m *Message) bool { return len(m.PEC.OriginalParts) > 0 }
