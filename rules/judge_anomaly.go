package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// anomalyJudges answer for the anomaly envelope (RFC 6109 3.2.2). They look at
// whatever came of ordinary mail to the mailbox of a certified recipient: that
// must be an anomaly envelope, also where its header no longer says so.
func anomalyJudges() []Judge {
	return []Judge{
		examine("PEC-ANO-001", "the message enclosed in anomaly envelopes", anomalies, anomalyEncloses),
		examine("PEC-ANO-002", "X-Trasporto of what came of ordinary mail", anomalies, anomalyHeader),
		examine("PEC-ANO-003", "subject of anomaly envelopes", envelopedOnes, anomalySubject),
		examine("PEC-ANO-004", "Date of anomaly envelopes, against the time of arrival", submittedOnes(envelopedOnes), anomalyDate),
		examine("PEC-ANO-005", "From of anomaly envelopes", envelopedOnes, anomalyFrom),
		examine("PEC-ANO-006", "Reply-To of anomaly envelopes", envelopedOnes, anomalyReplyTo),
		examine("PEC-ANO-007", "inherited header fields of anomaly envelopes", envelopedOnes, anomalyInherits),
		examine("PEC-ANO-008", "readable text of anomaly envelopes", envelopedOnes, anomalyText),
		examine("PEC-ANO-009", "parts of anomaly envelopes", envelopedOnes, anomalyParts),
		{Rule: "PEC-ANO-010", Looks: "what the sender is told of ordinary mail that cannot be delivered", Look: anomalyBounces},
		examine("PEC-ANO-011", "signature of anomaly envelopes", envelopedOnes, anomalySigned),
		{Rule: "PEC-ANO-012", Looks: "receipts that follow ordinary mail", Look: anomalyWithoutReceipts},
		examine("PEC-ANO-013", "the enclosed copy, against the octets that were sent", ordinaryOnes, anomalyCopy),
		{Rule: "PEC-ANO-014", Looks: "what came of ordinary mail that imitates certified e-mail", Look: anomalyOfImitation},
		{Rule: "PEC-ANO-015", Looks: "the mailboxes of several recipients of one ordinary mail", Look: anomalyForEach},
	}
}

// anomalies picks what came of ordinary mail, and anomaly envelopes wherever
// they came from.
func anomalies(v *View) []*Message {
	var all []*Message
	for _, m := range v.Messages {
		t := m.Transaction
		if m.PEC.Kind == pec.AnomalyEnvelope || t != nil && v.ordinaryMail(t) && slices.Contains(v.wrapped(t), m) {
			all = append(all, m)
		}
	}
	for _, m := range v.Unclaimed {
		if m.PEC.Kind == pec.Ordinary && v.userOfTarget(m) {
			all = append(all, m) // mail of nobody knows whom, without any envelope
		}
	}
	return all
}

// envelopedOnes leaves out what came without any envelope around it: that
// breaks one rule, not every rule about the envelope.
func envelopedOnes(v *View) []*Message {
	return slices.DeleteFunc(anomalies(v), func(m *Message) bool {
		return m.PEC.Kind != pec.AnomalyEnvelope && (len(m.PEC.OriginalParts) == 0 || m.PEC.SignaturePart == nil)
	})
}

// ordinaryOnes picks what came of ordinary mail with an enclosed message, where
// the octets that were sent are known.
func ordinaryOnes(v *View) []*Message {
	return slices.DeleteFunc(anomalies(v), func(m *Message) bool {
		return m.Transaction == nil || m.Transaction.Channel != evidence.IncomingPoint || m.Transaction.Sent == nil || m.PEC.Original == nil
	})
}

// received returns the message that an anomaly envelope is about: the ordinary
// mail as it was sent or, for messages of a provider, what is enclosed.
func received(m *Message) *rawmime.Entity {
	if m.Transaction != nil && m.Transaction.Channel == evidence.IncomingPoint {
		return m.Transaction.Sent
	}
	return m.PEC.Original
}

func anomalyEncloses(_ *View, m *Message) []problem {
	if m.PEC.Kind == pec.Ordinary {
		return []problem{{expected: "an anomaly envelope that encloses the received message", seen: "a message without any envelope"}}
	}
	if n := len(m.PEC.OriginalParts); n != 1 || m.PEC.Original == nil {
		return []problem{{part: "enclosed message", expected: "the received message as one message/rfc822 part", seen: plural(n, "such part")}}
	}
	if sent := received(m); sent != nil && lostOctets(sent, m.PEC.Original) {
		return []problem{{
			part: "enclosed message", expected: "the whole received message, " + plural(len(sent.Body()), "octet") + " of body",
			seen: plural(len(m.PEC.Original.Body()), "octet"),
		}}
	}
	return nil
}

// lostOctets tells that the copy is shorter than the message.
func lostOctets(sent, copied *rawmime.Entity) bool {
	return len(withoutLastLineEnd(copied.Body())) < len(withoutLastLineEnd(sent.Body())) || len(copied.Fields) < len(sent.Fields)
}

func anomalyHeader(_ *View, m *Message) []problem {
	if got := m.PEC.Root.Values(pec.HeaderTransport); len(got) != 1 || !strings.EqualFold(fold(got[0]), "errore") {
		return []problem{{part: "header X-Trasporto", expected: "errore", seen: shownValues(got)}}
	}
	return nil
}

func anomalySubject(_ *View, m *Message) []problem {
	got := subjectOf(m.PEC.Root)
	rest, ok := strings.CutPrefix(got, "ANOMALIA MESSAGGIO:")
	sent := received(m)
	switch {
	case !ok:
		return []problem{{part: "header Subject", expected: `"ANOMALIA MESSAGGIO: …"`, seen: shown(got)}}
	case sent == nil || len(sent.Lookup("Subject")) != 1 || !ascii(sent.Value("Subject")):
		return nil
	}
	want := subjectOf(sent)
	if compact(rest) != compact(want) && !lossyEqual(compact(want), compact(rest)) {
		return []problem{{part: "header Subject", expected: shown("ANOMALIA MESSAGGIO: " + want), seen: shown(got)}}
	}
	return nil
}

