package simulator

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/ordinary"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/store"
)

// Config says what world to start. Pair gives one that works.
type Config struct {
	Providers []ProviderConfig
	Ordinary  OrdinaryConfig
	Peers     []PeerConfig // played by the caller; see WithPeers
	// OddDirectory puts certificates of peers into the directory that are wrong
	// on purpose: expired, revoked, of a foreign CA, with another address, and one
	// of which only the hash is listed.
	OddDirectory bool
	// Directory is where the providers fetch the complete directory from; nil
	// means the world's own central directory.
	Directory *DirectorySource

	Clock clock.Clock         // default: real time
	Keys  authority.KeySource // default: a pool of its own; share one between worlds that start often
	// Authority is the CA of the world; default: one of its own. Worlds that share
	// one, see NewAuthority, share the CA and certificates, so that messages of
	// either can be checked against the same trust. Registry, CRL and clock are
	// each world's own: Start forks what is given here.
	Authority *authority.Authority
	// Root is the CA of the authority, when it is to be a given one. It must be
	// allowed to speak for the domains of the world.
	Root *Root
	// Further are other worlds that this one knows, Routes where mail for them,
	// or for a server of the caller's, goes.
	Further []Further
	Routes  []RouteConfig
	// Parts are real programs in place of what is built in.
	Parts Parts
	// Random feeds identifiers, serial numbers and boundaries. It has to be safe
	// for concurrent use; default crypto/rand.
	Random RandomSource
	// Faults are ids of the fault catalogue, each for every provider or, as
	// ID@service.domain, for one.
	Faults []string
	// EventsKept is how many events the world remembers for those who ask what
	// happened; default 20,000.
	EventsKept int
	// Reserved has the reserved recipients (package reserved) act in every domain
	// of the providers' users. ReservedHour is how long one of their legal hours
	// lasts; by default an hour on a clock that can be advanced, a second on a
	// real one.
	Reserved     bool
	ReservedHour time.Duration
	// StoreBytes limits what each host keeps; 0 means store.DefaultLimit.
	StoreBytes int64
	// HistoryBytes limits what is kept of protocol sessions; default 64 MiB,
	// negative: nothing is kept.
	HistoryBytes int64
	// Stores gives the store of a host by its service domain or host name, so
	// that a world can be started again on what another one left. Default: a
	// new memory store.
	Stores func(host string) store.Store

	// AuthorityPorts are where the authority's services listen; free ports when
	// empty. DNSAddress is the name service's, for UDP and TCP.
	AuthorityPorts authority.Ports
	DNSAddress     string

	ControlAddress string // of the control API, host:port on loopback; a free port when empty

	// Apart is set when several processes play the world; see Part.
	Apart      *Apart
	played     []string         // parts that this process plays
	registered []ProviderConfig // in the directory, and played by other processes
	further    []string         // domains of other hosts that other processes play
	names      []string         // of the hosts of the processes
	published  *published       // of the authority, when another process plays it
}

// RandomSource is a source of randomness.
type RandomSource interface {
	Read(p []byte) (n int, err error)
}

// ProviderConfig is a provider of the world.
type ProviderConfig struct {
	Name          string   // as in the directory
	ServiceDomain string   // of posta-certificata@ and of the service mailbox
	Domains       []string // of its users
	Units         []UnitConfig
	Accounts      []accounts.Account
	Limits        provider.Limits
	Policy        provider.Policy
	Life          accounts.Policies   // of its mailboxes' lives
	Folders       map[string][]string // further folders of mailboxes, by address
	Ports         provider.Ports
	// Patterns are what its scanner knows besides the EICAR test file.
	Patterns []antivirus.Pattern
	// Clamd is its own ClamAV daemon; default: Config.Parts.Clamd.
	Clamd string
	// ServicePassword opens its service mailbox.
	ServicePassword string
}

// OrdinaryConfig is the ordinary mail host of the world. Without a domain
// there is none.
type OrdinaryConfig struct {
	Domain   string
	Accounts []accounts.Account
	Folders  map[string][]string // further folders of mailboxes, by address
	Ports    ordinary.Ports
}

func serviceAddress(domain string) string { return "posta-certificata@" + domain }

func (c ProviderConfig) serviceAddress() string { return serviceAddress(c.ServiceDomain) }
func (c ProviderConfig) serviceMailbox() string { return serviceUser + "@" + c.ServiceDomain }
func (c ProviderConfig) managed() []string {
	return append([]string{c.ServiceDomain}, c.Domains...)
}

// every are the domains whose mail goes to its incoming point.
func (c ProviderConfig) every() []string { return everyDomain(c.managed(), c.Units) }

