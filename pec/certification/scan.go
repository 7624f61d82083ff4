package certification

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// scanner reads XML 1.0 tokens. It is strict where encoding/xml is lenient
// (repeated attributes, several roots, text around the root, a space before
// the declaration), and knows no entity but the five predefined ones.
type scanner struct {
	in    []byte
	at    int
	base  int    // offset of in[0] in the document as given (a byte order mark was cut)
	open  string // innermost open element, for errors
	notes []Finding
}

type tokenKind int

const (
	tokenEnd       tokenKind = iota // end of input
	tokenStart                      // <name …> or <name …/>
	tokenClose                      // </name>
	tokenText                       // character data or a reference; chars says whether it is white space as written
	tokenCDATA                      // <![CDATA[…]]>
	tokenComment                    // <!-- … -->
	tokenPI                         // <?target …?>
	tokenDoctype                    // <!DOCTYPE …>
	tokenReference                  // &…; as its text
)

type token struct {
	kind       tokenKind
	name       string
	offset     int
	text       string
	attributes []attribute
	selfClosed bool
}

// attribute is the value of the attribute of that name.
func (t token) attribute(name string) (value string, ok bool) {
	for _, a := range t.attributes {
		if a.name == name {
			return a.value, true
		}
	}
	return "", false
}

type attribute struct {
	name, value string
	offset      int
}

func (s *scanner) fail(code string, offset int, format string, arguments ...any) *Error {
	return &Error{Code: code, Element: s.open, Offset: offset + s.base, Detail: fmt.Sprintf(format, arguments...)}
}

func (s *scanner) note(code, format string, arguments ...any) {
	s.notes = append(s.notes, Finding{Code: code, Detail: fmt.Sprintf(format, arguments...)})
}

// characters checks that the whole document is UTF-8 and holds only characters
// of XML 1.0 2.2, so that the rest of the scanner may look at octets.
func (s *scanner) characters() *Error {
	for i := 0; i < len(s.in); {
		c := s.in[i]
		if c >= ' ' && c < utf8.RuneSelf || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(s.in[i:])
		if r == utf8.RuneError && size == 1 {
			return s.fail(CodeEncoding, i, "expected UTF-8, got octet 0x%02X", c)
		}
		if !isCharacter(r) {
			return s.fail(CodeControlCharacter, i, "character U+%04X is not allowed in XML", r)
		}
		i += size
	}
	return nil
}

func isCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// next returns the next token. Text comes apart at references.
func (s *scanner) next() (token, *Error) {
	start := s.at
	if start == len(s.in) {
		return token{kind: tokenEnd, offset: start}, nil
	}
	rest := s.in[start:]
	switch {
	case rest[0] == '&':
		text, err := s.reference()
		return token{kind: tokenReference, offset: start, text: text}, err
	case rest[0] != '<':
		return s.text()
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.comment()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		content, err := s.until(len("<![CDATA["), "]]>", "a CDATA section")
		return token{kind: tokenCDATA, offset: start, text: lineFeeds(content)}, err
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		return s.doctype()
	case bytes.HasPrefix(rest, []byte("<?")):
		return s.instruction()
	case bytes.HasPrefix(rest, []byte("</")):
		return s.endTag()
	case bytes.HasPrefix(rest, []byte("<!")):
		return token{}, s.fail(CodeSyntax, start, "a markup declaration stands outside a DOCTYPE")
	default:
		return s.startTag()
	}
}

// until returns what stands between skip octets from here and the mark, and
// moves after the mark.
func (s *scanner) until(skip int, mark, what string) (string, *Error) {
	start := s.at
	i := bytes.Index(s.in[start+skip:], []byte(mark))
	if i < 0 {
		return "", s.fail(CodeTruncated, start, "%s is not closed", what)
	}
	s.at = start + skip + i + len(mark)
	return string(s.in[start+skip : start+skip+i]), nil
}

func (s *scanner) text() (token, *Error) {
	start := s.at
	end := bytes.IndexAny(s.in[start:], "<&")
	if end < 0 {
		end = len(s.in) - start
	}
	content := s.in[start : start+end]
	if i := bytes.Index(content, []byte("]]>")); i >= 0 {
		return token{}, s.fail(CodeSyntax, start+i, "\"]]>\" stands in character data")
	}
	s.at = start + end
	return token{kind: tokenText, offset: start, text: lineFeeds(string(content))}, nil
}

func (s *scanner) comment() (token, *Error) {
	start := s.at
	content, err := s.until(len("<!--"), "--", "a comment")
	if err != nil {
		return token{}, err
	}
	if s.at == len(s.in) {
		return token{}, s.fail(CodeTruncated, start, "a comment is not closed")
	}
	if s.in[s.at] != '>' {
		return token{}, s.fail(CodeSyntax, s.at, "\"--\" stands inside a comment")
	}
	s.at++
	return token{kind: tokenComment, offset: start, text: content}, nil
}

func (s *scanner) instruction() (token, *Error) {
	start := s.at
	content, err := s.until(len("<?"), "?>", "a processing instruction")
	if err != nil {
		return token{}, err
	}
	target, _, _ := strings.Cut(strings.NewReplacer("\t", " ", "\r", " ", "\n", " ").Replace(content), " ")
	if strings.EqualFold(target, "xml") {
		return token{}, s.fail(CodeDeclaration, start, "an XML declaration stands elsewhere than at the very start")
	}
	if !isName(target) {
		return token{}, s.fail(CodeSyntax, start, "a processing instruction has no target name")
	}
	return token{kind: tokenPI, offset: start, name: target}, nil
}

// space skips white space and reports whether there was any.
func (s *scanner) space() bool {
	start := s.at
	for s.at < len(s.in) && strings.IndexByte(" \t\r\n", s.in[s.at]) >= 0 {
		s.at++
	}
	return s.at > start
}

// expect passes over an octet. format and name say what it is, for the error.
func (s *scanner) expect(mark byte, format, name string) *Error {
	if s.at < len(s.in) && s.in[s.at] == mark {
		s.at++
		return nil
	}
	what := fmt.Sprintf(format, clip(name))
	if s.at == len(s.in) {
		return s.fail(CodeTruncated, s.at, "the document ends before %s", what)
	}
	return s.fail(CodeSyntax, s.at, "expected %q, %s, got %q", string(mark), what, s.in[s.at])
}

// isName follows XML 1.0 (fifth edition) 2.3. Outside ASCII it asks no more
// than that the characters are characters: no such name is in the vocabulary.
func isName(s string) bool {
	for i, r := range s {
		first := r == ':' || r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || r >= 0xC0 && r != 0xD7 && r != 0xF7
		if !first && (i == 0 || !(r == '-' || r == '.' || '0' <= r && r <= '9' || r == 0xB7)) {
			return false
		}
	}
	return s != ""
}

// lineFeeds normalises line ends as XML 1.0 2.11 does.
func lineFeeds(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func isSpace(s string) bool { return strings.Trim(s, " \t\r\n") == "" }

func clip(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
