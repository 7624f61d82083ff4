package faults

import (
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
)

// Set is the faults that are on. A nil Set does nothing. What a world gives to a
// provider serves any number of goroutines; what About makes of it is about one
// message, and for one of them.
type Set struct {
	ids      []string
	acts     []act
	rules    *Rules // switched on and off while the provider runs; nil: none
	provider string // service domain for which rules are looked up
	about    *about // the one message; nil: none in particular
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
	part := &Set{ids: s.ids, rules: s.rules, provider: serviceDomain}
	for _, a := range s.acts {
		if a.provider == "" || strings.EqualFold(a.provider, serviceDomain) {
			part.acts = append(part.acts, a)
		}
	}
	if len(part.acts) == 0 && part.rules == nil {
		return nil
	}
	return part
}

// With is the set together with rules that may be switched on and off later.
func (s *Set) With(rules *Rules) *Set {
	together := &Set{rules: rules}
	if s != nil {
		together.ids, together.acts, together.provider = s.ids, s.acts, s.provider
	}
	return together
}

// at calls do for every act at a point that touches the draft; a nil draft is
// touched by acts without kinds only. What is wrong is done to what
// personalities made, those of rules included.
func (s *Set) at(point Point, d *compose.Draft, do func(act)) {
	s.named(point, "", d, do)
}

// named is at for the acts whose argument "name" is that one; "" means all.
func (s *Set) named(point Point, name string, d *compose.Draft, do func(act)) {
	if s == nil {
		return
	}
	concerns := func(a act) bool {
		return a.point == point && a.touches(d) && (name == "" || a.arguments["name"] == name)
	}
	s.ruled(true, concerns, do)
	for _, a := range s.acts {
		if concerns(a) {
			do(a)
		}
	}
	s.ruled(false, concerns, do)
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
	acts := s.acts
	if s.rules != nil {
		for _, r := range s.rules.now() {
			acts = append(slices.Clip(acts), r.acts...)
		}
	}
	for _, a := range acts {
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
	Hold   string        // kept back until something else went there: one of the Until constants; "" not at all
}

// What a message that is held back waits for, before it goes after it.
const (
	UntilMessage = "message" // the next message to the same mailbox about the same original
	UntilMailbox = "mailbox" // the next message to the same mailbox, whatever it is about
)

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
	s.named(AtCheck, name, nil, func(a act) { ok = a.check(ok) })
	return ok
}

// Found is what a fault that makes a check fail says was found; otherwise where
// it says nothing.
func (s *Set) Found(name, otherwise string) string {
	s.named(AtCheck, name, nil, func(a act) {
		if found := a.arguments["found"]; found != "" && a.name == "fail" {
			otherwise = found
		}
	})
	return otherwise
}

// Hour is how long an hour of the deadlines lasts: an hour, unless a fault makes
// them shorter.
func (s *Set) Hour() time.Duration {
	hour := time.Hour
	s.at(AtDeadline, nil, func(a act) { hour = a.duration })
	return hour
}

// On tells whether a named behaviour is on.
func (s *Set) On(behaviour string) bool {
	on := false
	s.named(AtBehaviour, behaviour, nil, func(act) { on = true })
	return on
}
