package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// Looking things up as the public can: the providers directory, a provider's
// own file, the revocation list, mail hosts. What is handed out is kept as it
// came; a refusal is something seen, and only a service that nobody answers on
// is trouble of the harness.

const (
	maxHandedOut = 16 << 20         // bounds what one look may bring
	lookupBudget = 20 * time.Second // of real time, for one look
)

// What a reading is of, as evidence names it.
const (
	lookCentral    = "central-file"
	lookOwn        = "provider-file"
	lookLDAP       = "ldap"
	lookSearch     = "ldap-search"
	lookSchema     = "schema"
	lookRevocation = "revocation"
)

// keepReading numbers a reading and writes it into evidence.
func (w *World) keepReading(r *evidence.DirectoryReading, octets []byte) error {
	if !r.Refused {
		blob, err := w.recorder.Keep(evidence.TrustBlob, octets, false)
		if err != nil {
			return err
		}
		r.Blob = blob
	}
	if r.Emitter == "" {
		r.Emitter = evidence.Target
	}
	w.mu.Lock()
	w.readings++
	r.ID = fmt.Sprintf("q%d", w.readings)
	w.lastReading = r.ID
	w.mu.Unlock()
	return w.recorder.Record(evidence.Event{Type: evidence.DirectoryRead, Directory: r})
}

// lookupTLS is how the harness meets a directory service: like the other
// services of the target, but by the authorities that the directory has.
func (w *World) lookupTLS(host string) (*tls.Config, error) {
	config, err := w.tlsConfig(host, "")
	if err != nil || w.target.Directory.Authorities == "" {
		return config, err
	}
	if config.RootCAs == nil {
		config.RootCAs = x509.NewCertPool()
	}
	if !config.RootCAs.AppendCertsFromPEM([]byte(w.target.Directory.Authorities)) {
		return nil, errors.New("target: directory.authorities holds no PEM certificate")
	}
	return config, nil
}

// keepChain writes the certificates that a server showed into evidence.
func (w *World) keepChain(chain []*x509.Certificate) (string, error) {
	if len(chain) == 0 {
		return "", nil
	}
	var octets []byte
	for _, c := range chain {
		octets = append(octets, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return w.recorder.Keep(evidence.TrustBlob, octets, false)
}

// settledLook lets the target come to rest, and bounds what follows.
func (w *World) settledLook(ctx context.Context, look func(context.Context) error) error {
	if err := w.settleFully(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupBudget)
	defer cancel()
	return look(ctx)
}
