package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/collaudo/collaudo/evidence"
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
}

// setting is what the worlds of one run share: keys, which are dear, and the
// authority, so that every message of the run checks against the same trust.
type setting struct {
	keys      *authority.Pool
	authority *authority.Authority
}

func newSetting(now func() time.Time, pool *authority.Pool) (setting, error) {
	config := simulator.Pair()
	config.Keys, config.Clock = pool, clock.NewOffset(now())
	shared, err := config.NewAuthority()
	return setting{pool, shared}, err
}

// openWorld starts a fresh pair: new mailboxes, new ports, nothing left over.
func openWorld(ctx context.Context, shared setting, faults []string, now time.Time) (*world, error) {
	config := simulator.Pair()
	config.Clock, config.Keys, config.Authority, config.Faults = clock.NewOffset(now), shared.keys, shared.authority, faults
	simulated, err := simulator.Start(ctx, config)
	if err != nil {
		return nil, err
	}
	w := &world{simulated: simulated}
	description, err := simulated.Describe()
	if err == nil {
		w.target = targetOf(description)
		err = w.target.Check()
	}
	if err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	return w, nil
}

// close ends the world, also when ctx has ended: a run that is interrupted has
// to end its listeners all the same.
func (w *world) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	return w.simulated.Close(ctx)
}

// targetOf puts the simulated world into the form of a target file.
func targetOf(d simulator.Description) *steps.Target {
	t := &steps.Target{
		Name: "built-in pair", Adapter: d.ControlURL,
		TLS:    steps.TLS{Authorities: d.Trust.CA},
		Limits: steps.Limits(d.Limits),
		Patterns: []steps.Pattern{
			{Name: "known only to the recipient's provider", Octets: simulator.BoreaOnlyPattern, KnownTo: []string{d.Providers[1].Name}},
		},
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
	return t
}

func mailboxOf(a simulator.Account, provider string, role evidence.Role) steps.Mailbox {
	return steps.Mailbox{Address: a.Address, Actor: a.Actor, Name: a.Actor, Role: role, Provider: provider, User: a.User, Password: a.Password}
}
