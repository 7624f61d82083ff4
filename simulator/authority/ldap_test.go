package authority_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/faults"
)

var cirro = authority.Provider{
	Name: "Cirro, Figli + C. S.r.l.", ServiceAddress: "posta-certificata@gestore.cirro.example",
	MailReceipt: "ricevute@gestore.cirro.example", Domains: []string{"gestore.cirro.example", "cirro.example"}, LowerCaseHash: true,
}

// served is an authority with Aurora, and Cirro with a secondary environment.
func served(t testing.TB, faulty ...string) (*authority.Authority, *authority.Services) {
	t.Helper()
	set, err := faults.Lookup(faulty...)
	if err != nil {
		t.Fatal(err)
	}
	shared, _, _ := newAuthority(t)
	c := clock.NewOffset(instant)
	a := shared.Fork(c.Now, set)
	hosted := aurora
	hosted.Hosted = true
	if _, err := a.Register(hosted); err != nil {
		t.Fatal(err)
	}
	unit := cirro
	unit.Unit, unit.Domains = "Secondario", []string{"secondario.example"}
	if _, err := a.RegisterPeer([]authority.Provider{cirro, unit}, []string{"renewed"}, false); err != nil {
		t.Fatal(err)
	}
	s, err := a.Serve(authority.ServeOptions{Clock: c})
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
	return a, s
}

func dial(t testing.TB, s *authority.Services) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL("ldap://" + s.Addresses().LDAP)
	if err != nil {
		t.Fatal(err)
	}
	// Not closed before the services are: they have to end all the same.
	if err := c.UnauthenticatedBind(""); err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	auroraDN = "providerName=Aurora PEC S.p.A.,o=postacert"
	cirroDN  = `providerName=Cirro\, Figli \+ C. S.r.l.,o=postacert`
	unitDN   = "providerUnit=Secondario," + cirroDN
)

