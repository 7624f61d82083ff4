package simulator

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/authority"
)

// PeerConfig is a provider that is in the directory and has certificates, but
// is played by the caller: the world sends its mail to Incoming, has its own
// directory file fetched from File, and knows nothing else of it.
type PeerConfig struct {
	Name          string   // as in the directory
	ServiceDomain string   // of posta-certificata@ and of the service mailbox
	Domains       []string // of its users
	Units         []UnitConfig
	Users         []PeerUser
	LowerCaseHash bool     // its certificate hashes stand in lower-case hexadecimal
	Signers       []string // besides "correct": those of authority.PeerSigners

	Incoming string // host:port where the caller plays its incoming point
	File     string // https URL where the caller serves its signed directory file; "" leaves LDIFLocationURL out
}

// UnitConfig is a secondary environment: a record of its own beneath that of
// the provider (RFC 6109 4.5.7). Mail for its domains goes to the provider's
// incoming point.
type UnitConfig struct {
	Name          string   // providerUnit
	ServiceDomain string   // of its own service address, with a certificate of its own; "": it shares those of the provider
	Domains       []string // of its users
}

// managed are the domains of the environment's record.
func (u UnitConfig) managed() []string {
	if u.ServiceDomain == "" {
		return slices.Clone(u.Domains)
	}
	return append([]string{u.ServiceDomain}, u.Domains...)
}

// record is the environment in the directory, beneath that of its provider.
func (u UnitConfig) record(main authority.Provider) authority.Provider {
	unit := main
	unit.Unit, unit.Domains, unit.LDIFAddress = u.Name, u.managed(), ""
	if u.ServiceDomain != "" {
		unit.ServiceAddress, unit.MailReceipt = serviceAddress(u.ServiceDomain), serviceUser+"@"+u.ServiceDomain
	}
	return unit
}

// everyDomain adds the domains of secondary environments to those of the main one.
func everyDomain(main []string, units []UnitConfig) []string {
	for _, u := range units {
		main = append(main, u.managed()...)
	}
	return main
}

// PeerUser is a user of a peer, by the name scenarios give it.
type PeerUser struct {
	Actor   string `json:"actor"`
	Address string `json:"address"`
}

// PeerHosts says where the caller plays one of the built-in peers.
type PeerHosts struct {
	Incoming string // host:port of its incoming point, on loopback
	File     string // https URL of its own directory file, such as https://127.0.0.1:4443/cirro.ldif.p7m; optional
}

// DirectorySource is where the simulated providers fetch the complete directory
// from, when the caller plays the central directory. What is empty is as in the
// world's own directory, so that the keys in Description.Directory.Played serve.
type DirectorySource struct {
	URL         string // https, of the complete igpec.ldif.p7m
	Authorities string // PEM of the CAs that its TLS certificate is verified with; default: the world's CA
	Signer      string // PEM of the certificate that signs the file; default: the world's directory signer
	// LDAP is the URL, ldap:// or ldaps://, of a directory server that the providers
	// read instead of the file, at their start and once a day. It has to hold the
	// world's own directory (directory.ldif): load it before the world starts.
	LDAP string
}

// Service domains of the built-in peers.
const (
	Cirro = "gestore.cirro.example"
	Delta = "gestore.delta.example"
)

// Peers are the built-in peers, Cirro and Delta, with no place where they are
// played.
func Peers() []PeerConfig {
	return []PeerConfig{
		{
			Name: "Cirro PEC S.r.l.", ServiceDomain: Cirro, Domains: []string{"cirro.example"},
			Units: []UnitConfig{{Name: "Ambiente secondario", Domains: []string{"secondario-cirro.example"}}},
			Users: []PeerUser{
				{"Paolo", "paolo@cirro.example"}, {"Pia", "pia@cirro.example"}, {"Piero", "piero@cirro.example"},
			},
			Signers: authority.PeerSigners()[1:],
		},
		{
			Name: "Delta PEC S.p.A.", ServiceDomain: Delta, Domains: []string{"delta.example"},
			Users: []PeerUser{{"Delia", "delia@delta.example"}}, LowerCaseHash: true,
		},
	}
}

// WithPeers returns the configuration with those built-in peers that the caller
// plays, by service domain (Cirro, Delta):
//
//	config := simulator.Pair().WithPeers(map[string]simulator.PeerHosts{
//		simulator.Cirro: {Incoming: listener.Addr().String(), File: "https://127.0.0.1:4443/cirro.ldif.p7m"},
//		simulator.Delta: {Incoming: other.Addr().String()},
//	})
//
// One that is not named, or has no Incoming, is not in the world. The listeners
// need not accept before the first message to a peer is sent. Certificates and
// keys to play them with are in Description.Peers once the world has started.
func (c Config) WithPeers(hosts map[string]PeerHosts) Config {
	c.Peers = nil
	for _, p := range Peers() {
		at := hosts[p.ServiceDomain]
		if at.Incoming == "" {
			continue
		}
		p.Incoming, p.File = at.Incoming, at.File
		c.Peers = append(c.Peers, p)
	}
	return c
}

func (c PeerConfig) serviceAddress() string { return serviceAddress(c.ServiceDomain) }
func (c PeerConfig) serviceMailbox() string { return serviceUser + "@" + c.ServiceDomain }

// managed are the domains of its main record.
func (c PeerConfig) managed() []string { return append([]string{c.ServiceDomain}, c.Domains...) }

// every are the domains whose mail goes to its incoming point.
func (c PeerConfig) every() []string { return everyDomain(c.managed(), c.Units) }

// records are the peer in the directory, the main environment first.
func (c PeerConfig) records() []authority.Provider {
	main := authority.Provider{
		Name: c.Name, ServiceAddress: c.serviceAddress(), MailReceipt: c.serviceMailbox(),
		Domains: c.managed(), LDIFAddress: c.File, LowerCaseHash: c.LowerCaseHash,
	}
	all := []authority.Provider{main}
	for _, u := range c.Units {
		all = append(all, u.record(main))
	}
	return all
}

// builtInNames are the domains of the built-in peers: the CA of every world may
// speak for them, so that worlds with and without peers can share one.
func builtInNames() []string {
	var all []string
	for _, p := range Peers() {
		for _, d := range p.every() {
			all = append(all, strings.ToLower(d))
		}
	}
	return all
}
