package rules

import (
	"errors"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
)

// peerReceiptJudges answer for receipts and notices that the harness sends in
// the role of a provider.
func peerReceiptJudges() []Judge {
	trust := []Need{NeedTrust}
	return []Judge{
		{Rule: "PEC-IP-027", Looks: "the user's mailbox, after a correct receipt about a message that the target does not know", Needs: trust, Look: receiptsOfUnknown},
		{Rule: "PEC-IP-031", Looks: "what came of receipts that no provider of the directory vouches for", Needs: trust, Look: distrustedReceipts},
		{Rule: "PEC-IP-032", Looks: "what came of well-signed receipts of a wrong form", Needs: trust, Look: passedOnAs("PEC-IP-032")},
		{Rule: "PEC-VIR-013", Looks: "notices to the user, after a virus detection that no provider of the directory vouches for", Needs: trust, Look: distrustedDetections},
		{Rule: "PEC-RB-019", Looks: "the sender's mailbox, after a brief receipt around a signed original", Needs: trust, Look: briefAroundSigned},
	}
}

// peerReceipts visits the dispatches that are taken for a correct receipt or
// notice and bear no virus.
func (v *View) peerReceipts(visit func(t *Transaction, d *Dispatch)) {
	v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
		if r.class == correctReceipt && !v.infectedThere(d) {
			visit(t, d)
		}
	})
}

// forUsers tells that a kind of receipt is meant for users.
func forUsers(kind pec.Kind) bool {
	return kind.IsReceipt() && kind != pec.TakenInCharge && kind != pec.VirusDetection
}

// knows tells that the receipt is about something that was submitted.
func (v *View) knows(d *Dispatch) bool {
	if d.About != "" {
		return true
	}
	c := d.PEC.Certification
	for _, t := range v.Transactions {
		if c != nil && (bareID(c.Identifier) == t.envelopeIdentifier() || c.HasMessageID && bareID(c.MessageID) == bareID(t.clientMessageID())) {
			return true
		}
	}
	return false
}

func receiptsOfUnknown(v *View, f *Findings) {
	v.peerReceipts(func(t *Transaction, d *Dispatch) {
		if forUsers(d.meantAs()) && !v.knows(d) {
			f.flaws(v, t, v.flaws(t), "delivered as it is to "+shownList(t.handed()))
		}
	})
}

// receiptsOfPeersReachUsers is PEC-IP-004 for the receipts of a peer about what
// was submitted. Those of a form that another rule speaks of are left to it.
func receiptsOfPeersReachUsers(v *View, f *Findings) {
	v.peerReceipts(func(t *Transaction, d *Dispatch) {
		_, unlike := otherText(v, d)
		_, short := leftOut(v, d)
		if forUsers(d.meantAs()) && v.knows(d) && !unlike && !short && !aroundSigned(d) {
			f.flaws(v, t, v.flaws(t), "delivered as it is to "+shownList(t.handed()))
		}
	})
}

// distrustedReceipts: a user is shown no receipt that nobody vouches for, but in
// an anomaly envelope. That the timers go on is for the rules about delays.
func distrustedReceipts(v *View, f *Findings) {
	v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
		kind := d.meantAs()
		if r.class == untrusted && forUsers(kind) && !v.infectedThere(d) {
			v.reportOrdinary(f, t, "treated as ordinary mail: "+r.why)
		}
	})
}

func distrustedDetections(v *View, f *Findings) {
	v.dispatched(func(t *Transaction, d *Dispatch, r reception) {
		if r.class != untrusted || d.meantAs() != pec.VirusDetection {
			return
		}
		var told []*Message
		for _, journey := range append([]*Transaction{t}, v.about(d)...) {
			for _, m := range natured(ofTarget(journey.Messages), pec.NonDelivery) {
				if v.aboutVirus(m) || virusNotice(m) {
					told = append(told, m)
				}
			}
		}
		switch {
		case len(told) > 0:
			f.Broken(told[0].Where(""), "no notice to the user: the virus detection came "+r.why, about(told[0])+" in "+told[0].Mailbox)
		case !v.Case.Settled:
			f.Unable(t.Where(""), notSettled)
		default:
			f.Holds(t.Where(""), "the user was told nothing")
		}
	})
}

// about returns the submission that the dispatch answers.
func (v *View) about(d *Dispatch) []*Transaction {
	var all []*Transaction
	for _, t := range v.Transactions {
		if t.ID == d.About {
			all = append(all, t)
		}
	}
	return all
}

