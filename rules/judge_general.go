package rules

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// generalJudges answer for the family GEN: what all messages that a provider
// makes have in common (RFC 6109 2.1, 4.1 to 4.3 and the header lists of 3.x).
// They look at every message of the target, whatever its scenario is about.
// PEC-GEN-015 has no judge here: it takes a peer that sends unusual texts.
func generalJudges() []Judge {
	return slices.Concat(
		generalStructureJudges(),
		generalTextFormJudges(),
		generalHeaderJudges(),
		generalAddressJudges(),
		generalReferenceJudges(),
		generalSubjectJudges(),
		generalTimeJudges(),
		generalFactsJudges(),
	)
}

// everySystemMessage makes a judge that looks at each system message of the
// scenario, of all kinds unless kinds are given.
func everySystemMessage(rule, looks string, look func(*View, *Message, *Findings), kinds ...pec.Kind) Judge {
	return Judge{Rule: rule, Looks: looks, Each: true, Look: func(v *View, f *Findings) {
		for _, m := range v.systemMessages() {
			if len(kinds) == 0 || slices.Contains(kinds, m.PEC.Kind) {
				look(v, m, f)
			}
		}
	}}
}

// usingToo says where a judge looks besides, where the view shows it.
func usingToo(j Judge, needs ...Need) Judge {
	j.Uses = needs
	return j
}

// systemMessages returns the messages that a provider made, those whose header
// no longer says what they are included: certification data beside the text,
// sent from a service address.
func (v *View) systemMessages() []*Message {
	var all []*Message
	for _, m := range v.Messages {
		if m.PEC.Kind != pec.Ordinary || len(m.PEC.CertificationParts) > 0 && v.fromService(m) {
			all = append(all, m)
		}
	}
	return all
}

// fromService tells whether a provider sent the message. Where no provider is
// known, a signed message from posta-certificata@ is taken for one.
func (v *View) fromService(m *Message) bool {
	if len(v.Case.World.Providers) > 0 {
		return v.Provider(m) != nil
	}
	from, err := pec.ParseAddress(m.PEC.Root.Value("From"))
	return err == nil && m.PEC.Signed != nil && strings.EqualFold(from.Local, "posta-certificata")
}
