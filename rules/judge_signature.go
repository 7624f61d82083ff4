package rules

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// signatureJudges answer for the family SIG: the S/MIME signature of every
// system message and the trust in its signer (RFC 6109 2.1, 2.2.2, 7).
// PEC-SIG-010 is about the provider's premises and has no judge; PEC-SIG-011 is
// judged where the directory is fetched (directoryUpdateJudges).
func signatureJudges() []Judge {
	trusting := func(j Judge) Judge {
		j.Needs = []Need{NeedTrust}
		return j
	}
	return []Judge{
		everySystemMessage("PEC-SIG-001", "the CMS structure: detached, one signer, X.509v3 certificate inside", judgeSignatureForm),
		everySystemMessage("PEC-SIG-002", "the signature over the octets of the first part", judgeSignatureValue),
		everySystemMessage("PEC-SIG-003", "the address in the signer certificate against From", judgeSignerAddress),
		trusting(everySystemMessage("PEC-SIG-004", "the signer certificate in the directory record of the emitting provider", judgeSignerListed)),
		trusting(everySystemMessage("PEC-SIG-005", "the domain of From among the managed domains of the signer's record", judgeSignerDomain)),
		trusting(everySystemMessage("PEC-SIG-006", "validity, revocation and path of the signer certificate at signing time", judgeSignerTrust)),
		everySystemMessage("PEC-SIG-007", "the digest algorithm of the signature", judgeDigest),
		everySystemMessage("PEC-SIG-008", "the micalg parameter against the digest of the signature", judgeMicalg),
		everySystemMessage("PEC-SIG-009", "the signature of copies that another provider or host has stored", judgeStoredCopy),
	}
}

// errNoSignature says that a message has no signature part at all, which is
// for PEC-GEN-001.
var errNoSignature = errors.New("the message has no signature part")

// signatureOf reads the structure of the message's signature.
func signatureOf(m *Message) (*smime.Signature, error) {
	read := m.signature.or(func() signatureRead {
		s, err := readSignature(m)
		return signatureRead{s, err}
	})
	return read.signature, read.err
}

// signatureRead is what reading or verifying a signature gave.
type signatureRead struct {
	signature *smime.Signature
	err       error
}

func readSignature(m *Message) (*smime.Signature, error) {
	if m.PEC.Signed == nil || m.PEC.SignaturePart == nil {
		return nil, errNoSignature
	}
	der, err := m.PEC.SignaturePart.Decoded()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", smime.ErrMalformed, err)
	}
	return smime.Parse(der)
}

// verifiedSignature checks the signature over the first part, as it stands or,
// where the copy at hand has lost its line ends, in canonical form (RFC 5751
// 3.1.1).
func verifiedSignature(m *Message) (*smime.Signature, error) {
	read := m.verified.or(func() signatureRead {
		s, err := verifySignature(m)
		return signatureRead{s, err}
	})
	return read.signature, read.err
}

func verifySignature(m *Message) (*smime.Signature, error) {
	if m.PEC.Signed == nil || m.PEC.SignaturePart == nil {
		return nil, errNoSignature
	}
	der, err := m.PEC.SignaturePart.Decoded()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", smime.ErrMalformed, err)
	}
	content := m.PEC.Signed.Raw()
	s, err := smime.Verify(content, der)
	if errors.Is(err, smime.ErrMismatch) && !bytes.Contains(content, []byte("\r\n")) {
		return smime.Verify(bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n")), der)
	}
	return s, err
}

func judgeSignatureForm(_ *View, m *Message, f *Findings) {
	const expected = "CMS SignedData without content, one signer, its X.509v3 certificate inside"
	where := m.Where("signature part")
	s, err := signatureOf(m)
	switch {
	case errors.Is(err, errNoSignature):
	case errors.Is(err, smime.ErrUnsupported):
		f.Unable(where, "an engine that can read this signature: "+err.Error())
	case err != nil:
		f.Broken(where, expected, err.Error())
	case s.Signers != 1:
		f.Broken(where, expected, fmt.Sprintf("%d signers", s.Signers))
	case !s.Detached:
		f.Broken(where, expected, "the content lies inside the signature")
	case s.Certificate == nil:
		// It may be inside and unreadable, or named in a way that the engine
		// does not follow: a limit of ours, not a fault of theirs.
		if _, err := verifiedSignature(m); errors.Is(err, smime.ErrUnsupported) {
			f.Unable(where, "an engine that can read this signature: "+err.Error())
			return
		}
		f.Broken(where, expected, "the signer certificate is not inside")
	case s.Certificate.Version != 3:
		f.Broken(where, expected, fmt.Sprintf("a certificate of version %d", s.Certificate.Version))
	default:
		f.Holds(where, "signed by "+s.Certificate.Subject.String())
	}
}

