package steps

import (
	"bytes"
	"strings"
)

// What a server tells of a message stands in a literal or in quotes (RFC 3501 9,
// nstring), as the server likes. In quotes it is content as well, of mail that may
// be another's: its size is written.

// untilQuoted returns how many octets of a part of a line come before quotes that
// hold content; all of them where there are none.
func (s *imapStream) untilQuoted(part []byte) int {
	for i, c := range part {
		switch {
		case s.names:
			s.passName(c)
		case s.section:
			s.section, s.names = c != ']', c == '"'
		case c == '[':
			s.section = endsFold(s.last, part[:i], "BODY") || endsFold(s.last, part[:i], "BODY.PEEK") || endsFold(s.last, part[:i], "BINARY")
		case c == '"':
			if s.contentAt(part[:i]) {
				return i
			}
			s.names = true
		}
	}
	return len(part)
}

// passName goes on in quotes that hold no content.
func (s *imapStream) passName(c byte) {
	switch {
	case s.escaped:
		s.escaped = false
	case c == '\\':
		s.escaped = true
	case c == '"' || c == '\n':
		s.names = false
	}
}

// contentAt tells that quotes which open after that part of the line hold content.
// A date is none.
func (s *imapStream) contentAt(before []byte) bool {
	if endsFold(s.last, before, "INTERNALDATE ") {
		return false
	}
	if !s.seen {
		line := append(bytes.Clone(s.line), before[:min(len(before), maxReplyLine-len(s.line))]...)
		s.mail, s.seen = tellsOfMail(line), true
	}
	return s.mail
}

// ofMail sees to it that mail is known when the line is over.
func (s *imapStream) ofMail() {
	if !s.seen && !s.client {
		s.mail, s.seen = tellsOfMail(s.line), true
	}
}

// tellsOfMail tells that the response is FETCH, or one that holds a part of a body.
func tellsOfMail(line []byte) bool {
	words := strings.Fields(strings.ToUpper(string(line)))
	if len(words) == 0 || words[0] != "*" || len(words) > 1 && speaksOfSuccess(words[1]) {
		return false
	}
	return len(words) > 2 && words[2] == "FETCH" || strings.Contains(strings.Join(words, " "), "BODY[")
}

// endsFold tells that what came of the line, and that part of it after that, end in
// a word, however it is written.
func endsFold(last, part []byte, word string) bool {
	end := part[max(0, len(part)-len(word)):]
	if lack := len(word) - len(end); lack > 0 {
		end = append(bytes.Clone(last[max(0, len(last)-lack):]), end...)
	}
	return strings.EqualFold(string(end), word)
}

// feedQuoted takes octets until the quotes close, line ends included: a server
// that puts such in between means them as content.
func (s *imapStream) feedQuoted(octets []byte) int {
	for i, c := range octets {
		switch {
		case s.escaped:
			s.escaped = false
		case c == '\\':
			s.escaped = true
		case c == '"':
			mark := "[" + inOctets(s.quoted-1) + "]"
			s.quoted = 0
			s.take([]byte(mark))
			return i + 1
		}
		s.quoted++
	}
	return len(octets)
}
