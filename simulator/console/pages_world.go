package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// advance moves the clock on, and answers when all that fell due has happened.
func (s *site) advance(rw http.ResponseWriter, r *http.Request) {
	if err := form(rw, r); err != nil {
		s.problem(rw, r, err)
		return
	}
	by, err := time.ParseDuration(r.PostForm.Get("by"))
	if err != nil || by <= 0 || by > maxAdvance {
		s.problem(rw, r, fmt.Errorf("%w: expected a time such as 12h, at most %v, got %q", ErrAsked, maxAdvance, clip(r.PostForm.Get("by"), 40)))
		return
	}
	if !s.world.Steppable() {
		s.problem(rw, r, fmt.Errorf("%w: the clock of this world shows real time", ErrAsked))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), actionTakes)
	defer cancel()
	if err := s.world.Advance(ctx, by); err != nil {
		s.problem(rw, r, err)
		return
	}
	back(rw, r, "done.clock")
}

type accountsBody struct {
	Groups []mailboxGroup
	None   bool // nothing can be done to accounts
}

func (s *site) accounts(rw http.ResponseWriter, r *http.Request) {
	list, err := s.world.Accounts()
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	b := accountsBody{None: true}
	for _, h := range s.world.Hosts() {
		g := mailboxGroup{Host: h}
		for _, a := range list {
			if a.Host == h.Name {
				g.Mailboxes = append(g.Mailboxes, mailboxView{Account: a})
				b.None = b.None && len(a.Actions) == 0
			}
		}
		b.Groups = append(b.Groups, g.ordered())
	}
	s.show(rw, r, http.StatusOK, "accounts", page{Title: s.speaker(r).Say("nav.accounts"), Section: "accounts", Body: b})
}

func (s *site) act(rw http.ResponseWriter, r *http.Request) {
	if err := form(rw, r); err != nil {
		s.problem(rw, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), actionTakes)
	defer cancel()
	if err := s.world.Act(ctx, r.PostForm.Get("address"), r.PostForm.Get("action")); err != nil {
		s.problem(rw, r, err)
		return
	}
	back(rw, r, "done.account")
}

type faultsBody struct {
	Rules    []Rule
	Families []family
	Hosts    []Host
	Titles   map[string]string
}

type family struct {
	Name   string
	Faults []Fault
}

func (s *site) faults(rw http.ResponseWriter, r *http.Request) {
	b := faultsBody{Rules: s.world.Rules(), Titles: map[string]string{}}
	for _, h := range s.world.Hosts() {
		if h.Provider {
			b.Hosts = append(b.Hosts, h)
		}
	}
	for _, f := range s.world.Faults() {
		at := slices.IndexFunc(b.Families, func(g family) bool { return g.Name == f.Family })
		if at < 0 {
			b.Families = append(b.Families, family{Name: f.Family})
			at = len(b.Families) - 1
		}
		b.Families[at].Faults = append(b.Families[at].Faults, f)
		b.Titles[f.ID] = f.Title
	}
	s.show(rw, r, http.StatusOK, "faults", page{Title: s.speaker(r).Say("nav.faults"), Section: "faults", Body: b})
}

func (s *site) switchOn(rw http.ResponseWriter, r *http.Request) {
	if err := form(rw, r); err != nil {
		s.problem(rw, r, err)
		return
	}
	rule, err := ruleOf(r.PostForm)
	if err == nil {
		err = s.world.SwitchOn(rule)
	}
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	back(rw, r, "done.on")
}

// ruleOf reads the form of a rule.
func ruleOf(f url.Values) (Rule, error) {
	get := func(name string) string { return clip(strings.TrimSpace(f.Get(name)), 500) }
	rule := Rule{
		Fault: get("fault"), Provider: get("provider"), Sender: get("sender"),
		Recipient: get("recipient"), Subject: get("subject"), Kind: get("kind"),
	}
	if rule.Fault == "" {
		return rule, fmt.Errorf("%w: say which fault", ErrAsked)
	}
	var errs []error
	number := func(name string) int {
		text := get(name)
		if text == "" {
			return 0
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1_000_000 {
			errs = append(errs, fmt.Errorf("%w: %s has to be a number from 0 on, got %q", ErrAsked, name, clip(text, 40)))
		}
		return n
	}
	rule.Skip, rule.Times = number("skip"), number("times")
	return rule, errors.Join(errs...)
}

func (s *site) switchOff(rw http.ResponseWriter, r *http.Request) {
	if err := form(rw, r); err != nil {
		s.problem(rw, r, err)
		return
	}
	if err := s.world.SwitchOff(r.PostForm.Get("id")); err != nil {
		s.problem(rw, r, err)
		return
	}
	back(rw, r, "done.off")
}
