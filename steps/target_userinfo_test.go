package steps

import (
	"reflect"
	"strings"
	"testing"
)

// TestNoURLHoldsAPassword puts a user and a password into every address that a
// target description has: each is refused, and none is printed.
func TestNoURLHoldsAPassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://joe:geheim@127.0.0.1", "https://geheim@host.example/x", "ldaps://joe:geheim@host.example", "http://joe:ge/heim@host.example",
		"http://joe:%zzgeheim@host.example", "ftp://joe:geheim@host.example", "joe:geheim@host.example:465", "http://joe:geheim%40@host.example/",
	} {
		for name, put := range map[string]func(*Target){
			"whiteBox.url":         func(t *Target) { t.WhiteBox.URL = address },
			"whiteBox.hosts":       func(t *Target) { t.WhiteBox.Hosts = []WhiteBoxHost{{Provider: "Aurora", URL: address}} },
			"directory.ldap":       func(t *Target) { t.Directory.LDAP = address },
			"directory.ldaps":      func(t *Target) { t.Directory.LDAPS = address },
			"directory.url":        func(t *Target) { t.Directory.URL = address },
			"directory.revocation": func(t *Target) { t.Directory.Revocation = address },
			"directory.dns":        func(t *Target) { t.Directory.DNS = address },
			"directory.played.url": func(t *Target) { t.Directory.Played = &PlayedDirectory{URL: address} },
			"peers.fileServer.url": func(t *Target) { t.Peers[0].FileServer = &FileServer{URL: address} },
			"ordinary.imap":        func(t *Target) { t.Ordinary.IMAP = address },
			"providers.imap":       func(t *Target) { t.Providers[0].IMAP = address },
			"reach.allow":          func(t *Target) { t.Reach.Allow = []string{address} },
		} {
			target := testTarget()
			put(target)
			refuses(t, name+" "+address, target.Check())
		}
		client := &Client{Kind: KindClient, Name: "sample", Send: &ClientAction{Post: address}, Fetch: &ClientAction{Run: []string{"./fetch"}}}
		refuses(t, "send.post "+address, client.Check())
	}
	// An "@" further on is nobody's password.
	target := testTarget()
	target.WhiteBox.URL = "http://127.0.0.1:8080/@collaudo?for=anna@aurora.example"
	if err := target.Check(); err != nil && strings.Contains(err.Error(), "names a user") {
		t.Errorf("an address without a user is refused: %v", err)
	}
}

func refuses(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "names a user or a password") {
		t.Errorf("%s: %v, expected the address refused for its user or password", what, err)
	}
	if err != nil && (strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "heim@") || strings.Contains(err.Error(), "joe")) {
		t.Errorf("%s: the refusal says it: %v", what, err)
	}
}

// TestEveryAddressMayBePrinted: a new field of addresses cannot stay out of the
// check.
func TestEveryAddressMayBePrinted(t *testing.T) {
	t.Parallel()
	target := &Target{}
	words := map[string]string{} // by path
	fillWords(reflect.ValueOf(target).Elem(), "", words)
	looked := map[string]bool{}
	for _, u := range target.urls() {
		looked[u] = true
	}
	for path, word := range words {
		if (strings.HasSuffix(path, "URL") || strings.HasPrefix(path, "Reach.Allow")) && !looked[word] {
			t.Errorf("%s is not looked at for a user or a password", path)
		}
	}
}
