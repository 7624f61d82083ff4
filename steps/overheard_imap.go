package steps

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// imapTap stands between an IMAP client and its connection and writes down what
// passes, both ways and as it is on the wire. What a literal holds (RFC 3501 4.3)
// is the content of mail, or a secret: its size is written, and of a whole message
// the SHA-256, by which evidence knows it. Of the header fields of a message that
// may be another's not even that.
type imapTap struct {
	net.Conn
	log *transcript

	mu       sync.Mutex
	up, down imapStream
}

func newIMAPTap(conn net.Conn, log *transcript) *imapTap {
	return &imapTap{Conn: conn, log: log, up: imapStream{log: log, client: true}, down: imapStream{log: log}}
}

// Write notes first and writes then, so that no answer stands before its question.
func (t *imapTap) Write(octets []byte) (int, error) {
	t.mu.Lock()
	t.up.feed(octets)
	t.mu.Unlock()
	return t.Conn.Write(octets)
}

func (t *imapTap) Read(octets []byte) (int, error) {
	n, err := t.Conn.Read(octets)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.down.feed(octets[:n])
	if err != nil {
		t.down.stop()
	}
	return n, err
}

// imapStream is one direction of a connection.
type imapStream struct {
	log    *transcript
	client bool

	line  []byte // what came of the line, up to maxReplyLine
	last  []byte // its last octets, also of a line that is longer
	size  int    // of all that came of it
	more  bool   // it goes on a command or response that had a literal
	login bool   // of the command LOGIN: its arguments are not shown

	seen    bool  // it was looked at whether mail tells of the line, or of what it goes on
	mail    bool  // it does: a message is told of, in it or in the line that it goes on
	section bool  // between the brackets of BODY[...], where the names of fields stand
	names   bool  // in quotes that hold no content, such as those names
	escaped bool  // the octet before was a backslash, in quotes
	quoted  int64 // 0: not in quotes; else octets that were seen since they opened, the quote included

	held   int64 // octets of the literal, from its beginning
	length int64 // of all of it; 0: none is being read
	sum    hash.Hash
}

// lastKept is enough to know a literal by, and what it is of.
const lastKept = 40

func (s *imapStream) feed(octets []byte) {
	for len(octets) > 0 {
		if s.length > 0 {
			n := int(min(s.length-s.held, int64(len(octets))))
			if s.sum != nil {
				s.sum.Write(octets[:n])
			}
			s.held, octets = s.held+int64(n), octets[n:]
			if s.held == s.length {
				s.endLiteral()
			}
			continue
		}
		octets = octets[s.feedLine(octets):]
	}
}

// feedLine takes octets of a line, and with them what is quoted in it. It returns
// how many those were.
func (s *imapStream) feedLine(octets []byte) int {
	if s.quoted > 0 {
		return s.feedQuoted(octets)
	}
	end := bytes.IndexByte(octets, '\n') + 1
	part := octets
	if end > 0 {
		part = octets[:end]
	}
	if !s.client {
		if n := s.untilQuoted(part); n < len(part) { // the octet at n opens the quotes
			s.take(part[:n])
			s.quoted = 1
			return n + 1
		}
	}
	s.take(part)
	if end > 0 {
		s.endLine()
	}
	return len(part)
}

// take adds to the line.
func (s *imapStream) take(part []byte) {
	s.size += len(part)
	s.line = append(s.line, part[:min(len(part), maxReplyLine-len(s.line))]...)
	s.last = append(s.last, part...)
	s.last = append(s.last[:0], s.last[max(0, len(s.last)-lastKept):]...)
}

