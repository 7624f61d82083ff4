package rules

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// peerEnvelopeJudges answer for correct envelopes, plain and of every form that
// the rules allow.
func peerEnvelopeJudges() []Judge {
	trust := []Need{NeedTrust}
	return []Judge{
		{Rule: "PEC-IP-003", Looks: "the service mailbox of the sending provider and the recipients' mailboxes, after a correct envelope", Needs: trust, Look: plainEnvelopes},
		{Rule: "PEC-IP-017", Looks: "what came of envelopes whose signer's hash stands in the directory in lower case", Needs: trust, Look: peculiar(lowerCaseHash)},
		{Rule: "PEC-IP-018", Looks: "what came of envelopes signed with the later of two listed certificates", Needs: trust, Look: peculiar(laterCertificate)},
		{Rule: "PEC-IP-021", Looks: "mailboxes and service mailbox, after a correct envelope with a virus inside", Needs: []Need{NeedTrust, NeedService}, Look: infectedEnvelopes},
		{Rule: "PEC-IP-023", Looks: "what came of envelopes with their parts in the other order, or with extra parts", Needs: trust, Look: peculiar(otherParts)},
		{Rule: "PEC-IP-026", Looks: "delivery receipts for an envelope that was handed over twice", Needs: trust, Look: handedTwice},
		{Rule: "PEC-GEN-015", Looks: "what came of correct messages whose readable text says something else", Needs: trust, Look: unlikeTheModel},
		{Rule: "PEC-XML-022", Looks: "what came of correct messages without the optional attributes of the certification data", Needs: trust, Look: withoutDefaults},
		{Rule: "PEC-SSA-006", Looks: "presa-in-carico receipts, together, for an envelope of several SMTP transactions", Needs: []Need{NeedTrust, NeedService}, Look: coveredTogether},
	}
}

// plainEnvelopes leaves out the envelopes for whose form another rule speaks.
func plainEnvelopes(v *View, f *Findings) {
	v.peerEnvelopes(func(t *Transaction, d *Dispatch) {
		if !slices.ContainsFunc(peculiarities, func(is peculiarity) bool { _, yes := is(v, d); return yes }) && !repeated(d) {
			f.welcomed(v, t, "a correct envelope")
		}
	})
}

// peculiarity tells that a correct envelope has a form that a rule speaks of.
type peculiarity func(v *View, d *Dispatch) (what string, is bool)

var peculiarities = []peculiarity{lowerCaseHash, laterCertificate, otherParts, otherText, leftOut}

func peculiar(is peculiarity) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		v.peerEnvelopes(func(t *Transaction, d *Dispatch) {
			if what, yes := is(v, d); yes {
				f.welcomed(v, t, what)
			}
		})
	}
}

// repeated tells that one provider was handed the envelope more than once.
func repeated(d *Dispatch) bool {
	hosts := map[string]bool{d.Host: true}
	return slices.ContainsFunc(d.Repeats, func(again *Dispatch) bool {
		twice := hosts[again.Host]
		hosts[again.Host] = true
		return twice
	})
}

// lowerCaseHash: the directory has the hash of the signer in lower case. The
// examples of RFC 6109 4.5 have upper case.
func lowerCaseHash(v *View, d *Dispatch) (string, bool) {
	r := v.receptionOf(d)
	if r.record == nil {
		return "", false
	}
	sum := sha1.Sum(r.certificate.Raw)
	hash := hex.EncodeToString(sum[:])
	return "a hash in lower case", hash != strings.ToUpper(hash) && slices.Contains(r.record.CertificateHashes, hash)
}

// laterCertificate: the record lists several certificates that could sign, and
// this is not the one that began first.
func laterCertificate(v *View, d *Dispatch) (string, bool) {
	r := v.receptionOf(d)
	if r.record == nil {
		return "", false
	}
	mine := slices.IndexFunc(r.record.Certificates, r.certificate.Equal)
	for i, other := range r.record.Certificates {
		good := !d.Started.Before(other.NotBefore) && !d.Started.After(other.NotAfter) &&
			bytes.Equal(other.RawIssuer, r.certificate.RawIssuer) && slices.Equal(other.EmailAddresses, r.certificate.EmailAddresses)
		earlier := other.NotBefore.Before(r.certificate.NotBefore) || other.NotBefore.Equal(r.certificate.NotBefore) && i < mine
		if good && earlier {
			return "signed with the later of two certificates", true
		}
	}
	return "", false
}

