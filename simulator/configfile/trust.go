package configfile

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/simulator"
)

// furtherYAML is another world: files that it wrote.
type furtherYAML struct {
	Authority  string `yaml:"authority"`  // PEM file of its CAs
	Revocation string `yaml:"revocation"` // PEM file of its revocation lists; may be left out
	Directory  string `yaml:"directory"`  // LDIF file
}

// rootYAML is a CA of the reader's.
type rootYAML struct {
	Certificate string `yaml:"certificate"` // PEM file
	Key         string `yaml:"key"`         // PEM file, PKCS #8, PKCS #1 or SEC 1
}

// sourceYAML is a central directory that the reader plays.
type sourceYAML struct {
	URL         string `yaml:"url"`         // https, of the complete igpec.ldif.p7m
	Authorities string `yaml:"authorities"` // PEM file
	Signer      string `yaml:"signer"`      // PEM file
	LDAP        string `yaml:"ldap"`        // ldap:// or ldaps:// URL of a server that is read instead of the file
}

func (f furtherYAML) config(dir string) (simulator.Further, error) {
	var w simulator.Further
	if f.Authority == "" || f.Directory == "" {
		return w, errors.New("further: a further world needs authority (its CA, PEM) and directory (LDIF)")
	}
	octets, err := readNamed(dir, f.Authority)
	if err != nil {
		return w, err
	}
	if w.Authorities, err = blocks(octets, "CERTIFICATE", f.Authority, x509.ParseCertificate); err != nil {
		return w, err
	}
	if f.Revocation != "" {
		if octets, err = readNamed(dir, f.Revocation); err != nil {
			return w, err
		}
		if w.Revocation, err = blocks(octets, "X509 CRL", f.Revocation, x509.ParseRevocationList); err != nil {
			return w, err
		}
	}
	w.Directory, err = readNamed(dir, f.Directory)
	return w, err
}

func (r rootYAML) config(dir string) (*simulator.Root, error) {
	octets, err := readNamed(dir, r.Certificate)
	if err != nil {
		return nil, err
	}
	certificates, err := blocks(octets, "CERTIFICATE", r.Certificate, x509.ParseCertificate)
	if err != nil {
		return nil, err
	}
	if octets, err = readNamed(dir, r.Key); err != nil {
		return nil, err
	}
	key, err := parseKey(octets)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Key, err)
	}
	return &simulator.Root{Certificate: certificates[0], Key: key}, nil
}

func (s sourceYAML) config(dir string) (*simulator.DirectorySource, error) {
	d := &simulator.DirectorySource{URL: s.URL, LDAP: s.LDAP}
	if d.LDAP != "" {
		if err := checkLDAP(d.LDAP); err != nil {
			return nil, err
		}
	}
	for name, into := range map[string]*string{s.Authorities: &d.Authorities, s.Signer: &d.Signer} {
		if name == "" {
			continue
		}
		octets, err := readNamed(dir, name)
		if err != nil {
			return nil, err
		}
		*into = string(octets)
	}
	return d, nil
}

// blocks reads every PEM block of a kind; there must be one.
func blocks[T any](octets []byte, kind, name string, parse func([]byte) (T, error)) ([]T, error) {
	var all []T
	for {
		var block *pem.Block
		if block, octets = pem.Decode(octets); block == nil {
			break
		}
		if block.Type != kind {
			continue
		}
		one, err := parse(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: expected a PEM block %s, found none", name, kind)
	}
	return all, nil
}

func parseKey(octets []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(octets)
	if block == nil {
		return nil, errors.New("expected a private key in PEM, found none")
	}
	var parsed any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("the private key cannot be read (it must not be encrypted): %w", err)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key that signs was expected, found %T", parsed)
	}
	return key, nil
}

// readNamed reads a file that the description names.
func readNamed(dir, name string) ([]byte, error) {
	if name == "" {
		return nil, errors.New("the name of a file is missing")
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	opened, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	octets, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err == nil && len(octets) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", name, maxFile)
	}
	return octets, err
}
