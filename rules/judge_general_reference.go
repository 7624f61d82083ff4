package rules

import (
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/pec"
)

// The identifiers that tie the messages of a transaction together (RFC 6109
// 2.2.1): the client's msgid, and the PEC msgid of the envelope.
func generalReferenceJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-GEN-022", "X-Riferimento-Message-ID of envelopes, enclosed originals and receipts", judgeGeneralReference, certifiedKinds...),
		everySystemMessage("PEC-GEN-023", "messages about an original that had no Message-ID", judgeGeneralNoReference, certifiedKinds...),
		everySystemMessage("PEC-GEN-031", "the identifier in readable text, certification data and envelope", judgeGeneralIdentifier, certifiedKinds...),
		{
			Rule:  "PEC-GEN-032",
			Looks: "the Message-ID of each receipt against those of all other messages",
			Look:  judgeGeneralOwnMessageID,
		},
	}
}

// clientIdentifier returns the client's msgid as far as it is known: as it was
// submitted, or else from the certification data. known is false when neither
// says whether there was one.
func clientIdentifier(m *Message) (id string, known bool) {
	if m.aboutNoOriginal() {
		return "", false
	}
	if m.Transaction != nil && m.Transaction.Sent != nil {
		return m.Transaction.clientMessageID(), true
	}
	if data := m.PEC.Certification; data != nil {
		return fold(data.MessageID), true
	}
	return "", false
}

// aboutNoOriginal tells a virus notice to another provider about something that
// is no correct envelope: a receipt, or a message of a wrong form. Such a
// message refers to another already, and the rules do not say which of the two
// identifiers is meant (PEC-VIR-017 records it).
func (m *Message) aboutNoOriginal() bool {
	t := m.Transaction
	return t != nil && t.Dispatch != nil && !t.fromPeer() && m.PEC.Kind == pec.VirusDetection && t.Dispatch.meantAs() != pec.Ordinary
}

func judgeGeneralReference(_ *View, m *Message, f *Findings) {
	id, known := clientIdentifier(m)
	if !known || id == "" {
		return
	}
	expected := pec.HeaderReference + ": " + id
	check := func(where Where, values []string, what string) {
		same := func(value string) bool {
			// Certification data may hold the identifier without brackets.
			return fold(value) == id || m.Transaction == nil && bareID(value) == bareID(id)
		}
		switch {
		case len(values) == 0:
			f.Broken(where, expected, "no "+pec.HeaderReference+" in the "+what)
		case !slices.ContainsFunc(values, same):
			f.Broken(where, expected, shown(values[0])+" in the "+what)
		default:
			f.Holds(where, values[0])
		}
	}
	check(m.Where("header "+pec.HeaderReference), m.PEC.Root.Values(pec.HeaderReference), about(m))
	if m.PEC.Original != nil && encloses(m.PEC.Kind) {
		check(m.Where("postacert.eml"), m.PEC.Original.Values(pec.HeaderReference), "enclosed original")
	}
}

func judgeGeneralNoReference(_ *View, m *Message, f *Findings) {
	id, known := clientIdentifier(m)
	if !known || id != "" {
		return
	}
	if values := m.PEC.Root.Values(pec.HeaderReference); len(values) > 0 {
		f.Broken(m.Where("header "+pec.HeaderReference), "no "+pec.HeaderReference+": the original had no Message-ID", shown(values[0]))
		return
	}
	if data := m.PEC.Certification; data != nil && data.HasMessageID {
		f.Broken(m.Where("daticert.xml"), "no msgid element: the original had no Message-ID", "<msgid>"+data.MessageID+"</msgid>")
		return
	}
	f.Holds(m.Where("header"), "neither "+pec.HeaderReference+" nor msgid in the "+about(m))
}

func judgeGeneralIdentifier(_ *View, m *Message, f *Findings) {
	data := m.PEC.Certification
	if data == nil {
		return
	}
	id, kept := bareID(data.Identifier), true
	if r, ok := readableOf(m.PEC); ok && !says(r.Text, id) {
		kept = false
		f.Broken(m.Where(r.Part), "the identifier of the certification data in the readable text: "+id, "the text does not hold it")
	}
	if m.PEC.Kind == pec.TransportEnvelope {
		if own := bareID(m.PEC.Root.Value("Message-ID")); own != id {
			kept = false
			f.Broken(m.Where("header Message-ID"), "Message-ID: <"+id+">, the identificativo of the certification data", shown(m.PEC.Root.Value("Message-ID")))
		}
	} else if m.PEC.Kind != pec.NonAcceptance && m.Transaction != nil {
		if envelopes := m.Transaction.envelopeIdentifiers(); len(envelopes) > 0 && !slices.Contains(envelopes, id) {
			kept = false
			f.Broken(m.Where("daticert.xml"), "the Message-ID of the transport envelope: "+shownList(envelopes), "identificativo "+shown(data.Identifier))
		}
	}
	if kept {
		f.Holds(m.Where("daticert.xml"), id)
	}
}

func judgeGeneralOwnMessageID(v *View, f *Findings) {
	system := v.systemMessages()
	for i, m := range system {
		if !slices.Contains(receiptKinds, m.PEC.Kind) {
			continue
		}
		const expected = "a Message-ID of the receipt's own"
		where := m.Where("header Message-ID")
		ids := m.PEC.Root.Values("Message-ID")
		if len(ids) != 1 || bareID(ids[0]) == "" {
			f.Broken(where, expected, fmt.Sprintf("%d Message-ID fields in the %s", len(ids), about(m)))
			continue
		}
		if data := m.PEC.Certification; data != nil && bareID(ids[0]) == bareID(data.Identifier) {
			f.Broken(where, expected, ids[0]+", the PEC msgid of the envelope")
			continue
		}
		// The same octets twice are one message sent twice, which other rules
		// judge; different octets under one identifier are the breach here.
		if j := slices.IndexFunc(system, func(o *Message) bool {
			return o != m && o.Blob != m.Blob && bareID(o.PEC.Root.Value("Message-ID")) == bareID(ids[0])
		}); j >= 0 {
			f.Broken(where, expected, fmt.Sprintf("%s, as the %s %s", ids[0], about(system[j]), system[j].ID))
			continue
		}
		f.Holds(where, system[i].PEC.Root.Value("Message-ID"))
	}
}
