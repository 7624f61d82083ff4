// Package directory reads the directory of PEC providers as it is handed out:
// an LDIF file (RFC 6109 4.5, RFC 2849). It answers who manages a domain and
// whose certificate this is.
//
// It opens no file and no URL, whatever the LDIF asks for, does not decide who
// may sign the file (see ReadFile), and does not judge whether a record is
// complete.
package directory

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"strings"
)

// Directory is what one LDIF file says.
type Directory struct {
	Records  []Record
	Entries  []Entry   // the same, as written: Entries[i] is what Records[i] was read from
	Findings []Finding // oddities that leave the file readable
}

// Record is one entry: a provider, a secondary environment of one, or the base
// root.
type Record struct {
	DN                string
	ProviderName      string              // providerName
	ProviderUnit      string              // providerUnit: a secondary environment; "" for the main one
	Certificates      []*x509.Certificate // providerCertificate;binary, those that could be read
	CertificateHashes []string            // providerCertificateHash: SHA-1 in hexadecimal, as written
	ManagedDomains    []string            // managedDomains, as written
	MailReceipt       string              // mailReceipt: the service mailbox
	LDIFLocation      string              // LDIFLocationURL; never followed

	// Attributes holds everything, by attribute description in lower case,
	// options included ("providercertificate;binary"), values in order and
	// decoded: binary ones are octets.
	Attributes map[string][]string

	Line int // where the record starts, from 1
}

// Finding is an oddity at a line of the file.
type Finding struct {
	Line   int
	Code   string // "certificate-unreadable", "non-ascii-value", "single-valued-attribute-repeated", "record-without-blank-line", "blank-in-base64"
	Detail string
}

// RecordOfDomain returns the first record that manages exactly this domain,
// whatever its case, or nil. A subdomain is another domain.
func (d *Directory) RecordOfDomain(domain string) *Record {
	if domain == "" {
		return nil
	}
	for i := range d.Records {
		if d.Records[i].Manages(domain) {
			return &d.Records[i]
		}
	}
	return nil
}

// Manages reports whether the record lists exactly this domain.
func (r *Record) Manages(domain string) bool {
	for _, managed := range r.ManagedDomains {
		if strings.EqualFold(managed, domain) {
			return true
		}
	}
	return false
}

// RecordsOfCertificate returns the records that list the SHA-1 hash of the
// certificate (RFC 6109 4.5.1), in the order of the file. The certificates in
// the records do not count: the hash is what providers look up.
func (d *Directory) RecordsOfCertificate(c *x509.Certificate) []*Record {
	if c == nil {
		return nil
	}
	sum := sha1.Sum(c.Raw)
	hash := hex.EncodeToString(sum[:])
	var records []*Record
	for i := range d.Records {
		for _, listed := range d.Records[i].CertificateHashes {
			if strings.EqualFold(listed, hash) {
				records = append(records, &d.Records[i])
				break
			}
		}
	}
	return records
}
