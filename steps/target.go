package steps

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// Target is what the harness is told of the system under test. The built-in
// pair of simulated providers and a real endpoint are described in this same
// form; it is strict (unknown keys are errors).
type Target struct {
	Kind      string     `yaml:"kind,omitempty" json:"kind,omitempty"` // KindProvider, or absent
	Name      string     `yaml:"name" json:"name"`
	Providers []Provider `yaml:"providers" json:"providers"`
	Mailboxes []Mailbox  `yaml:"mailboxes" json:"mailboxes"`
	Ordinary  Ordinary   `yaml:"ordinary" json:"ordinary"`
	WhiteBox  WhiteBox   `yaml:"whiteBox,omitempty" json:"whiteBox,omitzero"`
	TLS       TLS        `yaml:"tls,omitempty" json:"tls,omitzero"`
	Limits    Limits     `yaml:"limits,omitempty" json:"limits,omitzero"`
	Patterns  []Pattern  `yaml:"patterns,omitempty" json:"patterns,omitempty"`
	Claims    []string   `yaml:"claims,omitempty" json:"claims,omitempty"`     // optional capabilities of the catalogue that it says it has
	Declares  []string   `yaml:"declares,omitempty" json:"declares,omitempty"` // rules that no harness can judge and that it declares to keep
	Patience  Patience   `yaml:"patience,omitempty" json:"patience,omitzero"`
	Reach     Reach      `yaml:"reach,omitempty" json:"reach,omitzero"`
	// Peers are the providers that the harness plays; Directory is where the
	// target's directory can be asked.
	Peers     []Peer           `yaml:"peers,omitempty" json:"peers,omitempty"`
	Directory DirectoryService `yaml:"directory,omitempty" json:"directory,omitzero"`

	// OneScenario says that the target is thrown away after a single scenario,
	// which may therefore leave it otherwise than it found it.
	OneScenario bool `yaml:"-" json:"-"`

	// Word is a word of the run, in the local part of every address that is to be
	// nobody's: on a real system a name such as sconosciuto could be somebody's.
	// Empty: a world of ours, where it is known who there is.
	Word string `yaml:"-" json:"-"`

	File string `yaml:"-" json:"-"` // path of the target file, as it was given; empty: not read from a file
}

// KindProvider is the kind of a target file that describes providers; no kind
// at all says the same.
const KindProvider = "provider"

// Reach says where the harness may go, and what it may do there. Loopback
// addresses need no permission.
type Reach struct {
	Allow             []string `yaml:"allow,omitempty" json:"allow,omitempty"`     // host, host:port, or addresses in CIDR notation
	Permits           []string `yaml:"permits,omitempty" json:"permits,omitempty"` // of Permits()
	MessagesPerMinute int      `yaml:"messagesPerMinute,omitempty" json:"messagesPerMinute,omitempty"`
	Connections       int      `yaml:"connections,omitempty" json:"connections,omitempty"` // at a time
}

// What a target file can permit beyond correct mail.
const (
	PermitVirus         = "virus"          // test viruses and patterns that scanners take for one
	PermitHostile       = "hostile"        // messages and sessions that break rules on purpose
	PermitWrongPassword = "wrong-password" // sign in with a password that is wrong
	PermitLoad          = "load"           // many or large messages at a time
)

// Permits lists what a target file can permit.
func Permits() []string { return []string{PermitVirus, PermitHostile, PermitWrongPassword, PermitLoad} }

func (r *Reach) check(complain func(format string, a ...any)) {
	for _, p := range r.Permits {
		if !slices.Contains(Permits(), p) {
			complain("reach.permits: %q is nothing that can be permitted: expected one of %s", p, strings.Join(Permits(), ", "))
		}
	}
	if r.MessagesPerMinute < 0 || r.Connections < 0 {
		complain("reach: messagesPerMinute and connections are bounds, and none is below zero")
	}
}

