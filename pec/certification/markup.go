package certification

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (s *scanner) endTag() (token, *Error) {
	start := s.at
	s.at += len("</")
	name, err := s.name("an end tag")
	if err != nil {
		return token{}, err
	}
	s.space()
	if err := s.expect('>', "the end of tag </%s>", name); err != nil {
		return token{}, err
	}
	return token{kind: tokenClose, offset: start, name: name}, nil
}

func (s *scanner) startTag() (token, *Error) {
	t := token{kind: tokenStart, offset: s.at}
	s.at++
	var err *Error
	if t.name, err = s.name("a tag"); err != nil {
		return token{}, err
	}
	for {
		spaced := s.space()
		switch {
		case s.at == len(s.in):
			return token{}, s.fail(CodeTruncated, t.offset, "the tag <%s is not closed", clip(t.name))
		case s.in[s.at] == '>':
			s.at++
			return t, nil
		case s.in[s.at] == '/':
			s.at++
			t.selfClosed = true
			return t, s.expect('>', "the end of tag <%s/>", t.name)
		case !spaced:
			return token{}, s.fail(CodeSyntax, s.at, "expected white space before an attribute of <%s>", clip(t.name))
		}
		a, err := s.attribute()
		if err != nil {
			return token{}, err
		}
		for _, seen := range t.attributes {
			if seen.name == a.name {
				return token{}, s.fail(CodeRepeatedAttribute, a.offset, "attribute %s stands twice in <%s>", clip(a.name), clip(t.name))
			}
		}
		if len(t.attributes) == maxAttributes {
			return token{}, s.fail(CodeUnknownAttribute, a.offset, "<%s> has more than %d attributes", clip(t.name), maxAttributes)
		}
		t.attributes = append(t.attributes, a)
	}
}

func (s *scanner) attribute() (attribute, *Error) {
	a := attribute{offset: s.at}
	var err *Error
	if a.name, err = s.name("an attribute"); err != nil {
		return a, err
	}
	s.space()
	if err := s.expect('=', "the value of attribute %s", a.name); err != nil {
		return a, err
	}
	s.space()
	a.value, err = s.quoted(a.name)
	return a, err
}

// quoted reads an attribute value, with references replaced and white space
// normalised (XML 1.0 3.3.3, for CDATA attributes).
func (s *scanner) quoted(attribute string) (string, *Error) {
	attribute = clip(attribute)
	if s.at == len(s.in) {
		return "", s.fail(CodeTruncated, s.at, "attribute %s has no value", attribute)
	}
	quote, start := s.in[s.at], s.at
	if quote != '"' && quote != '\'' {
		return "", s.fail(CodeSyntax, s.at, "the value of attribute %s is not quoted", attribute)
	}
	s.at++
	if end := bytes.IndexAny(s.in[s.at:], "\"'<&\t\r\n"); end >= 0 && s.in[s.at+end] == quote {
		s.at += end + 1
		return string(s.in[s.at-end-1 : s.at-1]), nil // there is nothing to replace
	}
	var value strings.Builder
	for s.at < len(s.in) {
		switch c := s.in[s.at]; c {
		case quote:
			s.at++
			return value.String(), nil
		case '<':
			return "", s.fail(CodeSyntax, s.at, "a \"<\" stands in the value of attribute %s", attribute)
		case '&':
			text, err := s.reference()
			if err != nil {
				return "", err
			}
			value.WriteString(text)
		case '\t', '\n', '\r':
			if c == '\r' && s.at+1 < len(s.in) && s.in[s.at+1] == '\n' {
				s.at++
			}
			value.WriteByte(' ')
			s.at++
		default:
			value.WriteByte(c)
			s.at++
		}
	}
	return "", s.fail(CodeTruncated, start, "the value of attribute %s is not closed", attribute)
}

var predefined = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"}

// reference reads a character reference or one of the predefined entities.
func (s *scanner) reference() (string, *Error) {
	start := s.at
	end := bytes.IndexByte(s.in[start:min(len(s.in), start+64)], ';')
	if end < 0 {
		return "", s.fail(CodeSyntax, start, "an ampersand starts no reference; it must be written &amp;")
	}
	name := string(s.in[start+1 : start+end])
	s.at = start + end + 1
	if !strings.HasPrefix(name, "#") {
		text, ok := predefined[name]
		switch {
		case ok:
			return text, nil
		case isName(name):
			return "", s.fail(CodeEntity, start, "entity &%s; is not one of the five predefined ones", name)
		default:
			return "", s.fail(CodeSyntax, start, "an ampersand starts no reference; it must be written &amp;")
		}
	}
	digits, base := name[1:], 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	if strings.ContainsAny(digits, "+-_") {
		return "", s.fail(CodeSyntax, start, "&%s; is no character reference", name)
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return "", s.fail(CodeSyntax, start, "&%s; is no character reference", name)
	}
	if code > utf8.MaxRune || !isCharacter(rune(code)) {
		return "", s.fail(CodeControlCharacter, start, "&%s; refers to a character that is not allowed in XML", name)
	}
	return string(rune(code)), nil
}

func (s *scanner) name(what string) (string, *Error) {
	end := bytes.IndexAny(s.in[s.at:], " \t\r\n=/><&\"'")
	if end < 0 {
		return "", s.fail(CodeTruncated, s.at, "%s is not closed", what)
	}
	name, known := usualNames()[string(s.in[s.at:s.at+end])]
	if !known {
		name = string(s.in[s.at : s.at+end])
	}
	if !known && !isName(name) {
		return "", s.fail(CodeSyntax, s.at, "%s has no valid name", what)
	}
	s.at += end
	return name, nil
}
