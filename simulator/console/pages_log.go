package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// logQuery is what somebody looks for in the legal logs.
type logQuery struct {
	Address  string // sender or recipient
	Party    string // the other side of it
	ID       string // any identifier
	Event    string
	Provider string
	From, To string // days, as yyyy-mm-dd
}

func logQueryOf(r *http.Request) logQuery {
	get := func(name string) string { return clip(strings.TrimSpace(r.URL.Query().Get(name)), 300) }
	return logQuery{Address: get("address"), Party: get("party"), ID: get("id"), Event: get("event"), Provider: get("provider"), From: get("from"), To: get("to")}
}

// chooses tells whether a line is asked for. A day that cannot be read chooses
// every one.
func (q logQuery) chooses(l LogLine) bool {
	within := func(address string) bool {
		address = strings.ToLower(address)
		return strings.Contains(strings.ToLower(l.Sender), address) ||
			slices.ContainsFunc(l.Recipients, func(r string) bool { return strings.Contains(strings.ToLower(r), address) })
	}
	bare := strings.Trim(q.ID, "<>")
	return within(q.Address) && within(q.Party) &&
		(q.Event == "" || l.Event == q.Event) && (q.Provider == "" || l.Provider == q.Provider) &&
		(bare == "" || strings.Contains(l.MessageID, bare) || strings.Contains(l.Identifier, bare) || strings.Contains(strings.Join(l.Related, " "), bare)) &&
		q.days(l.At)
}

func (q logQuery) days(at time.Time) bool {
	if from, err := time.ParseInLocation(time.DateOnly, q.From, pec.Zone()); err == nil && at.Before(from) {
		return false
	}
	if to, err := time.ParseInLocation(time.DateOnly, q.To, pec.Zone()); err == nil && !at.Before(to.AddDate(0, 0, 1)) {
		return false
	}
	return true
}

type logBody struct {
	Query     logQuery
	Lines     []logView // newest first
	Found     int
	Events    []string
	Providers []string
}

// logView is a line with the messages of it that are kept somewhere.
type logView struct {
	LogLine
	Exchange string
	Messages []*summary
}

// maxLogged bounds the lines of the log on a page.
const maxLogged = 300

func (s *site) log(rw http.ResponseWriter, r *http.Request) {
	look, err := s.observer.look()
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	b := logBody{Query: logQueryOf(r)}
	for _, e := range look.exchanges {
		for i := len(e.lines) - 1; i >= 0; i-- {
			l := e.lines[i]
			b.Events, b.Providers = appendNew(b.Events, l.Event), appendNew(b.Providers, l.Provider)
			if !b.Query.chooses(l) {
				continue
			}
			if b.Found++; len(b.Lines) >= maxLogged {
				continue
			}
			v := logView{LogLine: l, Exchange: e.Key}
			for _, id := range l.Related[:min(len(l.Related), 5)] {
				if kept := look.held(id, ""); len(kept) > 0 {
					v.Messages = append(v.Messages, kept[0].summary)
				}
			}
			b.Lines = append(b.Lines, v)
		}
	}
	slices.SortStableFunc(b.Lines, func(x, y logView) int { return y.At.Compare(x.At) })
	slices.Sort(b.Events)
	slices.Sort(b.Providers)
	s.show(rw, r, http.StatusOK, "log", page{Title: s.speaker(r).Say("nav.log"), Section: "log", Body: b})
}

type transcriptsBody struct {
	Sessions  []Session
	Filter    SessionFilter
	Hosts     []string
	Protocols []string
	Older     int64 // sessions before this one may be asked for; 0: there are none
	None      string
}

// protocols that a world speaks.
var protocols = []string{"smtp", "imap", "pop3", "ldap", "https"}

func (s *site) transcripts(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	b := transcriptsBody{Protocols: protocols, Filter: SessionFilter{
		Host: clip(q.Get("host"), 300), Protocol: clip(q.Get("protocol"), 40), Account: clip(strings.TrimSpace(q.Get("account")), 300), Limit: maxListed,
	}}
	b.Filter.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // 0, the newest, when it is no number
	for _, h := range s.world.Hosts() {
		b.Hosts = append(b.Hosts, h.Name)
	}
	list, err := s.world.Sessions(b.Filter)
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	b.Sessions = list
	if len(list) == maxListed {
		b.Older = list[len(list)-1].ID
	}
	s.show(rw, r, http.StatusOK, "transcripts", page{Title: s.speaker(r).Say("nav.transcripts"), Section: "transcripts", Body: b})
}

// maxLines bounds the lines of a transcript on a page.
const maxLines = 2000

type transcriptBody struct {
	Session
	More int      // lines that are not shown
	Kept []string // messages that some host keeps, by hash
}

func (s *site) transcript(rw http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		s.problem(rw, r, fmt.Errorf("%w: no session %s", ErrNotFound, clip(r.PathValue("id"), 40)))
		return
	}
	session, err := s.world.Session(id)
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	b := transcriptBody{Session: session}
	if n := len(b.Lines); n > maxLines {
		b.More, b.Lines = n-maxLines, b.Lines[:maxLines]
	}
	for _, hash := range session.Messages[:min(len(session.Messages), maxListed)] {
		if _, err := s.world.Message(hash); err == nil {
			b.Kept = append(b.Kept, hash)
		}
	}
	say := s.speaker(r)
	s.show(rw, r, http.StatusOK, "transcript", page{Title: say.Say("transcript.title", id), Section: "transcripts", Body: b})
}
