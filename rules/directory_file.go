package rules

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
)

// directoryFileJudges look at the signed files, and at who may fetch the
// complete one (RFC 6109 4.5, 4.5.6, 5.6).
func directoryFileJudges() []Judge {
	return []Judge{
		{Rule: "PEC-DIR-016", Looks: "the entries in a provider's own file against those of the directory", Look: judgeProviderFileEntries},
		everyFile("PEC-DIR-017", "the PKCS #7 structure, the signature and the name of a provider's file", judgeSignedFile, providerFile),
		everyFile("PEC-DIR-018", "the Content-Type of a file, and whether its LDIF is UTF-8", judgeFileType, providerFile, centralFile),
		everyFile("PEC-DIR-019", "the key that signed a provider's file", judgeFileSigner, providerFile),
		{Rule: "PEC-DIR-024", Looks: "what a client without certificate gets", Look: judgeClientCertificate},
		everyFile("PEC-DIR-030", "the PKCS #7 structure, the signature and the name of the complete directory", judgeSignedFile, centralFile),
	}
}

// everyFile makes a judge that looks at each file of these sorts that the
// target handed out.
func everyFile(rule, looks string, look func(*View, *Reading, *Findings), what ...string) Judge {
	return Judge{Rule: rule, Looks: looks, Look: func(v *View, f *Findings) {
		for _, r := range v.Directories {
			if r.Emitter == evidence.Target && r.File != nil && slices.Contains(what, r.What) {
				look(v, r, f)
			}
		}
	}}
}

func judgeSignedFile(_ *View, r *Reading, f *Findings) {
	const expected = "PKCS #7 signed data in DER, with the LDIF, the signature and the signer's certificate inside"
	where, signed := r.Where("PKCS #7"), r.File.Signed
	switch {
	case signed == nil:
		f.Broken(where, expected, "bare content, not signed")
	case signed.Signature == nil:
		unlessUnsupported(f, where, expected, signed.Invalid)
	case signed.Signature.Detached:
		f.Broken(where, expected, "a signature without content")
	case signed.Signature.TrailingBytes > 0:
		f.Broken(where, expected, fmt.Sprintf("%d octets follow the structure", signed.Signature.TrailingBytes))
	case signed.Invalid != nil:
		unlessUnsupported(f, where, expected, signed.Invalid)
	case notDER(r.File.Octets) != "":
		f.Broken(where, expected, notDER(r.File.Octets))
	case r.File.Directory == nil:
		f.Broken(where, "LDIF as its content", r.File.Err.Error())
	case strangeFileName(r) != "":
		f.Broken(r.Where("name"), "a file name that ends in .p7m", shown(strangeFileName(r)))
	default:
		f.Holds(where, "signed by "+signed.Signer.Subject.String())
	}
}

// unlessUnsupported calls a signature broken, unless the limit is ours.
func unlessUnsupported(f *Findings, where Where, expected string, err error) {
	if errors.Is(err, smime.ErrUnsupported) {
		f.Unable(where, "an engine that can read this file: "+err.Error())
		return
	}
	f.Broken(where, expected, err.Error())
}

// strangeFileName returns the name of a fetched file that does not end in .p7m,
// "" when it does or no name is known.
func strangeFileName(r *Reading) string {
	name := r.FileName
	if u, err := url.Parse(r.Address); name == "" && err == nil && path.Base(u.Path) != "." && path.Base(u.Path) != "/" {
		name = path.Base(u.Path)
	}
	if name == "" || strings.HasSuffix(strings.ToLower(name), ".p7m") {
		return ""
	}
	return name
}

// notDER says what in BER octets DER does not allow, "" when nothing was found:
// lengths that are indefinite or longer than need be (X.690 10.1). It looks at
// the structure; what lies in octet strings is no matter of its encoding.
func notDER(octets []byte) string {
	for at := 0; at+1 < len(octets); {
		identifier, header, length := octets[at], 2, int(octets[at+1])
		switch {
		case identifier&0x3f == 0x24: // universal, constructed
			return fmt.Sprintf("BER: an octet string in pieces at octet %d", at)
		case length == 0x80:
			return fmt.Sprintf("BER: a value of indefinite length at octet %d", at)
		case length > 0x80:
			count := length & 0x7f
			if count > 4 || at+2+count > len(octets) {
				return fmt.Sprintf("a length that cannot be read at octet %d", at)
			}
			length = 0
			for _, b := range octets[at+2 : at+2+count] {
				length = length<<8 | int(b)
			}
			if length < 0x80 || octets[at+2] == 0 {
				return fmt.Sprintf("BER: a length with more octets than it needs at octet %d", at)
			}
			header += count
		}
		at += header
		if identifier&0x20 == 0 {
			at += length
		}
	}
	return ""
}