// clockSkew is how far the clock of a target may be from that of the harness.
const clockSkew = 5 * time.Minute

func anomalyDate(_ *View, m *Message) []problem {
	at, err := headerInstant(m.PEC.Root)
	if err != nil {
		return []problem{{part: "header Date", expected: "the time of arrival", seen: shown(m.PEC.Root.Value("Date"))}}
	}
	t := m.Transaction
	if t == nil || t.Channel != evidence.IncomingPoint || t.Started.IsZero() {
		return nil
	}
	from, to := t.Started.Add(-clockSkew), t.Ended.Add(clockSkew)
	if m.Delivered.After(t.Ended) {
		to = m.Delivered.Add(clockSkew)
	}
	if at.Before(from) || at.After(to) {
		return []problem{{part: "header Date", expected: "the time of arrival, about " + t.Ended.In(legalZone()).Format(time.RFC1123Z), seen: at.Format(time.RFC1123Z)}}
	}
	return nil
}

// anomalyFrom: the display name gives the original sender, the address is the
// service address of the provider that received the message.
func anomalyFrom(v *View, m *Message) []problem {
	value := m.PEC.Root.Value("From")
	list, err := pec.ParseAddressList(value)
	if err != nil || len(list) != 1 {
		return []problem{{part: "header From", expected: `"Per conto di: …" <posta-certificata@…>`, seen: shown(value)}}
	}
	var problems []problem
	if p := v.Case.ProviderOf(m.Mailbox); p != nil && !manages(p, list[0].String()) {
		problems = append(problems, problem{part: "header From", expected: "the address " + p.ServiceAddress, seen: list[0].String()})
	}
	sender, named := strings.CutPrefix(fold(rawmime.DecodeWords(list[0].Name)), "Per conto di: ")
	senders := originalSenders(v, m)
	switch {
	case !named:
		problems = append(problems, problem{part: "header From", expected: `the display name "Per conto di: ` + first(senders) + `"`, seen: shown(value)})
	case len(senders) > 0 && !lists(senders, sender):
		problems = append(problems, problem{part: "header From", expected: "the original sender, " + strings.Join(senders, " or "), seen: shown(sender)})
	}
	return problems
}

func first(list []string) string {
	if len(list) == 0 {
		return "…"
	}
	return list[0]
}

// originalSenders returns who may be called the sender of a received message:
// the addresses of its From, and the reverse path it came with.
func originalSenders(_ *View, m *Message) []string {
	var all []string
	if sent := received(m); sent != nil {
		all, _ = addressesIn(sent, "From")
	}
	switch t := m.Transaction; {
	case t == nil: // the reverse path can only be known from what the envelope inherited
		path := pec.BareAddress(m.PEC.Root.Value("Return-Path"))
		if path == "" {
			return nil
		}
		all = append(all, path)
	case (t.Channel == evidence.IncomingPoint || t.fromPeer()) && t.sender() != "":
		all = append(all, t.sender())
	}
	return all
}

func anomalyReplyTo(v *View, m *Message) []problem {
	sent := received(m)
	if sent == nil {
		return nil
	}
	got := m.PEC.Root.Values("Reply-To")
	if sent.Has("Reply-To") {
		if want := sent.Value("Reply-To"); len(got) != 1 || compact(got[0]) != compact(want) {
			return []problem{{part: "header Reply-To", expected: shown(want) + " as it was", seen: shownValues(got)}}
		}
		return nil
	}
	senders := originalSenders(v, m)
	if len(got) == 1 && (len(senders) == 0 || lists(senders, addressOf(got[0]))) {
		return nil
	}
	return []problem{{part: "header Reply-To", expected: "the original sender, " + strings.Join(senders, " or "), seen: shownValues(got)}}
}

// anomalyInherits: Received, To, Cc, Return-Path and Message-ID are those of
// the received message; hosts on the way may have put their own trace on top.
func anomalyInherits(_ *View, m *Message) []problem {
	sent := received(m)
	if sent == nil {
		return nil
	}
	var problems []problem
	wrong := func(field, expected string) {
		problems = append(problems, problem{part: "header " + field, expected: expected, seen: shownValues(m.PEC.Root.Values(field))})
	}
	for _, field := range []string{"To", "Cc", "Message-ID"} {
		want, got := sent.Values(field), m.PEC.Root.Values(field)
		if (len(want) > 0 || field == "Cc") && !slices.Equal(unfolded(want), unfolded(got)) {
			wrong(field, shownValues(want)+" as it was")
		}
	}
	want, got := unfolded(sent.Values("Received")), unfolded(m.PEC.Root.Values("Received"))
	if len(got) < len(want) || !slices.Equal(got[len(got)-len(want):], want) {
		wrong("Received", "the lines of the received message, in order: "+shownValues(want))
	}
	paths := bareAll(m.PEC.Root.Values("Return-Path"))
	expected := bareAll(sent.Values("Return-Path"))
	if t := m.Transaction; t != nil && t.Channel == evidence.IncomingPoint {
		expected = append(expected, t.sender())
	}
	for _, path := range paths {
		if len(expected) > 0 && !lists(expected, path) {
			wrong("Return-Path", strings.Join(expected, " or "))
		}
	}
	if len(paths) == 0 && sent.Has("Return-Path") {
		wrong("Return-Path", shownValues(sent.Values("Return-Path")))
	}
	return problems
}
