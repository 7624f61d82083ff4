package authority

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/collaudo/collaudo/pec/directory"
)

const (
	fetchTimeout = 10 * time.Second // real time, for one file
	maxFile      = 16 << 20
	leeway       = 5 * time.Second // how far a provider's clock may be behind
	late         = 36 * time.Hour  // what a faulty central directory takes for a file
)

// Collect is one run of the central directory's daily cycle: it fetches the
// file of every provider that serves its own, and takes over what is in order.
// It reports whether anything was. A provider whose file is not in order keeps
// the record it has. Files that the world serves itself (Provider.Hosted) are
// not fetched: the directory is made from what they are made from.
func (s *Services) Collect(ctx context.Context) (news bool) {
	s.collecting.Lock()
	defer s.collecting.Unlock()
	for _, due := range s.a.toCollect() {
		der, err := s.fetch(ctx, due.url)
		if err != nil {
			continue // down, or with a certificate that does not verify: the record stays
		}
		digest := sha256.Sum256(der)
		seen := hex.EncodeToString(digest[:])
		if s.applied[due.url] != seen && s.a.apply(due.record, der) == nil {
			s.applied[due.url], news = seen, true
		}
	}
	return news
}

type collection struct {
	record *record
	url    string
}

// toCollect are the main environments with a file of their own, and where the
// directory says that it is.
func (a *Authority) toCollect() []collection {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	var all []collection
	for _, r := range a.records {
		if r.provider.Unit != "" || r.provider.Hosted {
			continue
		}
		url := r.provider.LDIFAddress
		if r.applied != nil {
			for _, e := range r.applied.entries {
				if v := e.values("LDIFLocationURL"); len(v) > 0 {
					url = v[0]
				}
			}
		}
		if url != "" {
			all = append(all, collection{r, url})
		}
	}
	return all
}

func (s *Services) fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if request.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s is no https URL", url)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, answer.Status)
	}
	der, err := io.ReadAll(io.LimitReader(answer.Body, maxFile+1))
	if err == nil && len(der) > maxFile {
		err = fmt.Errorf("%s is longer than %d octets", url, maxFile)
	}
	return der, err
}

// apply takes over a provider's file if it is in order: signed with a key that
// its present record lists and that holds now, readable, about no other
// provider, and not older than what was taken over before.
func (a *Authority) apply(r *record, der []byte) error {
	if a.faults.On("central-never-applies") {
		return errors.New("not applied")
	}
	file := directory.OpenFile(der)
	if file.NoLDIF != nil {
		return fmt.Errorf("the content is no LDIF: %w", file.NoLDIF)
	}
	if err := a.authentic(r, file); err != nil && !a.faults.On("central-applies-tampered") {
		return err
	}
	if err := a.concerns(r, file.Directory); err != nil {
		return err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	var signed time.Time
	if file.Signature != nil {
		signed = file.Signature.SigningTime
	}
	last := r.since.Add(-leeway)
	if r.applied != nil {
		last = r.applied.signed
	}
	if a.faults.On("central-applies-late") && a.now().Sub(signed) < late {
		return fmt.Errorf("the file was signed at %v, less than %v ago", signed, late)
	}
	if !signed.IsZero() && signed.Before(last.Truncate(time.Second)) && !a.faults.On("central-applies-rolled-back") {
		return fmt.Errorf("the file was signed at %v, an older one than that of %v which was taken over", signed, last)
	}
	r.applied = &applied{signed: signed, entries: takenOver(file.Directory.Entries)}
	a.touch()
	return nil
}

// authentic checks the signature of the file against the provider's present
// record.
func (a *Authority) authentic(r *record, file *directory.File) error {
	if file.Invalid != nil {
		return fmt.Errorf("the signature does not verify: %w", file.Invalid)
	}
	present, err := a.directory()
	if err != nil {
		return err
	}
	for i := range present.Records {
		record := &present.Records[i]
		if strings.EqualFold(record.ProviderName, r.provider.Name) && record.ProviderUnit == "" && lists(record, file.Signer.Raw) {
			if why := a.invalid(file.Signer); why != "" {
				return errors.New(why)
			}
			return nil
		}
	}
	return fmt.Errorf("the signer %s is not in the record of %s", file.Signer.Subject, r.provider.Name)
}

// concerns checks that the file holds the provider's main environment and
// nothing that is not the provider's.
func (a *Authority) concerns(r *record, d *directory.Directory) error {
	own, err := ldap.ParseDN(Provider{Name: r.provider.Name}.dn())
	if err != nil {
		return err
	}
	main := false
	for _, e := range d.Entries {
		dn, err := ldap.ParseDN(e.DN)
		if err != nil {
			return fmt.Errorf("the name %q cannot be read: %w", e.DN, err)
		}
		same := own.EqualFold(dn)
		main = main || same
		if !same && !own.AncestorOfFold(dn) {
			return fmt.Errorf("the entry %q is not of %s", e.DN, r.provider.Name)
		}
	}
	if !main {
		return fmt.Errorf("the main environment of %s is missing", r.provider.Name)
	}
	return nil
}
