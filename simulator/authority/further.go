package authority

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec/directory"
)

// Root is a CA that was given instead of invented.
type Root struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// check says why a CA cannot speak for a world.
func (r *Root) check(domains []string) error {
	if r.Certificate == nil || r.Key == nil {
		return errors.New("authority: a given CA needs its certificate and its key")
	}
	c := r.Certificate
	switch {
	case !c.IsCA || c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return fmt.Errorf("authority: the certificate of %s is not one of a CA: basic constraints with cA and the usage keyCertSign were expected", c.Subject)
	case !sameKey(c.PublicKey, r.Key.Public()):
		return fmt.Errorf("authority: the key is not that of the certificate of %s", c.Subject)
	case len(c.PermittedDNSDomains) > 0:
		if missing := uncovered(c, domains); missing != "" {
			return fmt.Errorf("authority: the name constraints of %s do not permit %s: leave them out or name all domains of the world", c.Subject, missing)
		}
	}
	return nil
}

// rootKey is the key of the CA, the given one or one of the source's.
func (c Config) rootKey() (crypto.Signer, error) {
	if c.Root == nil {
		return c.Keys.Signing("authority")
	}
	return c.Root.Key, c.Root.check(c.Domains)
}

// Include puts the records of another directory beside those of this one, as
// they stand there: providers of another world, whose certificates are of
// another CA. A record that speaks for a domain of this world is refused.
func (a *Authority) Include(ldif []byte) error {
	read, err := directory.ReadLDIF(bytes.NewReader(ldif))
	if err != nil {
		return fmt.Errorf("authority: the further directory cannot be read: %w", err)
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	known := map[string]string{} // domain → whose
	names := map[string]bool{}
	for _, r := range a.records {
		names[strings.ToLower(r.provider.dn())] = true
		for _, d := range r.provider.Domains {
			known[strings.ToLower(d)] = r.provider.Name
		}
	}
	var further []entry
	for i, r := range read.Records {
		if strings.EqualFold(r.DN, base) {
			continue
		}
		if names[strings.ToLower(r.DN)] {
			return fmt.Errorf("authority: the further directory lists %s, and so does this one: give one of the providers another name", r.DN)
		}
		for _, d := range r.ManagedDomains {
			if whose, taken := known[strings.ToLower(d)]; taken {
				return fmt.Errorf("authority: the further directory gives %s to %s, here it is %s's: each domain has one provider", d, r.ProviderName, whose)
			}
		}
		further = append(further, takenOver(read.Entries[i:i+1])...)
	}
	if len(further) == 0 {
		return errors.New("authority: the further directory lists no provider")
	}
	a.further = append(a.further, further...)
	a.touch()
	return nil
}
