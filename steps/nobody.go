package steps

import (
	"fmt"
	"strings"
)

// nobody is the local part of addresses that are to be nobody's.
func (t *Target) nobody() string {
	if t.Word == "" {
		return "sconosciuto"
	}
	return "sconosciuto-" + strings.ToLower(t.Word)
}

// numbered is one of several such addresses in a domain, from 1.
func (t *Target) numbered(n int, domain string) string {
	return fmt.Sprintf("%s-%02d@%s", t.nobody(), n, domain)
}

// belowDomain is an address in a subdomain of Bruno's, which no directory has. In
// a world of ours it is his own local part; elsewhere somebody could have that.
func (t *Target) belowDomain(bruno, domain string) string {
	if t.Word != "" {
		bruno = t.nobody()
	}
	return bruno + "@ufficio." + domain
}

// Nobody names the addresses that scenarios write to because they should be
// nobody's, for who is asked whether that may be done; nil where there is no
// Bruno, and so no domain for them.
func (t *Target) Nobody() []string {
	bruno, err := t.person(Bruno)
	if err != nil {
		return nil
	}
	local, domain, _ := strings.Cut(bruno.address, "@")
	return []string{t.nobody() + "@" + domain, t.numbered(1, domain) + " and so on", t.belowDomain(local, domain)}
}
