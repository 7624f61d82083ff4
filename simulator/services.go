package simulator

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/names"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/relay"
)

// registerPeers puts the peers into the directory, and their domains into the
// routes: mail for them goes to where the caller plays them.
func (w *World) registerPeers() error {
	for _, p := range w.config.Peers {
		for _, d := range p.every() {
			w.routes.add(d, relay.Route{Host: p.Name, Address: p.Incoming, TLSName: p.ServiceDomain, Provider: true})
		}
		if !w.config.playsAuthority() {
			w.peers = append(w.peers, nil) // who plays it has their keys
			continue
		}
		signers, err := w.authority.RegisterPeer(p.records(), p.Signers, w.config.OddDirectory)
		if err != nil {
			return fmt.Errorf("peer %s: %w", p.Name, err)
		}
		w.peers = append(w.peers, signers)
	}
	return nil
}

// serveAuthority opens the services of the authority and the name service.
func (w *World) serveAuthority() error {
	if !w.config.playsAuthority() {
		return nil
	}
	var err error
	if w.services, err = w.authority.Serve(authority.ServeOptions{
		Ports: w.config.AuthorityPorts, Clock: w.config.Clock, History: w.history, Names: w.config.authorityNames(),
	}); err != nil || w.config.Apart != nil { // between containers names are the business of who runs them
		return err
	}
	w.names, err = names.Start(names.Options{
		Address: w.config.DNSAddress, Names: []string{directoryName, "crl." + authority.Domain},
		Hosts: func(domain string) (string, bool) {
			route, ok := w.routes.Route(domain)
			return route.TLSName, ok
		},
	})
	return err
}

// download is where the providers get news of directory and CRL: from the
// world's own authority, or from the central directory that the caller plays.
func (w *World) download() (provider.Download, error) {
	if w.config.published != nil {
		return w.distantDownload(), nil
	}
	at := w.services.Addresses()
	roots := x509.NewCertPool()
	roots.AddCert(w.authority.Certificate())
	signer, err := w.authority.DirectorySigner()
	if err != nil {
		return provider.Download{}, err
	}
	d := provider.Download{
		Directory: at.Complete, Revocation: at.Revocation, Roots: roots, Signer: signer.Certificate, Edition: w.authority.Edition,
	}
	played := w.config.Directory
	if played == nil {
		return d, nil
	}
	d.LDAP, d.Edition = played.LDAP, nil // what it has to say is not known before it is asked
	if played.URL != "" {
		d.Directory = played.URL
	}
	if played.Authorities != "" {
		d.Roots = x509.NewCertPool()
		if !d.Roots.AppendCertsFromPEM([]byte(played.Authorities)) {
			return d, errors.New("directory: Authorities holds no PEM certificate")
		}
	}
	if played.Signer != "" {
		block, _ := pem.Decode([]byte(played.Signer))
		if block == nil {
			return d, errors.New("directory: Signer holds no PEM certificate")
		}
		if d.Signer, err = x509.ParseCertificate(block.Bytes); err != nil {
			return d, fmt.Errorf("directory: Signer: %w", err)
		}
	}
	return d, nil
}

// Revoke puts a certificate of this world's CA on the revocation list, which is
// published again at once.
func (w *World) Revoke(certificate *x509.Certificate) error {
	if !w.config.playsAuthority() {
		return fmt.Errorf("%w: another process plays the authority, which revokes", control.ErrInvalid)
	}
	return w.authority.Revoke(certificate)
}
