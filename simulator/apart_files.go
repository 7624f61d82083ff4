package simulator

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/simulator/authority"
)

// Files of a part's folder, beside its keys and certificates.
const (
	fileCA        = "ca.pem"
	fileCRL       = "crl.pem"
	fileDirectory = "directory.ldif"
	fileSigner    = "directory-signer.pem"
)

// IssueCertificates makes what the processes of a world that is apart have to have
// in common before any of them is up: dir/PART holds the keys and certificates of
// one part, the CA's certificate without its key, and directory and revocation
// list as of now. The folder of the authority holds the keys of all, since it is
// what made them. Made again from a description that says more, it keeps what is
// there.
func (c Config) IssueCertificates(dir string) error {
	if c.Apart == nil {
		return errors.New("this world is not apart: its description does not say at which host each part is")
	}
	if err := c.Apart.check(c); err != nil {
		return err
	}
	c = c.withDefaults().placed()
	c.names = c.hostNames()
	central := filepath.Join(dir, AuthorityPart)
	all, err := authority.OpenFolder(central)
	if err != nil {
		return err
	}
	c.Keys = all
	own, err := c.NewAuthority()
	if err != nil {
		return err
	}
	own.Located(c.AuthorityPorts.Files)
	for _, p := range c.Providers {
		if err := c.issue(own, all, filepath.Join(dir, p.ServiceDomain), p.ServiceDomain, p.environments()); err != nil {
			return fmt.Errorf("provider %s: %w", p.Name, err)
		}
	}
	if o := c.Ordinary.Domain; o != "" {
		if err := c.issue(own, all, filepath.Join(dir, o), o, nil); err != nil {
			return fmt.Errorf("mail host %s: %w", o, err)
		}
	}
	for _, p := range c.Peers {
		if _, err := own.RegisterPeer(p.records(), p.Signers, c.OddDirectory); err != nil {
			return fmt.Errorf("peer %s: %w", p.Name, err)
		}
	}
	return c.publish(own, dir)
}

// issue makes the folder of one part: whatever its process will ask for is asked
// for once, of the whole CA.
func (c Config) issue(own *authority.Authority, all *authority.Folder, dir, part string, records []authority.Provider) error {
	folder, err := authority.OpenFolder(dir)
	if err != nil {
		return err
	}
	key, err := all.Signing("authority")
	if err != nil {
		return err
	}
	if c.Root != nil {
		key = c.Root.Key
	}
	c.Keys, c.Root = authority.Share{From: all, To: folder}, &Root{Certificate: own.Certificate(), Key: key}
	a, err := c.NewAuthority()
	if err != nil {
		return err
	}
	for _, r := range records {
		if _, err := own.Register(r); err != nil {
			return err
		}
		if _, err := a.Register(r); err != nil {
			return err
		}
	}
	if _, _, err := a.TimeStamping(); err != nil {
		return err
	}
	_, err = a.Server(c.serverNames(part)...)
	return err
}

// publish writes what all parts are to know, when everybody is registered.
func (c Config) publish(own *authority.Authority, dir string) error {
	if _, err := own.OwnServer(c.authorityNames()...); err != nil {
		return err
	}
	signer, err := own.DirectorySigner()
	if err != nil {
		return err
	}
	crl, err := own.RevocationListPEM()
	if err != nil {
		return err
	}
	ldif, err := own.DirectoryLDIF()
	if err != nil {
		return err
	}
	for _, part := range c.PartNames() {
		for name, octets := range map[string][]byte{
			fileCA: own.CertificatePEM(), fileCRL: crl, fileDirectory: ldif,
			fileSigner: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signer.Certificate.Raw}),
		} {
			if err := os.WriteFile(filepath.Join(dir, part, name), octets, 0o644); err != nil { //nolint:gosec // public
				return err
			}
		}
	}
	return nil
}

// authorityNames are the further names in the certificate of the authority's
// servers.
func (c Config) authorityNames() []string {
	if c.Apart == nil {
		return nil
	}
	return without(without([]string{c.Apart.Hosts[AuthorityPart]}, "localhost"), "127.0.0.1")
}

// UseCertificates puts the folder of a part, as IssueCertificates made it, into
// the configuration that Part has made.
func (c *Config) UseCertificates(dir string) error {
	if c.Apart == nil || len(c.played) == 0 {
		return errors.New("a folder of certificates is for a process of a world that is apart, which plays some of its parts")
	}
	ca, err := readCertificate(dir, fileCA)
	if err != nil {
		return err
	}
	folder, err := authority.OpenFolder(dir)
	if err != nil {
		return err
	}
	c.Keys = folder
	if c.playsAuthority() {
		return nil
	}
	known := &published{authority: ca}
	if known.signer, err = readCertificate(dir, fileSigner); err != nil {
		return err
	}
	if known.ldif, err = readPublic(dir, fileDirectory); err != nil {
		return err
	}
	octets, err := readPublic(dir, fileCRL)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(octets)
	if block == nil {
		return fmt.Errorf("%s: expected a PEM block X509 CRL, found none: make the certificates again", filepath.Join(dir, fileCRL))
	}
	if known.revocation, err = x509.ParseRevocationList(block.Bytes); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, fileCRL), err)
	}
	c.Root, c.published = authority.Sealed(ca), known
	return nil
}

// maxPublic bounds what is read of a file in the folder of a part.
const maxPublic = 64 << 20

func readPublic(dir, name string) ([]byte, error) {
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("%w; 'collaudo simulate certificates' makes such a folder", err)
	}
	defer file.Close()
	octets, err := io.ReadAll(io.LimitReader(file, maxPublic+1))
	if err == nil && len(octets) > maxPublic {
		err = fmt.Errorf("%s is longer than %d bytes", file.Name(), maxPublic)
	}
	return octets, err
}

func readCertificate(dir, name string) (*x509.Certificate, error) {
	octets, err := readPublic(dir, name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(octets)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s: expected a PEM block CERTIFICATE, found none: make the certificates again", filepath.Join(dir, name))
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
	}
	return c, nil
}
