package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/collaudo/collaudo/simulator"
)

// keysOf are the files beside a simulated world, or beside a target file made
// from one, that hold what the file itself does not: passwords, keys and
// certificates. Names are relative to the folder, with slashes.
//
//	ca.pem                          whom to trust
//	passwords/ADDRESS               of each mailbox
//	peers/SERVICE-DOMAIN/NAME.pem   a certificate chain: of a signer, tls or bad-tls
//	peers/SERVICE-DOMAIN/NAME.key   its key
//	directory/NAME.pem, NAME.key    of the central directory, where it is played from outside
func keysOf(d simulator.Description) map[string]string {
	files := map[string]string{"ca.pem": d.Trust.CA}
	account := func(a simulator.Account) {
		if a.Address != "" {
			files[passwordFile(a)] = a.Password + "\n"
		}
	}
	for _, p := range d.Providers {
		account(p.ServiceMailbox)
		for _, a := range p.Accounts {
			account(a)
		}
	}
	if d.Ordinary != nil {
		for _, a := range d.Ordinary.Accounts {
			account(a)
		}
	}
	pair := func(base string, k simulator.KeyPair) {
		if k.Key != "" {
			files[base+".pem"], files[base+".key"] = k.Certificate, k.Key
		}
	}
	for _, p := range d.Peers {
		for _, s := range p.Signers {
			pair(peerFile(p, s.Name), s.KeyPair)
		}
		pair(peerFile(p, "tls"), p.TLS)
		pair(peerFile(p, "bad-tls"), p.BadTLS)
	}
	if played := d.Directory.Played; played != nil {
		pair("directory/tls", played.TLS)
		pair("directory/bad-tls", played.BadTLS)
		pair("directory/signer", played.Signer)
	}
	return files
}

// passwordFile is where the password of a mailbox lies.
func passwordFile(a simulator.Account) string { return "passwords/" + fileName(a.Address) }

// peerFile is where a certificate of a peer lies and its key, without suffix.
func peerFile(p simulator.PeerDescription, name string) string {
	_, domain, _ := strings.Cut(p.ServiceAddress, "@")
	return "peers/" + fileName(domain) + "/" + fileName(name)
}

// fileName makes a name of one that somebody else chose: it stays in its folder.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.ToLower(name))
}

// writeKeys puts the files into a folder, those with secrets for nobody else to
// read.
func writeKeys(dir string, files map[string]string) error {
	var errs []error
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		mode := os.FileMode(0o600)
		if strings.HasSuffix(name, ".pem") {
			mode = 0o644
		}
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = writeWhole(path, []byte(content), mode)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("write %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
