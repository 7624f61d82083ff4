package rawmime

import (
	"strings"
)

// DecodeWords decodes the RFC 2047 encoded words of a header value and leaves
// the rest as it is; line ends of folding are removed. White space between two
// encoded words is dropped (RFC 2047 6.2). It is tolerant: words stand
// anywhere, and what cannot be decoded stays as written.
//
// Adjacent words of one charset are joined before their octets are decoded,
// because composers in the field cut multi-byte characters between words.
func DecodeWords(header string) string {
	header = Unfold(header)
	if !strings.Contains(header, "=?") {
		return header
	}
	var out strings.Builder
	var pending word // the words read so far, not yet decoded
	start := 0       // where the first of them starts
	flush := func() {
		if pending.raw != "" {
			if text, err := ToUTF8(pending.content, pending.charset); err == nil || pending.known {
				out.WriteString(text)
			} else {
				out.WriteString(pending.raw)
			}
		}
		pending = word{}
	}
	for at := 0; at < len(header); {
		i := strings.Index(header[at:], "=?")
		if i < 0 {
			flush()
			out.WriteString(header[at:])
			return out.String()
		}
		w, ok := parseWord(header[at+i:])
		if !ok {
			flush()
			out.WriteString(header[at : at+i+2])
			at += i + 2
			continue
		}
		between := header[at : at+i]
		switch {
		case pending.raw == "" || strings.Trim(between, " \t\r\n") != "":
			flush()
			out.WriteString(between)
			pending, start = w, at+i
		case strings.EqualFold(pending.charset, w.charset):
			pending.raw = header[start : at+i+len(w.raw)] // a slice: joining strings would be quadratic
			pending.content = append(pending.content, w.content...)
		default:
			flush()
			pending, start = w, at+i
		}
		at += i + len(w.raw)
	}
	flush()
	return out.String()
}

// word is one encoded word, or several joined.
type word struct {
	raw     string // as written
	charset string
	content []byte // decoded octets, in charset
	known   bool   // the charset is known, so that damage in the octets shows as U+FFFD
}

// parseWord reads "=?charset?encoding?text?=" at the start of s.
func parseWord(s string) (word, bool) {
	charset, _, ok := strings.Cut(s[2:min(len(s), 100)], "?")
	if !ok || !isToken(charset) {
		return word{}, false
	}
	at := 2 + len(charset) + 1
	rest := s[at:]
	if len(rest) < 2 || rest[1] != '?' {
		return word{}, false
	}
	text, _, ok := strings.Cut(rest[2:], "?")
	at += 2 + len(text)
	if !ok || at+2 > len(s) || s[at+1] != '=' {
		return word{}, false
	}
	w := word{raw: s[:at+2]}
	w.charset, _, _ = strings.Cut(charset, "*") // RFC 2231 5: language after an asterisk
	w.known = knownCharset(w.charset)
	switch rest[0] {
	case 'B', 'b':
		content, err := decodeBase64([]byte(text))
		if err != nil && len(content) == 0 {
			return word{}, false
		}
		w.content = content
	case 'Q', 'q':
		w.content = decodeQ(text)
	default:
		return word{}, false
	}
	return w, true
}

// decodeQ decodes the Q encoding (RFC 2047 4.2).
func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
