package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/reserved"
	"github.com/collaudo/collaudo/simulator/store"
)

// Config of a provider. What has no default is needed.
type Config struct {
	Identity       compose.Provider   // name, service address, service domain
	ServiceMailbox string             // mailReceipt of the directory
	Domains        []string           // managed domains, the service domain included
	Hostname       string             // of its servers; the service domain by default
	Accounts       []accounts.Account // users and the service mailbox

	Limits Limits
	Policy Policy
	Life   accounts.Policies // of its mailboxes' lives
	// Changed is told of every change in the life of a mailbox; nil: nobody is.
	Changed func(accounts.Change)
	// RecoveryLink makes a link out of a token with which a password can be set.
	RecoveryLink func(token string) string

	Store   store.Store
	Clock   clock.Clock
	Random  io.Reader // identifiers; safe for concurrent use
	Scanner antivirus.Engine
	Signer  *smime.Signer
	Variant func(name string) (*smime.Signer, error) // deviating signers, for faults
	Trust   TrustSource
	// Download is where news of directory and CRL come from.
	Download Download
	Faults   *faults.Set // nil: none
	// Reserved are the recipients with a meaning of their own; nil: none.
	Reserved *reserved.Table
	Server   tls.Certificate
	Roots    *x509.CertPool // of the other hosts' TLS certificates
	// FurtherAuthorities are CAs of providers of other worlds, FurtherRevocation
	// their revocation lists: believed besides those of Trust.
	FurtherAuthorities []*x509.Certificate
	FurtherRevocation  []*x509.RevocationList

	Routes relay.Routes

	// Stamp puts time stamps on the saved log; nil: its files bear none.
	Stamp func(octets []byte, at time.Time) ([]byte, error)
	// Logged is told of every line of the legal log once it is kept; it must be
	// short. nil: nobody is.
	Logged func(journal.Entry)
	// Read is told of every message that the incoming point has read, with its
	// SHA-256 where that is known; it must be short, and keep no part of it. nil:
	// nobody is.
	Read func(hash string, m *pec.Message)
	// Earlier are the exchanges of an earlier life of this provider.
	Earlier []relay.Exchange

	Ports Ports

	// History is where the sessions of its services are written down; nil: nowhere.
	History *history.Record
}

// Limits of a provider; zero values mean the defaults.
type Limits struct {
	MaxRecipients int   // per message; default 100 (DM 2.11.2005 art. 12: at least 50)
	MaxTotalBytes int64 // size x recipients that is still accepted; default 30 MiB, above the 30 MB of the decree in either reading
	NoticeBytes   int64 // a larger message is refused by SMTP instead of by a notice; default 40 MiB
	RelayLifetime time.Duration
	Workers       int // messages elaborated at the same time; default 2
}

// OrdinaryMail is what a provider does with mail that is not certified.
type OrdinaryMail string

// Policies towards ordinary mail (RFC 6109 3.2 leaves the choice).
const (
	AcceptOrdinary OrdinaryMail = "accept" // in an anomaly envelope
	RefuseOrdinary OrdinaryMail = "refuse" // 554
)

// Policy is what the rules leave to the provider.
type Policy struct {
	Ordinary OrdinaryMail // default AcceptOrdinary
}

// Ports to listen on, host:port on loopback; empty means a free one.
type Ports struct {
	SubmissionTLS, SubmissionSTARTTLS, Incoming, IMAP string
	IMAPSTARTTLS, POP3TLS, POP3STARTTLS               string
}

// complete fills in the defaults.
func (c *Config) complete() error {
	switch {
	case c.Identity.Name == "" || c.Identity.ServiceAddress == "" || c.Identity.Domain == "":
		return errors.New("a provider needs a name, a service address and a service domain")
	case c.Store == nil || c.Clock == nil || c.Random == nil || c.Scanner == nil || c.Signer == nil || c.Trust == nil || c.Routes == nil:
		return fmt.Errorf("provider %s: store, clock, randomness, scanner, signer, trust and routes are all needed", c.Identity.Name)
	}
	if c.Hostname == "" {
		c.Hostname = c.Identity.Domain
	}
	if c.Limits.MaxRecipients <= 0 {
		c.Limits.MaxRecipients = 100
	}
	if c.Limits.MaxTotalBytes <= 0 {
		c.Limits.MaxTotalBytes = 30 << 20
	}
	if c.Limits.NoticeBytes <= 0 {
		c.Limits.NoticeBytes = 40 << 20
	}
	if c.Limits.RelayLifetime <= 0 {
		c.Limits.RelayLifetime = 24 * time.Hour
	}
	if c.Limits.Workers <= 0 {
		c.Limits.Workers = 2
	}
	if c.Policy.Ordinary == "" {
		c.Policy.Ordinary = AcceptOrdinary
	}
	return nil
}
