package simulator

import (
	"fmt"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
)

// Description is all that a stranger needs to use the world: what a harness is
// told of its target. It holds passwords, and is JSON-able.
type Description struct {
	Providers  []ProviderDescription `json:"providers"`
	Ordinary   *OrdinaryDescription  `json:"ordinary,omitempty"`
	Peers      []PeerDescription     `json:"peers,omitempty"`
	Directory  DirectoryDescription  `json:"directory"`
	ControlURL string                `json:"controlURL"`
	Limits     LimitsDescription     `json:"limits"`
	Trust      TrustDescription      `json:"trust"`
}

// ProviderDescription is a provider as its users and peers see it.
type ProviderDescription struct {
	Name           string    `json:"name"`
	ServiceAddress string    `json:"serviceAddress"`
	ServiceMailbox Account   `json:"serviceMailbox"`
	Domains        []string  `json:"domains"` // managed domains, the service domain included
	TLSName        string    `json:"tlsName"` // name in its TLS certificates
	Hosts          Hosts     `json:"hosts"`
	Accounts       []Account `json:"accounts"`
	// KnownViruses are what its scanner finds, by name.
	KnownViruses []string `json:"knownViruses"`
}

// Hosts are host:port of the services.
type Hosts struct {
	SubmissionTLS      string `json:"submissionTLS,omitempty"`
	SubmissionSTARTTLS string `json:"submissionSTARTTLS,omitempty"`
	Incoming           string `json:"incoming"`
	IMAP               string `json:"imap"` // TLS
	IMAPSTARTTLS       string `json:"imapSTARTTLS,omitempty"`
	POP3TLS            string `json:"pop3TLS,omitempty"`
	POP3STARTTLS       string `json:"pop3STARTTLS,omitempty"`
}

// OrdinaryDescription is the ordinary mail host.
type OrdinaryDescription struct {
	Domain   string    `json:"domain"`
	TLSName  string    `json:"tlsName"`
	Hosts    Hosts     `json:"hosts"`
	Accounts []Account `json:"accounts"`
}

// Account is a mailbox with its credentials.
type Account struct {
	Address  string `json:"address"`
	User     string `json:"user"`
	Password string `json:"password"`
	Actor    string `json:"actor,omitempty"`
	Full     bool   `json:"full,omitempty"` // can receive nothing
}

// LimitsDescription are the limits of the access points.
type LimitsDescription struct {
	MaxRecipients     int   `json:"maxRecipients"`
	MaxTotalBytes     int64 `json:"maxTotalBytes"` // size x recipients still accepted
	NoticeBytes       int64 `json:"noticeBytes"`   // above it the refusal is left to SMTP
	RelayQueueSeconds int64 `json:"relayQueueSeconds"`
}

// TrustDescription is what the authority publishes, at the instant.
type TrustDescription = control.Trust

// Describe describes the world as it is now.
func (w *World) Describe() (Description, error) {
	trust, err := w.Trust()
	if err != nil {
		return Description{}, err
	}
	d := Description{ControlURL: w.control.URL(), Trust: trust}
	for i, p := range w.hosts.all() {
		c := p.Config()
		at := p.Addresses()
		pd := ProviderDescription{
			Name: c.Identity.Name, ServiceAddress: c.Identity.ServiceAddress, Domains: c.Domains, TLSName: c.Hostname,
			Hosts: Hosts{
				SubmissionTLS: at.SubmissionTLS, SubmissionSTARTTLS: at.SubmissionSTARTTLS, Incoming: at.Incoming,
				IMAP: at.IMAP, IMAPSTARTTLS: at.IMAPSTARTTLS, POP3TLS: at.POP3TLS, POP3STARTTLS: at.POP3STARTTLS,
			},
		}
		for _, a := range c.Accounts {
			if a.Service {
				pd.ServiceMailbox = describeAccount(a)
				continue
			}
			pd.Accounts = append(pd.Accounts, describeAccount(a))
		}
		pd.KnownViruses = append(pd.KnownViruses, "EICAR")
		for _, pattern := range w.config.Providers[i].Patterns {
			pd.KnownViruses = append(pd.KnownViruses, pattern.Name)
		}
		d.Providers = append(d.Providers, pd)
		d.Limits = strictest(d.Limits, LimitsDescription{
			MaxRecipients: c.Limits.MaxRecipients, MaxTotalBytes: c.Limits.MaxTotalBytes,
			NoticeBytes: c.Limits.NoticeBytes, RelayQueueSeconds: int64(c.Limits.RelayLifetime / time.Second),
		})
	}
	if h := w.ordinaryHost(); h != nil {
		at := h.Addresses()
		o := &OrdinaryDescription{
			Domain: w.config.Ordinary.Domain, TLSName: w.config.Ordinary.Domain,
			Hosts: Hosts{
				SubmissionSTARTTLS: at.Submission, Incoming: at.Incoming,
				IMAP: at.IMAP, IMAPSTARTTLS: at.IMAPSTARTTLS, POP3TLS: at.POP3TLS, POP3STARTTLS: at.POP3STARTTLS,
			},
		}
		for _, a := range w.config.Ordinary.Accounts {
			o.Accounts = append(o.Accounts, describeAccount(a))
		}
		d.Ordinary = o
	}
	if d.Peers, err = w.describePeers(); err != nil {
		return Description{}, err
	}
	d.Directory, err = w.describeDirectory()
	return d, err
}

