package configfile

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/collaudo/collaudo/simulator/ordinary"
	"github.com/collaudo/collaudo/simulator/provider"
)

// providerYAML is a provider of certified mail.
type providerYAML struct {
	Name            string               `yaml:"name"`
	ServiceDomain   string               `yaml:"serviceDomain"` // default: gestore. before the first domain
	ServicePassword string               `yaml:"servicePassword"`
	Domains         []string             `yaml:"domains"`
	OwnDomains      map[string]string    `yaml:"ownDomains"` // a customer's domain → its postmaster's address
	Units           []unitYAML           `yaml:"units"`
	Accounts        []accountYAML        `yaml:"accounts"`
	Limits          limitsYAML           `yaml:"limits"`
	Ordinary        string               `yaml:"ordinaryMail"` // accept or refuse
	Life            *lifeYAML            `yaml:"life"`
	DomainLife      map[string]*lifeYAML `yaml:"domainLife"`
	Scanner         []patternYAML        `yaml:"scanner"`
	Antivirus       *antivirusYAML       `yaml:"antivirus"` // its own; default: that of the world
	Ports           providerPortsYAML    `yaml:"ports"`
}

// dateYAML is a date, or an instant as RFC 3339 writes it.
type dateYAML struct{ time.Time }

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *dateYAML) UnmarshalYAML(node *yaml.Node) (err error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if d.Time, err = time.Parse(form, node.Value); err == nil {
			return nil
		}
	}
	return atLine(node, fmt.Errorf("%q is no date: write such as 2027-03-31 or 2027-03-31T12:00:00+02:00", node.Value))
}

type unitYAML struct {
	Name          string   `yaml:"name"`
	ServiceDomain string   `yaml:"serviceDomain"`
	Domains       []string `yaml:"domains"`
}

// accountYAML is a mailbox. An address alone is enough.
type accountYAML struct {
	Address  string    `yaml:"address"`
	Password string    `yaml:"password"` // default: segreto- before the address
	Actor    string    `yaml:"actor"`
	Quota    bytesYAML `yaml:"quota"`
	Folders  []string  `yaml:"folders"` // besides INBOX

	Holder    holderYAML `yaml:"holder"`
	Expires   dateYAML   `yaml:"expires"` // such as 2027-03-31, midnight UTC, or with a time of day; default: never
	AutoRenew bool       `yaml:"autoRenew"`
}

type limitsYAML struct {
	MaxRecipients int       `yaml:"maxRecipients"`
	MaxTotalBytes bytesYAML `yaml:"maxTotalBytes"`
	NoticeBytes   bytesYAML `yaml:"noticeBytes"`
	RelayHours    int       `yaml:"relayHours"`
	Workers       int       `yaml:"workers"`
}

// patternYAML is a text that the provider's scanner takes for a virus.
type patternYAML struct {
	Name string `yaml:"name"`
	Text string `yaml:"text"`
}

// DefaultPassword is the password of a mailbox that was given none.
func DefaultPassword(address string) string { return "segreto-" + address }

