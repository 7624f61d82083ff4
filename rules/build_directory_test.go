package rules

// Directories as text, to be damaged by replacing text, and what the harness
// read, served and changed of them. Nothing here is shared with the simulator.

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// operator signs the complete directory, and nothing else.
func operator() *smime.Signer { return keys().borea }

// entryText is one entry of a provider; unit is empty for the main one.
func entryText(name, unit, mailbox string, certificates [][]byte, domains ...string) string {
	var b strings.Builder
	path := "providerName=" + name + ",o=postacert"
	if unit != "" {
		path = "providerUnit=" + unit + "," + path
	}
	fmt.Fprintf(&b, "dn: %s\nobjectClass: top\nobjectclass: provider\nproviderName: %s\n", path, name)
	if unit != "" {
		fmt.Fprintf(&b, "providerUnit: %s\n", unit)
	} else {
		fmt.Fprintf(&b, "LDIFLocationURL: https://%s/gestore.ldif.p7m\n", domains[0])
	}
	for _, der := range certificates {
		fmt.Fprintf(&b, "providerCertificateHash: %s\n", hashOfCertificate(der))
		fmt.Fprintf(&b, "providerCertificate;binary:: %s\n", base64.StdEncoding.EncodeToString(der))
	}
	fmt.Fprintf(&b, "mailReceipt: %s\n", mailbox)
	for _, d := range domains {
		fmt.Fprintf(&b, "managedDomains: %s\n", d)
	}
	return b.String()
}

const baseText = "dn: o=postacert\nobjectclass: top\nobjectclass: organization\nobjectClass: LDIFLocationURLObject\n" +
	"o: postacert\nLDIFLocationURL: https://indice.example/igpec.ldif.p7m\n"

func auroraEntries() string {
	own := [][]byte{keys().aurora.Certificate.Raw}
	return entryText(aurora, "", serviceAurora, own, "aurora.example", "gestore.aurora.example") + "\n" +
		entryText(aurora, "Archivio", "archivio@gestore.aurora.example", own, "archivio-aurora.example")
}

// directoryText is a directory that keeps every rule.
func directoryText() string {
	return baseText + "\n" + auroraEntries() + "\n" +
		entryText(borea, "", serviceBorea, [][]byte{keys().borea.Certificate.Raw}, "borea.example", "gestore.borea.example")
}

// textWith replaces text that must be there.
func textWith(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q to replace in\n%s", pairs[i], text)
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// packed signs a text as a directory file.
func packed(t *testing.T, signer *smime.Signer, text string) []byte {
	t.Helper()
	der, err := signer.Enclose([]byte(text), acceptedAt)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// tamperedFile is a file whose text was changed after it was signed, octet for
// octet as long.
func tamperedFile(t *testing.T, signer *smime.Signer, text, old, now string) []byte {
	t.Helper()
	if len(old) != len(now) || !strings.Contains(text, old) {
		t.Fatalf("%q cannot take the place of %q", now, old)
	}
	return bytes.ReplaceAll(packed(t, signer, text), []byte(old), []byte(now))
}

// read adds a look at the directory, a minute after acceptance and as a
// provider, unless alter says otherwise.
func (c *testCase) read(what string, octets []byte, alter ...func(*evidence.DirectoryReading)) {
	r := evidence.DirectoryReading{
		ID: fmt.Sprintf("q%d", len(c.events)), What: what, Emitter: evidence.Target, At: acceptedAt.Add(time.Minute),
	}
	switch what {
	case centralFile, providerFile:
		r.Address, r.TLS, r.Shown, r.Status = "https://indice.example/igpec.ldif.p7m", true, "Cirro PEC S.r.l.", 200
		r.Type, r.FileName = `application/pkcs7-mime; smime-type=signed-data; name="igpec.ldif.p7m"`, "igpec.ldif.p7m"
	case overLDAP:
		r.Address = "ldap://indice.example:389/o=postacert??sub?(objectClass=*)"
	}
	if what == providerFile {
		r.Provider = aurora
	}
	if octets != nil {
		r.Blob = c.blobs.keep(octets)
	}
	for _, a := range alter {
		a(&r)
	}
	c.add(evidence.Event{Type: evidence.DirectoryRead, Directory: &r})
}

// served adds a request to a server of the harness, an hour before acceptance,
// by Aurora with its certificate.
func (c *testCase) served(what, manner string, octets []byte, alter ...func(*evidence.DirectoryServing)) {
	s := evidence.DirectoryServing{What: what, Manner: manner, At: acceptedAt.Add(-time.Hour), TLS: true, Client: c.certificate(keys().aurora)}
	if octets != nil {
		s.Served = c.blobs.keep(octets)
	}
	for _, a := range alter {
		a(&s)
	}
	c.add(evidence.Event{Type: evidence.DirectoryServed, DirectoryServed: &s})
}

func (c *testCase) certificate(signer *smime.Signer) string {
	return c.blobs.keep(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signer.Certificate.Raw}))
}

// changed adds something that the harness made known.
func (c *testCase) changed(change evidence.DirectoryChange, octets []byte) {
	if octets != nil {
		change.Blob = c.blobs.keep(octets)
	}
	c.add(evidence.Event{Type: evidence.DirectoryMoved, DirectoryMoved: &change})
}

// trusted adds the trust data of an instant before or after acceptance.
func (c *testCase) trusted(after time.Duration, ldif string, crl []byte) {
	c.add(evidence.Event{Type: evidence.TrustSeen, Trust: &evidence.Trust{
		Instant:   acceptedAt.Add(after),
		Authority: c.blobs.keep(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Authority.Raw})),
		Revoked:   c.blobs.keep(crl), Directory: c.blobs.keep([]byte(ldif)),
	}})
}

// playedCirro adds the provider that the harness plays to the world.
func (c *testCase) playedCirro() {
	c.World.Providers = append(c.World.Providers, evidence.Provider{
		Name: playedName, ServiceAddress: "posta-certificata@gestore.cirro.example", ServiceMailbox: "ricevute@gestore.cirro.example",
		Domains: []string{"cirro.example", "gestore.cirro.example"}, Emitter: evidence.Harness,
	})
}

const playedName = "Cirro PEC S.r.l."

// handedOver adds an envelope that the harness sent, so long after acceptance.
func (c *testCase) handedOver(signer *smime.Signer, after time.Duration, alter ...func(*evidence.Dispatch)) {
	m := correct("envelope")
	m.Signer = signer
	ok := evidence.Reply{Code: 250}
	d := evidence.Dispatch{
		ID: fmt.Sprintf("d%d", len(c.events)), Peer: playedName, Host: borea, MessageID: "<" + identifier + ">", Identifier: identifier,
		MailReply: ok, DataReply: ok, Recipients: []evidence.RecipientReply{{Address: bruno, Reply: ok}},
		Started: acceptedAt.Add(after), Ended: acceptedAt.Add(after), Blob: c.blobs.keep(m.sealed(c.t)),
	}
	for _, a := range alter {
		a(&d)
	}
	c.add(evidence.Event{Type: evidence.Dispatched, Dispatch: &d})
}
