package authority

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/history"
)

// What is asked of the directory is on record, in words and without passwords.
func TestHistory(t *testing.T) {
	t.Parallel()
	a, err := New(Config{Keys: NewPool(), Random: rand.Reader, Now: time.Now, Domains: []string{"x.example"}})
	if err != nil {
		t.Fatal(err)
	}
	record := history.NewRecord(history.Options{Now: time.Now})
	s, err := a.Serve(ServeOptions{Clock: clock.System(), History: record})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	trust := &tls.Config{RootCAs: roots, ServerName: "localhost"}
	c, err := ldap.DialURL("ldaps://"+s.Addresses().LDAPS, ldap.DialWithTLSConfig(trust))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Bind("cn=anna", "segreto")
	if _, err := c.Search(ldap.NewSearchRequest("o=postacert", ldap.ScopeWholeSubtree, 0, 0, 0, false, "(managedDomains=x.example)", []string{"mailReceipt"}, nil)); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}}
	answer, err := web.Get(s.Addresses().Complete)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	for service, wanted := range map[string][]string{
		"ldaps":     {`client 1 Bind Request "cn=anna" [removed]`, `client 2 Search Request base "o=postacert" scope 2 filter (managedDomains=x.example) attributes mailReceipt`, "server 2 Search Result Done 0"},
		"directory": {"client GET /igpec.ldif.p7m", "server 403 Forbidden, "},
	} {
		text := ""
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			for _, one := range record.List(history.Filter{}) {
				if one.Service != service || one.Ended.IsZero() || !one.TLS {
					continue
				}
				whole, _ := record.Get(one.ID)
				for _, l := range whole.Lines {
					text += l.From + " " + l.Text + "\n"
				}
			}
			if text != "" {
				break
			}
		}
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", service, want, text)
			}
		}
		if strings.Contains(text, "segreto") {
			t.Errorf("a password is in the history:\n%s", text)
		}
	}
}

// Whatever the octets, reading them ends and nothing is allocated for a length
// that is only claimed.
func TestLDAPMessagesThatAreNone(t *testing.T) {
	t.Parallel()
	record := history.NewRecord(history.Options{Now: time.Now})
	for _, octets := range [][]byte{
		nil,
		{0x30},
		{0x30, 0x80},
		{0x30, 0x85, 1, 1, 1, 1, 1},
		{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 1},
		{0x30, 0},
		{0x30, 3, 2, 1, 1},
		{0x30, 5, 2, 1, 1, 0x63, 0},
		{0x30, 5, 2, 1, 1, 0x60, 0},
		{0x30, 2, 5, 0},
		bytes.Repeat([]byte{0xff}, 100),
	} {
		w := record.Open(history.Opening{})
		readLDAP(w, history.Client, bytes.NewReader(octets))
		w.Close()
	}
}