func (p Patience) check(inside bool, complain func(format string, a ...any)) {
	for name, d := range map[string]time.Duration{"connect": p.Connect, "acceptance": p.Acceptance, "delivery": p.Delivery, "quiet": p.Quiet, "settle": p.Settle} {
		if d < 0 || d > maxPatience {
			complain("patience.%s is %v: expected up to %v; what takes longer is waited for with run --wait", name, d, maxPatience)
		}
	}
	if f := p.Filled(); !inside && f.Settle < f.waits() {
		complain("patience.settle is %v: without a white box expected at least %v, which acceptance (%v), delivery (%v) and quiet (%v) make together, or leave it out", p.Settle, f.waits(), f.Acceptance, f.Delivery, f.Quiet)
	}
}

// maxPatience bounds what the harness stands still for.
const maxPatience = 2 * time.Hour

// Provider is a certified e-mail provider of the target's world. Services are
// host:port; an empty one is not reachable for the harness.
type Provider struct {
	Name               string   `yaml:"name" json:"name"`
	Judged             bool     `yaml:"judged" json:"judged"` // verdicts are given on what it emits
	ServiceAddress     string   `yaml:"serviceAddress" json:"serviceAddress"`
	ServiceMailbox     string   `yaml:"serviceMailbox,omitempty" json:"serviceMailbox,omitempty"`
	Domains            []string `yaml:"domains" json:"domains"`                     // every managed domain, that of the service address included
	TLSName            string   `yaml:"tlsName,omitempty" json:"tlsName,omitempty"` // in its server certificates; default: the host dialled
	SubmissionTLS      string   `yaml:"submissionTLS,omitempty" json:"submissionTLS,omitempty"`
	SubmissionSTARTTLS string   `yaml:"submissionSTARTTLS,omitempty" json:"submissionSTARTTLS,omitempty"`
	Incoming           string   `yaml:"incoming,omitempty" json:"incoming,omitempty"`
	IMAP               string   `yaml:"imap,omitempty" json:"imap,omitempty"`
	ClearIMAP          string   `yaml:"clearIMAP,omitempty" json:"clearIMAP,omitempty"` // a plain-text IMAP port, where there is one; default: IMAP
}

// Mailbox is an address that the harness can read, and mostly write from.
type Mailbox struct {
	Address  string        `yaml:"address" json:"address"`
	Name     string        `yaml:"name,omitempty" json:"name,omitempty"` // display name the user writes
	Actor    string        `yaml:"actor,omitempty" json:"actor,omitempty"`
	Role     evidence.Role `yaml:"role" json:"role"`
	Provider string        `yaml:"provider,omitempty" json:"provider,omitempty"` // name; empty: the ordinary host
	User     string        `yaml:"user" json:"user"`
	Password Secret        `yaml:"password" json:"-"`
}

// Ordinary is an ordinary Internet mail host, outside certified e-mail. The
// harness speaks to incoming points in its name.
type Ordinary struct {
	Name    string `yaml:"name" json:"name"` // host name, given in EHLO
	IMAP    string `yaml:"imap,omitempty" json:"imap,omitempty"`
	TLSName string `yaml:"tlsName,omitempty" json:"tlsName,omitempty"`
}

// TLS says whom the harness trusts on the target's services.
type TLS struct {
	Authorities string `yaml:"authorities,omitempty" json:"authorities,omitempty" pem:"certificate"` // empty: the system's
}

// Limits are the target's stated limits, in octets; zero means not stated.
type Limits struct {
	MaxRecipients     int   `yaml:"maxRecipients,omitempty" json:"maxRecipients,omitempty"`
	MaxTotalBytes     int64 `yaml:"maxTotalBytes,omitempty" json:"maxTotalBytes,omitempty"` // size × recipients still accepted
	NoticeBytes       int64 `yaml:"noticeBytes,omitempty" json:"noticeBytes,omitempty"`     // above it the refusal is left to SMTP
	RelayQueueSeconds int64 `yaml:"relayQueueSeconds,omitempty" json:"relayQueueSeconds,omitempty"`
}

