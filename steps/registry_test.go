package steps

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/smallstep/pkcs7"

	"github.com/collaudo/collaudo/pec/directory"
)

// testDirectory is a directory with the two peers in it.
func testDirectory(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("dn: o=postacert\nobjectclass: top\nobjectClass: organization\no: postacert\n")
	for _, p := range testPeers() {
		block, _ := pem.Decode([]byte(p.Signers[0].Certificate))
		out.WriteString("\ndn: providerName=" + p.Name + ",o=postacert\nobjectclass: provider\nproviderName: " + p.Name + "\n" +
			"providerCertificateHash: " + hashOf(block.Bytes) + "\n")
		foldAt(&out, "providerCertificate;binary:: "+base64.StdEncoding.EncodeToString(block.Bytes), 76)
		out.WriteString("mailReceipt: " + p.ServiceMailbox + "\nmanagedDomains: " + p.Domains[1] + "\n")
		out.WriteString("\ndn: providerUnit=Secondo,providerName=" + p.Name + ",o=postacert\nobjectclass: provider\nproviderName: " + p.Name +
			"\nproviderUnit: Secondo\nmanagedDomains: secondo-" + p.Domains[1] + "\n")
	}
	return out.String()
}

// playing is a world in which the harness serves directory files.
func playing(t *testing.T) (*World, *recorded) {
	t.Helper()
	f := startInside(t, testNow())
	f.trust = testDirectory(t)
	w, r := insideWorld(t, f, func(target *Target) {
		server := testPair("file server", "")
		target.Peers[0].FileServer = &FileServer{Listen: freeAddress(t), Certificate: server.Certificate, Key: server.Key}
		target.Peers[0].FileServer.URL = "https://" + target.Peers[0].FileServer.Listen + "/cirro.ldif.p7m"
		target.Directory.Played = &PlayedDirectory{
			Listen: freeAddress(t), Certificate: server.Certificate, Key: server.Key, Signer: testPair("signer of the directory", ""),
		}
		target.Directory.Played.URL = "https://" + target.Directory.Played.Listen + "/igpec.ldif.p7m"
	})
	if err := w.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w, r
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// got is an answer of a played server.
type got struct {
	status int
	kind   string // Content-Type
	octets []byte
}

// get fetches as a host of the target would, and trusts the played server.
func get(t *testing.T, url string, client *tls.Certificate) (got, error) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(testPair("file server", "").Certificate))
	config := &tls.Config{RootCAs: roots}
	if client != nil {
		config.Certificates = []tls.Certificate{*client}
	}
	browser := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := browser.Do(request)
	if err != nil {
		return got{}, err
	}
	defer func() { _ = response.Body.Close() }()
	octets, err := io.ReadAll(response.Body)
	return got{response.StatusCode, response.Header.Get("Content-Type"), octets}, err
}

