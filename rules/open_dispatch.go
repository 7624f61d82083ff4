package rules

import (
	"fmt"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// readDispatches parses what the harness sent in the role of a provider.
func (v *View) readDispatches(c *evidence.Case) error {
	for _, sent := range c.Dispatches {
		d := &Dispatch{Dispatch: sent}
		if sent.Blob != "" {
			octets, err := c.Blob(sent.Blob)
			if err != nil {
				return fmt.Errorf("dispatch %s: %w", sent.ID, err)
			}
			if d.PEC, err = pec.Read(octets); err != nil {
				return fmt.Errorf("dispatch %s: %w", sent.ID, err)
			}
		}
		v.Dispatches = append(v.Dispatches, d)
	}
	return nil
}

// own files a message of the harness that lay in a mailbox of the target.
func (v *View) own(m *Message) {
	v.Own = append(v.Own, m)
	for _, d := range v.Dispatches {
		if d.ID == m.Message.Dispatch {
			m.Dispatch = d
			d.Found = append(d.Found, m)
		}
	}
}

// claimForDispatch gives a message of the target to the dispatch that it
// follows from: by the token in the subject, by the PEC msgid, or by the
// Message-ID that it refers to. An answer of the harness about a submission
// carries that submission's identifiers, so what follows from it is claimed by
// the submission, unless the token of the answer says otherwise.
func (v *View) claimForDispatch(m *Message) bool {
	for _, d := range v.Dispatches {
		if d.claims(m) {
			m.Dispatch = d
			d.Messages = append(d.Messages, m)
			return true
		}
	}
	return false
}

func (d *Dispatch) claims(m *Message) bool {
	if d.Again != "" {
		return false // the first of them claims
	}
	if d.Token != "" && carriesToken(m.PEC, d.Token) {
		return true
	}
	if d.About != "" {
		return false
	}
	if c := m.PEC.Certification; c != nil && d.Identifier != "" && c.Identifier == d.Identifier {
		return true
	}
	reference := m.PEC.Root.Value(pec.HeaderReference)
	return reference != "" && reference == d.MessageID
}
