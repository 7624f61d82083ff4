package configfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/configfile"
	"github.com/collaudo/collaudo/simulator/provider"
)

const world = `
providers:
  - name: Maestrale PEC S.p.A.
    domains: [maestrale.example]
    ownDomains:
      comune-di-prova.example: postmaster@comune-di-prova.example
    units:
      - {name: Sede di Ponente, serviceDomain: gestore.ponente.example, domains: [ponente.example]}
    accounts:
      - address: ufficio@maestrale.example
        password: a scelta
        quota: 50MiB
        folders: [Fatture, Archivio/2026]
        expires: 2027-03-31
        holder: {name: Ufficio Prove, taxCode: "00000000000", email: elena@posta.example}
      - address: postmaster@comune-di-prova.example
    limits: {maxRecipients: 50, maxTotalBytes: 30MiB, relayHours: 12}
    ordinaryMail: refuse
    life: {graceDays: 60, lockAttempts: 3}
    domainLife:
      comune-di-prova.example: {graceDays: 30}
    scanner: [{name: Prova, text: TESTO-DA-TROVARE}]
    ports: {imap: "127.0.0.1:10993"}
ordinary:
  domain: posta.example
  accounts: [{address: elena@posta.example}]
peers:
  - name: Cirro PEC S.r.l.
    serviceDomain: gestore.cirro.example
    domains: [cirro.example]
    incoming: "127.0.0.1:10025"
    users: [{actor: Paolo, address: paolo@cirro.example}]
routes:
  - {domains: [ordini.test], address: "127.0.0.1:10026"}
faults: ["delivery-none@gestore.maestrale.example", "personality:opec-2018"]
limit: 2GiB
ports: {ldap: "127.0.0.1:10389", control: "127.0.0.1:10100"}
`

func TestRead(t *testing.T) {
	t.Parallel()
	c, err := configfile.Read([]byte(world), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	want := simulator.ProviderConfig{
		Name: "Maestrale PEC S.p.A.", ServiceDomain: "gestore.maestrale.example", ServicePassword: "segreto-servizio-gestore.maestrale.example",
		Domains: []string{"maestrale.example", "comune-di-prova.example"},
		Units:   []simulator.UnitConfig{{Name: "Sede di Ponente", ServiceDomain: "gestore.ponente.example", Domains: []string{"ponente.example"}}},
		Accounts: []accounts.Account{
			{
				Address: "ufficio@maestrale.example", Password: "a scelta", Quota: 50 << 20, Expires: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC),
				Holder: accounts.Holder{Name: "Ufficio Prove", TaxCode: "00000000000", Email: "elena@posta.example"},
			},
			{Address: "postmaster@comune-di-prova.example", Password: "segreto-postmaster@comune-di-prova.example"},
		},
		Folders: map[string][]string{"ufficio@maestrale.example": {"Fatture", "Archivio/2026"}},
		Limits:  provider.Limits{MaxRecipients: 50, MaxTotalBytes: 30 << 20, RelayLifetime: 12 * time.Hour},
		Policy:  provider.Policy{Ordinary: provider.RefuseOrdinary},
		Life: accounts.Policies{
			Policy:  accounts.Policy{GraceDays: 60, LockAttempts: 3},
			Domains: map[string]accounts.Policy{"comune-di-prova.example": {GraceDays: 30}},
			Own:     map[string]string{"comune-di-prova.example": "postmaster@comune-di-prova.example"},
		},
		Ports: provider.Ports{IMAP: "127.0.0.1:10993"},
	}
	got := c.Providers[0]
	if len(got.Patterns) != 1 || string(got.Patterns[0].Bytes) != "TESTO-DA-TROVARE" {
		t.Errorf("patterns: %+v", got.Patterns)
	}
	got.Patterns = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("provider (-want +got):\n%s", diff)
	}
	if len(c.Peers) != 1 || c.Peers[0].Incoming != "127.0.0.1:10025" || len(c.Routes) != 1 || c.Ordinary.Accounts[0].Password != "segreto-elena@posta.example" {
		t.Errorf("peers %+v, routes %+v, ordinary %+v", c.Peers, c.Routes, c.Ordinary)
	}
	if c.StoreBytes != 2<<30 || c.AuthorityPorts.LDAP != "127.0.0.1:10389" || c.ControlAddress != "127.0.0.1:10100" || len(c.Faults) != 2 {
		t.Errorf("limit %d, LDAP %s, control %s, faults %v", c.StoreBytes, c.AuthorityPorts.LDAP, c.ControlAddress, c.Faults)
	}
}

