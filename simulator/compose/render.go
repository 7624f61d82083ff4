package compose

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"mime/quotedprintable"
	"strings"
)

// Render writes the MIME entity that is signed: multipart/mixed of the readable
// text, the certification data and the enclosed original (RFC 6109 4.3), every
// line ended by CRLF. It also fixes CertificationXML, so that what was rendered
// can be read back from the draft.
func (d *Draft) Render() ([]byte, error) {
	if d.CertificationXML == nil && d.Certification != nil {
		d.CertificationXML = d.Certification.XML()
	}
	mixed, err := newBoundary(d)
	if err != nil {
		return nil, err
	}
	original := Canonical(d.Original)
	d.eight = eightBit(original)
	var out bytes.Buffer
	out.Grow(len(original) + 2*len(d.CertificationXML) + 4*len(d.Plain) + 2*len(d.HTML) + 2048)
	out.WriteString("Content-Type: " + or(d.Format.Mixed, "multipart/mixed") + "; boundary=\"" + mixed + "\"\r\n")
	d.labelComposite(&out)
	out.WriteString("\r\n")
	for _, part := range strings.Fields(or(d.Format.Order, "text certification original")) {
		switch {
		case part == "text":
			out.WriteString("--" + mixed + "\r\n")
			if err := d.renderText(&out); err != nil {
				return nil, err
			}
		case part == "certification" && d.CertificationXML != nil:
			out.WriteString("--" + mixed + "\r\n")
			d.renderCertification(&out)
		case part == "original" && d.Original != nil:
			out.WriteString("--" + mixed + "\r\n")
			d.renderOriginal(&out, original)
			out.WriteString("\r\n")
		case part == "extra":
			out.WriteString("--" + mixed + "\r\nContent-Type: text/plain; charset=us-ascii; name=\"nota.txt\"\r\n" +
				"Content-Disposition: attachment; filename=\"nota.txt\"\r\n\r\nNota del gestore.\r\n")
		case part != "certification" && part != "original":
			return nil, fmt.Errorf("compose: Format.Order holds %q; expected text, certification, original or extra", part)
		}
	}
	out.WriteString("--" + mixed + "--\r\n")
	return out.Bytes(), nil
}

func newBoundary(d *Draft) (string, error) {
	random, err := randomHex(d.random, 16)
	return "----=_" + random, err
}

// labelComposite labels a multipart around an 8-bit original, as RFC 2045 6.4
// wants: the original stays as it is, even where 7 bits would be nicer.
func (d *Draft) labelComposite(out *bytes.Buffer) {
	if d.eight && d.Format.OriginalEncoding == "" {
		out.WriteString("Content-Transfer-Encoding: 8bit\r\n")
	}
}

// eightBit tells octets that no 7bit label covers: above 127, or NUL. It goes by
// eight because an original may have 30 MB.
func eightBit(octets []byte) bool {
	rest := octets
	for ; len(rest) >= 8; rest = rest[8:] {
		if binary.NativeEndian.Uint64(rest)&0x8080808080808080 != 0 {
			return true
		}
	}
	for _, b := range rest {
		if b > 127 {
			return true
		}
	}
	return bytes.IndexByte(octets, 0) >= 0
}

func (d *Draft) renderText(out *bytes.Buffer) error {
	if d.Format.PlainOnly {
		return d.renderTextLeaf(out, "text/plain", d.Plain)
	}
	alternative, err := newBoundary(d)
	if err != nil {
		return err
	}
	out.WriteString("Content-Type: multipart/alternative; boundary=\"" + alternative + "\"\r\n\r\n")
	if !d.Format.HTMLOnly {
		out.WriteString("--" + alternative + "\r\n")
		if err := d.renderTextLeaf(out, "text/plain", d.Plain); err != nil {
			return err
		}
	}
	out.WriteString("--" + alternative + "\r\n")
	if err := d.renderTextLeaf(out, "text/html", d.HTML); err != nil {
		return err
	}
	out.WriteString("--" + alternative + "--\r\n")
	return nil
}

func (d *Draft) renderTextLeaf(out *bytes.Buffer, mediaType, text string) error {
	charset := or(d.Format.Charset, "iso-8859-1")
	encoding := or(d.Format.TextEncoding, "quoted-printable")
	out.WriteString("Content-Type: " + mediaType + "; charset=\"" + charset + "\"\r\n" +
		"Content-Transfer-Encoding: " + encoding + "\r\nContent-Disposition: inline\r\n\r\n")
	octets := []byte(strings.ReplaceAll(text, "\n", "\r\n"))
	if strings.EqualFold(charset, "iso-8859-1") {
		octets = latin1(string(octets))
	}
	switch encoding {
	case "quoted-printable":
		w := quotedprintable.NewWriter(out)
		if _, err := w.Write(octets); err != nil {
			return fmt.Errorf("compose: readable text: %w", err)
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("compose: readable text: %w", err)
		}
	case "base64":
		wrapBase64(out, octets)
	default:
		out.Write(octets)
	}
	out.WriteString("\r\n")
	return nil
}

// latin1 writes ISO-8859-1. What it has no character for becomes a question
// mark: the certification data keep it, and that is what programs read.
func latin1(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return out
}

func (d *Draft) renderCertification(out *bytes.Buffer) {
	name := or(d.Format.CertificationName, "daticert.xml")
	encoding := or(d.Format.CertificationEncoding, "base64")
	charset := ""
	if c := or(d.Format.CertificationCharset, "UTF-8"); c != "none" {
		charset = "; charset=" + c
	}
	out.WriteString("Content-Type: " + or(d.Format.CertificationType, "application/xml") + charset + "; name=\"" + name + "\"\r\n" +
		"Content-Transfer-Encoding: " + encoding + "\r\n" +
		"Content-Disposition: inline; filename=\"" + name + "\"\r\n\r\n")
	if encoding == "base64" {
		wrapBase64(out, d.CertificationXML)
		return
	}
	out.Write(Canonical(d.CertificationXML))
	out.WriteString("\r\n")
}

// renderOriginal encloses the original octet by octet: message/rfc822 must not
// be encoded (RFC 2046 5.2.1), so the label follows the octets.
func (d *Draft) renderOriginal(out *bytes.Buffer, original []byte) {
	name := or(d.Format.OriginalName, "postacert.eml")
	encoding := d.Format.OriginalEncoding
	if encoding == "" {
		encoding = "7bit"
		if d.eight {
			encoding = "8bit"
		}
	}
	out.WriteString("Content-Type: " + or(d.Format.OriginalType, "message/rfc822") + "; name=\"" + name + "\"\r\n" +
		"Content-Transfer-Encoding: " + encoding + "\r\n" +
		"Content-Disposition: inline; filename=\"" + name + "\"\r\n\r\n")
	if encoding == "base64" {
		wrapBase64(out, original)
		return
	}
	out.Write(original)
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
