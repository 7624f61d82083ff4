package configfile

import (
	"maps"
	"slices"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/provider"
)

// providerPortsYAML are addresses on loopback; empty: the fixed or a free one.
type providerPortsYAML struct {
	SubmissionTLS      string `yaml:"submissionTLS"`
	SubmissionSTARTTLS string `yaml:"submissionSTARTTLS"`
	Incoming           string `yaml:"incoming"`
	IMAP               string `yaml:"imap"`
	IMAPSTARTTLS       string `yaml:"imapSTARTTLS"`
	POP3TLS            string `yaml:"pop3TLS"`
	POP3STARTTLS       string `yaml:"pop3STARTTLS"`
}

func (p providerPortsYAML) config() provider.Ports {
	return provider.Ports{
		SubmissionTLS: p.SubmissionTLS, SubmissionSTARTTLS: p.SubmissionSTARTTLS, Incoming: p.Incoming,
		IMAP: p.IMAP, IMAPSTARTTLS: p.IMAPSTARTTLS, POP3TLS: p.POP3TLS, POP3STARTTLS: p.POP3STARTTLS,
	}
}

// ordinaryPortsYAML has the fields of ordinary.Ports, in their order.
type ordinaryPortsYAML struct {
	Incoming   string `yaml:"incoming"`
	Submission string `yaml:"submission"`
	IMAP       string `yaml:"imap"`

	IMAPSTARTTLS string `yaml:"imapSTARTTLS"`
	POP3TLS      string `yaml:"pop3TLS"`
	POP3STARTTLS string `yaml:"pop3STARTTLS"`
}

// portsYAML are the addresses of what belongs to no host.
type portsYAML struct {
	LDAP       string `yaml:"ldap"`
	LDAPS      string `yaml:"ldaps"`
	Directory  string `yaml:"directory"`  // https
	Revocation string `yaml:"revocation"` // http
	DNS        string `yaml:"dns"`
	Control    string `yaml:"control"`
}

func (p portsYAML) apply(c *simulator.Config) {
	c.AuthorityPorts.LDAP, c.AuthorityPorts.LDAPS = p.LDAP, p.LDAPS
	c.AuthorityPorts.Files, c.AuthorityPorts.Revocation = p.Directory, p.Revocation
	c.DNSAddress, c.ControlAddress = p.DNS, p.Control
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
