package rules

import (
	"bytes"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// Messages of the target that nothing explains which was sent. Each is a finding
// of the rule about its kind: receipts and envelopes of PEC-INT-009, anomaly
// envelopes of PEC-INT-007, mail without any envelope of PEC-ANO-001.

// expectedReceipts judges that every receipt is one that is owed.
func expectedReceipts(v *View, f *Findings) {
	for _, m := range v.Unclaimed {
		if m.PEC.Kind.IsReceipt() || m.PEC.Kind == pec.TransportEnvelope {
			f.Broken(m.Where(""), "receipts and envelopes of messages that were sent, and no others", about(m)+" in "+m.Mailbox+" belongs to no message that was sent")
		}
	}
	mixedRecipients(v, f)
}

// strangeAnomalies finds anomaly envelopes around what nobody sent.
func strangeAnomalies(v *View, f *Findings) {
	for _, m := range v.Unclaimed {
		if m.PEC.Kind == pec.AnomalyEnvelope && v.userOfTarget(m) && !v.speaksOfSent(m) {
			f.Broken(m.Where(""), "anomaly envelopes around what was sent, and around answers to it", about(m)+" in "+m.Mailbox+" encloses a message that nobody sent")
		}
	}
}

// userOfTarget tells that the message lies in a mailbox of a user of a judged
// provider.
func (v *View) userOfTarget(m *Message) bool {
	return m.Role == evidence.UserMailbox && v.describedAsJudged(m.Provider)
}

// speaksOfSent tells that the message holds a token or an identifier of
// something that was sent, as the bounce of an ordinary mail host does.
func (v *View) speaksOfSent(m *Message) bool {
	return slices.ContainsFunc(v.journeys(), func(t *Transaction) bool {
		ids := []string{t.Token, bareID(t.clientMessageID()), t.identifierOrNone()}
		return slices.ContainsFunc(ids, func(id string) bool { return id != "" && bytes.Contains(m.PEC.Raw, []byte(id)) })
	})
}
