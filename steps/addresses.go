package steps

// Addresses lists where the harness would connect to on behalf of this target,
// as host:port or URL, each once and in the order of the description. What it
// listens on itself is not among them.
func (t *Target) Addresses() []string {
	var all []string
	seen := map[string]bool{}
	add := func(addresses ...string) {
		for _, a := range addresses {
			if a != "" && !seen[a] {
				seen[a] = true
				all = append(all, a)
			}
		}
	}
	for _, p := range t.Providers {
		add(p.SubmissionTLS, p.SubmissionSTARTTLS, p.Incoming, p.IMAP, p.ClearIMAP)
	}
	add(t.Ordinary.IMAP)
	d := &t.Directory
	add(d.LDAP, d.LDAPS, d.URL, d.Revocation, d.DNS)
	add(t.WhiteBox.URL)
	for _, h := range t.WhiteBox.Hosts {
		add(h.URL)
	}
	return all
}

// Addresses lists the URLs that the client is told over; commands run on this
// machine.
func (c *Client) Addresses() []string {
	var all []string
	for _, a := range []*ClientAction{c.Send, c.Fetch, c.Status, c.Show} {
		if a != nil && a.Post != "" {
			all = append(all, a.Post)
		}
	}
	return all
}
