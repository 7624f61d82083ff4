package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"regexp"
	"strconv"
	"strings"
)

// imapDialogue follows an IMAP session (RFC 3501) as its server sees it.
type imapDialogue struct {
	w      *Writer
	said   imapStream
	told   imapStream
	secret imapSecret
	verb   string // of the command under way
}

// imapSecret says what of the client's next octets is secret.
type imapSecret int

const (
	imapOpen     imapSecret = iota
	imapLogin               // the rest of a LOGIN command
	imapExchange            // the answers of an AUTHENTICATE exchange
)

func newIMAPDialogue(w *Writer) *imapDialogue {
	d := &imapDialogue{w: w}
	d.said = imapStream{line: d.command, message: d.uploads, plain: d.shows}
	d.told = imapStream{line: d.response, message: isWholeMessage, plain: func() bool { return false }, name: w}
	d.said.name = w
	return d
}

// fromServer: while a client idles, its DONE is read while news are written, so
// that the order of real writes alone does not tell them apart. But no command
// begins with * or +.
func (d *imapDialogue) fromServer(b []byte, wrote bool) bool {
	untagged := bytes.HasPrefix(b, []byte("* ")) || bytes.HasPrefix(b, []byte("+ "))
	if !wrote {
		return untagged && !d.said.midway()
	}
	return untagged || d.told.midway() || taggedStatus.Match(b)
}

var taggedStatus = regexp.MustCompile(`^[^\s*+]+ (OK|NO|BAD) `)

// client leaves limits to the server, which has its own.
func (d *imapDialogue) client(b []byte) error { d.said.feed(b); return nil }

func (d *imapDialogue) server(b []byte)       { d.told.feed(b) }
func (d *imapDialogue) message(string, int64) {} // it passes as a literal

func (d *imapDialogue) response(text string, _, _ bool) {
	if d.secret == imapExchange && !strings.HasPrefix(text, "+") && !strings.HasPrefix(text, "* ") {
		d.secret = imapOpen
	}
	d.w.Line(Server, text)
}

// command writes down a line of the client, or what stands before or after a
// literal of it.
func (d *imapDialogue) command(text string, first, last bool) {
	switch {
	case d.secret == imapExchange:
		text = Removed
	case !first && d.secret == imapLogin:
		if strings.TrimSpace(text) != "" && last {
			text = Removed
		}
	case first:
		text = d.begins(text)
	}
	d.w.Line(Client, text)
	if last && d.secret == imapLogin {
		d.secret = imapOpen
	}
}

func (d *imapDialogue) begins(text string) string {
	tag, rest, _ := strings.Cut(text, " ")
	verb, arguments, _ := strings.Cut(rest, " ")
	d.verb = strings.ToUpper(verb)
	switch d.verb {
	case "LOGIN":
		d.secret = imapLogin
		if user := astring(arguments); user != "" && !literal.MatchString(arguments) {
			return tag + " " + verb + " " + user + " " + Removed
		}
		if strings.HasPrefix(arguments, "{") {
			return text // user and password both follow as literals
		}
		if user, size, ok := strings.Cut(arguments, " {"); ok && astring(user+" ") == user {
			return tag + " " + verb + " " + user + " {" + size
		}
		return tag + " " + verb + " " + Removed
	case "AUTHENTICATE":
		d.secret = imapExchange
		if mechanism, first, given := strings.Cut(arguments, " "); given && first != "" {
			return tag + " " + verb + " " + mechanism + " " + Removed
		}
	default:
		if rest != "" && !commands[d.verb] {
			return tag + " " + Removed // a slip in LOGIN bears a password too
		}
	}
	return text
}

