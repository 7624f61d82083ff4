package directory

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of ReadLDIF. The real directory has some dozens of records and some
// hundred thousand domains.
const (
	MaxBytes     = 64 << 20 // the file
	MaxLineBytes = 1 << 20  // one value, folded lines joined
	MaxRecords   = 100_000
	maxFindings  = 1000
)

// Error says why an LDIF file is refused.
type Error struct {
	Line   int    // from 1
	Code   string // "read", "limit-size", "limit-line", "limit-records", "syntax", "base64", "url-value", "change-record", "version", "empty"
	Detail string
}

func (e *Error) Error() string {
	return fmt.Sprintf("LDIF line %d: %s (%s)", e.Line, e.Detail, e.Code)
}

// ReadLDIF reads content records. Change records, values by URL (attr:<) and
// whatever is no LDIF are refused with an *Error; an unreadable certificate is
// a finding. The reader is read to its end or to the limit.
func ReadLDIF(r io.Reader) (*Directory, error) { return readLDIF(r, MaxBytes) }

func readLDIF(r io.Reader, limit int) (*Directory, error) {
	p := &parser{in: bufio.NewReaderSize(io.LimitReader(r, int64(limit)+1), 64<<10), limit: limit, directory: &Directory{}}
	for {
		text, at, err := p.logicalLine()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = p.line(text, at)
		}
		if err != nil {
			return nil, err
		}
	}
	p.finish()
	if len(p.directory.Records) == 0 {
		return nil, p.fail(p.number, "empty", "expected at least one record, got none")
	}
	return p.directory, nil
}

type parser struct {
	in        *bufio.Reader
	limit     int    // octets of the file
	number    int    // of the last physical line read
	read      int    // octets read
	ahead     []byte // physical line read in advance
	hasAhead  bool
	began     bool // the first line that counts was seen
	directory *Directory
	record    *Record
	entry     *Entry // of the record
}

func (p *parser) fail(line int, code, format string, arguments ...any) error {
	return &Error{Line: line, Code: code, Detail: fmt.Sprintf(format, arguments...)}
}

func (p *parser) find(line int, code, format string, arguments ...any) {
	if len(p.directory.Findings) < maxFindings {
		p.directory.Findings = append(p.directory.Findings, Finding{Line: line, Code: code, Detail: fmt.Sprintf(format, arguments...)})
	}
}

// physicalLine returns the next line without its line end.
func (p *parser) physicalLine() ([]byte, error) {
	if p.hasAhead {
		p.hasAhead = false
		return p.ahead, nil
	}
	var text []byte
	for {
		piece, err := p.in.ReadSlice('\n')
		p.read += len(piece)
		text = append(text, piece...)
		switch {
		case p.read > p.limit:
			return nil, p.fail(p.number+1, "limit-size", "the file is longer than %d octets", p.limit)
		case len(text) > MaxLineBytes:
			return nil, p.fail(p.number+1, "limit-line", "a line is longer than %d octets", MaxLineBytes)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(text) == 0:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, p.fail(p.number+1, "read", "%v", err)
		}
		p.number++
		return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r")), nil
	}
}

// logicalLine joins a line with those that continue it, and returns where it
// started.
func (p *parser) logicalLine() ([]byte, int, error) {
	text, err := p.physicalLine()
	if err != nil {
		return nil, 0, err
	}
	at := p.number
	for {
		next, err := p.physicalLine()
		if errors.Is(err, io.EOF) {
			return text, at, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if len(next) == 0 || next[0] != ' ' || len(text) == 0 {
			p.ahead, p.hasAhead = next, true
			return text, at, nil
		}
		if text = append(text, next[1:]...); len(text) > MaxLineBytes {
			return nil, 0, p.fail(at, "limit-line", "a value is longer than %d octets", MaxLineBytes)
		}
	}
}

func (p *parser) line(text []byte, at int) error {
	switch {
	case len(text) == 0:
		p.finish()
		return nil
	case text[0] == '#':
		return nil
	case text[0] == ' ':
		return p.fail(at, "syntax", "a folded line continues nothing")
	}
	a, err := p.attribute(text, at)
	if err != nil {
		return err
	}
	first := !p.began
	p.began = true
	name, value, key := a.Name, a.Value, strings.ToLower(a.Name)
	switch {
	case first && key == "version":
		if value != "1" {
			return p.fail(at, "version", "expected LDIF version 1, got %q", clip(value))
		}
		return nil
	case key == "dn":
		if p.record != nil {
			p.find(at, "record-without-blank-line", "a record starts without a blank line before it")
			p.finish()
		}
		if len(p.directory.Records) >= MaxRecords {
			return p.fail(at, "limit-records", "more than %d records", MaxRecords)
		}
		p.record = &Record{DN: value, Line: at, Attributes: map[string][]string{}}
		p.entry = &Entry{DN: value, Line: at}
		return nil
	case p.record == nil:
		return p.fail(at, "syntax", "expected a record to start with dn, got %q", clip(name))
	case key == "changetype" || key == "control":
		return p.fail(at, "change-record", "the file holds changes (%s), not the content of a directory", key)
	}
	p.store(a)
	return nil
}

// attribute reads "name: value", "name:: base64", and refuses "name:< url". The
// base64 of a certificate that cannot be decoded is a finding: one corrupt
// certificate must not cost the whole directory (RFC 6109 4.5.10 prints one).
func (p *parser) attribute(text []byte, at int) (Attribute, error) {
	before, after, ok := strings.Cut(string(text), ":")
	if !ok || !isDescription(before) {
		return Attribute{}, p.fail(at, "syntax", "expected an attribute and a colon, got %q", clip(string(text)))
	}
	a := Attribute{Name: before, Line: at}
	switch {
	case strings.HasPrefix(after, "<"):
		return a, p.fail(at, "url-value", "the value of %s is to be fetched from a URL; nothing is fetched", clip(before))
	case strings.HasPrefix(after, ":"):
		a.Base64 = true
		encoded := strings.Trim(after[1:], " ")
		if strings.ContainsAny(encoded, " \t") {
			p.find(at, "blank-in-base64", "the base64 of %s holds blanks", clip(before))
			encoded = strings.NewReplacer(" ", "", "\t", "").Replace(encoded)
		}
		decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil && a.Type() == "providercertificate" {
			p.find(at, "certificate-unreadable", "a certificate of the record is no base64: %v", err)
			a.Value, a.Damaged = encoded, true
			return a, nil
		}
		if err != nil {
			return a, p.fail(at, "base64", "the value of %s is no base64: %v", clip(before), err)
		}
		a.Value = string(decoded)
		return a, nil
	}
	a.Value = strings.TrimLeft(after, " ")
	if strings.IndexByte(a.Value, 0) >= 0 {
		return a, p.fail(at, "syntax", "the value of %s holds a NUL", clip(before))
	}
	for i := 0; i < len(a.Value); i++ {
		if a.Value[i] >= utf8.RuneSelf {
			p.find(at, "non-ascii-value", "the value of %s is not ASCII and not base64 (RFC 2849, SAFE-STRING)", clip(before))
			break
		}
	}
	return a, nil
}

// isDescription reports whether s is an attribute description: a name or an
// object identifier, and options (RFC 2849).
func isDescription(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alphanumeric && (i == 0 || c != '-' && c != ';' && c != '.') {
			return false
		}
	}
	return s != ""
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:60]
	}
	return s
}
