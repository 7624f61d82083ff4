package steps

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// Peer is a provider of certified e-mail that the harness plays itself: it is
// in the target's directory with a record of its own, and the target relays to
// its incoming point. Keys and certificates are in PEM.
type Peer struct {
	Name           string       `yaml:"name" json:"name"` // providerName, as in the directory
	ServiceAddress string       `yaml:"serviceAddress" json:"serviceAddress"`
	ServiceMailbox string       `yaml:"serviceMailbox" json:"serviceMailbox"` // mailReceipt of the directory
	Domains        []string     `yaml:"domains" json:"domains"`               // every managed domain, that of the service address included
	Listen         string       `yaml:"listen" json:"listen"`                 // host:port of its incoming point, as the target finds it
	TLS            KeyPair      `yaml:"tls" json:"-"`                         // of its incoming point
	BadTLS         KeyPair      `yaml:"badTLS,omitempty" json:"-"`            // one that does not verify
	Users          []PeerUser   `yaml:"users" json:"users"`
	Signers        []PeerSigner `yaml:"signers" json:"-"` // the first, "correct", signs unless something else is said
	FileServer     *FileServer  `yaml:"fileServer,omitempty" json:"fileServer,omitempty"`
}

// PeerUser is a mailbox of a peer: what the target sends to it is evidence.
type PeerUser struct {
	Address string `yaml:"address" json:"address"`
	Actor   string `yaml:"actor" json:"actor"`
}

// PeerSigner is a certificate with its key. The name says what is odd about
// it: correct, renewed, expired, revoked, unlisted, foreign, other-address,
// hash-only.
type PeerSigner struct {
	Name        string `yaml:"name" json:"name"`
	Certificate string `yaml:"certificate" json:"-" pem:"certificate"`
	Key         Secret `yaml:"key" json:"-"`
}

// KeyPair is a certificate chain and its key, in PEM.
type KeyPair struct {
	Certificate string `yaml:"certificate" json:"-" pem:"certificate"`
	Key         Secret `yaml:"key" json:"-"`
}

// FileServer is where the harness serves a peer's own directory file.
type FileServer struct {
	Listen      string `yaml:"listen" json:"listen"` // host:port
	URL         string `yaml:"url" json:"url"`       // LDIFLocationURL of the peer's record
	Certificate string `yaml:"certificate" json:"-" pem:"certificate"`
	Key         Secret `yaml:"key" json:"-"`
}

// DirectoryService says where the target's directory, revocation list and names
// can be asked for. An empty address is not reachable for the harness.
type DirectoryService struct {
	LDAP        string           `yaml:"ldap,omitempty" json:"ldap,omitempty"` // ldap:// or ldaps:// URL
	LDAPS       string           `yaml:"ldaps,omitempty" json:"ldaps,omitempty"`
	Base        string           `yaml:"base,omitempty" json:"base,omitempty"`                                 // o=postacert
	URL         string           `yaml:"url,omitempty" json:"url,omitempty"`                                   // of the complete directory, https
	Revocation  string           `yaml:"revocation,omitempty" json:"revocation,omitempty"`                     // of the revocation list, http or https
	DNS         string           `yaml:"dns,omitempty" json:"dns,omitempty"`                                   // host:port
	Authorities string           `yaml:"authorities,omitempty" json:"authorities,omitempty" pem:"certificate"` // whom to trust on these services; empty: as tls.authorities
	Authority   string           `yaml:"authority,omitempty" json:"authority,omitempty" pem:"certificate"`     // that issues the certificates which providers sign with; empty: as authorities
	Played      *PlayedDirectory `yaml:"played,omitempty" json:"played,omitempty"`
}

// PlayedDirectory is where the harness may play the central directory: the
// target fetches from there.
type PlayedDirectory struct {
	Listen      string  `yaml:"listen" json:"listen"`
	URL         string  `yaml:"url,omitempty" json:"url,omitempty"`
	Certificate string  `yaml:"certificate" json:"-" pem:"certificate"`
	Key         Secret  `yaml:"key" json:"-"`
	Signer      KeyPair `yaml:"signer" json:"-"` // signs the complete directory
}

// correctSigner is the name of the signer that a correct message is made with.
const correctSigner = "correct"

// checkPeers says everything that is wrong with the peers.
func (t *Target) checkPeers(complain func(format string, a ...any)) {
	addresses := map[string]bool{}
	for _, m := range t.Mailboxes {
		addresses[strings.ToLower(m.Address)] = true
	}
	names := map[string]bool{}
	for _, p := range t.Providers {
		names[p.Name] = true
	}
	for i := range t.Peers {
		p := &t.Peers[i]
		if p.Name == "" || p.ServiceAddress == "" || p.ServiceMailbox == "" || len(p.Domains) == 0 {
			complain("peer %q needs a name, a serviceAddress, a serviceMailbox and domains", p.Name)
		}
		if names[p.Name] {
			complain("peer %q stands there twice, or is a provider too", p.Name)
		}
		names[p.Name] = true
		if _, _, err := net.SplitHostPort(p.Listen); err != nil {
			complain("peer %q: listen %q is no host:port", p.Name, p.Listen)
		}
		own := append([]PeerUser{{Address: p.ServiceMailbox}}, p.Users...)
		for _, u := range own {
			address := strings.ToLower(u.Address)
			if addresses[address] {
				complain("peer %q: mailbox %s stands there twice", p.Name, u.Address)
			}
			addresses[address] = true
			if !p.manages(u.Address) {
				complain("peer %q: mailbox %s lies in none of its domains", p.Name, u.Address)
			}
		}
		p.checkKeys(complain)
	}
	t.Directory.check(complain)
}

