package rules

import (
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// peerRefusalJudges answer for what comes from another provider, or says that it
// does, and is no correct envelope.
func peerRefusalJudges() []Judge {
	trust := []Need{NeedTrust}
	distrusted := func(rule, which string) Judge {
		return Judge{Rule: rule, Looks: "what came of envelopes " + which, Needs: trust, Look: distrustedEnvelopes(rule)}
	}
	return []Judge{
		distrusted("PEC-IP-007", "whose signer is not in the directory"),
		{Rule: "PEC-IP-008", Looks: "what came of envelopes that were altered after they were signed", Look: distrustedEnvelopes("PEC-IP-008")},
		distrusted("PEC-IP-009", "signed with an expired certificate"),
		distrusted("PEC-IP-010", "signed with a revoked certificate"),
		distrusted("PEC-IP-011", "whose certificate does not lead to the PEC authority"),
		{Rule: "PEC-IP-013", Looks: "what came of well-signed envelopes of a wrong form", Needs: trust, Look: passedOnAs("PEC-IP-013")},
		{Rule: "PEC-IP-015", Looks: "what came of envelopes with From in a domain of another provider", Needs: trust, Look: fromAnothersDomain},
		{Rule: "PEC-IP-016", Looks: "what came of envelopes whose From is not in their certificate", Needs: trust, Look: passedOnAs("PEC-IP-016")},
		{Rule: "PEC-IP-024", Looks: "what came of envelopes in opaque signed form", Look: opaqueEnvelopes},
		{Rule: "PEC-IP-025", Looks: "what came of envelopes for a recipient that they do not list", Needs: trust, Look: outsideTheList},
		distrusted("PEC-IP-030", "of whose signer the directory has the hash beside another certificate"),
		{Rule: "PEC-ND-009", Looks: "what came of envelopes for a domain that the target does not manage", Look: unmanagedDomain},
		{Rule: "PEC-XML-024", Looks: "what came of messages with hostile certification data", Needs: trust, Look: hostileData},
	}
}

// dispatched visits what the harness sent, each message once.
func (v *View) dispatched(visit func(t *Transaction, d *Dispatch, r reception)) {
	for _, d := range v.Dispatches {
		if d.Journey.Dispatch == d && d.PEC != nil {
			visit(d.Journey, d, v.receptionOf(d))
		}
	}
}

// infectedThere tells that nothing may reach anybody for another reason.
func (v *View) infectedThere(d *Dispatch) bool { return d.Infected != "" && v.infectedAt(d) }

// distrustedEnvelopes: the outcome of PEC-IP-006, ordinary treatment: an anomaly
// envelope or a refusal, no receipt.
func distrustedEnvelopes(rule string) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
			if r.class == untrusted && r.rule == rule && d.meantAs() == pec.TransportEnvelope && !v.infectedThere(d) {
				v.reportOrdinary(f, t, "treated as ordinary mail: "+r.why)
			}
		})
	}
}

// passedOnAs judges the messages of which a rule says that they have to reach
// their recipients inside an anomaly envelope.
func passedOnAs(rule string) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
			if r.class == faulty && r.rule == rule && !v.infectedThere(d) {
				f.flaws(v, t, v.flaws(t), "in an anomaly envelope: "+r.why)
			}
		})
	}
}

func fromAnothersDomain(v *View, f *Findings) {
	v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
		switch {
		case r.class != faulty || r.rule != "PEC-IP-015" || v.infectedThere(d):
		case v.provesNothing(t):
			f.Unable(t.Where("SMTP"), envelopeWasToo)
		case !t.Accepted() && len(ofTarget(t.Messages)) == 0:
			f.Holds(t.Where("SMTP"), "refused: "+refusal(t))
		default:
			f.flaws(v, t, v.flaws(t), "in an anomaly envelope: "+r.why)
		}
	})
}

// envelopeWasToo is why a refusal says nothing.
const envelopeWasToo = "a correct envelope of the same scenario was refused too"

// provesNothing tells that a message of a provider was refused by SMTP, and that
// a correct envelope of the scenario was too.
func (v *View) provesNothing(t *Transaction) bool {
	return t.Dispatch != nil && !t.Accepted() && slices.ContainsFunc(v.journeys(), func(twin *Transaction) bool {
		return twin.fromPeer() && !twin.Accepted() && len(v.meantFor(twin)) > 0
	})
}

func opaqueEnvelopes(v *View, f *Findings) {
	v.dispatched(func(t *Transaction, _ *Dispatch, r reception) {
		if r.rule == "PEC-IP-024" {
			f.Observes(t.Where(""), v.whatCame(t))
		}
	})
}

func outsideTheList(v *View, f *Findings) {
	v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
		if d.meantAs() != pec.TransportEnvelope || d.PEC.Certification == nil || r.class == untrusted {
			return
		}
		var listed []string
		for _, one := range d.PEC.Certification.Recipients {
			listed = append(listed, pec.BareAddress(one.Address))
		}
		for _, one := range d.Recipients {
			if !holdsAddress(listed, one.Address) && v.deliversTo(d, one) {
				f.Observes(t.Where(""), pec.BareAddress(one.Address)+", whom the certification data do not list: "+v.whatCame(t))
			}
		}
	})
}

// deliversTo tells that the recipient is one of the provider that was handed the
// message, whatever it answered.
func (v *View) deliversTo(d *Dispatch, r evidence.RecipientReply) bool {
	p := v.Case.ProviderOf(pec.BareAddress(r.Address))
	return p != nil && p.Name == d.Host
}

func unmanagedDomain(v *View, f *Findings) {
	v.dispatched(func(t *Transaction, d *Dispatch, _ reception) {
		if d.meantAs() != pec.TransportEnvelope {
			return
		}
		for _, r := range d.Recipients {
			if v.deliversTo(d, r) {
				continue
			}
			notice := slices.IndexFunc(natured(t.Messages, pec.NonDelivery), func(m *Message) bool {
				c := m.PEC.Certification
				return c != nil && pec.SameAddress(pec.BareAddress(c.Delivery), pec.BareAddress(r.Address))
			})
			switch {
			case notice >= 0:
				m := natured(t.Messages, pec.NonDelivery)[notice]
				f.Observes(m.Where("daticert.xml errore"), "errore "+shown(m.PEC.Certification.Error)+" for "+r.Address)
			case !r.Reply.OK():
				f.Observes(t.Where("SMTP"), r.Address+" refused: "+shownReply(r.Reply))
			default:
				f.Observes(t.Where(""), r.Address+" taken: "+v.whatCame(t))
			}
		}
	})
}

// hostileData: what would do harm is a formal error, or refused; what may be
// tolerated must still be answered for. A dialogue that breaks off is a crash.
func hostileData(v *View, f *Findings) {
	v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
		switch {
		case r.rule != "PEC-XML-024":
		case d.DataReply.Code == 0 && d.MailReply.OK() && len(t.handed()) > 0:
			f.Broken(t.Where("SMTP"), "an answer to the final dot", "none: the dialogue broke off")
		case v.provesNothing(t):
			f.Unable(t.Where("SMTP"), envelopeWasToo)
		case !t.Accepted() && len(ofTarget(t.Messages)) == 0:
			f.Holds(t.Where("SMTP"), "refused: "+refusal(t))
		case r.class == faulty:
			f.flaws(v, t, v.flaws(t), "in an anomaly envelope: "+r.why)
		case len(t.Messages) == 0:
			f.absent(v, t.Where(""), "an outcome for a message "+r.why)
		default:
			f.Holds(t.Where(""), v.whatCame(t))
		}
	})
}