// endLine writes the line down, and sees whether a literal follows.
func (s *imapStream) endLine() {
	s.ofMail()
	text, more := s.shown()
	length, of, literal := s.literal(text)
	s.more = literal
	who := saidByServer
	if s.client {
		who = saidByClient
	}
	if more > 0 {
		s.log.writeCut(who, text, more)
	} else {
		s.log.write(who, text)
	}
	s.line, s.last, s.size, s.sum = s.line[:0], s.last[:0], 0, nil
	s.seen, s.section, s.names = s.more, false, false
	if !literal {
		return
	}
	s.length, s.held = length, 0
	if !s.client && strings.HasSuffix(of, "BODY[] ") {
		s.sum = sha256.New()
	}
	if length == 0 {
		s.endLiteral()
	}
}

// shown is what is kept of the line, and how many octets more there were.
func (s *imapStream) shown() (text string, more int) {
	if more = s.size - len(s.line); more > 0 {
		return s.hidden(string(s.line)), more
	}
	return s.hidden(strings.TrimRight(string(s.line), "\r\n")), 0
}

// hidden takes the password out of a LOGIN, whatever it is and however it is
// written.
func (s *imapStream) hidden(line string) string {
	if !s.client {
		return line
	}
	if s.more {
		if s.login {
			return removed
		}
		return line
	}
	tag, rest, _ := strings.Cut(line, " ")
	verb, arguments, _ := strings.Cut(rest, " ")
	s.login = strings.EqualFold(verb, "LOGIN")
	if !s.login {
		return line
	}
	shown := tag + " " + verb + " "
	if user := quotedIMAP(arguments); user != "" {
		shown += user + " "
	}
	return shown + removed
}

// quotedIMAP is the quoted string that a text begins with, quotes included; ""
// where it does not begin with one.
func quotedIMAP(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return ""
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[:i+1]
		}
	}
	return ""
}

// literal tells whether the line ends in the length of a literal, and of what it
// is. Lines that speak of success and failure end in words of the server's own.
func (s *imapStream) literal(text string) (length int64, of string, is bool) {
	if !s.client && !s.more {
		word, rest, _ := strings.Cut(text, " ")
		condition, _, _ := strings.Cut(rest, " ")
		if word != "*" || speaksOfSuccess(strings.ToUpper(condition)) {
			return 0, "", false
		}
	}
	end := strings.TrimRight(string(s.last), "\r\n")
	if !strings.HasSuffix(end, "}") {
		return 0, "", false
	}
	open := strings.LastIndexByte(end, '{')
	if open < 0 && len(s.last) < lastKept {
		return 0, "", false
	}
	// Without a brace they go on to the left of what is kept: a number that is
	// written with that many zeros is one all the same.
	digits := strings.TrimSuffix(end[open+1:len(end)-1], "+") // RFC 7888: one that waits for no leave
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, "", false
	}
	length, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		length = math.MaxInt64 // whatever follows belongs to it
	}
	return length, strings.TrimSuffix(end[:max(0, open)], "~"), true
}

// speaksOfSuccess tells the responses that end in words of the server's own.
func speaksOfSuccess(condition string) bool {
	return slices.Contains([]string{"OK", "NO", "BAD", "BYE", "PREAUTH"}, condition)
}

// endLiteral lets the line go on with what stands for the literal.
func (s *imapStream) endLiteral() {
	mark := fmt.Sprintf("[%d octets]", s.length)
	if s.sum != nil {
		mark = fmt.Sprintf("[%d octets, SHA-256 %x]", s.length, s.sum.Sum(nil))
	}
	s.line, s.size = append(s.line[:0], mark...), len(mark)
	s.length, s.sum = 0, nil
}

// stop says what was under way when the connection ended.
func (s *imapStream) stop() {
	switch {
	case s.quoted > 0:
		s.log.note("the connection ended after %s of a text in quotes", inOctets(s.quoted-1))
	case s.length > 0:
		s.log.note("the connection ended after %d of these %d octets", s.held, s.length)
	case s.size > 0:
		s.log.note("the connection ended %d octets into a line", s.size)
	}
	s.length, s.quoted, s.size, s.line, s.last = 0, 0, 0, s.line[:0], s.last[:0]
}
