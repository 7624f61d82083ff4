package steps

import (
	"net/url"
	"strings"
)

// noUserInfo complains of every address that names a user or a password
// (RFC 3986 3.2.1: userinfo). Addresses are printed in questions, errors and
// reports and kept in evidence, where no secret may stand; so the complaint
// leaves out all that lies before the "@" too. It tells whether there was none:
// where there was, no other complaint may repeat the address.
func noUserInfo(addresses []string, complain func(format string, a ...any)) bool {
	clean := true
	for _, address := range addresses {
		if !hasUserInfo(address) {
			continue
		}
		clean = false
		complain("an address names a user or a password before its \"@\" (%s): "+
			"write it without; what the harness signs in with are user and password of `mailboxes`, and the token of `whiteBox`", withoutUserInfo(address))
	}
	return clean
}

// hasUserInfo looks at the part in front of path, query and fragment. What is no
// URL at all, perhaps because a password has a "/" in it, is suspected whole.
func hasUserInfo(address string) bool {
	if _, err := url.Parse(address); err != nil {
		return strings.Contains(address, "@")
	}
	if _, rest, isURL := strings.Cut(address, "://"); isURL {
		address = rest
	}
	if end := strings.IndexAny(address, "/?#"); end >= 0 {
		address = address[:end]
	}
	return strings.Contains(address, "@")
}

// withoutUserInfo is an address as it may be printed.
func withoutUserInfo(address string) string {
	scheme, _, isURL := strings.Cut(address, "://")
	hidden := "…" + address[strings.LastIndexByte(address, '@'):]
	if isURL {
		return scheme + "://" + hidden
	}
	return hidden
}

// urls are all the addresses of the description, those that the harness is found
// at by the target and those that it may go to included.
func (t *Target) urls() []string {
	all := append(t.Addresses(), t.Reach.Allow...)
	for i := range t.Peers {
		if f := t.Peers[i].FileServer; f != nil {
			all = append(all, f.URL)
		}
	}
	if t.Directory.Played != nil {
		all = append(all, t.Directory.Played.URL)
	}
	return all
}
