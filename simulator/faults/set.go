package faults

import (
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
)

// Set is the faults that are on. A nil Set does nothing. It holds no state, so
// one Set serves any number of goroutines.
type Set struct {
	ids  []string
	acts []act
}

// IDs lists the faults of the set as they were asked for.
func (s *Set) IDs() []string {
	if s == nil {
		return nil
	}
	return append([]string(nil), s.ids...)
}

// For is the part of the set that concerns one provider, told by its service
// domain: what was limited to it and what was limited to nobody.
func (s *Set) For(serviceDomain string) *Set {
	if s == nil {
		return nil
	}
	part := &Set{ids: s.ids}
	for _, a := range s.acts {
		if a.provider == "" || strings.EqualFold(a.provider, serviceDomain) {
			part.acts = append(part.acts, a)
		}
	}
	if len(part.acts) == 0 {
		return nil
	}
	return part
}

// at calls do for every act at a point that touches the draft; a nil draft is
// touched by acts without kinds only.
func (s *Set) at(point Point, d *compose.Draft, do func(act)) {
	if s == nil {
		return
	}
	for _, a := range s.acts {
		if a.point == point && a.touches(d) {
			do(a)
		}
	}
}

func (a act) touches(d *compose.Draft) bool {
	return len(a.variants) == 0 || d != nil && a.variants[d.Variant()]
}

// Identity alters how the provider names itself and its messages.
func (s *Set) Identity(p compose.Provider) compose.Provider {
	s.at(AtIdentity, nil, func(a act) { p.IdentifierForm = a.arguments["form"] })
	return p
}

// Draft alters a draft before it is rendered.
func (s *Set) Draft(d *compose.Draft) error {
	var first error
	s.at(AtDraft, d, func(a act) {
		if err := a.draft(d); err != nil && first == nil {
			first = err
		}
	})
	return first
}

// Content alters what is about to be signed. The slice given is not written to.
func (s *Set) Content(d *compose.Draft, content []byte) []byte {
	s.at(AtContent, d, func(a act) { content = a.octets(content) })
	return content
}

// Signer changes who signs. variant gives the deviating signers of this provider
// (authority.Variant). A nil signer back means: leave the message unsigned.
func (s *Set) Signer(d *compose.Draft, signer *smime.Signer, variant func(name string) (*smime.Signer, error)) (*smime.Signer, error) {
	var first error
	s.at(AtSigner, d, func(a act) {
		changed, err := a.signer(signer, variant)
		if err != nil {
			if first == nil {
				first = err
			}
			return
		}
		signer = changed
	})
	return signer, first
}

// SignerVariants names the deviating signers the set will ask for, so that a
// world can have them issued before the first message.
func (s *Set) SignerVariants() []string {
	var names []string
	if s == nil {
		return nil
	}
	for _, a := range s.acts {
		if a.point == AtSigner && a.name == "variant" {
			names = append(names, a.arguments["name"])
		}
	}
	return names
}

// Sealed alters the whole message after signing. The slice given is not written
// to.
func (s *Set) Sealed(d *compose.Draft, sealed []byte) []byte {
	s.at(AtSealed, d, func(a act) {
		if a.name == "signature" {
			sealed = a.signature(sealed)
			return
		}
		sealed = a.octets(sealed)
	})
	return sealed
}

// Where a message may go instead of, or besides, where it should.
const (
	ToReplyTo   = "ReplyTo"   // Draft.ReplyTo; as planned where there is none
	ToSender    = "Sender"    // Draft.Sender
	ToRecipient = "Recipient" // Draft.Recipient
	ToService   = "Service"   // the service mailbox of the emitting provider
)

// Emission is what becomes of a finished message.
type Emission struct {
	Copies int           // 1 as usual, 0 not sent at all, 2 sent twice
	To     string        // "" as planned, or one of the To constants
	Also   string        // one more copy to one of the To constants; "" none
	Delay  time.Duration // of legal time, before it leaves
}

// Emission tells what becomes of a message made from this draft.
func (s *Set) Emission(d *compose.Draft) Emission {
	e := Emission{Copies: 1}
	s.at(AtEmission, d, func(a act) { a.emission(&e) })
	return e
}

// Check passes on the result of a named check, or what a fault makes of it.
// Names are the provider's, with a path: "access/hidden-recipient",
// "incoming/signature", "delivery/primary".
func (s *Set) Check(name string, ok bool) bool {
	s.at(AtCheck, nil, func(a act) {
		if a.arguments["name"] == name {
			ok = a.check(ok)
		}
	})
	return ok
}

// On tells whether a named behaviour is on.
func (s *Set) On(behaviour string) bool {
	on := false
	s.at(AtBehaviour, nil, func(a act) { on = on || a.arguments["name"] == behaviour })
	return on
}
