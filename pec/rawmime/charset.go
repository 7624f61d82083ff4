package rawmime

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// encodingOf finds a charset by its MIME name. nil with ok means that the
// octets are UTF-8 or ASCII already.
//
// ISO-8859-1 is looked up here first: the HTML index means windows-1252 by it,
// and a euro sign must not appear where the message has a control character.
func encodingOf(charset string) (enc encoding.Encoding, ascii, ok bool) {
	switch strings.ToLower(strings.TrimSpace(charset)) {
	case "utf-8", "utf8":
		return nil, false, true
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "iso-ir-6":
		return nil, true, true
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "iso_8859-1:1987", "latin1", "latin-1", "l1", "cp819", "ibm819", "csisolatin1", "iso-ir-100":
		return charmap.ISO8859_1, false, true
	case "iso-8859-9", "iso8859-9", "iso_8859-9", "latin5", "l5":
		return charmap.ISO8859_9, false, true
	}
	enc, err := htmlindex.Get(strings.TrimSpace(charset))
	if err != nil || enc == encoding.Replacement {
		return nil, false, false
	}
	return enc, false, true
}

func knownCharset(charset string) bool {
	_, _, ok := encodingOf(charset)
	return ok
}

// ToUTF8 turns octets of a charset, named as in MIME, into a string of valid UTF-8. With an error
// it still returns something to show: unknown charsets as ISO-8859-1, broken
// sequences as U+FFFD.
func ToUTF8(content []byte, charset string) (string, error) {
	enc, ascii, ok := encodingOf(charset)
	if !ok {
		text, _ := charmap.ISO8859_1.NewDecoder().Bytes(content)
		return string(text), fmt.Errorf("rawmime: charset %q is not known; shown as ISO-8859-1", charset)
	}
	if enc == nil {
		return plainText(content, charset, ascii)
	}
	text, err := enc.NewDecoder().Bytes(content)
	if err != nil {
		return strings.ToValidUTF8(string(content), "\uFFFD"), fmt.Errorf("rawmime: the text is not in charset %q: %w", charset, err)
	}
	return string(text), nil
}

func plainText(content []byte, charset string, ascii bool) (string, error) {
	if ascii {
		for i, c := range content {
			if c >= utf8.RuneSelf {
				return strings.ToValidUTF8(string(content), "\uFFFD"),
					fmt.Errorf("rawmime: expected US-ASCII (charset %q), got octet 0x%02X at %d", charset, c, i)
			}
		}
		return string(content), nil
	}
	if !utf8.Valid(content) {
		return strings.ToValidUTF8(string(content), "\uFFFD"), fmt.Errorf("rawmime: the text is not valid UTF-8, as its charset %q says", charset)
	}
	return string(content), nil
}
