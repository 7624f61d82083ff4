package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

// Bounds of what is read to sign: larger is no key and no certificate.
const (
	maxPEM       = 1 << 20
	stampTimeout = 30 * time.Second
)

func reportSignCommand() *cobra.Command {
	var key, certificate, authority string
	command := &cobra.Command{
		Use:   "sign RUN",
		Short: "Sign a run folder, so that whoever gets it can tell that nobody made it anew",
		Long: "Writes manifest.p7s, a detached CMS signature over manifest.json, which holds the hash of every file of the\n" +
			"run. With --timestamp it writes manifest.tsr besides, the answer of a time stamping authority (RFC 3161) over\n" +
			"the signature. 'collaudo report verify' checks both, and so does openssl:\n\n" +
			"  openssl cms -verify -binary -inform DER -in manifest.p7s -content manifest.json -CAfile ca.pem -out /dev/null\n" +
			"  openssl ts -verify -data manifest.p7s -in manifest.tsr -CAfile tsa-ca.pem\n\n" +
			"The folder is verified first: what does not verify is not signed. Keys are RSA or ECDSA (Ed25519 is not taken).\n" +
			"This makes one for a trial, with a certificate that signs itself:\n\n" +
			"  openssl req -x509 -newkey rsa:3072 -nodes -keyout anna.key -out anna.pem -days 365 -subj /CN=Anna\n\n" +
			"Exit codes: 0 signed, 2 usage: no such key, or it is signed already, 6 the time stamping authority gives no\n" +
			"stamp, and nothing was signed, 7 the folder does not verify.",
		Example: "  collaudo report sign out/run-20261122-145437 --key anna.key --certificate anna.pem\n" +
			"  collaudo report sign out/run-20261122-145437 --key anna.key --certificate anna.pem --timestamp http://tsa.example/",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return errors.New("say which run folder, e.g. collaudo report sign out/run-20261122-145437 --key anna.key --certificate anna.pem")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := refuseBlanks(command, "key", "certificate", "timestamp"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if key == "" || certificate == "" {
				return exit{conformance.ExitUsage, errors.New("say with what to sign: --key KEY.pem --certificate CERTIFICATE.pem")}
			}
			o := conformance.SignOptions{
				TimestampURL: authority, Client: &http.Client{Timeout: stampTimeout}, Random: rand.Reader, Now: time.Now(), Version: version(),
			}
			var err error
			if o.Key, err = readKey(key); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			chain, err := readCertificates(certificate)
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			o.Certificate, o.Chain = chain[0], chain[1:]
			signed, err := conformance.Sign(command.Context(), arguments[0], o)
			if err != nil {
				return exit{conformance.ExitCodeOf(err), plain(err)}
			}
			out := command.OutOrStdout()
			fmt.Fprintf(out, "Signed by %s.\n", signed.Signature)
			if signed.Timestamp != "" {
				fmt.Fprintf(out, "Stamped at %s.\n", signed.Timestamp)
			}
			fmt.Fprintf(out, "Check it with: collaudo report verify %s --trust CA.pem\n", arguments[0])
			return nil
		},
	}
	f := command.Flags()
	f.StringVar(&key, "key", "", "private key of who signs, RSA or ECDSA, in PEM without a password")
	f.StringVar(&certificate, "certificate", "", "certificate of who signs in PEM, and behind it in the same file those that lead to its CA")
	f.StringVar(&authority, "timestamp", "", "address of a time stamping authority (RFC 3161 over HTTP) that says when it was signed")
	return command
}

// keysTaken says with which keys a run can be signed, and how to come to one that
// is good for a trial.
const keysTaken = "expected RSA or ECDSA, without a password. One for a trial, with a certificate that signs itself: " +
	"openssl req -x509 -newkey rsa:3072 -nodes -keyout anna.key -out anna.pem -days 365 -subj /CN=Anna"

// readPEM reads the blocks of a PEM file.
func readPEM(path string) ([]*pem.Block, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plainly(err))
	}
	defer file.Close()
	octets, err := io.ReadAll(io.LimitReader(file, maxPEM+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plainly(err))
	}
	if len(octets) > maxPEM {
		return nil, fmt.Errorf("%s is larger than %d bytes: expected keys or certificates in PEM", path, maxPEM)
	}
	var blocks []*pem.Block
	for {
		block, rest := pem.Decode(octets)
		if block == nil {
			return blocks, nil
		}
		blocks, octets = append(blocks, block), rest
	}
}

// readKey reads the first private key of a PEM file.
func readKey(path string) (crypto.Signer, error) {
	blocks, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	for _, block := range blocks {
		var key any
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "OPENSSH PRIVATE KEY":
			return nil, fmt.Errorf("%s is a key of OpenSSH: %s", path, keysTaken)
		case "ENCRYPTED PRIVATE KEY":
			err = errors.New("the key has a password: give it without one, e.g. as openssl pkey -in KEY writes it into a pipe or a file that only you can read")
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		switch key := key.(type) {
		case *rsa.PrivateKey:
			return key, nil
		case *ecdsa.PrivateKey:
			return key, nil
		case ed25519.PrivateKey:
			return nil, fmt.Errorf("%s is an Ed25519 key, which too many readers of CMS do not know: %s", path, keysTaken)
		}
		return nil, fmt.Errorf("%s is a key of another kind (%T): %s", path, key, keysTaken)
	}
	return nil, fmt.Errorf("%s holds no private key in PEM: %s", path, keysTaken)
}

// readCertificates reads the certificates of a PEM file, at least one.
func readCertificates(path string) ([]*x509.Certificate, error) {
	blocks, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	for _, block := range blocks {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, certificate)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no certificate in PEM", path)
	}
	return all, nil
}

// readTrusted puts the certificates of several files together.
func readTrusted(paths []string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	for _, path := range paths {
		certificates, err := readCertificates(path)
		if err != nil {
			return nil, err
		}
		for _, c := range certificates {
			pool.AddCert(c)
		}
	}
	return pool, nil
}