func TestReadPair(t *testing.T) {
	t.Parallel()
	c, err := configfile.Read([]byte("pair: true\nproviders: [{name: Terzo, domains: [terzo.example]}]\n"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Providers) != 3 || c.Providers[2].ServiceDomain != "gestore.terzo.example" || c.Ordinary.Domain != "posta.example" {
		t.Errorf("%d providers, the last %+v, ordinary %+v", len(c.Providers), c.Providers[len(c.Providers)-1], c.Ordinary)
	}
}

// What is wrong is said with what was expected; nothing is guessed.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "empty.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	one := func(more string) string { return "providers:\n  - name: Uno\n    domains: [uno.example]\n" + more }
	tests := []struct{ name, text, says string }{
		{"nothing", "", "no provider"},
		{"not YAML", "providers: [", "did not find"},
		{"two documents", "pair: true\n---\npair: true\n", "one YAML document"},
		{"a misspelt key", "pair: true\nprovider: []\n", "field provider not found"},
		{"a misspelt figure", one("    life: {graceDay: 3}\n"), `line 4: json: unknown field "graceDay"`},
		{"a real domain", "providers: [{name: Uno, domains: [uno.it]}]", "could be somebody's"},
		{"a bare name", "providers: [{name: Uno, domains: [example]}]", "could be somebody's"},
		{"an empty label", "providers: [{name: Uno, domains: [a..example]}]", "has a label"},
		{"no domains", "providers: [{name: Uno}]", "needs a name and domains"},
		{"a domain twice", one("  - name: Due\n    domains: [UNO.example]\n"), "is Uno's already"},
		{"a foreign account", one("    accounts: [{address: a@due.example}]\n"), "in none of its domains"},
		{"an account twice", one("    accounts: [{address: a@uno.example}, {address: A@uno.example}]\n"), "listed twice"},
		{"no such size", one("    accounts: [{address: a@uno.example, quota: much}]\n"), "no number of bytes"},
		{"no such date", one("    accounts: [{address: a@uno.example, expires: soon}]\n"), "line 4"},
		{"a postmaster elsewhere", one("    ownDomains: {due.example: a@uno.example}\n"), "want an address of that domain"},
		{"a postmaster without account", one("    ownDomains: {due.example: a@due.example}\n"), "has no account"},
		{"no such treatment", one("    ordinaryMail: perhaps\n"), "accept or refuse"},
		{"a nameless pattern", one("    scanner: [{text: x}]\n"), "a name and a text"},
		{"a route outside", one("routes: [{domains: [x.test], address: \"192.0.2.1:25\"}]\n"), "never sends outside"},
		{"a route for nobody", one("routes: [{address: \"127.0.0.1:25\"}]\n"), "for no domains"},
		{"a peer outside", one("peers: [{name: P, serviceDomain: p.example, incoming: \"mail.p.example:25\"}]\n"), "never sends outside"},
		{"an unknown fault", one("faults: [delivery-nne]\n"), "delivery-none"},
		{"a fault of nobody", one("faults: [\"delivery-none@due.example\"]\n"), "no provider here"},
		{"a further world without a CA", one("further: [{directory: d.ldif}]\n"), "needs authority"},
		{"a file that is not there", one("further: [{directory: d.ldif, authority: ca.pem}]\n"), "ca.pem"},
		{"a file with nothing in it", one("further: [{directory: d.ldif, authority: empty.pem}]\n"), "expected a PEM block CERTIFICATE"},
		{"a CA without a key", one("authority: {certificate: empty.pem}\n"), "expected a PEM block"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := configfile.Read([]byte(tt.text), dir)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v: want an error that says %q", err, tt.says)
			}
		})
	}
}

func TestParseBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1": 1, "500MB": 500e6, "2GiB": 2 << 30, " 3 KiB ": 3 << 10, "7B": 7, "1kB": 1000,
		"": 0, "0": 0, "-1": 0, "much": 0, "9999999999TiB": 0, "1.5GB": 0,
	} {
		got, err := configfile.ParseBytes(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}
