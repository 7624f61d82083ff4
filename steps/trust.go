package steps

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/collaudo/collaudo/pec/directory"
)

// trustLasts is how long, in real time, what the public sources of trust said
// is taken to hold: the real directory changes once a day.
const trustLasts = time.Minute

// TrustSource reads what everybody can know of whom a target trusts (the
// directory, the revocation list, the authority of the target file), once for
// all scenarios of a run.
type TrustSource struct {
	mu     sync.Mutex
	answer trustAnswer
	read   time.Time // of the waiting budget, no legal time
}

// trust says what the target trusts: by its own word where it has a white box
// that says so, else by what everybody can read.
func (w *World) trust(ctx context.Context) (trustAnswer, error) {
	var answer trustAnswer
	err := w.ask(ctx, "/v1/trust", nil, &answer)
	if !errors.Is(err, errNotOffered) {
		return answer, err
	}
	source := w.options.Trust
	if source == nil {
		return w.publicTrust(ctx)
	}
	source.mu.Lock()
	defer source.mu.Unlock()
	if !source.read.IsZero() && time.Since(source.read) < trustLasts {
		return source.answer, nil
	}
	if answer, err = w.publicTrust(ctx); err == nil {
		source.answer, source.read = answer, time.Now()
	}
	return answer, err
}

// publicTrust reads the directory and the revocation list as everybody can. A
// target file that names neither has no trust to offer.
func (w *World) publicTrust(ctx context.Context) (trustAnswer, error) {
	service := &w.target.Directory
	answer := trustAnswer{Now: w.now(), Authority: w.target.authority()}
	if service.Revocation == "" || answer.Authority == "" || service.LDAP == "" && service.LDAPS == "" && service.URL == "" {
		return answer, errNotOffered
	}
	ctx, cancel := context.WithTimeout(ctx, lookupBudget)
	defer cancel()
	list, err := w.download(ctx, service.Revocation, false)
	if err != nil {
		return answer, fmt.Errorf("read the revocation list: %w", err)
	}
	if block, _ := pem.Decode(list); block == nil {
		list = pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: list})
	}
	answer.Revoked = string(list)
	entries, err := w.publicDirectory(ctx)
	answer.Directory = string(entries)
	return answer, err
}

// authority is the certificate, in PEM, of who issues those that providers sign
// with; "" where the target file names none.
func (t *Target) authority() string {
	for _, text := range []string{t.Directory.Authority, t.Directory.Authorities, t.TLS.Authorities} {
		if text != "" {
			return text
		}
	}
	return ""
}

// publicDirectory is the whole directory as LDIF: over LDAP where that can be
// asked, else from the signed file.
func (w *World) publicDirectory(ctx context.Context) ([]byte, error) {
	if w.target.Directory.LDAP == "" && w.target.Directory.LDAPS == "" {
		octets, err := w.download(ctx, w.target.Directory.URL, true)
		if err != nil {
			return nil, fmt.Errorf("read the directory over HTTPS: %w", err)
		}
		file := directory.OpenFile(octets)
		if file.Content == nil {
			return nil, fmt.Errorf("read the directory over HTTPS: %w", errors.Join(file.Invalid, file.NoLDIF))
		}
		return file.Content, nil
	}
	var entries []byte
	err := w.withLDAP(ctx, func(conn *ldap.Conn) error {
		result, err := conn.Search(ldap.NewSearchRequest(
			w.base(), ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, maxEntries, int(lookupBudget/time.Second), false, "(objectClass=*)", everyAttribute, nil,
		))
		if err != nil {
			return fmt.Errorf("read the directory over LDAP: %w", err)
		}
		entries = ldifOf(result.Entries)
		return nil
	})
	return entries, err
}

// download gets a file that the public can have; asProvider shows the
// certificate of a peer, where there is one.
func (w *World) download(ctx context.Context, address string, asProvider bool) ([]byte, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	config, err := w.lookupTLS(at.Hostname())
	if err != nil {
		return nil, err
	}
	if asProvider && len(w.target.Peers) > 0 {
		_, certificate, err := w.clientCertificate()
		if err != nil {
			return nil, err
		}
		config.Certificates = append(config.Certificates, *certificate)
	}
	browser := w.options.Door.HTTP(config)
	defer browser.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := browser.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer response.Body.Close()
	octets, err := io.ReadAll(io.LimitReader(response.Body, maxHandedOut+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", address, err)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answered %s, expected 200", address, response.Status)
	case len(octets) > maxHandedOut:
		return nil, fmt.Errorf("%s: the answer is longer than %d octets", address, maxHandedOut)
	}
	return octets, nil
}
