package conformance

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/collaudo/collaudo/steps"
	"github.com/collaudo/collaudo/steps/reach"
)

// Bounds for targets that are not on this machine and whose file states none: a
// staging system carries that without anybody noticing.
const (
	usualMessagesPerMinute = 60
	usualConnections       = 8
)

// door makes the way out for the run, and refuses to go on when the target lies
// elsewhere and its file does not allow that, or nobody agreed. Nothing has been
// sent then, and no name has been looked up.
func (o *Options) door(scenarios int) (*reach.Door, error) {
	description, addresses, permits := o.described()
	if description == nil {
		return nil, nil //nolint:nilnil // nil is the door to this machine
	}
	foreign := elsewhere(addresses)
	door, err := openDoor(*description, addresses)
	if err != nil {
		return nil, err
	}
	if len(foreign) == 0 || o.Yes {
		return door, nil
	}
	agreed, err := false, io.EOF
	if o.Confirm != nil {
		agreed, err = o.Confirm(o.question(scenarios, foreign, permits, description.withBounds(true)))
	}
	where := strings.Join(foreign, ", ")
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: the target is not on this machine (%s), and there is nobody to ask whether it may be tested: give --yes if it may. Nothing was sent", ErrUsage, where)
	case err != nil:
		return nil, fmt.Errorf("%w: the target is not on this machine (%s), and the answer whether it may be tested could not be read: %w. Nothing was sent", ErrUsage, where, err)
	case !agreed:
		return nil, fmt.Errorf("%w: the target is not on this machine (%s), and the answer was not yes. Nothing was sent", ErrUsage, where)
	}
	return door, nil
}

// Elsewhere are the addresses of the target that are not on this machine; none
// for the built-in pair.
func (o *Options) Elsewhere() []string {
	_, addresses, _ := o.described()
	return elsewhere(addresses)
}

// bounds are what a target file says of reach.
type bounds steps.Reach

// withBounds fills in what the file leaves open, for targets elsewhere.
func (b bounds) withBounds(elsewhere bool) bounds {
	if elsewhere && b.MessagesPerMinute == 0 {
		b.MessagesPerMinute = usualMessagesPerMinute
	}
	if elsewhere && b.Connections == 0 {
		b.Connections = usualConnections
	}
	return b
}

// described is what the target file says of where the run goes; nil for the
// built-in pair.
func (o *Options) described() (b *bounds, addresses, permits []string) {
	switch {
	case o.Target != nil:
		b, addresses = (*bounds)(&o.Target.Reach), o.Target.Addresses()
	case o.Client != nil:
		b, addresses = (*bounds)(&o.Client.Reach), o.Client.Addresses()
	default:
		return nil, nil, nil
	}
	return b, addresses, b.Permits
}

// openDoor makes the door that a target file describes, and checks that it
// leads to every address of the target.
func openDoor(b bounds, addresses []string) (*reach.Door, error) {
	b = b.withBounds(len(elsewhere(addresses)) > 0)
	door, err := reach.New(reach.Options{Allow: b.Allow, MessagesPerMinute: b.MessagesPerMinute, Connections: b.Connections})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if err := door.Check(addresses...); err != nil {
		return nil, fmt.Errorf("%w: nothing was sent:\n%w", ErrUsage, err)
	}
	return door, nil
}

// elsewhere are the addresses that are not on this machine.
func elsewhere(addresses []string) []string {
	var foreign []string
	for _, a := range addresses {
		if !reach.IsLoopback(a) {
			foreign = append(foreign, a)
		}
	}
	return foreign
}

// question says what would be done to systems of somebody, so that whoever
// answers knows.
func (o *Options) question(scenarios int, foreign, permits []string, b bounds) string {
	var q strings.Builder
	fmt.Fprintf(&q, "%d scenarios would be played against systems that are not on this machine:\n", scenarios)
	for _, address := range foreign {
		fmt.Fprintf(&q, "  %s\n", address)
	}
	fmt.Fprintf(&q, "They would send at most %d messages a minute, over at most %d connections at a time.\n", b.MessagesPerMinute, b.Connections)
	allowed := "nothing beyond correct mail and the slips of users"
	if len(permits) > 0 {
		allowed = strings.Join(permits, ", ")
	}
	fmt.Fprintf(&q, "The file permits: %s.\n", allowed)
	if o.Target != nil {
		var boxes []string
		for _, m := range o.Target.Mailboxes {
			boxes = append(boxes, m.Address)
		}
		fmt.Fprintf(&q, "Mailboxes that would be read, and mostly written from: %s.\n", strings.Join(boxes, ", "))
		if nobody := o.Target.Nobody(); len(nobody) > 0 {
			fmt.Fprintf(&q, "Addresses that should be nobody's, and would be written to: %s.\n", strings.Join(nobody, ", "))
		}
	}
	q.WriteString("May they be tested?")
	return q.String()
}
