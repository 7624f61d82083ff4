package steps

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

// The directory files that the harness publishes are made from the text of the
// directory as it was handed out, line by line, and from a detached signature.

// signedFile packs content and signature as directory files have it (RFC 6109
// 4.5.6): CMS SignedData with the content inside. signed is what the signature
// is made over; where it differs from content, the file has been tampered with.
func signedFile(signer PeerSigner, content, signed []byte, at time.Time) ([]byte, error) {
	pair, err := signer.pair()
	if err != nil {
		return nil, err
	}
	key, is := pair.PrivateKey.(crypto.Signer)
	if !is {
		return nil, fmt.Errorf("the key of signer %q cannot sign", signer.Name)
	}
	der, err := (&smime.Signer{Certificate: pair.Leaf, Key: key}).Sign(signed, at)
	if err != nil {
		return nil, err
	}
	return attach(der, content)
}

var oidData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}

// attach puts content into a detached SignedData (RFC 5652 5.1): the third
// field, encapContentInfo, gets its eContent. Everything else stays as it is.
func attach(der, content []byte) ([]byte, error) {
	info, err := fieldsOf(der)
	if err != nil || len(info) != 2 {
		return nil, errors.Join(errors.New("expected a ContentInfo of two fields"), err)
	}
	wrapped, err := fieldsOf(info[1].FullBytes)
	if err != nil || len(wrapped) != 1 {
		return nil, errors.Join(errors.New("expected one SignedData in the ContentInfo"), err)
	}
	fields, err := fieldsOf(wrapped[0].FullBytes)
	if err != nil || len(fields) < 4 {
		return nil, errors.Join(errors.New("expected at least four fields in the SignedData"), err)
	}
	enclosed, err := asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}{oidData, content})
	if err != nil {
		return nil, err
	}
	fields[2].FullBytes = enclosed
	sequence, err := gather(wrapped[0], fields)
	if err != nil {
		return nil, err
	}
	wrapped[0].FullBytes = sequence
	explicit, err := gather(info[1], wrapped)
	if err != nil {
		return nil, err
	}
	info[1].FullBytes = explicit
	return gather(asn1.RawValue{Tag: asn1.TagSequence}, info)
}