// Pattern is a harmless text that some scanners of the target are told to take
// for a virus.
type Pattern struct {
	Name    string   `yaml:"name" json:"name"`
	Octets  string   `yaml:"octets" json:"octets"`
	KnownTo []string `yaml:"knownTo" json:"knownTo"` // names of providers
}

// Check says everything that is wrong with the description.
func (t *Target) Check() error {
	var wrong []error
	complain := func(format string, a ...any) { wrong = append(wrong, fmt.Errorf("target: "+format, a...)) }
	if !noUserInfo(t.urls(), complain) {
		return errors.Join(wrong...)
	}
	known := map[string]bool{}
	for _, p := range t.Providers {
		if p.Name == "" || p.ServiceAddress == "" || len(p.Domains) == 0 {
			complain("provider %q needs a name, a serviceAddress and domains", p.Name)
		}
		if known[p.Name] {
			complain("provider %q stands there twice", p.Name)
		}
		known[p.Name] = true
	}
	if len(t.Providers) == 0 {
		complain("no provider is described")
	}
	seen := map[string]bool{}
	for _, m := range t.Mailboxes {
		address := strings.ToLower(m.Address)
		if !strings.Contains(address, "@") {
			complain("mailbox %q is no address", m.Address)
		}
		if seen[address] {
			complain("mailbox %s stands there twice", m.Address)
		}
		seen[address] = true
		if m.Provider != "" && !known[m.Provider] {
			complain("mailbox %s belongs to provider %q, which is not described", m.Address, m.Provider)
		}
		switch m.Role {
		case evidence.UserMailbox, evidence.ServiceMailbox, evidence.OrdinaryMailbox:
		default:
			complain("mailbox %s has role %q: expected user, service or ordinary", m.Address, m.Role)
		}
	}
	if t.Kind != "" && t.Kind != KindProvider {
		complain("kind is %q: expected %q (or none) for providers, %q for a mail client", t.Kind, KindProvider, KindClient)
	}
	t.WhiteBox.check(known, complain)
	t.Reach.check(complain)
	t.Patience.check(t.WhiteBox.given(), complain)
	t.checkFigures(complain)
	if t.TLS.Authorities != "" {
		if !x509.NewCertPool().AppendCertsFromPEM([]byte(t.TLS.Authorities)) {
			complain("tls.authorities holds no PEM certificate")
		}
	}
	t.checkPeers(complain)
	return errors.Join(wrong...)
}

// provider returns the provider with that name, or nil.
func (t *Target) provider(name string) *Provider {
	for i := range t.Providers {
		if t.Providers[i].Name == name {
			return &t.Providers[i]
		}
	}
	return nil
}

// world is the description as evidence keeps it: without secrets.
func (t *Target) world() *evidence.World {
	w := &evidence.World{
		Limits: evidence.Limits{
			MaxRecipients: t.Limits.MaxRecipients, MaxTotalBytes: t.Limits.MaxTotalBytes,
			NoticeBytes: t.Limits.NoticeBytes, RelayQueueSeconds: t.Limits.RelayQueueSeconds,
		},
		Claims: t.Claims, Declares: t.Declares,
	}
	for _, p := range t.Providers {
		emitter := evidence.ThirdParty
		if p.Judged {
			emitter = evidence.Target
		}
		w.Providers = append(w.Providers, evidence.Provider{
			Name: p.Name, ServiceAddress: p.ServiceAddress, ServiceMailbox: p.ServiceMailbox,
			Domains: p.Domains, Emitter: emitter,
		})
	}
	for _, m := range t.Mailboxes {
		w.Mailboxes = append(w.Mailboxes, evidence.Mailbox{Address: m.Address, Role: m.Role, Provider: m.Provider, Actor: m.Actor})
	}
	t.peersSeen(w)
	return w
}
