package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/dns"

	"github.com/collaudo/collaudo/evidence"
)

// lookUpHosts asks the name service for the mail hosts of a party's domain.
func (w *World) lookUpHosts(ctx context.Context, party string) error {
	if w.target.Directory.DNS == "" {
		return errors.New("the target names no name server: add directory.dns")
	}
	one, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	return w.settledLook(ctx, func(ctx context.Context) error {
		name := dns.Fqdn(domainOf(one.address))
		resolution := &evidence.Resolution{Name: domainOf(one.address), Type: "MX", Answers: []string{}}
		question := new(dns.Msg).SetQuestion(name, dns.TypeMX)
		answer, err := w.askNames(ctx, "udp", question)
		if err != nil || answer.Truncated { // what UDP loses or cuts, TCP carries
			answer, err = w.askNames(ctx, "tcp", question)
		}
		if err != nil {
			return fmt.Errorf("%w: name server %s: %w", ErrUnreachable, w.target.Directory.DNS, err)
		}
		if answer.Rcode != dns.RcodeSuccess {
			resolution.Error = dns.RcodeToString[answer.Rcode]
		}
		for _, record := range answer.Answer {
			if mx, is := record.(*dns.MX); is {
				resolution.Answers = append(resolution.Answers, fmt.Sprintf("%d %s", mx.Preference, mx.Mx))
			}
		}
		return w.recorder.Record(evidence.Event{Type: evidence.NameResolved, Resolution: resolution})
	})
}

// askNames asks the name server one question.
func (w *World) askNames(ctx context.Context, network string, question *dns.Msg) (*dns.Msg, error) {
	conn, err := w.options.Door.DialContext(ctx, network, w.target.Directory.DNS)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	answer, _, err := (&dns.Client{Net: network}).ExchangeWithConnContext(ctx, question, &dns.Conn{Conn: conn})
	return answer, err
}
