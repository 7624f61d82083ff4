package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/steps"
)

// closing bounds how long a world may take to end.
const closing = 10 * time.Second

// world is the built-in pair, and what the harness is told of it: the same
// description as for a real endpoint, and nothing more.
type world struct {
	simulated *simulator.World
	target    *steps.Target
	listeners map[string]net.Listener // of what the harness plays, by address
	services  map[string]string       // of the first provider's mailboxes, as a client is told of them
	stores    *storeKeeper
}

// setting is what the worlds of one run share: keys, which are dear, and the
// authority, so that every message of the run checks against the same trust.
type setting struct {
	keys      *authority.Pool
	authority *authority.Authority
}

func newSetting(now func() time.Time, pool *authority.Pool, faults []string) (setting, error) {
	config := simulator.Pair()
	config.Keys, config.Clock, config.Faults = pool, clock.NewOffset(now()), faults
	shared, err := config.NewAuthority()
	return setting{pool, shared}, err
}

// openWorld starts a fresh pair: new mailboxes, new ports, nothing left over.
// What the harness plays beside it listens before the world starts, so that the
// world can be told where.
func openWorld(ctx context.Context, shared setting, kind worldKind, faults []string, now time.Time) (*world, error) {
	config := simulator.Pair()
	w := &world{listeners: map[string]net.Listener{}, stores: newStoreKeeper(config.StoreBytes)}
	config.Stores = w.stores.of
	config.Keys, config.Authority, config.Faults = shared.keys, shared.authority, faults
	config.Clock, config.OddDirectory = clock.NewOffset(kind.begins(now)), kind.oddDirectory
	hosts, err := w.listen(&config, kind)
	if err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	if w.simulated, err = simulator.Start(ctx, config.WithPeers(hosts)); err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	description, err := w.simulated.Describe()
	if err == nil {
		w.target, w.services = targetOf(description), servicesOf(description)
		w.stores.now = w.simulated.Now
		err = w.target.Check()
	}
	if err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	return w, nil
}

// listen opens what the harness plays: the incoming point of each peer, the
// server of Cirro's own file, and the central directory where it is asked for.
func (w *world) listen(config *simulator.Config, kind worldKind) (map[string]simulator.PeerHosts, error) {
	addresses := make([]string, 4)
	for i := range addresses {
		if i == 3 && !kind.playsDirectory {
			break
		}
		address, err := "127.0.0.1:0", error(nil)
		if kind.ports != nil {
			address, err = kind.ports.free()
		}
		if err != nil {
			return nil, fmt.Errorf("play a provider: %w", err)
		}
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("play a provider: %w", err)
		}
		addresses[i] = listener.Addr().String()
		w.listeners[addresses[i]] = listener
	}
	if kind.playsDirectory {
		config.Directory = &simulator.DirectorySource{URL: "https://" + addresses[3] + "/igpec.ldif.p7m"}
	}
	return map[string]simulator.PeerHosts{
		simulator.Cirro: {Incoming: addresses[0], File: "https://" + addresses[1] + "/cirro.ldif.p7m"},
		simulator.Delta: {Incoming: addresses[2]},
	}, nil
}

// close ends the world, also when ctx has ended: a run that is interrupted has
// to end its listeners all the same.
func (w *world) close(ctx context.Context) error {
	for _, listener := range w.listeners {
		_ = listener.Close() // mostly closed already, by who played there
	}
	if w.simulated == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return w.simulated.Close(ctx)
}

// targetOf puts the simulated world into the form of a target file.
func targetOf(d simulator.Description) *steps.Target {
	t := &steps.Target{
		Name: "built-in pair", WhiteBox: steps.WhiteBox{URL: d.ControlURL},
		TLS:    steps.TLS{Authorities: d.Trust.CA},
		Limits: steps.Limits(d.Limits),
		Patterns: []steps.Pattern{
			{Name: "known only to the recipient's provider", Octets: simulator.BoreaOnlyPattern, KnownTo: []string{d.Providers[1].Name}},
		},
		Directory: directoryOf(d),
	}
	for _, c := range rules.Capabilities() { // the pair leaves nothing out that the rules leave to the provider
		t.Claims = append(t.Claims, string(c))
	}
	for _, p := range d.Providers {
		t.Providers = append(t.Providers, steps.Provider{
			Name: p.Name, Judged: true, ServiceAddress: p.ServiceAddress, ServiceMailbox: p.ServiceMailbox.Address, Domains: p.Domains,
			SubmissionTLS: p.Hosts.SubmissionTLS, SubmissionSTARTTLS: p.Hosts.SubmissionSTARTTLS, Incoming: p.Hosts.Incoming, IMAP: p.Hosts.IMAP,
		})
		t.Mailboxes = append(t.Mailboxes, mailboxOf(p.ServiceMailbox, p.Name, evidence.ServiceMailbox))
		for _, a := range p.Accounts {
			t.Mailboxes = append(t.Mailboxes, mailboxOf(a, p.Name, evidence.UserMailbox))
		}
	}
	if o := d.Ordinary; o != nil {
		t.Ordinary = steps.Ordinary{Name: o.Domain, IMAP: o.Hosts.IMAP}
		for _, a := range o.Accounts {
			t.Mailboxes = append(t.Mailboxes, mailboxOf(a, "", evidence.OrdinaryMailbox))
		}
	}
	for _, p := range d.Peers {
		t.Peers = append(t.Peers, peerOf(p))
	}
	return t
}

func peerOf(d simulator.PeerDescription) steps.Peer {
	p := steps.Peer{
		Name: d.Name, ServiceAddress: d.ServiceAddress, ServiceMailbox: d.ServiceMailbox, Domains: d.Domains,
		Listen: d.Incoming, TLS: pairOf(d.TLS), BadTLS: pairOf(d.BadTLS),
	}
	for _, u := range d.Users {
		p.Users = append(p.Users, steps.PeerUser{Address: u.Address, Actor: u.Actor})
	}
	for _, s := range d.Signers {
		p.Signers = append(p.Signers, steps.PeerSigner{Name: s.Name, Certificate: s.Certificate, Key: steps.Secret(s.Key)})
	}
	if host := hostOf(d.File); host != "" {
		p.FileServer = &steps.FileServer{Listen: host, URL: d.File, Certificate: d.TLS.Certificate, Key: steps.Secret(d.TLS.Key)}
	}
	return p
}

func pairOf(p simulator.KeyPair) steps.KeyPair {
	return steps.KeyPair{Certificate: p.Certificate, Key: steps.Secret(p.Key)}
}

func directoryOf(d simulator.Description) steps.DirectoryService {
	s := steps.DirectoryService{
		LDAP: d.Directory.LDAP, LDAPS: d.Directory.LDAPS, Base: d.Directory.Base, URL: d.Directory.URL,
		Revocation: d.Directory.Revocation, DNS: d.Directory.DNS, Authorities: d.Trust.CA,
	}
	if played := d.Directory.Played; played != nil {
		s.Played = &steps.PlayedDirectory{
			Listen: hostOf(played.URL), URL: played.URL, Certificate: played.TLS.Certificate, Key: steps.Secret(played.TLS.Key),
			Signer: pairOf(played.Signer),
		}
	}
	return s
}

// hostOf is host:port of a URL, "" of none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

func mailboxOf(a simulator.Account, provider string, role evidence.Role) steps.Mailbox {
	return steps.Mailbox{Address: a.Address, Actor: a.Actor, Name: a.Actor, Role: role, Provider: provider, User: a.User, Password: steps.Secret(a.Password)}
}
