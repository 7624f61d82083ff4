package rules

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// judgeRevocationDelay looks at what the harness sent with a certificate that
// it had revoked: refused at the latest when the list that was in force before
// reached its end (RFC 6109 2.2.2).
func judgeRevocationDelay(v *View, f *Findings) {
	for _, c := range v.Changes {
		if c.What != certificateRevoked {
			continue
		}
		var measured time.Duration
		var late bool
		signed := v.signedWith(c)
		if len(signed) == 0 {
			continue
		}
		list := v.listBefore(c)
		for _, d := range signed {
			if d.Started.Before(c.At) {
				continue
			}
			where := d.Where("signature")
			after := d.Started.Sub(c.At).Round(time.Minute)
			outcome := v.outcomeFor(d)
			switch {
			case outcome == dispatchOpen && !v.Case.Settled:
				f.Unable(where, notSettled)
			case outcome == dispatchOpen:
				// Neither taken nor wrapped as an anomaly: for the rules about those.
			case outcome != dispatchTaken:
				if !late {
					measured, late = after, true
				}
				f.Holds(where, fmt.Sprintf("%s %s after the revocation", outcome, after))
			case list == nil:
				f.Unable(where, "the revocation list that was in force before")
			case d.Started.After(list.NextUpdate):
				f.Broken(where, "not taken in charge: the list before the revocation was good until "+legalTime(list.NextUpdate),
					fmt.Sprintf("taken in charge %s after the revocation, at %s", after, legalTime(d.Started)))
			default:
				f.Observes(where, fmt.Sprintf("still taken in charge %s after the revocation; the list before was good until %s", after, legalTime(list.NextUpdate)))
			}
		}
		if late {
			f.Observes(c.Where("revocation of "+c.Subject), fmt.Sprintf("measured delay: seen to be in effect after %s", measured))
		}
	}
}

// signedWith returns the dispatches that a revoked certificate signed.
func (v *View) signedWith(c *Change) []*Dispatch {
	var all []*Dispatch
	for _, d := range v.Dispatches {
		signer := dispatchSigner(d)
		if signer != nil && isSerial(signer, c.Subject) {
			all = append(all, d)
		}
	}
	return all
}

// dispatchSigner returns who signed what the harness sent; nil when nobody did
// or the signature does not verify: then it is refused for that.
func dispatchSigner(d *Dispatch) *x509.Certificate {
	if d.PEC == nil || d.PEC.Signed == nil || d.PEC.SignaturePart == nil {
		return nil
	}
	der, err := d.PEC.SignaturePart.Decoded()
	if err != nil {
		return nil
	}
	signature, err := smime.Verify(d.PEC.Signed.Raw(), der)
	if err != nil {
		return nil
	}
	return signature.Certificate
}

// isSerial compares a serial number, in decimal or in hexadecimal digits.
func isSerial(c *x509.Certificate, text string) bool {
	digits := strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(strings.TrimPrefix(strings.ToLower(text), "0x")))
	return digits != "" && (digits == c.SerialNumber.String() || strings.TrimLeft(digits, "0") == c.SerialNumber.Text(16))
}

// listBefore returns the revocation list that was in force when a certificate
// was revoked, as it was seen before; nil when none was.
func (v *View) listBefore(c *Change) *x509.RevocationList {
	var latest *x509.RevocationList
	consider := func(list *x509.RevocationList, seen time.Time) {
		if list == nil || seen.After(c.At) || revokes(list, c.Subject) || latest != nil && list.ThisUpdate.Before(latest.ThisUpdate) {
			return
		}
		if latest == nil || bytes.Equal(list.RawIssuer, latest.RawIssuer) {
			latest = list
		}
	}
	for _, t := range v.Trusts {
		consider(t.Revoked, t.Instant)
	}
	for _, r := range v.Directories {
		if r.What == revocation {
			consider(r.List, r.At)
		}
	}
	return latest
}

func revokes(list *x509.RevocationList, serial string) bool {
	for _, entry := range list.RevokedCertificateEntries {
		if isSerial(&x509.Certificate{SerialNumber: entry.SerialNumber}, serial) {
			return true
		}
	}
	return false
}

// dispatchOutcome is what became of a dispatch.
type dispatchOutcome string

const (
	dispatchOpen      dispatchOutcome = ""
	dispatchTaken     dispatchOutcome = "taken in charge"
	dispatchAnomalous dispatchOutcome = "wrapped as an anomaly"
	dispatchRefused   dispatchOutcome = "refused by SMTP"
)

// outcomeFor says what became of a dispatch: taken, when it was answered by a
// receipt or lies in a mailbox as it is.
func (v *View) outcomeFor(d *Dispatch) dispatchOutcome {
	outcome := dispatchOpen
	for _, m := range d.Messages {
		switch m.PEC.Kind {
		case pec.TakenInCharge, pec.Delivery:
			return dispatchTaken
		case pec.AnomalyEnvelope:
			outcome = dispatchAnomalous
		}
	}
	for _, m := range d.Found {
		if m.Role == evidence.UserMailbox && d.PEC != nil && d.PEC.Kind.IsEnvelope() {
			return dispatchTaken
		}
	}
	if outcome == dispatchOpen && !d.Accepted() && (d.DataReply.Code >= 500 || d.MailReply.Code >= 500) {
		return dispatchRefused
	}
	return outcome
}
