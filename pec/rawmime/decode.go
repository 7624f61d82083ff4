package rawmime

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// Decoded returns the body with its transfer encoding removed. With damaged
// encoding it returns what could be decoded and an error that says where it
// broke. Identity encodings return the octets of the message themselves.
func (e *Entity) Decoded() ([]byte, error) {
	switch encoding := e.Encoding(); encoding {
	case "7bit", "8bit", "binary":
		return e.Body(), nil
	case "base64":
		return decodeBase64(e.Body())
	case "quoted-printable":
		return decodeQuotedPrintable(e.Body())
	default:
		return e.Body(), fmt.Errorf("rawmime: expected Content-Transfer-Encoding 7bit, 8bit, binary, quoted-printable or base64, got %q; the body is left as it is", encoding)
	}
}

// Text returns the body as text: transfer encoding removed, charset turned to
// UTF-8, line ends as sent. An error comes with the best text that could be
// made.
func (e *Entity) Text() (string, error) {
	content, err := e.Decoded()
	_, parameters := e.MediaType()
	text, charsetErr := ToUTF8(content, parameters["charset"])
	if err == nil {
		err = charsetErr
	}
	return text, err
}

// decodeBase64 skips what is not of the alphabet, as RFC 2045 6.8 asks, but
// reports it when it is no white space; content after padding ends decoding.
func decodeBase64(body []byte) ([]byte, error) {
	if out, ok := decodeSoundBase64(body); ok {
		return out, nil
	}
	clean := make([]byte, 0, len(body))
	var damage error
	for i, c := range body {
		switch {
		case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/':
			clean = append(clean, c)
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case c == '=':
			if rest := bytes.Trim(body[i:], "= \t\r\n"); len(rest) > 0 && damage == nil {
				damage = fmt.Errorf("rawmime: base64 goes on after its padding, at octet %d of the body; the rest is ignored", i)
			} else if pad := bytes.Count(body[i:], []byte("=")); damage == nil && (len(clean)+pad)%4 != 0 {
				damage = fmt.Errorf("rawmime: base64 ends with wrong padding, at octet %d of the body", i)
			}
			return finishBase64(clean, damage)
		default:
			if damage == nil {
				damage = fmt.Errorf("rawmime: octet %d of a base64 body is %q, which is not of the alphabet", i, c)
			}
		}
	}
	if len(clean)%4 != 0 && damage == nil {
		damage = fmt.Errorf("rawmime: a base64 body of %d characters is cut short", len(clean))
	}
	return finishBase64(clean, damage)
}

// decodeSoundBase64 decodes what holds nothing but the alphabet and line ends,
// with the padding that it needs: nearly all that is seen, and quickly. ok is
// false for everything else.
func decodeSoundBase64(body []byte) (out []byte, ok bool) {
	text := bytes.TrimRight(body, "\r\n")
	clean := bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("=")), []byte("="))
	out = make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(out, clean) // which passes over line ends
	if err != nil || len(text)-len(clean) != (3-n%3)%3 {
		return nil, false
	}
	return out[:n], true
}

func finishBase64(clean []byte, damage error) ([]byte, error) {
	if len(clean)%4 == 1 { // six bits that make no octet
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(out, clean)
	if damage == nil {
		damage = err
	}
	return out[:n], damage
}

// decodeQuotedPrintable follows RFC 2045 6.7: white space before a line end is
// dropped, soft line breaks are removed. An equals sign that starts no escape
// stays as it is and is reported.
func decodeQuotedPrintable(body []byte) ([]byte, error) {
	out := make([]byte, 0, len(body))
	var damage error
	for at := 0; at < len(body); {
		text, next := line(body, at, len(body))
		lineEnd := body[at+len(text) : next]
		text = bytes.TrimRight(text, " \t")
		soft := false
		for i := 0; i < len(text); i++ {
			switch {
			case text[i] != '=':
				out = append(out, text[i])
			case i == len(text)-1:
				soft = true
			case i+2 < len(text) && unhex(text[i+1]) >= 0 && unhex(text[i+2]) >= 0:
				out = append(out, byte(unhex(text[i+1])<<4|unhex(text[i+2])))
				i += 2
			default:
				if damage == nil {
					damage = fmt.Errorf("rawmime: the equals sign at octet %d of a quoted-printable body starts no escape", at+i)
				}
				out = append(out, '=')
			}
		}
		if !soft {
			out = append(out, lineEnd...)
		}
		at = next
	}
	return out, damage
}
