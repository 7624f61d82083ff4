package steps

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
)

// emitter says who made a message that lay in a mailbox: the target, or a third
// party that verdicts are not given on. Nothing that may be the target's is given
// to a bystander only because it lies in his mailbox: a wrong From would go
// unjudged.
func (t *Target) emitter(box *Mailbox, octets []byte) evidence.Emitter {
	if p := t.namedInFrom(octets); p != nil {
		return emitterOf(*p)
	}
	message, err := pec.Read(octets)
	if p := t.provider(box.Provider); p != nil {
		if p.Judged || err != nil {
			return emitterOf(*p)
		}
		if maker := t.makerOf(message); maker != nil {
			p = maker
		}
		return emitterOf(*p)
	}
	if err == nil && (message.Root.Has(pec.HeaderTransport) || message.Root.Has(pec.HeaderReceipt)) {
		return evidence.Target
	}
	return evidence.ThirdParty
}

// emitterOfRelayed says who made a message that a host of the target relayed to
// a peer: the target, unless it names a provider that is not judged.
func (t *Target) emitterOfRelayed(octets []byte) evidence.Emitter {
	if p := t.namedInFrom(octets); p != nil {
		return emitterOf(*p)
	}
	return evidence.Target
}

func emitterOf(p Provider) evidence.Emitter {
	if p.Judged {
		return evidence.Target
	}
	return evidence.ThirdParty
}

// namedInFrom is the provider whose service address stands in From (RFC 6109
// 3.1.2), or nil.
func (t *Target) namedInFrom(octets []byte) *Provider {
	entity, err := rawmime.Parse(octets, rawmime.Limits{})
	if err != nil {
		return nil
	}
	from := strings.ToLower(entity.Value("From"))
	for i := range t.Providers {
		if strings.Contains(from, strings.ToLower(t.Providers[i].ServiceAddress)) {
			return &t.Providers[i]
		}
	}
	return nil
}

// makerOf is the provider that made a message whose From names none: who signed
// it; else by what it is, the provider of the sender, or of the recipient that a
// receipt speaks for; nil where nothing tells.
func (t *Target) makerOf(m *pec.Message) *Provider {
	if p := t.signerOf(m); p != nil {
		return p
	}
	c := m.Certification
	if c != nil {
		switch m.Kind {
		case pec.Delivery, pec.NonDelivery, pec.TakenInCharge, pec.VirusDetection: // made where the recipient is
			of := []string{c.Delivery}
			if c.Delivery == "" {
				of = nil
				for _, r := range c.Recipients {
					of = append(of, r.Address)
				}
			}
			return t.managing(of...)
		}
		if p := t.managing(c.Sender); p != nil {
			return p
		}
	}
	heads := []*rawmime.Entity{m.Root}
	if m.Original != nil {
		heads = []*rawmime.Entity{m.Original, m.Root}
	}
	for _, head := range heads {
		writers, err := pec.ParseAddressList(head.Value("From"))
		if err != nil {
			continue
		}
		for _, one := range writers {
			if p := t.managing(one.Local + "@" + one.Domain); p != nil {
				return p
			}
		}
	}
	return nil
}

// signerOf is the provider whose service address the signer's certificate names,
// whether or not the signature holds: that is for the judges.
func (t *Target) signerOf(m *pec.Message) *Provider {
	if m.SignaturePart == nil {
		return nil
	}
	der, err := m.SignaturePart.Decoded()
	if err != nil {
		return nil
	}
	signature, err := smime.Parse(der)
	if err != nil || signature.Certificate == nil {
		return nil
	}
	for i := range t.Providers {
		names := func(address string) bool { return pec.SameAddress(address, t.Providers[i].ServiceAddress) }
		if slices.ContainsFunc(signature.Certificate.EmailAddresses, names) {
			return &t.Providers[i]
		}
	}
	return nil
}

// managing is the provider that manages the domain of one of the addresses; one
// that verdicts are given on comes first. nil: none does.
func (t *Target) managing(addresses ...string) *Provider {
	var first *Provider
	for i := range t.Providers {
		p := &t.Providers[i]
		manages := func(address string) bool { return managesDomain(p.Domains, domainOf(pec.BareAddress(address))) }
		if slices.ContainsFunc(addresses, manages) && (first == nil || p.Judged && !first.Judged) {
			first = p
		}
	}
	return first
}
