//go:build oracle

package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// openssl runs the tool in a folder.
func openssl(t *testing.T, dir string, arguments ...string) {
	t.Helper()
	command := exec.Command("openssl", arguments...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
}

// TestVerifyOracle has OpenSSL sign directory files and write certificates, and
// asks it about those that verify takes.
func TestVerifyOracle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	signer := albaSigner(t)
	write(t, filepath.Join(dir, "alba.ldif"), []byte(albaLDIF(t)))
	write(t, filepath.Join(dir, "alba.pem"), inPEM(signer.Certificate.Raw))
	key := x509.MarshalPKCS1PrivateKey(signer.Key.(*rsa.PrivateKey))
	write(t, filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: key}))
	write(t, filepath.Join(dir, "ours.ldif.p7m"), enclosed(t, albaLDIF(t)))
	sign := func(tool, out string, more ...string) {
		arguments := []string{
			tool, "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha256",
			"-signer", "alba.pem", "-inkey", "key.pem", "-in", "alba.ldif", "-out", out,
		}
		openssl(t, dir, append(arguments, more...)...)
	}
	sign("cms", "cms.ldif.p7m")
	sign("smime", "smime.ldif.p7m")
	sign("cms", "stream.ldif.p7m", "-stream")
	openssl(t, dir, "x509", "-in", "alba.pem", "-outform", "DER", "-out", "alba.der")
	openssl(t, dir, "x509", "-in", "alba.pem", "-text", "-out", "alba.txt")
	for file, want := range map[string]struct {
		code int
		says string
	}{
		"cms.ldif.p7m":    {0, "the signature verifies"},
		"smime.ldif.p7m":  {0, "the signature verifies"},
		"stream.ldif.p7m": {1, "PEC-DIR-017"}, // BER, where the rule asks for DER
		"ours.ldif.p7m":   {0, "the signature verifies"},
		"alba.der":        {0, "Certificate of a signer"},
		"alba.txt":        {0, "Certificate of a signer"},
	} {
		a := collaudo(t, "verify", filepath.Join(dir, file))
		if a.code != want.code || !strings.Contains(strings.Join(strings.Fields(a.out), " "), want.says) {
			t.Errorf("%s: exit code %d, expected %d and %q\n%s%s", file, a.code, want.code, want.says, a.out, a.err)
		}
	}
	for _, tool := range []string{"cms", "smime"} {
		openssl(t, dir, tool, "-verify", "-binary", "-inform", "DER", "-noverify", "-in", "ours.ldif.p7m", "-out", "back.ldif")
		back, err := os.ReadFile(filepath.Join(dir, "back.ldif"))
		if err != nil || string(back) != albaLDIF(t) {
			t.Errorf("openssl %s gave back %q, %v", tool, back, err)
		}
	}
	ldif := worldOf(t).trust[5]
	if a := collaudo(t, "verify", ldif); a.code != 0 {
		t.Errorf("%s: exit code %d\n%s", ldif, a.code, a.out)
	}
}
