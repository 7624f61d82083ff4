package reports

import (
	"cmp"
	"crypto/x509"
	"errors"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/rules"
)

// signerWords says who signed, and whether the signature fits what it is on;
// it says no word on whether the signer may be trusted.
func signerWords(single *rules.Single) string {
	m, s := single.Message, single.Signature
	switch {
	case m.SignaturePart == nil || m.Signed == nil:
		return "nobody: the message has no signature part"
	case s == nil:
		return "unknown: " + cmp.Or(reason(single.SignatureErr), "the signature cannot be read")
	}
	return signatureWords(s, single.SignatureErr)
}

// signatureWords says who made a signature that could be read, and whether it
// fits; err is what verifying it gave.
func signatureWords(s *smime.Signature, err error) string {
	if s.Certificate == nil {
		return "unknown: the signature holds no certificate of its signer"
	}
	words := holderWords(s.Certificate) + ", digest " + s.Digest.String()
	if s.HasSigningTime {
		words += ", at " + s.SigningTime.In(pec.Zone()).Format("02/01/2006 15:04:05 -0700")
	}
	switch {
	case err == nil:
		return words + "; the signature verifies"
	case errors.Is(err, smime.ErrMismatch):
		return words + "; the signature DOES NOT VERIFY: the signed content or the signature was altered"
	default:
		return words + "; the signature was not verified: " + reason(err)
	}
}

// holderWords names who a certificate is for.
func holderWords(c *x509.Certificate) string {
	words := cmp.Or(c.Subject.CommonName, strings.Join(c.Subject.Organization, ", "))
	if len(c.EmailAddresses) > 0 {
		words += " <" + strings.Join(c.EmailAddresses, ", ") + ">"
	}
	return words
}

// reason is what an error says, without the packages it went through.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return strings.NewReplacer("smime: ", "", "rawmime: ", "").Replace(err.Error())
}

func singleVerdict(single *rules.Single, by map[rules.Verdict][]string) string {
	const alone = ", in what one message alone can show"
	outcome := string(single.Outcome())
	switch single.Outcome() {
	case rules.Invalid:
		return outcome + ": the harness failed"
	case rules.NotConformant:
		if n := len(by[rules.Fail]); n > 0 {
			return outcome + ": " + plural(n, "rule") + " broken"
		}
		return outcome + ": the message is cut"
	case rules.Inconclusives:
		switch n := len(by[rules.Inconclusive]); {
		case n > 0:
			return outcome + ": " + plural(n, "rule") + " could not be concluded, see below"
		case ordinary(single):
			return outcome + ": nothing was judged; the rules of certified e-mail do not bind ordinary mail"
		}
		return outcome + ": no rule could be judged on this message alone"
	case rules.ConformantWithWarnings:
		return outcome + " (" + plainNumber(len(by[rules.Warn])) + ")" + alone
	}
	return outcome + alone
}

// trustRules are the rules that say whether a signer is to be trusted: listed,
// for that domain, with a certificate that was valid.
func trustRules() []string { return []string{"PEC-SIG-004", "PEC-SIG-005", "PEC-SIG-006"} }

// trustWords says whether the signer may be trusted, or why that is not judged.
func trustWords(single *rules.Single) string {
	if !single.Trusted {
		return "not judged: it takes the CA (--ca) and the directory of providers (--directory); --crl adds revocation"
	}
	worst, seen := rules.NotExercised, []string(nil)
	for _, c := range single.Checks {
		if !slices.Contains(trustRules(), c.Rule) {
			continue
		}
		if c.Verdict.Worse(worst) {
			worst = c.Verdict
		}
		if c.Verdict != rules.Pass {
			seen = append(seen, c.Rule)
		}
	}
	switch {
	case worst == rules.NotExercised:
		return "not judged: there is no signer that can be read"
	case worst != rules.Pass:
		return "doubtful: see " + strings.Join(slices.Compact(seen), ", ") + " below"
	}
	if single.SignatureErr != nil {
		return "of no use: the directory lists the certificate, but the signature does not verify"
	}
	if _, partly := single.Missing["PEC-SIG-006"]; partly {
		return "the directory lists the signer for this domain, the CA issued the certificate; revocation is not judged (--crl)"
	}
	return "the directory lists the signer for this domain, the CA issued the certificate and has not revoked it"
}