func (p providerYAML) config() (c simulator.ProviderConfig, err error) {
	c = simulator.ProviderConfig{
		Name: p.Name, ServiceDomain: p.ServiceDomain, ServicePassword: p.ServicePassword, Domains: p.Domains,
		Limits: provider.Limits{
			MaxRecipients: p.Limits.MaxRecipients, MaxTotalBytes: int64(p.Limits.MaxTotalBytes), NoticeBytes: int64(p.Limits.NoticeBytes),
			RelayLifetime: time.Duration(p.Limits.RelayHours) * time.Hour, Workers: p.Limits.Workers,
		},
		Policy: provider.Policy{Ordinary: provider.OrdinaryMail(p.Ordinary)},
		Ports:  p.Ports.config(),
	}
	c.Domains = append(c.Domains, sortedKeys(p.OwnDomains)...)
	if c.ServiceDomain == "" && len(c.Domains) > 0 {
		c.ServiceDomain = "gestore." + c.Domains[0]
	}
	if c.ServicePassword == "" {
		c.ServicePassword = "segreto-servizio-" + c.ServiceDomain
	}
	switch c.Policy.Ordinary {
	case "", provider.AcceptOrdinary, provider.RefuseOrdinary:
	default:
		return c, fmt.Errorf("provider %s: ordinaryMail is %q: want accept or refuse", p.Name, p.Ordinary)
	}
	for _, u := range p.Units {
		c.Units = append(c.Units, simulator.UnitConfig(u))
	}
	c.Accounts, c.Folders = accountsOf(p.Accounts)
	for _, s := range p.Scanner {
		if s.Name == "" || s.Text == "" {
			return c, fmt.Errorf("provider %s: a pattern of the scanner needs a name and a text", p.Name)
		}
		c.Patterns = append(c.Patterns, antivirus.Pattern{Name: s.Name, Bytes: []byte(s.Text)})
	}
	if c.Clamd, err = p.Antivirus.address(); err != nil {
		return c, fmt.Errorf("provider %s: %w", p.Name, err)
	}
	return c, p.live(&c)
}

// accountsOf are the mailboxes, and the folders of those that have some.
func accountsOf(list []accountYAML) ([]accounts.Account, map[string][]string) {
	var all []accounts.Account
	folders := map[string][]string{}
	for _, a := range list {
		if a.Password == "" {
			a.Password = DefaultPassword(a.Address)
		}
		all = append(all, accounts.Account{
			Address: a.Address, Password: a.Password, Actor: a.Actor, Quota: int64(a.Quota),
			Holder: a.Holder.Holder, Expires: a.Expires.Time, AutoRenew: a.AutoRenew,
		})
		if len(a.Folders) > 0 {
			folders[a.Address] = a.Folders
		}
	}
	return all, folders
}

// ordinaryYAML is the ordinary mail host.
type ordinaryYAML struct {
	Domain   string            `yaml:"domain"`
	Accounts []accountYAML     `yaml:"accounts"`
	Ports    ordinaryPortsYAML `yaml:"ports"`
}

func (o ordinaryYAML) config() simulator.OrdinaryConfig {
	c := simulator.OrdinaryConfig{Domain: o.Domain, Ports: ordinary.Ports(o.Ports)}
	c.Accounts, c.Folders = accountsOf(o.Accounts)
	return c
}

// peerYAML is a provider that is in the directory and that the reader plays.
type peerYAML struct {
	Name          string     `yaml:"name"`
	ServiceDomain string     `yaml:"serviceDomain"`
	Domains       []string   `yaml:"domains"`
	Units         []unitYAML `yaml:"units"`
	Users         []userYAML `yaml:"users"`
	Signers       []string   `yaml:"signers"`
	LowerCaseHash bool       `yaml:"lowerCaseHash"`
	Incoming      string     `yaml:"incoming"` // host:port on loopback
	File          string     `yaml:"file"`     // https URL of its own directory file
}

type userYAML struct {
	Actor   string `yaml:"actor"`
	Address string `yaml:"address"`
}

func (p peerYAML) config() simulator.PeerConfig {
	c := simulator.PeerConfig{
		Name: p.Name, ServiceDomain: p.ServiceDomain, Domains: p.Domains, Signers: p.Signers,
		LowerCaseHash: p.LowerCaseHash, Incoming: p.Incoming, File: p.File,
	}
	for _, u := range p.Units {
		c.Units = append(c.Units, simulator.UnitConfig(u))
	}
	for _, u := range p.Users {
		c.Users = append(c.Users, simulator.PeerUser(u))
	}
	return c
}

// routeYAML is where mail for other domains goes.
type routeYAML struct {
	Domains   []string `yaml:"domains"`
	Address   string   `yaml:"address"`
	TLSName   string   `yaml:"tlsName"`
	Certified bool     `yaml:"certified"`
}

func (r routeYAML) config() simulator.RouteConfig {
	return simulator.RouteConfig{Domains: r.Domains, Address: r.Address, TLSName: r.TLSName, Certified: r.Certified}
}
