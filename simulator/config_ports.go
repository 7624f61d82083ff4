package simulator

import (
	"fmt"
	"net"
	"strconv"
)

// Fixed ports of a standing world. Each host has a thousand of its own, and in
// it the number of the service as everybody knows it: 2465 is submission over
// TLS (465) of the first provider, 3993 is IMAP over TLS (993) of the second.
const (
	submissionPort = 587
	smtpsPort      = 465
	incomingPort   = 525 // not 25: 2025 is a year to most eyes
	imapsPort      = 993
	imapPort       = 143
	pop3sPort      = 995
	pop3Port       = 110

	ordinaryThousand  = 4
	authorityThousand = 6
	lastThousand      = 64
)

// Fixed addresses of the world's two web servers for people and programs.
const (
	DefaultControlAddress = "127.0.0.1:6100"
	DefaultConsoleAddress = "127.0.0.1:6200"
)

// WithDefaultPorts fills in fixed ports wherever the configuration names none:
// 2xxx for the first provider, 3xxx for the second, 4xxx for the ordinary mail
// host, 5xxx and from 7xxx on for further providers, 6xxx for the authority,
// the name service and the control API.
func (c Config) WithDefaultPorts() (Config, error) {
	providers := append([]ProviderConfig(nil), c.Providers...)
	thousand := 1
	for i := range providers {
		for thousand++; thousand == ordinaryThousand || thousand == authorityThousand; {
			thousand++
		}
		if thousand > lastThousand {
			return c, fmt.Errorf("there are fixed ports for %d providers, here are %d: name the ports of the last ones yourself, or take free ones", i, len(providers))
		}
		providers[i].Ports = defaultProviderPorts(providers[i].Ports, thousand)
	}
	c.Providers = providers
	if c.Ordinary.Domain != "" {
		p := &c.Ordinary.Ports
		fill(&p.Submission, ordinaryThousand, submissionPort)
		fill(&p.Incoming, ordinaryThousand, incomingPort)
		fill(&p.IMAP, ordinaryThousand, imapsPort)
		fill(&p.IMAPSTARTTLS, ordinaryThousand, imapPort)
		fill(&p.POP3TLS, ordinaryThousand, pop3sPort)
		fill(&p.POP3STARTTLS, ordinaryThousand, pop3Port)
	}
	a := &c.AuthorityPorts
	fill(&a.LDAP, authorityThousand, 389)
	fill(&a.LDAPS, authorityThousand, 636)
	fill(&a.Files, authorityThousand, 443)
	fill(&a.Revocation, authorityThousand, 80)
	fill(&c.DNSAddress, authorityThousand, 53)
	if c.ControlAddress == "" {
		c.ControlAddress = DefaultControlAddress
	}
	return c, nil
}

// fill puts a loopback address where there is none.
func fill(address *string, thousand, service int) {
	if *address == "" {
		*address = net.JoinHostPort("127.0.0.1", strconv.Itoa(1000*thousand+service))
	}
}
