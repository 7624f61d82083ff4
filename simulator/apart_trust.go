package simulator

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/provider"
)

// published is what an authority that another process plays had published when
// the certificates were made: what a provider begins with. News it fetches from
// there, as any provider does.
type published struct {
	authority  *x509.Certificate
	signer     *x509.Certificate
	revocation *x509.RevocationList
	ldif       []byte
}

// Certificate implements provider.TrustSource.
func (p *published) Certificate() *x509.Certificate { return p.authority }

// DirectoryLDIF implements provider.TrustSource.
func (p *published) DirectoryLDIF() ([]byte, error) { return p.ldif, nil }

// RevocationList implements provider.TrustSource.
func (p *published) RevocationList() (*x509.RevocationList, error) { return p.revocation, nil }

// trusted is what the providers begin with.
func (w *World) trusted() provider.TrustSource {
	if w.config.published != nil {
		return w.config.published
	}
	return w.authority
}

// published is what the authority publishes, as far as this process knows: now
// where it plays the authority, else as of the making of the certificates.
func (w *World) publishedTrust() (control.Trust, error) {
	p := w.config.published
	return control.Trust{
		Now: w.Now(), Directory: string(p.ldif),
		CA:  string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.authority.Raw})),
		CRL: string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: p.revocation.Raw})),
	}, nil
}

// distantDownload is where the providers get news from when another process plays
// the authority.
func (w *World) distantDownload() provider.Download {
	at := authority.At(w.config.AuthorityPorts)
	roots := x509.NewCertPool()
	roots.AddCert(w.config.published.authority)
	return provider.Download{Directory: at.Complete, Revocation: at.Revocation, Roots: roots, Signer: w.config.published.signer}
}

// registerDistant puts the providers that other processes play into the directory.
func (w *World) registerDistant() error {
	if !w.config.playsAuthority() {
		return nil // who plays it does
	}
	for _, p := range w.config.registered {
		for _, r := range p.environments() {
			if _, err := w.authority.Register(r); err != nil {
				return fmt.Errorf("provider %s: %w", p.Name, err)
			}
		}
	}
	return nil
}

// environments are the provider in the directory, the main environment first.
func (c ProviderConfig) environments() []authority.Provider {
	main := authority.Provider{
		Name: c.Name, ServiceAddress: c.serviceAddress(), MailReceipt: c.serviceMailbox(), Domains: c.managed(), Hosted: true,
	}
	all := []authority.Provider{main}
	for _, u := range c.Units {
		all = append(all, u.record(main))
	}
	return all
}