func judgeSignatureValue(_ *View, m *Message, f *Findings) {
	where := m.Where("signed content")
	s, err := verifiedSignature(m)
	switch {
	case errors.Is(err, smime.ErrMismatch):
		f.Broken(where, "a signature that verifies over the first part", err.Error())
	case errors.Is(err, smime.ErrUnsupported):
		f.Unable(where, "an engine that can verify this signature: "+err.Error())
	case err != nil:
		// What cannot even be read is for PEC-GEN-001 and PEC-SIG-001.
		if form, unreadable := signatureOf(m); unreadable == nil && form.Signers == 1 && form.Certificate != nil {
			f.Broken(where, "a signature that verifies over the first part", err.Error())
		}
	case !s.HasMessageDigest || !s.HasContentType:
		f.Broken(where, "signed attributes contentType and messageDigest", fmt.Sprintf("contentType: %t, messageDigest: %t", s.HasContentType, s.HasMessageDigest))
	default:
		f.Holds(where, "the signature verifies over "+fmt.Sprint(len(m.PEC.Signed.Raw()))+" octets")
	}
}

// signerOf returns the certificate of the signer, nil when it cannot be read.
func signerOf(m *Message) *x509.Certificate {
	s, err := signatureOf(m)
	if err != nil {
		return nil
	}
	return s.Certificate
}

func judgeSignerAddress(_ *View, m *Message, f *Findings) {
	certificate := signerOf(m)
	if certificate == nil {
		return
	}
	where := m.Where("header From")
	from := addressOf(m.PEC.Root.Value("From"))
	if !holdsAddress(certificate.EmailAddresses, from) {
		f.Broken(where, "the address in subjectAltName of the signer: "+shownList(certificate.EmailAddresses), shown(m.PEC.Root.Value("From")))
		return
	}
	f.Holds(where, from)
}

func judgeDigest(_ *View, m *Message, f *Findings) {
	s, err := signatureOf(m)
	if err != nil {
		return
	}
	where := m.Where("signature part")
	switch s.Digest {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512:
		f.Holds(where, s.Digest.String())
	case crypto.SHA1:
		f.Deviates(where, "SHA-256", "SHA-1")
	default:
		f.Broken(where, "SHA-256 or SHA-1", s.Digest.String())
	}
}

func judgeMicalg(_ *View, m *Message, f *Findings) {
	s, err := signatureOf(m)
	if err != nil {
		return
	}
	where := m.Where("header Content-Type")
	_, parameters := m.PEC.Root.MediaType()
	named := strings.NewReplacer("-", "", `"`, "", " ", "").Replace(strings.ToLower(parameters["micalg"]))
	used := strings.ToLower(strings.ReplaceAll(s.Digest.String(), "-", ""))
	if named != used {
		f.Broken(where, "micalg="+used+", the digest of the signature", "micalg="+shown(parameters["micalg"]))
		return
	}
	f.Holds(where, "micalg="+parameters["micalg"])
}

// judgeStoredCopy looks at copies that went through the hands of another than
// their emitter. Octets that are known to have left as they are now were not
// changed on the way, whatever their signature is worth.
func judgeStoredCopy(v *View, m *Message, f *Findings) {
	emitter := v.Provider(m)
	if emitter == nil || m.Mailbox == "" || strings.EqualFold(emitter.Name, m.Provider) {
		return
	}
	for _, exchange := range v.Case.Relay {
		if exchange.SHA256 == m.Blob && m.Blob != "" {
			f.Holds(m.Where(""), "the octets are those that "+emitter.Name+" sent")
			return
		}
	}
	if _, err := verifiedSignature(m); errors.Is(err, smime.ErrMismatch) {
		f.Broken(m.Where("signed content"), "a stored copy whose signature verifies", err.Error())
	} else if err == nil {
		f.Holds(m.Where("signed content"), "the copy in "+pec.BareAddress(m.Mailbox)+" verifies")
	}
}
