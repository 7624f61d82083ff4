package certification

import (
	"bytes"
	"regexp"
	"strings"
)

// MaxBytes bounds a document. Certification data of a message to thousands of
// recipients stay below one mebibyte.
const MaxBytes = 8 << 20

// maxAttributes bounds the attributes of one tag; the vocabulary knows two.
const maxAttributes = 50

var byteOrderMark = []byte("\xEF\xBB\xBF")

// declarationForm is XML 1.0 2.8, XMLDecl, without the leading "<?xml" and the
// trailing "?>".
var declarationForm = regexp.MustCompile(`^[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"(1\.[0-9]+)"|'(1\.[0-9]+)')` +
	`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][A-Za-z0-9._-]*)"|'([A-Za-z][A-Za-z0-9._-]*)'))?` +
	`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(yes|no)"|'(yes|no)'))?[ \t\r\n]*$`)

// usualDeclaration is what nearly all write.
const usualDeclaration = ` version="1.0" encoding="UTF-8"`

// declaration reads the XML declaration if there is one.
func (s *scanner) declaration() *Error {
	if !bytes.HasPrefix(s.in, []byte("<?xml")) || len(s.in) > 5 && strings.IndexByte(" \t\r\n?", s.in[5]) < 0 {
		s.note(NoteNoDeclaration, "there is no XML declaration")
		return nil
	}
	content, err := s.until(len("<?xml"), "?>", "the XML declaration")
	if err != nil {
		return err
	}
	if content == usualDeclaration {
		return nil
	}
	match := declarationForm.FindStringSubmatch(content)
	if match == nil {
		return s.fail(CodeDeclaration, 0, "expected <?xml version=\"1.0\" encoding=\"UTF-8\"?>, got <?xml%s?>", clip(content))
	}
	version, encoding, standalone := match[1]+match[2], match[3]+match[4], match[5]+match[6]
	if encoding != "" && !strings.EqualFold(encoding, "UTF-8") {
		return s.fail(CodeEncoding, 0, "expected encoding UTF-8, the declaration says %q", clip(encoding))
	}
	if version != "1.0" {
		s.note(NoteVersion, "the declaration says version %s; read as 1.0", version)
	}
	if standalone != "" {
		s.note(NoteStandalone, "the declaration says standalone=%q", standalone)
	}
	return nil
}

// doctypeForm is XML 1.0 2.8, doctypedecl, without internal subset.
var doctypeForm = regexp.MustCompile(`^<!DOCTYPE[ \t\r\n]+([^ \t\r\n>\["']+)` +
	`(?:[ \t\r\n]+(?:SYSTEM|PUBLIC[ \t\r\n]+(?:"[-'()+,./:=?;!*#@$_%a-zA-Z0-9 \r\n]*"|'[-()+,./:=?;!*#@$_%a-zA-Z0-9 \r\n]*'))` +
	`[ \t\r\n]+(?:"[^"]*"|'[^']*'))?[ \t\r\n]*>`)

// doctype accepts a DOCTYPE that declares nothing itself. What it points to is
// never fetched, and defines nothing here.
func (s *scanner) doctype() (token, *Error) {
	start := s.at
	match := doctypeForm.FindSubmatchIndex(s.in[start:])
	if match != nil {
		name := string(s.in[start+match[2] : start+match[3]])
		if !isName(name) {
			return token{}, s.fail(CodeDoctype, start, "the DOCTYPE has no valid name")
		}
		s.at = start + match[1]
		return token{kind: tokenDoctype, offset: start, name: name}, nil
	}
	// Not well-formed, or with an internal subset: tell which. Quotes of the
	// external identifier may hold brackets.
	quote := byte(0)
	for i := start; i < len(s.in); i++ {
		switch c := s.in[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			return token{}, s.fail(CodeInternalSubset, i, "the DOCTYPE has an internal subset; certification data declare no entities")
		case c == '>':
			return token{}, s.fail(CodeDoctype, start, "the DOCTYPE is malformed")
		}
	}
	return token{}, s.fail(CodeTruncated, start, "the DOCTYPE is not closed")
}