// listed are the domains in the provider's directory record: the managed ones.
func (c ProviderConfig) listed(set *faults.Set) []string {
	if set.On("service-domain-not-managed") {
		return c.Domains
	}
	return c.managed()
}

// NewAuthority makes the authority of such a world, to be given to this and
// later ones.
func (c Config) NewAuthority() (*authority.Authority, error) {
	c = c.withDefaults()
	set, err := faults.Lookup(c.Faults...)
	if err != nil {
		return nil, err
	}
	domains := c.domains()
	lasting, lasts := c.Keys.(authority.Certificates)
	if lasts { // so that the CA goes on to serve when the next configuration names more domains
		domains = append(domains, "example")
	}
	return authority.New(authority.Config{
		Keys: c.Keys, Random: c.Random, Now: c.Clock.Now, Faults: set, Domains: domains, Certificates: lasting, Root: c.Root,
	})
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Keys == nil {
		c.Keys = authority.NewPool()
	}
	return c
}

// domains are all names of the world: the CA may speak for no other.
func (c Config) domains() []string {
	var all []string
	for _, p := range c.Providers {
		all = append(all, p.every()...)
	}
	for _, p := range c.registered {
		all = append(all, p.every()...)
	}
	if d := c.Ordinary.Domain; d != "" {
		all = append(all, d)
	}
	all = append(append(all, c.further...), c.names...)
	for _, p := range c.Peers {
		all = append(all, p.every()...)
	}
	for _, name := range builtInNames() {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// serviceUser is the local part of a provider's service mailbox.
const serviceUser = "ricevute"

// BoreaOnlyPattern is a harmless string that, in the world of Pair, the scanner
// of the recipient's provider takes for a virus and the sender's does not: so a
// virus can be missed on the way out.
const BoreaOnlyPattern = "BOREA-ONLY-TEST-PATTERN-4f1d2a"

// BoreaOnlyName is what that scanner calls it.
const BoreaOnlyName = "Prova-Solo-Borea"

// Pair is the world of the built-in run: Aurora, where Anna writes, Borea, where
// Bruno reads, and posta.example, where Elena has ordinary mail. Every mailbox has
// a holder, whom Elena reads ordinary mail for.
func Pair() Config {
	user := func(actor, address string) accounts.Account {
		return accounts.Account{Address: address, Password: "segreto-" + address, Actor: actor, Holder: accounts.Holder{
			Name: actor, TaxCode: "PROVA-" + strings.ToUpper(actor), Email: "elena@posta.example", Phone: "+39 000 000000",
			Question: accounts.Questions()[1], Answer: "Collaudo",
		}}
	}
	full := user("Piena", "piena@borea.example")
	full.Quota = 1
	return Config{
		Providers: []ProviderConfig{
			{
				Name: "Aurora PEC S.p.A.", ServiceDomain: "gestore.aurora.example",
				Domains: []string{"aurora.example", "studio-aurora.example"},
				Units: []UnitConfig{{
					Name: "Sede di Levante", ServiceDomain: "gestore.levante-aurora.example", Domains: []string{"levante-aurora.example"},
				}},
				Accounts: []accounts.Account{
					user("Anna", "anna@aurora.example"),
					user("Carla", "carla@aurora.example"),
					user("Anna", "anna@studio-aurora.example"),
				},
				ServicePassword: "segreto-servizio-aurora",
			},
			{
				Name: "Borea PEC S.r.l.", ServiceDomain: "gestore.borea.example",
				Domains: []string{"borea.example", "archivio-borea.example"},
				Accounts: []accounts.Account{
					user("Bruno", "bruno@borea.example"),
					user("Carla", "carla@borea.example"),
					user("Dario", "dario@borea.example"),
					full,
					user("Bruno", "bruno@archivio-borea.example"),
				},
				Patterns:        []antivirus.Pattern{{Name: BoreaOnlyName, Bytes: []byte(BoreaOnlyPattern)}},
				ServicePassword: "segreto-servizio-borea",
			},
		},
		Ordinary: OrdinaryConfig{Domain: "posta.example", Accounts: []accounts.Account{user("Elena", "elena@posta.example")}},
	}
}

// CheckFaults says whether the faults and personalities that the configuration
// names exist, and the providers that they are limited to.
func (c Config) CheckFaults() error {
	if _, err := faults.Lookup(c.Faults...); err != nil {
		return err
	}
	for _, id := range c.Faults {
		_, domain, limited := strings.Cut(id, "@")
		if limited && !slices.ContainsFunc(c.Providers, func(p ProviderConfig) bool { return strings.EqualFold(p.ServiceDomain, domain) }) {
			return fmt.Errorf("fault %s: no provider here has the service domain %s", id, domain)
		}
	}
	return nil
}
