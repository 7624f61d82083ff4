package reports

import (
	"cmp"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// client draws what a mail client under test was told to do, the sessions that
// it opened for that, and what it concluded.
func (a *artist) client() {
	c := a.view.Case
	if len(c.ClientRuns) == 0 {
		return
	}
	a.divide(a.words.Text("flow.client"))
	for _, r := range c.ClientRuns {
		name := r.Account
		if box := c.Mailbox(r.Account); box != nil {
			name = cmp.Or(box.Actor, name)
		}
		from := a.line("mailbox "+strings.ToLower(r.Account), name, r.Account, "actor", rankSender)
		drawn := false
		for _, s := range c.ClientSessions {
			if s.Run != r.ID {
				continue
			}
			drawn = true
			label, tone := a.words.Text("flow.over", r.Action, s.Service), "plain"
			if !s.TLS {
				label, tone = label+a.words.Text("flow.in-clear"), "trouble"
			}
			a.add(arrow{From: from, To: a.provider(s.Host), Label: label, Note: s.Account, Tone: tone, Path: a.path(s.Transcript)})
		}
		switch {
		case !r.Succeeded():
			a.add(arrow{From: from, To: from, Label: a.words.Text("flow.failed", r.Action), Tone: "trouble", Path: a.path(r.Trouble)})
		case !drawn:
			a.add(arrow{From: from, To: from, Label: a.said(r), Note: r.Recipient, Tone: "reply", Path: a.path(r.Output)})
		}
	}
	for _, p := range c.ClientPlacings {
		to := a.line("mailbox "+strings.ToLower(p.Mailbox), p.Mailbox, p.Mailbox, "actor", rankSender)
		a.add(arrow{From: to, To: to, Label: a.words.Text("flow.put"), Tone: "plain", Path: a.path(p.Blob)})
	}
}

// said is what a run without any session came to: mostly a conclusion.
func (a *artist) said(r evidence.ClientRun) string {
	for _, s := range a.view.Case.ClientStandings {
		if s.Run == r.ID {
			return a.words.Text("flow.concludes", cmp.Or(s.Status, a.words.Text("flow.not-understood")))
		}
	}
	return r.Action
}
