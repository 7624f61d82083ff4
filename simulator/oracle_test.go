//go:build oracle

package simulator_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool runs one of the independent tools and returns what it printed.
func tool(t *testing.T, name string, arguments ...string) (string, error) {
	t.Helper()
	var said bytes.Buffer
	run := exec.CommandContext(t.Context(), name, arguments...)
	run.Env = append(os.Environ(), "LDAPTLS_REQCERT=never")
	run.Stdout, run.Stderr = &said, &said
	err := run.Run()
	return said.String(), err
}

// TestOracleDirectory takes what the authority hands out to the independent
// tools: curl fetches, ldapsearch searches, openssl opens and verifies.
func TestOracleDirectory(t *testing.T) {
	t.Parallel()
	w := start(t, withPeers(""))
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, content string) {
		if err := os.WriteFile(path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must := func(wanted, name string, arguments ...string) string {
		t.Helper()
		said, err := tool(t, name, arguments...)
		if err != nil || !strings.Contains(said, wanted) {
			t.Errorf("%s %s: %v, want %q in:\n%s", name, strings.Join(arguments, " "), err, wanted, said)
		}
		return said
	}
	at := w.Description.Directory
	correct := w.Peers[0].Signers[0]
	write("ca.pem", w.Description.Trust.CA)
	write("client.pem", correct.Certificate)
	write("client.key", correct.Key)

	if said, err := tool(t, "curl", "-sSf", "--cacert", path("ca.pem"), "-o", path("refused"), at.URL); err == nil || !strings.Contains(said, "403") {
		t.Errorf("without a client certificate curl gets %v: %s", err, said)
	}
	// The TLS client of openssl, which says the request by hand.
	write("request", "GET /igpec.ldif.p7m HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	connect := func(arguments ...string) string {
		t.Helper()
		request, err := os.Open(path("request"))
		if err != nil {
			t.Fatal(err)
		}
		defer request.Close()
		host := strings.Split(strings.TrimPrefix(at.URL, "https://"), "/")[0]
		run := exec.CommandContext(t.Context(), "openssl", append([]string{
			"s_client", "-connect", host, "-CAfile", path("ca.pem"), "-verify_return_error", "-quiet", "-ign_eof",
		}, arguments...)...)
		run.Stdin = request
		said, err := run.Output()
		if err != nil {
			t.Errorf("openssl s_client: %v", err)
		}
		return string(said)
	}
	if said := connect(); !strings.HasPrefix(said, "HTTP/1.1 403") || strings.Contains(said, "o=postacert") {
		t.Errorf("without a client certificate openssl gets %.200q", said)
	}
	if said := connect("-cert", path("client.pem"), "-key", path("client.key")); !strings.HasPrefix(said, "HTTP/1.1 200") || !strings.Contains(said, "o=postacert") {
		t.Errorf("with a provider's certificate openssl gets %.200q", said)
	}
	must("", "curl", "-sSf", "--cacert", path("ca.pem"), "--cert", path("client.pem"), "--key", path("client.key"), "-o", path("igpec.ldif.p7m"), at.URL)
	ldif := must("dn: o=postacert", "openssl", "smime", "-verify", "-inform", "DER", "-in", path("igpec.ldif.p7m"), "-CAfile", path("ca.pem"))
	own := ""
	for _, line := range strings.Split(strings.ReplaceAll(strings.ReplaceAll(ldif, "\r", ""), "\n ", ""), "\n") {
		if url, found := strings.CutPrefix(line, "LDIFLocationURL: "); found && strings.Contains(url, "aurora") {
			own = url
		}
	}
	must("", "curl", "-sSf", "--cacert", path("ca.pem"), "-o", path("aurora.ldif.p7m"), own)
	must("providerUnit: ", "openssl", "smime", "-verify", "-inform", "DER", "-in", path("aurora.ldif.p7m"), "-CAfile", path("ca.pem"))
	must("mailReceipt: ricevute@gestore.aurora.example", "openssl", "cms", "-verify", "-inform", "DER", "-in", path("aurora.ldif.p7m"), "-CAfile", path("ca.pem"))

	must("", "curl", "-sSf", "-o", path("pec.crl"), at.Revocation)
	must("Next Update", "openssl", "crl", "-inform", "DER", "-in", path("pec.crl"), "-noout", "-text")
	must("verify OK", "openssl", "crl", "-inform", "DER", "-in", path("pec.crl"), "-noout", "-CAfile", path("ca.pem"))

	search := func(url, filter string, attributes ...string) string {
		return must("", "ldapsearch", append([]string{"-x", "-LLL", "-o", "ldif-wrap=no", "-H", url, "-b", at.Base, filter}, attributes...)...)
	}
	for _, url := range []string{at.LDAP, at.LDAPS} {
		if said := search(url, "(managedDomains=AURORA.example)", "mailReceipt"); !strings.Contains(said, "mailReceipt: ricevute@gestore.aurora.example") || strings.Count(said, "dn:") != 1 {
			t.Errorf("%s: %s", url, said)
		}
	}
	if said := search(at.LDAP, "(objectClass=provider)", "providerCertificate;binary"); strings.Count(said, "providerCertificate;binary:: ") < 4 {
		t.Errorf("certificates: %s", said)
	}
	// Every object, with its class and attributes.
	whole := search(at.LDAP, "(objectClass=*)")
	for _, wanted := range []string{
		"dn: o=postacert\n", ": LDIFLocationURLObject\n", "LDIFLocationURL: " + at.URL + "\n",
		"dn: providerName=Aurora PEC S.p.A.,o=postacert\n", "dn: providerUnit=Sede di Levante,providerName=Aurora PEC S.p.A.,o=postacert\n",
		": provider\n", "providerName: Borea PEC S.r.l.\n", "providerUnit: Sede di Levante\n", "providerCertificateHash: ",
		"managedDomains: levante-aurora.example\n", "mailReceipt: ricevute@gestore.borea.example\n",
	} {
		if !strings.Contains(whole, wanted) {
			t.Errorf("the whole directory lacks %q:\n%s", wanted, whole)
		}
	}
	must("1.3.6.1.4.1.16572.2.2.5 NAME 'managedDomains'", "ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", at.LDAP, "-s", "base", "-b", "cn=Subschema", "attributeTypes")
	must("namingContexts: o=postacert", "ldapsearch", "-x", "-LLL", "-H", at.LDAP, "-s", "base", "-b", "", "+")
}