func TestSearch(t *testing.T) {
	t.Parallel()
	_, s := served(t)
	c := dial(t, s)
	sub, one, base := ldap.ScopeWholeSubtree, ldap.ScopeSingleLevel, ldap.ScopeBaseObject
	for _, q := range []struct {
		base   string
		scope  int
		filter string
		want   []string
	}{
		{"o=postacert", base, "(objectClass=*)", []string{"o=postacert"}},
		{"o=postacert", one, "(objectClass=*)", []string{auroraDN, cirroDN}},
		{"o=postacert", sub, "(objectClass=*)", []string{"o=postacert", auroraDN, cirroDN, unitDN}},
		{"O=PostaCert", sub, "(objectclass=PROVIDER)", []string{auroraDN, cirroDN, unitDN}},
		{cirroDN, sub, "(objectClass=provider)", []string{cirroDN, unitDN}},
		{cirroDN, one, "(objectClass=provider)", []string{unitDN}},
		{"o=postacert", sub, "(managedDomains=AURORA.example)", []string{auroraDN}},
		{"o=postacert", sub, "(managedDomains=x.aurora.example)", nil},
		{"o=postacert", sub, "(managedDomains=*.cirro.example)", []string{cirroDN}},
		{"o=postacert", sub, "(managedDomains=ge*re*example)", []string{auroraDN, cirroDN}},
		{"o=postacert", sub, "(1.3.6.1.4.1.16572.2.2.5=cirro.example)", []string{cirroDN}},
		{"o=postacert", sub, "(objectClass=1.3.6.1.4.1.16572.2.1.2)", []string{auroraDN, cirroDN, unitDN}},
		{"o=postacert", sub, "(&(objectClass=provider)(!(providerUnit=*)))", []string{auroraDN, cirroDN}},
		{"o=postacert", sub, "(|(providerUnit=secondario)(mailReceipt=RICEVUTE@gestore.aurora.example))", []string{auroraDN, unitDN}},
		{"o=postacert", sub, "(description=Gestore simulato, città)", []string{auroraDN}},
		{"o=postacert", sub, "(providerCertificate;binary=*)", []string{auroraDN, cirroDN, unitDN}},
		{"o=postacert", sub, "(LDIFLocationURL=HTTPS*)", nil},      // no substrings rule
		{"o=postacert", sub, "(!(nothingKnown=x))", nil},           // undefined stays undefined
		{"o=postacert", sub, "(managedDomains>=a)", nil},           // no ordering rule
		{"o=postacert", sub, "(providerCertificateHash=*A*)", nil}, // no substrings rule
		{"o=postacert", sub, `(providerName=cirro\2c  figli + c. s.r.l.)`, []string{cirroDN, unitDN}},
	} {
		r, err := c.Search(ldap.NewSearchRequest(q.base, q.scope, ldap.NeverDerefAliases, 0, 0, false, q.filter, nil, nil))
		if err != nil {
			t.Errorf("%s %s: %v", q.base, q.filter, err)
			continue
		}
		var got []string
		for _, e := range r.Entries {
			got = append(got, e.DN)
		}
		if diff := cmp.Diff(q.want, got); diff != "" {
			t.Errorf("%s %d %s (-want +got):\n%s", q.base, q.scope, q.filter, diff)
		}
	}
	for base, want := range map[string]uint16{"o=altro": ldap.LDAPResultNoSuchObject, "senza": ldap.LDAPResultInvalidDNSyntax} {
		_, err := c.Search(ldap.NewSearchRequest(base, sub, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", nil, nil))
		if !ldap.IsErrorWithCode(err, want) {
			t.Errorf("%s: %v, want code %d", base, err, want)
		}
	}
	_, err := c.Search(ldap.NewSearchRequest("o=postacert", sub, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", nil, nil))
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		t.Errorf("size limit: %v", err)
	}
	if err := c.Del(ldap.NewDelRequest(auroraDN, nil)); !ldap.IsErrorWithCode(err, ldap.LDAPResultUnwillingToPerform) {
		t.Errorf("delete: %v", err)
	}
}

func TestHashesAndCertificatesOverLDAP(t *testing.T) {
	t.Parallel()
	a, s := served(t)
	d := readDirectory(t, a)
	record := d.RecordOfDomain("cirro.example")
	c := dial(t, s)
	for _, hash := range []string{strings.ToLower(record.CertificateHashes[0]), strings.ToUpper(record.CertificateHashes[0])} {
		r, err := c.Search(ldap.NewSearchRequest("o=postacert", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
			"(providerCertificateHash="+hash+")", []string{"providerCertificate"}, nil))
		if err != nil || len(r.Entries) != 2 {
			t.Fatalf("%s: %v, %v", hash, r, err)
		}
		e := r.Entries[0]
		if len(e.Attributes) != 1 || e.Attributes[0].Name != "providerCertificate;binary" || len(e.Attributes[0].ByteValues) != 2 {
			t.Fatalf("attributes %v", e.Attributes)
		}
		for i, der := range e.Attributes[0].ByteValues {
			if got, err := x509.ParseCertificate(der); err != nil || !got.Equal(record.Certificates[i]) {
				t.Errorf("certificate %d: %v", i, err)
			}
		}
	}
	secure, err := ldap.DialURL("ldaps://"+s.Addresses().LDAPS, ldap.DialWithTLSConfig(&tls.Config{
		RootCAs: roots(a), ServerName: "127.0.0.1", Time: func() time.Time { return instant },
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer secure.Close()
	if r, err := secure.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil)); err != nil ||
		len(r.Entries) != 1 || r.Entries[0].GetAttributeValue("namingContexts") != "o=postacert" {
		t.Errorf("root DSE: %+v, %v", r, err)
	}
}

func roots(a *authority.Authority) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate())
	return pool
}

func schemaOf(t *testing.T, s *authority.Services) *ldap.Entry {
	t.Helper()
	r, err := dial(t, s).Search(ldap.NewSearchRequest("cn=Subschema", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=subschema)", []string{"*", "+"}, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatalf("schema: %+v, %v", r, err)
	}
	return r.Entries[0]
}

func TestSchema(t *testing.T) {
	t.Parallel()
	_, s := served(t)
	e := schemaOf(t, s)
	types, classes := e.GetAttributeValues("attributeTypes"), e.GetAttributeValues("objectClasses")
	for _, want := range []string{
		"1.3.6.1.4.1.16572.2.2.1 NAME 'providerCertificateHash'", "1.3.6.1.4.1.16572.2.2.2 NAME 'providerCertificate'",
		"1.3.6.1.4.1.16572.2.2.3 NAME 'providerName'", "1.3.6.1.4.1.16572.2.2.4 NAME 'mailReceipt'",
		"1.3.6.1.4.1.16572.2.2.5 NAME 'managedDomains'", "1.3.6.1.4.1.16572.2.2.6 NAME 'LDIFLocationURL'",
		"1.3.6.1.4.1.16572.2.2.7 NAME 'providerUnit'",
	} {
		if !slices.ContainsFunc(types, func(d string) bool { return strings.Contains(d, want) }) {
			t.Errorf("no attribute type %s", want)
		}
	}
	for _, want := range []string{"1.3.6.1.4.1.16572.2.1.1 NAME 'LDIFLocationURLObject'", "1.3.6.1.4.1.16572.2.1.2 NAME 'provider'"} {
		if !slices.ContainsFunc(classes, func(d string) bool { return strings.Contains(d, want) }) {
			t.Errorf("no object class %s", want)
		}
	}
	_, faulty := served(t, "directory-schema-other-identifiers")
	if got := strings.Join(schemaOf(t, faulty).GetAttributeValues("attributeTypes"), " "); strings.Contains(got, "16572") {
		t.Error("the fault changes no identifier")
	}
}
