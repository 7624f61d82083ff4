package rules

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// session is a session of the client, with what was said in it.
type session struct {
	evidence.ClientSession
	said []string // lines of the client, in order
}

func (s session) where() Where {
	return Where{Blob: s.Transcript, Part: fmt.Sprintf("session %d, %s at %s", s.ID, s.Service, s.Host)}
}

// eachSession has something looked at in every session of the client.
func (v *View) eachSession(f *Findings, look func(*Findings, session)) {
	for _, c := range v.Case.ClientSessions {
		s := session{ClientSession: c}
		octets, err := v.Case.Blob(c.Transcript)
		if err != nil {
			f.Unable(s.where(), err.Error())
			continue
		}
		for line := range strings.Lines(string(octets)) {
			if said, is := strings.CutPrefix(line, "C: "); is {
				s.said = append(s.said, strings.TrimRight(said, "\r\n"))
			}
		}
		look(f, s)
	}
}

// verb is the command of a line, in capitals; of IMAP without its tag.
func verb(protocol, line string) string {
	words := strings.Fields(strings.ToUpper(line))
	if protocol == "imap" && len(words) > 1 {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// harmless are the commands that may be said before a session is protected: they
// ask what the server can, turn protection on, or end the session.
func harmless(protocol, line string) bool {
	switch verb(protocol, line) {
	case "", "EHLO", "HELO", "NOOP", "RSET", "QUIT", "STARTTLS", "STLS", "CAPA", "CAPABILITY", "LOGOUT", "ID":
		return true
	}
	return false
}

func startsProtection(protocol, line string) bool {
	v := verb(protocol, line)
	return v == "STARTTLS" || v == "STLS"
}

// protected: nothing that matters is said before TLS (PEC-CLI-001). A session
// that became secure had its command for it; one without that command was secure
// from the beginning.
func protected(f *Findings, s session) {
	const expected = "TLS before anything but greetings is said"
	asked := false
	for _, line := range s.said {
		asked = asked || startsProtection(s.Protocol, line)
	}
	for _, line := range s.said {
		if s.TLS && (!asked || startsProtection(s.Protocol, line)) {
			break
		}
		if !harmless(s.Protocol, line) {
			f.Broken(s.where(), expected, "in clear text: "+shown(line))
			return
		}
	}
	if s.TLS {
		f.Holds(s.where(), s.Service+", "+s.TLSVersion)
	}
}

// signedIn: whoever sends or reads has signed in before (PEC-CLI-002).
func signedIn(f *Findings, s session) {
	asked, matters := false, ""
	for _, line := range s.said {
		switch verb(s.Protocol, line) {
		case "AUTH", "AUTHENTICATE", "LOGIN", "PASS", "APOP":
			asked = true
		case "MAIL", "RCPT", "DATA", "BDAT", "SELECT", "EXAMINE", "FETCH", "UID", "APPEND", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE":
			matters = line
		}
		if matters != "" {
			break
		}
	}
	switch {
	case matters == "":
	case !asked || s.Account == "":
		f.Broken(s.where(), "authentication before mail is sent or read", "without it: "+shown(matters))
	default:
		f.Holds(s.where(), "signed in as "+s.Account)
	}
}

// eachErrand asks of every sending and fetching that the client calls a success
// that a session was there in which it was signed in: otherwise it went another
// way. One that failed, or never started, shows nothing about that.
func (v *View) eachErrand(f *Findings) {
	for _, r := range v.Case.ClientRuns {
		if r.Action != evidence.ClientSend && r.Action != evidence.ClientFetch || !r.Succeeded() {
			continue
		}
		if len(v.Case.ClientSessions) == 0 {
			f.Unable(Where{}, string(NeedHistory))
			return
		}
		where := Where{Blob: r.Trouble, Part: "client " + r.ID}
		as := ""
		for _, s := range v.Case.ClientSessions {
			if s.Run == r.ID && s.Account != "" && (s.Protocol == "smtp") == (r.Action == evidence.ClientSend) {
				as = s.Account
			}
		}
		switch {
		case as != "":
			f.Holds(where, r.Action+" as "+as)
		default:
			f.Broken(where, "a session with the provider, signed in, to "+r.Action, "none; "+v.ended(r))
		}
	}
}
