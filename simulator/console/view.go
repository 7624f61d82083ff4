package console

import "strings"

// What templates ask of the things that they show.

// section is an entry of the navigation.
type section struct{ Name, Path string }

// Sections are the pages of the navigation.
func (page) Sections() []section {
	return []section{
		{"flow", "/"},
		{"mailboxes", "/mailboxes"},
		{"log", "/log"},
		{"transcripts", "/transcripts"},
		{"faults", "/faults"},
		{"accounts", "/accounts"},
	}
}

// Language is that of the page.
func (s speaker) Language() string { return s.language }

// Tone is how the message is coloured.
func (m *summary) Tone() string { return toneOfKind(m.Kind) }

// Tone is how the message is coloured.
func (b messageBody) Tone() string { return toneOfKind(b.Message.Kind) }

// Tone is how the line is coloured.
func (v logView) Tone() string {
	if made(v.Event) {
		return tone(v.Event)
	}
	return "plain"
}

// outcome is what became of the exchange for one recipient.
type outcome struct{ Address, State string }

// Outcomes are those of the recipients, in their order.
func (e *exchange) Outcomes() []outcome {
	list := make([]outcome, 0, len(e.Recipients))
	for _, r := range e.Recipients[:min(len(e.Recipients), 20)] {
		o := outcome{Address: r, State: stateWaiting}
		switch key := strings.ToLower(r); {
		case e.ended.done[key]:
			o.State = stateDelivered
		case e.ended.failed[key]:
			o.State = stateFailed
		case e.State == stateLate || e.State == stateRefused || e.State == stateAnomaly || e.State == statePlain:
			o.State = e.State
		}
		list = append(list, o)
	}
	return list
}

// Identifier is by what the exchange is found in the logs.
func (e *exchange) Identifier() string {
	for _, l := range e.lines {
		if l.Identifier != "" {
			return l.Identifier
		}
	}
	for _, l := range e.lines {
		if l.MessageID != "" {
			return l.MessageID
		}
	}
	return ""
}
