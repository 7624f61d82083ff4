package reports

import (
	"cmp"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// harnessName stands where somebody's name would, and nobody has one.
const harnessName = "Collaudo"

func transcriptPath(record *evidence.Record, hash string) string {
	if hash == "" {
		return ""
	}
	return record.Path(hash)
}

func outcomeOf(w *words.Words, p evidence.Probe) string {
	outcome := w.Text("flow.allowed")
	if p.Refused {
		outcome = w.Text("flow.was-refused")
	}
	if p.TLSVersion != "" {
		outcome += ", " + p.TLSVersion
	}
	return outcome
}

// replyLines writes each reply with the first line of its text: the rest is in
// the dialogue.
func replyLines(replies []evidence.Reply) []string {
	var lines []string
	for _, r := range replies {
		text, _, _ := strings.Cut(r.Text, "\n")
		code := ""
		if r.Code != 0 {
			code = plainNumber(r.Code)
		}
		lines = append(lines, strings.Join(strings.Fields(code+" "+r.Enhanced+" "+text), " "))
	}
	return lines
}

func submissionWords(w *words.Words, s evidence.Submission) string {
	what := w.Text("flow.submission")
	if s.Channel == evidence.IncomingPoint {
		what = w.Text("flow.ordinary-mail")
	}
	if s.Twin {
		what += w.Text("flow.twin")
	}
	if s.Infected != "" {
		what += w.Text("flow.infected")
	}
	return what
}

// answerOf is what the server said last of a submission: the first refusal, or
// the reply to the message.
func answerOf(w *words.Words, s evidence.Submission) string {
	code, command := replyTo(w, s)
	if code == "" {
		return w.Text("flow.no-reply")
	}
	return w.Text("flow.answer", code, command)
}

// replyTo is the code that answerOf tells, and what it was said to; "" where
// there was no reply.
func replyTo(w *words.Words, s evidence.Submission) (code, command string) {
	say := func(command string, r evidence.Reply) (string, string) {
		text := plainNumber(r.Code)
		if r.Enhanced != "" {
			text += " " + r.Enhanced
		}
		return text, command
	}
	if s.MailReply.Code != 0 && !s.MailReply.OK() {
		return say("MAIL FROM", s.MailReply)
	}
	if s.DataReply.Code != 0 {
		return say(w.Text("flow.the-message"), s.DataReply)
	}
	for _, r := range s.Recipients {
		if r.Reply.Code != 0 && !r.Reply.OK() {
			return say("RCPT TO", r.Reply)
		}
	}
	return "", ""
}

// kindWords names the kind of a message as the rules do in English.
func kindWords(m *pec.Message) string { return kindIn(english(), m) }

// kindIn names it in a language.
func kindIn(w *words.Words, m *pec.Message) string {
	key := map[pec.Kind]string{
		pec.Ordinary: "ordinary", pec.Acceptance: "acceptance", pec.NonAcceptance: "non-acceptance",
		pec.TakenInCharge: "taken-in-charge", pec.Delivery: "delivery", pec.NonDelivery: "non-delivery",
		pec.Delay: "delay", pec.VirusDetection: "virus-detection", pec.TransportEnvelope: "transport-envelope",
		pec.AnomalyEnvelope: "anomaly-envelope", pec.Unclear: "unclear",
	}[m.Kind]
	text := w.Text("kind." + key)
	if m.Virus {
		text += w.Text("kind.for-virus")
	}
	return text
}

// messageWords says what a message of a scenario is: read is nil where the rules
// do not read it.
func messageWords(w *words.Words, m evidence.Message, read *rules.Message) string {
	switch {
	case read != nil:
		return kindIn(w, read.PEC)
	case m.Emitter == evidence.Target:
		return w.Text("flow.message")
	case m.Emitter == evidence.Harness:
		return w.Text("flow.harness-own", m.Dispatch)
	}
	return w.Text("flow.other-mail")
}

// readingItems are the looks at the directory, and the moves of legal time, as
// a reader is shown them in the list of what was asked.
func readingItems(record *evidence.Record, c *evidence.Case) []probed {
	var list []probed
	for _, r := range c.DirectoryReads {
		outcome := func(w *words.Words) string {
			text := w.Text("flow.handed-out")
			if r.Refused {
				text = w.Text("flow.was-refused")
			}
			if r.Status != 0 {
				text += w.Text("flow.status", r.Status)
			}
			return text
		}
		shown := func(w *words.Words) string {
			if r.Shown != "" {
				return w.Text("flow.certificate-of", r.Shown)
			}
			return w.Text("flow.no-certificate")
		}
		path := ""
		if r.Blob != "" {
			path = record.Path(r.Blob)
		}
		list = append(list, probed{Name: strings.ReplaceAll(r.What, "-", " "), Service: r.Address, Provider: r.Provider, Asked: inBoth(shown), Outcome: inBoth(outcome), Dialogue: path})
	}
	for _, r := range c.Resolutions {
		list = append(list, probed{
			Name:  "name service",
			Asked: inBoth(func(w *words.Words) string { return w.Text("flow.record-of", r.Type, r.Name) }),
			Outcome: inBoth(func(w *words.Words) string {
				return cmp.Or(strings.Join(r.Answers, ", "), r.Error, w.Text("flow.no-answer"))
			}),
		})
	}
	return list
}
