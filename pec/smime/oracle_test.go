//go:build oracle

package smime

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCorpusAgainstOpenSSL asks `openssl cms` and `openssl smime` about the
// same corpus. They must refuse what this package refuses, but for the
// differences that the corpus explains.
func TestCorpusAgainstOpenSSL(t *testing.T) {
	t.Parallel()
	for i, c := range corpus(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			directory := t.TempDir()
			write := func(name string, b []byte) string {
				path := filepath.Join(directory, name)
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			der, original := write("signature.p7s", c.der), write("content.bin", c.content)
			_, ours := Verify(c.content, c.der)
			for _, tool := range []string{"cms", "smime"} {
				command := exec.Command("openssl", tool, "-verify", "-binary", "-inform", "DER", "-in", der, "-content", original,
					"-noverify", "-out", filepath.Join(directory, "out"))
				output, err := command.CombinedOutput()
				expected := c.differs == ""
				if tool == "smime" && differsInSMIME[c.name] != "" {
					expected = !expected
				}
				if agrees := (err != nil) == (ours != nil); agrees != expected {
					t.Errorf("%d: openssl %s: %v\n%s\nours: %v, known difference: %q", i, tool, err, bytes.TrimSpace(output), ours, c.differs)
				}
			}
		})
	}
}

// differsInSMIME names where `openssl smime`, an engine of PKCS #7 older than
// CMS, decides otherwise than `openssl cms`.
var differsInSMIME = map[string]string{
	"OpenSSL PSS":                    "refuses PSS",
	"OpenSSL subject key identifier": "knows signers by issuer and serial number only",
	"value algorithm of another key": "ignores the signature algorithm",
	"no content-type":                "does not ask for the attribute",
	"two content-types":              "does not count attributes",
	"two message-digests":            "does not count attributes",
	"two signing-times":              "does not count attributes",
	"signing-time with two values":   "does not count attributes",
}

// TestSignatureAgainstOpenSSL verifies with the chain too: the way in which
// a recipient would.
func TestSignatureAgainstOpenSSL(t *testing.T) {
	t.Parallel()
	id := rsaIdentity()
	signer := Signer{Certificate: id.certificate, Key: id.key}
	der, err := signer.Sign(content, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	for name, b := range map[string][]byte{
		"s.p7s": der, "c.bin": content,
		"ca.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.authority.Raw}),
	} {
		if err := os.WriteFile(filepath.Join(directory, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tool := range []string{"cms", "smime"} {
		command := exec.Command("openssl", tool, "-verify", "-binary", "-inform", "DER", "-in", "s.p7s", "-content", "c.bin", "-CAfile", "ca.pem", "-out", "out.bin")
		command.Dir = directory
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v\n%s", tool, err, output)
		}
		out, err := os.ReadFile(filepath.Join(directory, "out.bin"))
		if err != nil || !bytes.Equal(out, content) {
			t.Errorf("openssl %s gave back %q, %v", tool, out, err)
		}
	}
}