func clientPair(t *testing.T) *tls.Certificate {
	t.Helper()
	pair, err := testPeers()[1].Signers[0].pair()
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

// domainsIn opens a file and lists the domains of Cirro's main entry; the
// certificate is that of who signed.
func domainsIn(t *testing.T, file []byte) (domains []string, signer *x509.Certificate, err error) {
	t.Helper()
	p7, err := pkcs7.Parse(file)
	if err != nil {
		return nil, nil, err
	}
	if err := p7.Verify(); err != nil {
		return nil, nil, err
	}
	d, err := directory.ReadLDIF(bytes.NewReader(p7.Content))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range d.Records {
		if r.ProviderName == "Cirro" && r.ProviderUnit == "" {
			return r.ManagedDomains, p7.GetOnlySigner(), nil
		}
	}
	return nil, p7.GetOnlySigner(), nil
}

func TestPublishedFiles(t *testing.T) {
	t.Parallel()
	unlisted, correct := testPair("unlisted", "posta-certificata@gestore.cirro.example"), testPair("correct", "posta-certificata@gestore.cirro.example")
	table := []struct {
		words   string
		manner  string
		sound   bool
		domains []string
		signer  string
	}{
		{"", "good", true, []string{"cirro.example"}, correct.Certificate},
		{"a new domain", "good", true, []string{"cirro.example", "nuovo-cirro.example"}, correct.Certificate},
		{"a file that somebody else signed", "signed-by-a-stranger", true, []string{"cirro.example", "nuovo-cirro.example"}, unlisted.Certificate},
		{"a tampered file", "tampered", false, nil, ""},
		{"a truncated file", "truncated", false, nil, ""},
		{"a file that is not signed", "unsigned", false, nil, ""},
	}
	for _, row := range table {
		t.Run(row.manner+row.words, func(t *testing.T) {
			t.Parallel()
			w, r := playing(t)
			if row.words != "" {
				if err := w.publishOwn(t.Context(), "Paolo", row.words); err != nil {
					t.Fatal(err)
				}
			}
			answer, err := get(t, w.target.Peers[0].FileServer.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(answer.kind, "application/pkcs7-mime; smime-type=signed-data") {
				t.Errorf("Content-Type %q", answer.kind)
			}
			domains, signer, err := domainsIn(t, answer.octets)
			if (err == nil) != row.sound {
				t.Fatalf("opening the file: %v, want sound %v", err, row.sound)
			}
			if diff := cmp.Diff(row.domains, domains); diff != "" {
				t.Errorf("domains (-want +got):\n%s", diff)
			}
			if row.sound {
				if block, _ := pem.Decode([]byte(row.signer)); signer == nil || !bytes.Equal(signer.Raw, block.Bytes) {
					t.Error("it is signed by somebody else than meant")
				}
			}
			c := r.read(t)
			if len(c.DirectoryServed) != 1 || c.DirectoryServed[0].Manner != row.manner || c.DirectoryServed[0].What != "provider-file" || !c.DirectoryServed[0].TLS {
				t.Fatalf("served %+v", c.DirectoryServed)
			}
			if kept, err := c.Blob(c.DirectoryServed[0].Served); err != nil || !bytes.Equal(kept, answer.octets) {
				t.Errorf("evidence holds other octets than were served (%v)", err)
			}
			if row.words != "" && (len(c.DirectoryChanges) != 1 || c.DirectoryChanges[0].What != "file-published" || c.DirectoryChanges[0].Subject != "nuovo-cirro.example") {
				t.Errorf("changes %+v", c.DirectoryChanges)
			}
		})
	}
}

func TestOlderFileComesBack(t *testing.T) {
	t.Parallel()
	w, _ := playing(t)
	if err := w.publishOwn(t.Context(), "Paolo", "an older file"); err == nil {
		t.Error("there is no older file yet")
	}
	url := w.target.Peers[0].FileServer.URL
	first, err := get(t, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"a new domain", "an older file"} {
		if err := w.publishOwn(t.Context(), "Paolo", words); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := get(t, url, nil); err != nil || !bytes.Equal(first.octets, again.octets) {
		t.Errorf("the older file is not, octet by octet, what was served before (%v)", err)
	}
}

func TestPlayedCentralDirectory(t *testing.T) {
	t.Parallel()
	w, r := playing(t)
	ctx, url, before := t.Context(), w.target.Directory.Played.URL, w.servedDirectory()
	if before == "" || strings.Contains(before, "nuovo") {
		t.Fatalf("at first it says what the target's directory says, not %q", before)
	}
	fetch := func(client *tls.Certificate) (int, []byte) {
		answer, err := get(t, url, client)
		if err != nil {
			return 0, nil
		}
		return answer.status, answer.octets
	}
	if status, _ := fetch(nil); status != http.StatusForbidden {
		t.Errorf("without a certificate it answered %d, want 403", status)
	}
	steps := []func() error{
		func() error { return w.publishCentral(ctx, "a tampered file", "") },
		func() error { return w.publishCentral(ctx, "a new domain", "Paolo") },
		func() error { return w.behaveCentral(ctx, "is down") },
		func() error {
			return w.publishCentral(ctx, "a new domain under a certificate that does not verify", "")
		},
		func() error { return w.behaveCentral(ctx, "works as it should") },
		func() error {
			return w.publishCentral(ctx, "a new domain in the form of the printed examples", "Paolo")
		},
	}
	served := []bool{true, true, false, false, true, true}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
		if i == 0 && w.servedDirectory() != before {
			t.Error("a tampered file counts as served in good state")
		}
		if status, file := fetch(clientPair(t)); (status == http.StatusOK && len(file) > 0) != served[i] {
			t.Errorf("step %d: status %d and %d octets, want served %v", i, status, len(file), served[i])
		}
	}
	if !strings.Contains(w.servedDirectory(), "managedDomains: nuovo-cirro.example") {
		t.Error("the directory last served does not have the new domain")
	}
	w.Close()
	c := r.read(t)
	var manners, failed []string
	for _, s := range c.DirectoryServed {
		manners = append(manners, s.Manner)
		if s.Failed != "" {
			failed = append(failed, s.Manner)
		} else if s.Client == "" || s.Served == "" {
			t.Errorf("a request that was served lacks its certificate or its file: %+v", s)
		}
	}
	if diff := cmp.Diff([]string{"good", "tampered", "good", "down", "wrong-server-certificate", "good", "printed-form"}, manners); diff != "" {
		t.Errorf("manners (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"good", "down", "wrong-server-certificate"}, failed); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
	var changes []string
	for _, c := range c.DirectoryChanges {
		changes = append(changes, c.What+" "+c.Manner+" "+c.Provider)
	}
	if diff := cmp.Diff([]string{"file-published tampered ", "domain-added good Cirro", "file-published wrong-server-certificate ", "domain-added good Cirro", "domain-added printed-form Cirro"}, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