// answersOf returns what the harness sent about the submission and is taken for
// a correct receipt of this kind about the recipient.
func (v *View) answersOf(t *Transaction, recipient string, kind pec.Kind) []*Dispatch {
	var all []*Dispatch
	v.peerReceipts(func(journey *Transaction, d *Dispatch) {
		c := d.PEC.Certification
		if d.About == t.ID && d.PEC.Kind == kind && journey.Accepted() && c != nil && pec.SameAddress(pec.BareAddress(c.Delivery), recipient) {
			all = append(all, d)
		}
	})
	return all
}

// detectionsOfPeers is PEC-VIR-009 for the detections of a peer: the sender is told.
func detectionsOfPeers(v *View, f *Findings) {
	v.peerReceipts(func(t *Transaction, d *Dispatch) {
		if d.PEC.Kind != pec.VirusDetection || !t.Accepted() {
			return
		}
		for _, s := range v.about(d) {
			home := v.Case.ProviderOf(s.sender())
			if home == nil || home.Name != d.Host || !s.accepted() || !v.hears(s) {
				continue
			}
			recipient := pec.BareAddress(d.PEC.Certification.Delivery)
			notices := s.concerning(recipient, pec.NonDelivery)
			if len(notices) == 0 {
				f.absent(v, s.Where(""), "an errore-consegna for virus about "+recipient+" in "+s.sender()+", after "+d.ID)
			}
			for _, m := range notices {
				problems := headerProblems(m, pec.NonDelivery, home, "") // To: PEC-VIR-010
				f.report(m.Where, append(problems, securityProblems(m)...), "about "+recipient+" in "+m.Mailbox)
			}
		}
	})
}

// securityProblems demands the field that tells a notice for virus.
func securityProblems(m *Message) []problem {
	if got := m.PEC.Root.Values(pec.HeaderSecurityCheck); len(got) != 1 || !strings.EqualFold(fold(got[0]), "errore") {
		return []problem{{part: "header X-VerificaSicurezza", expected: "errore", seen: shownValues(got)}}
	}
	return nil
}

// betweenProvidersOfPeers finds correct receipts between providers that lie with
// a user, and answers for those in their place (PEC-IP-005, PEC-SSA-007).
func betweenProvidersOfPeers(v *View, f *Findings, kinds ...pec.Kind) {
	for _, m := range natured(v.Own, kinds...) {
		switch {
		case m.Dispatch == nil || v.receptionOf(m.Dispatch).class != correctReceipt:
		case m.Role == evidence.ServiceMailbox:
			f.Holds(m.Where(""), about(m)+" in "+m.Mailbox)
		default:
			f.Broken(m.Where(""), about(m)+" in a service mailbox only", "in the mailbox "+m.Mailbox)
		}
	}
}

func briefAroundSigned(v *View, f *Findings) {
	v.peerReceipts(func(t *Transaction, d *Dispatch) {
		if aroundSigned(d) {
			f.flaws(v, t, v.flaws(t), "delivered as it is, though the original in it no longer verifies")
		}
	})
}

// aroundSigned tells a brief delivery receipt with a signed original in it whose
// signature no longer verifies.
func aroundSigned(d *Dispatch) bool {
	if d.PEC == nil || d.PEC.Kind != pec.Delivery || d.PEC.Original == nil || len(hashNames(d.PEC.Original)) == 0 {
		return false
	}
	found := false
	d.PEC.Original.Walk(func(part *rawmime.Entity) bool {
		mediaType, _ := part.MediaType()
		if mediaType != "multipart/signed" || len(part.Parts) < 2 {
			return true
		}
		der, err := part.Parts[1].Decoded()
		if err == nil {
			_, err = smime.Verify(part.Parts[0].Raw(), der)
		}
		found = found || err != nil && !errors.Is(err, smime.ErrUnsupported)
		return true
	})
	return found
}

// peerToldOfVirus: the provider that signed an infected message is told, at its
// service mailbox. What it is told is only recorded.
func (v *View) peerToldOfVirus(f *Findings, t *Transaction) {
	p := v.provider(t.Dispatch.Peer)
	detections := natured(t.Messages, pec.VirusDetection)
	switch {
	case p == nil || !v.watches(p.ServiceMailbox):
		f.Unable(t.Where(""), string(NeedService))
	case len(detections) == 0:
		f.absent(v, t.Where(""), "a rilevazione-virus in "+p.ServiceMailbox+", and nothing delivered")
	case !strings.EqualFold(detections[0].Mailbox, p.ServiceMailbox):
		f.Broken(detections[0].Where(""), "a rilevazione-virus in "+p.ServiceMailbox, "in "+detections[0].Mailbox)
	default:
		f.Holds(detections[0].Where(""), "not delivered in any form; "+p.Name+" was told")
	}
}
