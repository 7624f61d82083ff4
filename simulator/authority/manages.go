package authority

import (
	"slices"
	"strings"
)

// Manages tells whether a record of the directory at now says of its provider
// that it manages the domain (RFC 6109 4.5.5).
func (a *Authority) Manages(domain string) bool {
	return slices.ContainsFunc(a.snapshot(), func(e entry) bool {
		return slices.ContainsFunc(e.attributes, func(v attribute) bool {
			return strings.EqualFold(v.name, "managedDomains") && strings.EqualFold(strings.TrimSpace(v.value), domain)
		})
	})
}