// fieldsOf lists what a constructed value holds.
func fieldsOf(der []byte) ([]asn1.RawValue, error) {
	var whole asn1.RawValue
	if _, err := asn1.Unmarshal(der, &whole); err != nil {
		return nil, err
	}
	var fields []asn1.RawValue
	for rest := whole.Bytes; len(rest) > 0; {
		var field asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &field); err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// gather makes a constructed value of fields, with the tag of another.
func gather(like asn1.RawValue, fields []asn1.RawValue) ([]byte, error) {
	var content []byte
	for _, f := range fields {
		content = append(content, f.FullBytes...)
	}
	return asn1.Marshal(asn1.RawValue{Class: like.Class, Tag: like.Tag, IsCompound: true, Bytes: content})
}

// entriesOf cuts an LDIF into its entries, each with its last line end.
func entriesOf(ldif []byte) []string {
	text := strings.ReplaceAll(string(ldif), "\r\n", "\n")
	var entries []string
	for _, entry := range strings.Split(text, "\n\n") {
		if entry = strings.Trim(entry, "\n"); entry != "" {
			entries = append(entries, entry+"\n")
		}
	}
	return entries
}

// nameOfEntry is the distinguished name of an entry, in lower case.
func nameOfEntry(entry string) string {
	for _, line := range strings.Split(strings.ReplaceAll(entry, "\n ", ""), "\n") {
		name, value, is := strings.Cut(line, ":")
		if !is || !strings.EqualFold(name, "dn") {
			continue
		}
		if encoded, is := strings.CutPrefix(value, ":"); is {
			octets, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
			if err != nil {
				return ""
			}
			value = string(octets)
		}
		return strings.ToLower(strings.TrimSpace(value))
	}
	return ""
}

// ownEntries are the entries of one provider, its secondary environments
// included: what its own file holds.
func ownEntries(ldif []byte, provider string) ([]byte, error) {
	main := "providername=" + strings.ToLower(provider) + ","
	var own []string
	for _, entry := range entriesOf(ldif) {
		if strings.Contains(nameOfEntry(entry), main) {
			own = append(own, entry)
		}
	}
	if len(own) == 0 {
		return nil, fmt.Errorf("the directory has no entry of %s", provider)
	}
	return []byte(strings.Join(own, "\n")), nil
}

// withDomain adds a managed domain to a provider's main entry.
func withDomain(ldif []byte, provider, domain string) ([]byte, error) {
	main := "providername=" + strings.ToLower(provider) + ","
	entries := entriesOf(ldif)
	i := slices.IndexFunc(entries, func(entry string) bool { return strings.HasPrefix(nameOfEntry(entry), main) })
	if i < 0 {
		return nil, fmt.Errorf("the directory has no main entry of %s", provider)
	}
	line := "managedDomains: " + domain + "\n"
	if !strings.Contains(entries[i], line) {
		entries[i] += line
	}
	return []byte(strings.Join(entries, "\n")), nil
}

// printedForm writes an LDIF as the examples in RFC 6109 are printed: classes
// and attributes in letters of either case, long values folded early, and among
// the entries one whose second certificate lost a letter on its way to paper.
// provider is the one whose certificate is borrowed for that.
func printedForm(ldif []byte, provider string) ([]byte, error) {
	entries := entriesOf(ldif)
	main := "providername=" + strings.ToLower(provider) + ","
	i := slices.IndexFunc(entries, func(entry string) bool { return strings.HasPrefix(nameOfEntry(entry), main) })
	if i < 0 {
		return nil, fmt.Errorf("the directory has no main entry of %s", provider)
	}
	printed, err := misprinted(entries[i])
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for at, entry := range append(entries, printed) {
		if at > 0 {
			out.WriteString("\n")
		}
		for n, line := range strings.Split(strings.TrimSuffix(strings.ReplaceAll(entry, "\n ", ""), "\n"), "\n") {
			if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "objectClass") {
				line = []string{"objectclass:", "objectClass:"}[n%2] + value
			}
			foldAt(&out, line, 60)
		}
	}
	return []byte(out.String()), nil
}

// misprinted is an entry of a provider that does not exist, with a sound
// certificate and one that cannot be read.
func misprinted(like string) (string, error) {
	var certificate string
	for _, line := range strings.Split(strings.ReplaceAll(like, "\n ", ""), "\n") {
		if name, value, is := strings.Cut(line, ":: "); is && strings.HasPrefix(strings.ToLower(name), "providercertificate;") && certificate == "" {
			certificate = value
		}
	}
	der, err := base64.StdEncoding.DecodeString(certificate)
	if err != nil || len(der) < 100 {
		return "", errors.New("the directory gives no certificate in base64 to print")
	}
	broken := append(bytes.Clone(der[:60]), der[61:]...)
	return "dn: providerName=Esempio Stampato S.r.l.,o=postacert\nobjectclass: top\nobjectclass: provider\n" +
		"providerName: Esempio Stampato S.r.l.\nprovidercertificatehash: " + hashOf(der) + "\n" +
		"providercertificate;binary:: " + certificate + "\nprovidercertificatehash: " + hashOf(broken) + "\n" +
		"providercertificate;binary:: " + base64.StdEncoding.EncodeToString(broken) + "\n" +
		"mailReceipt: ricevute@stampato.example\nmanagedDomains: stampato.example\n", nil
}

func hashOf(der []byte) string {
	sum := sha1.Sum(der) // what the directory identifies certificates by
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// foldAt writes one line of LDIF, folded.
func foldAt(out *strings.Builder, line string, width int) {
	for len(line) > width {
		out.WriteString(line[:width] + "\n")
		line = " " + line[width:]
	}
	out.WriteString(line + "\n")
}

// truncated is what remains of a file whose transfer broke off.
func truncated(file []byte) []byte { return bytes.Clone(file[:len(file)*2/3]) }