// commands are what a client may say after a tag, of RFC 3501 and its
// extensions, whose arguments are no secrets.
var commands = map[string]bool{
	"CAPABILITY": true, "NOOP": true, "LOGOUT": true, "STARTTLS": true, "SELECT": true, "EXAMINE": true, "CREATE": true, "DELETE": true,
	"RENAME": true, "SUBSCRIBE": true, "UNSUBSCRIBE": true, "LIST": true, "LSUB": true, "STATUS": true, "APPEND": true, "CHECK": true,
	"CLOSE": true, "UNSELECT": true, "EXPUNGE": true, "SEARCH": true, "FETCH": true, "STORE": true, "COPY": true, "MOVE": true, "UID": true,
	"IDLE": true, "NAMESPACE": true, "ID": true, "ENABLE": true, "GETQUOTA": true, "GETQUOTAROOT": true, "SORT": true, "THREAD": true,
}

var quotedString = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`)

// astring is the first argument, which something must follow; "" when there is
// none.
func astring(arguments string) string {
	if quoted := quotedString.FindString(arguments); quoted != "" {
		return quoted
	}
	word, _, more := strings.Cut(arguments, " ")
	if !more || strings.ContainsAny(word, `"{`) {
		return ""
	}
	return word
}

// uploads tells that the literal announced is a message.
func (d *imapDialogue) uploads(string) bool { return d.verb == "APPEND" }

// shows tells that a literal may be shown as it is.
func (d *imapDialogue) shows() bool { return d.secret == imapOpen }

var wholeMessage = regexp.MustCompile(`(?i)(BODY\[\]|RFC822|BINARY\[\]) ~?$`)

func isWholeMessage(before string) bool { return wholeMessage.MatchString(before) }

// imapStream cuts one direction into lines, and takes literals out of them.
type imapStream struct {
	// line is told each piece of text: first and last say whether it begins and
	// ends the line that the literals are in.
	line func(text string, first, last bool)
	// message tells whether the literal after this text is a message, plain
	// whether a short one of other kind may be shown.
	message func(before string) bool
	plain   func() bool
	name    *Writer // where whole messages are named

	text      lines
	continued bool // a literal stands before
	prefix    string
	left      int64
	size      int64
	sum       hash.Hash // nil unless the literal is a message
	short     []byte    // the literal, when it may be shown
	show      bool
}

var literal = regexp.MustCompile(`\{(\d{1,12})\+?\}$`)

func (s *imapStream) midway() bool { return s.continued || s.left > 0 || s.text.midway() }

func (s *imapStream) feed(b []byte) {
	for len(b) > 0 {
		if s.left > 0 {
			n := min(int64(len(b)), s.left)
			s.octets(b[:n])
			b = b[n:]
			continue
		}
		text, rest, whole := s.text.next(b)
		b = rest
		if !whole {
			continue
		}
		first := !s.continued
		shown := s.prefix + text
		s.prefix = ""
		match := literal.FindStringSubmatchIndex(text)
		if match == nil {
			s.continued = false
			if first || shown != "" {
				s.line(shown, first, true)
			}
			continue
		}
		s.line(shown, first, false)
		s.begin(text[:match[0]], text[match[2]:match[3]])
	}
}

// begin starts a literal.
func (s *imapStream) begin(before, size string) {
	s.continued = true
	s.size, _ = strconv.ParseInt(size, 10, 64)
	s.left, s.sum, s.short = s.size, nil, nil
	if s.message(before) {
		s.sum = sha256.New()
	}
	s.show = s.sum == nil && s.plain() && s.size <= 256
	if s.left == 0 {
		s.end()
	}
}

func (s *imapStream) octets(b []byte) {
	s.left -= int64(len(b))
	if s.sum != nil {
		_, _ = s.sum.Write(b) // a hash takes everything
	} else if s.show {
		s.short = append(s.short, b...)
	}
	if s.left == 0 {
		s.end()
	}
}

// end ends a literal: it stands in the text as what it was.
func (s *imapStream) end() {
	switch {
	case s.sum != nil:
		name := hex.EncodeToString(s.sum.Sum(nil))
		s.name.name(name)
		s.prefix = Named(name, s.size)
	case s.show:
		s.prefix = string(s.short)
	default:
		s.prefix = fmt.Sprintf("[%d octets]", s.size)
	}
	s.sum, s.short = nil, nil
}