func describeAccount(a accounts.Account) Account {
	return Account{Address: a.Address, User: a.Address, Password: a.Password, Actor: a.Actor, Full: a.Quota == 1}
}

// strictest is what every provider of the world grants.
func strictest(a, b LimitsDescription) LimitsDescription {
	if a == (LimitsDescription{}) {
		return b
	}
	return LimitsDescription{
		MaxRecipients: min(a.MaxRecipients, b.MaxRecipients), MaxTotalBytes: min(a.MaxTotalBytes, b.MaxTotalBytes),
		NoticeBytes: max(a.NoticeBytes, b.NoticeBytes), RelayQueueSeconds: max(a.RelayQueueSeconds, b.RelayQueueSeconds),
	}
}

// Trust is what the authority publishes now.
func (w *World) Trust() (control.Trust, error) {
	if w.config.published != nil {
		return w.publishedTrust()
	}
	revoked, err := w.authority.RevocationListPEM()
	if err != nil {
		return control.Trust{}, err
	}
	ldif, err := w.authority.DirectoryLDIF()
	if err != nil {
		return control.Trust{}, err
	}
	return control.Trust{Now: w.Now(), CA: string(w.authority.CertificatePEM()), CRL: string(revoked), Directory: string(ldif)}, nil
}

// Journal, Quarantine and Sessions show the inside of the providers, of one by
// name or service domain, of all for "".

// Journal returns the legal logs.
func (w *World) Journal(name string) ([]control.JournalEntry, error) {
	all := []control.JournalEntry{}
	found := name == ""
	for _, p := range w.hosts.all() {
		if !w.named(p.Config().Identity.Name, p.Config().Identity.Domain, name) {
			continue
		}
		found = true
		entries, err := p.Journal()
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			all = append(all, control.JournalEntry{Provider: p.Config().Identity.Name, Entry: e})
		}
	}
	return all, w.known(found, name)
}

// Quarantine returns the infected messages kept.
func (w *World) Quarantine(name string) ([]control.Quarantined, error) {
	all := []control.Quarantined{}
	found := name == ""
	for _, p := range w.hosts.all() {
		if !w.named(p.Config().Identity.Name, p.Config().Identity.Domain, name) {
			continue
		}
		found = true
		list, err := p.Quarantine()
		if err != nil {
			return nil, err
		}
		for _, q := range list {
			all = append(all, control.Quarantined{
				Provider: p.Config().Identity.Name, At: q.At, Found: q.Found, Where: q.Where,
				SHA256: q.Body, ReversePath: q.Trace.ReversePath, Octets: q.Octets,
			})
		}
	}
	return all, w.known(found, name)
}

// Sessions returns the SMTP transactions that providers and the ordinary host
// carried out with other hosts.
func (w *World) Sessions(name string) ([]control.Session, error) {
	all := []control.Session{}
	found := name == ""
	for _, p := range w.hosts.all() {
		if w.named(p.Config().Identity.Name, p.Config().Identity.Domain, name) {
			found = true
			all = append(all, p.Exchanges()...)
		}
	}
	if h := w.ordinaryHost(); h != nil && (name == "" || name == w.config.Ordinary.Domain) {
		found = true
		all = append(all, h.Exchanges()...)
	}
	return all, w.known(found, name)
}

func (w *World) named(providerName, domain, asked string) bool {
	return asked == "" || asked == providerName || asked == domain
}

func (w *World) known(found bool, name string) error {
	if found {
		return nil
	}
	return fmt.Errorf("%w: %q; ask for a provider by its name or service domain, or for none to see all", control.ErrNotFound, name)
}