// otherParts: not the text, the certification data, the original and nothing else.
func otherParts(_ *View, d *Dispatch) (string, bool) {
	m := d.PEC
	if m.Content == nil || len(m.Content.Parts) < 3 {
		return "", false
	}
	parts := m.Content.Parts
	usual := len(parts) == 3 && parts[1] == m.CertificationParts[0] && parts[2] == m.OriginalParts[0]
	return "its parts in another order or more of them", !usual
}

// otherText: the readable text says neither whom the message is from nor whom
// it is for, nor its identifier.
func otherText(_ *View, d *Dispatch) (string, bool) {
	m := &Message{PEC: d.PEC}
	r, ok := readableOf(d.PEC)
	if c := d.PEC.Certification; !ok || c == nil || says(r.Text, bareID(c.Identifier)) {
		return "", false
	}
	for _, fact := range factsOf(m) {
		if fact.in(r.Text) != missing {
			return "", false
		}
	}
	return "a text that says something else", true
}

// leftOut: the certification data leave an attribute to its default.
func leftOut(_ *View, d *Dispatch) (string, bool) {
	c := d.PEC.Certification
	if c == nil {
		return "", false
	}
	for _, r := range c.Recipients {
		if !r.TypeGiven {
			return "without tipo of a recipient", true
		}
	}
	return "without errore", !c.ErrorGiven
}

// unlikeTheModel and withoutDefaults speak of receipts too: those reach their
// user as any other.
func unlikeTheModel(v *View, f *Findings)  { eitherWay(v, f, otherText) }
func withoutDefaults(v *View, f *Findings) { eitherWay(v, f, leftOut) }

func eitherWay(v *View, f *Findings, is peculiarity) {
	peculiar(is)(v, f)
	v.peerReceipts(func(t *Transaction, d *Dispatch) {
		if what, yes := is(v, d); yes {
			f.flaws(v, t, v.flaws(t), sentWhat(d)+" taken as it is, "+what)
		}
	})
}

func infectedEnvelopes(v *View, f *Findings) {
	v.peerEnvelopes(func(t *Transaction, _ *Dispatch) {
		var infected []string
		for _, due := range v.dues(t) {
			if due.Fate == fateInfected {
				infected = append(infected, due.Address)
			}
		}
		if len(infected) == 0 || !t.Accepted() {
			return
		}
		list := flawsOf(v.flaws(t), infected, pec.TransportEnvelope, pec.AnomalyEnvelope, pec.VirusDetection)
		f.flaws(v, t, list, "kept from "+shownList(infected)+", and "+t.Dispatch.Peer+" was told")
	})
}

// handedTwice: a provider that lost our answer would send once more; that makes
// no second delivery.
func handedTwice(v *View, f *Findings) {
	v.peerEnvelopes(func(t *Transaction, _ *Dispatch) {
		for _, due := range v.dues(t) {
			if due.Fate != fateDelivered || t.handedTo(due.Provider.Name, due.Address) < 2 {
				continue
			}
			switch came := t.concerning(due.Address, pec.Delivery); {
			case len(came) > 1:
				f.Broken(came[1].Where(""), "one delivery receipt about "+due.Address+" for one envelope, however often it came", messageIDs(came))
			case len(came) == 0:
				f.absent(v, t.Where(""), "one delivery receipt about "+due.Address)
			case !v.Case.Settled:
				f.Unable(t.Where(""), notSettled)
			default:
				f.Holds(came[0].Where(""), "one, though the envelope came twice")
			}
		}
	})
}

func coveredTogether(v *View, f *Findings) {
	v.peerEnvelopes(func(t *Transaction, d *Dispatch) {
		if !repeated(d) {
			return
		}
		var covered []string
		for _, m := range natured(t.Messages, pec.TakenInCharge) {
			if c := m.PEC.Certification; c != nil {
				covered = append(covered, bareAll(c.Reception)...)
			}
		}
		for _, due := range v.dues(t) {
			switch {
			case due.Fate != fateDelivered:
			case holdsAddress(covered, due.Address):
				f.Holds(t.Where(""), due.Address+" is covered")
			default:
				f.absent(v, t.Where(""), "a presa-in-carico that covers "+due.Address+"; together they cover "+shownList(distinct(covered)))
			}
		}
	})
}
