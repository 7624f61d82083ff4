package reports

import (
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// What a check found at fault: the end of a key "dossier.step." of words.yaml,
// under which the first step stands that somebody takes who has to correct it.
const (
	subjectMissing       = "missing"        // a message, or something else that was owed
	subjectHeader        = "header"         // one named field of a header
	subjectHeaderMissing = "header-missing" // that is not there
	subjectHeaders       = "headers"
	subjectData          = "data" // certification data
	subjectText          = "text"
	subjectOriginal      = "original"
	subjectSignature     = "signature"
	subjectCertificate   = "certificate"
	subjectDialogue      = "dialogue"
	subjectLog           = "log"
	subjectDirectory     = "directory"
	subjectMailbox       = "mailbox"
	subjectStore         = "store"
	subjectSent          = "sent" // what the system made of a message that it was given
)

// subjectOf says what a failed check found at fault, and the name of the header
// field where it is one. "" where the check does not tell: then only the family of
// the rule does.
//
// It goes by how judges name the part that they looked at (Where), and by what they
// say of what is not there. A part of a message that was submitted is no work of
// the system: at fault is what it made of it.
func subjectOf(c *rules.Check) (subject, name string) {
	subject, name = subjectOfPart(c)
	if c.Where.Message != "" || c.Where.Submission == "" {
		return subject, name
	}
	switch subject {
	case subjectHeader, subjectHeaderMissing, subjectHeaders, subjectData, subjectText, subjectOriginal, subjectSignature, subjectCertificate:
		return subjectSent, ""
	}
	return subject, name
}

// subjectOfPart is subjectOf for a message that the system wrote.
func subjectOfPart(c *rules.Check) (subject, name string) {
	part := c.Where.Part
	gone := c.Seen == "none" || strings.HasPrefix(c.Seen, "0 ")
	if field, is := strings.CutPrefix(part, "header "); is && field != "" {
		if gone {
			return subjectHeaderMissing, field
		}
		return subjectHeader, field
	}
	if part == "" {
		if gone {
			return subjectMissing, ""
		}
		return "", ""
	}
	for _, known := range []struct{ begins, subject string }{
		{"header", subjectHeaders},
		{"daticert.xml", subjectData},
		{"text", subjectText},
		{"postacert.eml", subjectOriginal},
		{"signer certificate", subjectCertificate},
		{"certificate ", subjectCertificate},
		{"signature", subjectSignature},
		{"signed content", subjectSignature},
		{partDialogue, subjectDialogue},
		{"SMTP", subjectDialogue},
		{partProbe, subjectDialogue},
		{"session ", subjectDialogue},
		{"submission", subjectDialogue},
		{"reverse path", subjectDialogue},
		{"relay", subjectDialogue},
		{"TLS", subjectDialogue},
		{"log", subjectLog},
		{"entry ", subjectDirectory},
		{"entries ", subjectDirectory},
		{"search", subjectDirectory},
		{"provider's file", subjectDirectory},
		{"mailbox", subjectMailbox},
		{"store of ", subjectStore},
	} {
		if strings.HasPrefix(part, known.begins) {
			return known.subject, ""
		}
	}
	return "", ""
}

// fix says what to do about a breach of a rule: the first step, by what the check
// found at fault, and which part of the system is concerned, by the family of the
// rule. Where the check does not tell what is at fault, the second is the step, and
// nothing is left to say besides.
func (m *dossierMaker) fix(id string, worst *rules.Check) (step, part string) {
	if law, known := m.catalogue.Rule(id); known {
		part = m.words.Text("dossier.fix." + law.Family)
	}
	if worst == nil {
		return part, ""
	}
	switch subject, name := subjectOf(worst); subject {
	case "":
		return part, ""
	case subjectHeader, subjectHeaderMissing:
		return m.words.Text("dossier.step."+subject, shown(name)), part
	default:
		return m.words.Text("dossier.step." + subject), part
	}
}

// place says in which message a check found what it says, and gives the way to
// the page of that message; both are empty where it tells of none.
func (m *dossierMaker) place(c *rules.Check) (place, page string) {
	e := m.story.Scenarios[c.Scenario]
	where := c.Where
	where.Part = "" // the step names it, in the language of the page
	place, file := whereIn(m.words, where, e)
	if file == "" {
		return shown(place), ""
	}
	return shown(place), m.record.Way + e.page(file)
}
