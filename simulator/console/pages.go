package console

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// maxListed bounds the rows of a list on a page.
const maxListed = 100

type flowBody struct {
	Exchanges []*exchange
	More      int // that are not listed
	Query     string
	Chosen    *exchange
	Following bool // the newest, whichever it is
	Picture   template.HTML
	Example   example
}

// example is how a first message is sent to this world.
type example struct {
	Server, User, Password, From, To string
}

func (s *site) flow(rw http.ResponseWriter, r *http.Request) {
	look, err := s.observer.look()
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	say := s.speaker(r)
	b := flowBody{Query: clip(r.URL.Query().Get("q"), 200), Example: look.example()}
	asked := r.URL.Query().Get("exchange")
	for _, e := range look.exchanges {
		if asked == e.Key {
			b.Chosen = e
		}
		if !e.matches(b.Query) {
			continue
		}
		if len(b.Exchanges) == maxListed {
			b.More++
			continue
		}
		b.Exchanges = append(b.Exchanges, e)
	}
	if b.Following = b.Chosen == nil; b.Following && len(b.Exchanges) > 0 {
		b.Chosen = b.Exchanges[0]
	}
	if b.Chosen != nil {
		b.Picture = draw(look, say, b.Chosen).SVG(say)
	}
	s.show(rw, r, http.StatusOK, "flow", page{Title: say.Say("nav.flow"), Section: "flow", Body: b})
}

func (e *exchange) matches(query string) bool {
	query = strings.ToLower(query)
	return query == "" || strings.Contains(strings.ToLower(e.Subject), query) || strings.Contains(strings.ToLower(e.Sender), query) ||
		strings.Contains(strings.ToLower(strings.Join(e.Recipients, " ")), query)
}

// example picks a user of the first provider and one of the second.
func (s *snapshot) example() example {
	var x example
	for _, address := range s.order {
		a := s.accounts[address]
		h := s.named(a.Host)
		if a.Service || h == nil || !h.Provider {
			continue
		}
		switch {
		case x.From == "" && len(h.Services) > 0:
			x = example{Server: h.Services[0].Address, User: cmp.Or(a.User, a.Address), Password: a.Password, From: a.Address}
		case x.From != "" && s.host(x.From) != h:
			x.To = a.Address
			return x
		}
	}
	return x
}

type mailboxesBody struct {
	Groups  []mailboxGroup
	Address string
	Account Account
	Folders []folderView
	More    int
}

type mailboxGroup struct {
	Host      Host
	Mailboxes []mailboxView
}

// ordered puts the provider's own mailbox after those of its users.
func (g mailboxGroup) ordered() mailboxGroup {
	rank := func(m mailboxView) int {
		if m.Service {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(g.Mailboxes, func(a, b mailboxView) int { return cmp.Compare(rank(a), rank(b)) })
	return g
}

type mailboxView struct {
	Account
	Held, Unseen int
}

type folderView struct {
	Name     string
	Messages []placed // newest first
}

func (s *site) mailboxes(rw http.ResponseWriter, r *http.Request) {
	look, err := s.observer.look()
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	b := mailboxesBody{Address: r.PathValue("address")}
	if b.Address != "" {
		a, ok := look.accounts[strings.ToLower(b.Address)]
		if !ok {
			s.problem(rw, r, fmt.Errorf("%w: no mailbox %s", ErrNotFound, clip(b.Address, 200)))
			return
		}
		b.Account, b.Address = a, a.Address
	}
	held, unseen := map[string]int{}, map[string]int{}
	for i := len(look.messages) - 1; i >= 0; i-- {
		m := look.messages[i]
		held[m.Mailbox]++
		if !m.Seen {
			unseen[m.Mailbox]++
		}
		if !strings.EqualFold(m.Mailbox, b.Address) {
			continue
		}
		if held[m.Mailbox] > maxListed {
			b.More++
			continue
		}
		at := slices.IndexFunc(b.Folders, func(f folderView) bool { return f.Name == m.Folder })
		if at < 0 {
			b.Folders = append(b.Folders, folderView{Name: m.Folder})
			at = len(b.Folders) - 1
		}
		b.Folders[at].Messages = append(b.Folders[at].Messages, m)
	}
	slices.SortStableFunc(b.Folders, func(x, y folderView) int { return cmp.Compare(depthOf(x.Name), depthOf(y.Name)) })
	for _, h := range look.hosts {
		g := mailboxGroup{Host: h}
		for _, address := range look.order {
			if a := look.accounts[address]; a.Host == h.Name {
				g.Mailboxes = append(g.Mailboxes, mailboxView{Account: a, Held: held[address], Unseen: unseen[address]})
			}
		}
		if len(g.Mailboxes) > 0 {
			b.Groups = append(b.Groups, g.ordered())
		}
	}
	title := s.speaker(r).Say("nav.mailboxes")
	if b.Address != "" {
		title = b.Address
	}
	s.show(rw, r, http.StatusOK, "mailboxes", page{Title: title, Section: "mailboxes", Body: b})
}

// depthOf puts INBOX first.
func depthOf(folder string) int {
	if folder == "INBOX" {
		return 0
	}
	return 1
}
