package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/console"
)

// judgeOf judges single messages of a world for its console, as verify judges
// files, with what the world's authority publishes at that moment. The world
// does not know the rules, which is why the judge is handed in from here.
func judgeOf(w *simulator.World) (console.Judge, error) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	court := &rules.Court{Catalogue: catalogue, Judges: rules.Judges(), Profile: rules.Practice}
	var one sync.Mutex // judges are quick, and a page asks for one message at a time
	return func(ctx context.Context, octets []byte) (console.Judgement, error) {
		one.Lock()
		defer one.Unlock()
		if err := ctx.Err(); err != nil {
			return console.Judgement{}, err
		}
		published, err := w.Trust()
		if err != nil {
			return console.Judgement{}, err
		}
		trust := rules.NewTrust([]byte(published.CA), []byte(published.CRL), []byte(published.Directory))
		single, err := court.Message(octets, trust)
		if err != nil {
			return console.Judgement{}, err
		}
		return judgement(catalogue, single), nil
	}, nil
}

// judgement puts what was found into the console's words.
func judgement(catalogue *rules.Catalogue, single *rules.Single) console.Judgement {
	j := console.Judgement{Kind: single.Message.Kind.String(), Verdict: string(single.Outcome())}
	if s := signerOf(single); s != nil {
		j.Signer = s.Name
		if len(s.Addresses) > 0 {
			j.Signer = fmt.Sprintf("%s <%s>", s.Name, s.Addresses[0])
		}
		if !s.Verifies {
			j.Signer += ": " + s.Error
		}
	}
	for _, c := range told(catalogue, single.Checks) {
		seen := c.Seen
		if seen == "" {
			seen = c.Because
		}
		j.Checks = append(j.Checks, console.Check{
			Rule: c.Rule, Title: c.Title, Verdict: string(c.Verdict), Expected: c.Expected, Seen: seen, Where: c.Where,
		})
	}
	return j
}