func (p *Peer) checkKeys(complain func(format string, a ...any)) {
	if _, err := tls.X509KeyPair([]byte(p.TLS.Certificate), []byte(p.TLS.Key)); err != nil {
		complain("peer %q: tls: %v", p.Name, err)
	}
	if p.BadTLS != (KeyPair{}) {
		if _, err := tls.X509KeyPair([]byte(p.BadTLS.Certificate), []byte(p.BadTLS.Key)); err != nil {
			complain("peer %q: badTLS: %v", p.Name, err)
		}
	}
	if len(p.Signers) == 0 || p.Signers[0].Name != correctSigner {
		complain("peer %q: expected %q as the first of its signers", p.Name, correctSigner)
	}
	seen := map[string]bool{}
	for _, s := range p.Signers {
		if seen[s.Name] {
			complain("peer %q: signer %q stands there twice", p.Name, s.Name)
		}
		seen[s.Name] = true
		if _, err := s.pair(); err != nil {
			complain("peer %q: signer %q: %v", p.Name, s.Name, err)
		}
	}
}

// pair reads the signer's certificates and key.
func (s PeerSigner) pair() (tls.Certificate, error) {
	pair, err := tls.X509KeyPair([]byte(s.Certificate), []byte(s.Key))
	if err != nil {
		return pair, err
	}
	if pair.Leaf == nil {
		pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0])
	}
	return pair, err
}

func (d DirectoryService) check(complain func(format string, a ...any)) {
	for _, at := range []struct{ name, address, schemes string }{
		{"ldap", d.LDAP, "ldap ldaps"}, {"ldaps", d.LDAPS, "ldaps"}, {"url", d.URL, "https"}, {"revocation", d.Revocation, "http https"},
	} {
		if at.address == "" {
			continue
		}
		schemes := strings.Fields(at.schemes)
		if u, err := url.Parse(at.address); err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
			complain("directory.%s %q: expected %s://HOST", at.name, at.address, strings.Join(schemes, ":// or "))
		}
	}
	if d.DNS != "" {
		if _, _, err := net.SplitHostPort(d.DNS); err != nil {
			complain("directory.dns %q is no host:port", d.DNS)
		}
	}
	if d.Authorities != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(d.Authorities)) {
		complain("directory.authorities holds no PEM certificate")
	}
	if d.Played == nil {
		return
	}
	if _, _, err := net.SplitHostPort(d.Played.Listen); err != nil {
		complain("directory.played.listen %q is no host:port", d.Played.Listen)
	}
	if _, err := tls.X509KeyPair([]byte(d.Played.Certificate), []byte(d.Played.Key)); err != nil {
		complain("directory.played: %v", err)
	}
	if block, _ := pem.Decode([]byte(d.Played.Signer.Certificate)); block == nil {
		complain("directory.played.signer holds no PEM certificate")
	}
}

// manages tells that the address lies in one of the peer's domains.
func (p *Peer) manages(address string) bool { return managesDomain(p.Domains, domainOf(address)) }

func managesDomain(domains []string, domain string) bool {
	for _, d := range domains {
		if strings.EqualFold(d, domain) {
			return true
		}
	}
	return false
}

// signer returns the signer with that name.
func (p *Peer) signer(name string) (PeerSigner, error) {
	for _, s := range p.Signers {
		if s.Name == name {
			return s, nil
		}
	}
	return PeerSigner{}, fmt.Errorf("the target gives %s no signer %q: add one under its `signers`", p.Name, name)
}

// peer returns the peer with that name, or nil.
func (t *Target) peer(name string) *Peer {
	for i := range t.Peers {
		if t.Peers[i].Name == name {
			return &t.Peers[i]
		}
	}
	return nil
}

// peerUser finds the user of a peer by the actor's name.
func (t *Target) peerUser(actor string) (*Peer, *PeerUser) {
	for i := range t.Peers {
		for j := range t.Peers[i].Users {
			if t.Peers[i].Users[j].Actor == actor {
				return &t.Peers[i], &t.Peers[i].Users[j]
			}
		}
	}
	return nil, nil
}

// providerAt returns the target's provider that manages the domain of the
// address, or nil.
func (t *Target) providerAt(address string) *Provider {
	for i := range t.Providers {
		if managesDomain(t.Providers[i].Domains, domainOf(address)) {
			return &t.Providers[i]
		}
	}
	return nil
}

// peersSeen adds the peers to the world as evidence keeps it.
func (t *Target) peersSeen(w *evidence.World) {
	for _, p := range t.Peers {
		w.Providers = append(w.Providers, evidence.Provider{
			Name: p.Name, ServiceAddress: p.ServiceAddress, ServiceMailbox: p.ServiceMailbox, Domains: p.Domains, Emitter: evidence.Harness,
		})
		w.Mailboxes = append(w.Mailboxes, evidence.Mailbox{Address: p.ServiceMailbox, Role: evidence.ServiceMailbox, Provider: p.Name})
		for _, u := range p.Users {
			w.Mailboxes = append(w.Mailboxes, evidence.Mailbox{Address: u.Address, Role: evidence.UserMailbox, Provider: p.Name, Actor: u.Actor})
		}
	}
}
