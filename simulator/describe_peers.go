package simulator

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/authority"
)

// PeerDescription is all that is needed to play a peer.
type PeerDescription struct {
	Name           string     `json:"name"`
	ServiceAddress string     `json:"serviceAddress"`
	ServiceMailbox string     `json:"serviceMailbox"`
	Domains        []string   `json:"domains"`        // managed domains, the service domain and those of secondary environments included
	Incoming       string     `json:"incoming"`       // host:port where the world delivers
	File           string     `json:"file,omitempty"` // https URL of its own directory file
	Users          []PeerUser `json:"users"`
	// Signers are its certificates by what they are: "correct" first. See
	// authority.PeerSigners.
	Signers []SignerPEM `json:"signers"`
	// TLS is for its servers: it bears the service domain, localhost and 127.0.0.1.
	TLS KeyPair `json:"tls"`
	// BadTLS bears the same names and does not verify.
	BadTLS KeyPair `json:"badTLS"`
}

// SignerPEM is a named certificate with its key.
type SignerPEM struct {
	Name string `json:"name"`
	KeyPair
}

// KeyPair is a certificate, followed by its issuer's, and its private key (PKCS
// #8), in PEM.
type KeyPair struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

func (w *World) describePeers() ([]PeerDescription, error) {
	var all []PeerDescription
	for i, c := range w.config.Peers {
		if !w.config.playsAuthority() {
			break // who plays it has their keys
		}
		p := PeerDescription{
			Name: c.Name, ServiceAddress: c.serviceAddress(), ServiceMailbox: c.serviceMailbox(),
			Domains: c.every(), Incoming: c.Incoming, File: c.File, Users: c.Users,
		}
		for _, s := range w.peers[i] {
			pair, err := pairOfSigner(s.Signer)
			if err != nil {
				return nil, fmt.Errorf("signer %s of %s: %w", s.Name, c.Name, err)
			}
			p.Signers = append(p.Signers, SignerPEM{s.Name, pair})
		}
		var err error
		if p.TLS, err = w.transport(c.ServiceDomain); err != nil {
			return nil, err
		}
		if p.BadTLS, err = w.untrusted(c.ServiceDomain); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// transport is a key pair for a TLS server of that name on this machine.
func (w *World) transport(name string) (KeyPair, error) {
	c, err := w.authority.Server(name, "localhost", "127.0.0.1")
	if err != nil {
		return KeyPair{}, err
	}
	return pairOf(c.Certificate, c.PrivateKey)
}

// untrusted is a key pair as transport gives it, but nobody vouches for it.
func (w *World) untrusted(name string) (KeyPair, error) {
	c, err := w.authority.Untrusted(name, "localhost", "127.0.0.1")
	if err != nil {
		return KeyPair{}, err
	}
	return pairOf(c.Certificate, c.PrivateKey)
}

func pairOfSigner(s *smime.Signer) (KeyPair, error) {
	chain := [][]byte{s.Certificate.Raw}
	for _, c := range s.Chain {
		chain = append(chain, c.Raw)
	}
	return pairOf(chain, s.Key)
}

func pairOf(chain [][]byte, key crypto.PrivateKey) (KeyPair, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return KeyPair{}, err
	}
	var certificates []byte
	for _, c := range chain {
		certificates = append(certificates, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c})...)
	}
	return KeyPair{
		Certificate: string(certificates),
		Key:         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}, nil
}

// DirectoryDescription is where the authority's services are.
type DirectoryDescription struct {
	LDAP       string `json:"ldap"`       // ldap://host:port
	LDAPS      string `json:"ldaps"`      // ldaps://host:port
	Base       string `json:"base"`       // o=postacert
	URL        string `json:"url"`        // https, of the complete igpec.ldif.p7m; asks for a provider's certificate
	Revocation string `json:"revocation"` // http, of the CRL in DER
	DNS        string `json:"dns"`        // host:port, UDP and TCP
	Signer     string `json:"signer"`     // PEM of the certificate that signs the complete directory
	// Played is what the caller needs to play the central directory; nil unless
	// Config.Directory asks for it.
	Played *PlayedDirectory `json:"played,omitempty"`
}

// PlayedDirectory is what is needed to play the central directory.
type PlayedDirectory struct {
	URL    string  `json:"url"`    // where the providers fetch from
	TLS    KeyPair `json:"tls"`    // for localhost and 127.0.0.1
	BadTLS KeyPair `json:"badTLS"` // does not verify
	Signer KeyPair `json:"signer"` // signs the file; the world's own, which providers expect unless told otherwise
}

// directoryName is the host name of the central directory.
const directoryName = "indice." + authority.Domain

func (w *World) describeDirectory() (DirectoryDescription, error) {
	at := authority.At(w.config.AuthorityPorts)
	if w.services != nil {
		at = w.services.Addresses()
	}
	d := DirectoryDescription{
		LDAP: "ldap://" + at.LDAP, LDAPS: "ldaps://" + at.LDAPS, Base: "o=postacert", URL: at.Complete, Revocation: at.Revocation,
	}
	if w.names != nil {
		d.DNS = w.names.Address()
	}
	if p := w.config.published; p != nil {
		d.Signer = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.signer.Raw}))
		return d, nil
	}
	signer, err := w.authority.DirectorySigner()
	if err != nil {
		return d, err
	}
	pair, err := pairOfSigner(signer)
	if err != nil {
		return d, err
	}
	d.Signer = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signer.Certificate.Raw}))
	if played := w.config.Directory; played != nil && played.LDAP != "" { // what the world goes by is what others should ask
		d.LDAP, d.LDAPS = played.LDAP, ""
		if strings.HasPrefix(played.LDAP, "ldaps:") {
			d.LDAP, d.LDAPS = "", played.LDAP
		}
	}
	if w.resolver != nil {
		d.DNS = w.config.Parts.DNS
	}
	if w.config.Directory == nil || w.config.Directory.URL == "" {
		return d, nil
	}
	d.Played = &PlayedDirectory{URL: w.config.Directory.URL, Signer: pair}
	if d.Played.TLS, err = w.transport(directoryName); err != nil {
		return d, err
	}
	d.Played.BadTLS, err = w.untrusted(directoryName)
	return d, err
}