func judgeFileType(_ *View, r *Reading, f *Findings) {
	const expected = "application/pkcs7-mime; smime-type=signed-data"
	kept := true
	if r.File.Content != nil && !utf8.Valid(r.File.Content) {
		kept = false
		f.Broken(r.Where("LDIF"), "LDIF in UTF-8", fmt.Sprintf("octets that are no UTF-8, at octet %d", invalidAt(r.File.Content)))
	}
	if r.Status == 0 {
		f.Unable(r.Where("header Content-Type"), "the HTTP answer that the file came with")
		return
	}
	kind, parameters, err := mime.ParseMediaType(r.Type)
	if err != nil || kind != "application/pkcs7-mime" || !strings.EqualFold(parameters["smime-type"], "signed-data") {
		kept = false
		f.Broken(r.Where("header Content-Type"), expected, shown(r.Type))
	}
	if kept {
		f.Holds(r.Where("header Content-Type"), r.Type)
	}
}

// invalidAt returns where octets cease to be UTF-8.
func invalidAt(octets []byte) int {
	at := 0
	for at < len(octets) {
		r, n := utf8.DecodeRune(octets[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return at
}

// judgeFileSigner compares keys, not certificates: a certificate that was
// renewed over the same key signs as well.
func judgeFileSigner(v *View, r *Reading, f *Findings) {
	if r.File.Signed == nil || r.File.Signed.Signer == nil {
		return // PEC-DIR-017
	}
	signer, where := r.File.Signed.Signer, r.Where("signer certificate")
	name := r.Provider
	known := v.knownDirectory(r.At)
	if known == nil {
		known = r.Shows // with nothing else at hand, the file has to agree with itself
	}
	if known == nil {
		return
	}
	if name == "" && r.Shows != nil {
		for i := range r.Shows.Records {
			if e := &r.Shows.Records[i]; isEntry(e) {
				name = providerOf(e)
				break
			}
		}
	}
	entries := recordsOf(known, name)
	var subjects []string
	for _, e := range entries {
		if slices.ContainsFunc(e.Certificates, func(c *x509.Certificate) bool { return sameKey(c, signer) }) ||
			slices.ContainsFunc(e.CertificateHashes, func(h string) bool { return strings.EqualFold(h, hashOfCertificate(signer.Raw)) }) {
			f.Holds(where, signer.Subject.String()+", listed for "+name)
			return
		}
		subjects = append(subjects, listedSubjects(e)...)
	}
	expected := "the key of a certificate that the directory lists for " + name
	if len(subjects) > 0 {
		expected += ": " + strings.Join(subjects, "; ")
	}
	f.Broken(where, expected, signer.Subject.String()+", serial number "+signer.SerialNumber.String())
}

func listedSubjects(e *directory.Record) []string {
	var all []string
	for _, c := range e.Certificates {
		all = append(all, c.Subject.String()+", serial number "+c.SerialNumber.String())
	}
	return all
}

// sameKey tells whether two certificates are for one key.
func sameKey(a, b *x509.Certificate) bool {
	return bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo)
}

func judgeClientCertificate(v *View, f *Findings) {
	const expected = "nothing handed out to a client without certificate"
	var served, turnedAway bool // with a certificate
	for _, r := range v.Directories {
		if r.What == centralFile && r.Emitter == evidence.Target && r.Shown != "" {
			served = served || !r.Refused
			turnedAway = turnedAway || r.Refused
		}
	}
	for _, r := range v.Directories {
		switch {
		case r.What != centralFile || r.Emitter != evidence.Target || r.Address == "": // of a file it is not known
		case !r.Refused && !r.TLS:
			f.Broken(r.Where("HTTP"), "HTTPS only", "handed out in clear text at "+r.Address)
		case r.Shown != "":
		case !r.Refused:
			f.Broken(r.Where("TLS"), expected, fmt.Sprintf("handed out, status %d, %d octets", r.Status, fileSize(r.File)))
		case turnedAway && !served:
			f.Unable(r.Where("TLS"), "a provider with its certificate that is served: one was refused too")
		default:
			f.Holds(r.Where("TLS"), "refused"+ifAny(", ", r.Note))
		}
	}
}

func fileSize(f *directoryFile) int {
	if f == nil {
		return 0
	}
	return len(f.Octets)
}

// ifAny puts something before a text, unless it is empty.
func ifAny(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
