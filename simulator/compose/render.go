package compose

import (
	"bytes"
	"encoding/binary"
	"fmt"
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
	out.WriteString(d.signedFields() + d.multipartType(or(d.Format.Mixed, "multipart/mixed"), mixed))
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
			if err := d.renderCertification(&out); err != nil {
				return nil, err
			}
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
	return or(d.Format.Boundary, "----=_") + random, err
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
	out.WriteString(d.multipartType("multipart/alternative", alternative))
	if d.Format.CompositeEncoding != "" {
		out.WriteString("Content-Transfer-Encoding: " + d.Format.CompositeEncoding + "\r\n")
	}
	out.WriteString("\r\n")
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
	if err := encodeText(out, encoding, octets); err != nil {
		return fmt.Errorf("compose: readable text: %w", err)
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

func (d *Draft) renderCertification(out *bytes.Buffer) error {
	encoding := or(d.Format.CertificationEncoding, "base64")
	if encoding == "7bit" && (eightBit(d.CertificationXML) || longLine(d.CertificationXML)) {
		encoding = "quoted-printable"
	}
	mediaType := or(d.Format.CertificationType, "application/xml")
	if c := or(d.Format.CertificationCharset, "UTF-8"); c != "none" {
		mediaType += "; charset=" + c
	}
	out.WriteString(d.partHeader(mediaType, or(d.Format.CertificationName, "daticert.xml"), encoding,
		or(d.Format.CertificationPlace, "inline"), "Dati di certificazione"))
	octets := d.CertificationXML
	if encoding != "base64" {
		octets = Canonical(octets)
	}
	if err := encodeText(out, encoding, octets); err != nil {
		return fmt.Errorf("compose: certification data: %w", err)
	}
	if encoding != "base64" {
		out.WriteString("\r\n")
	}
	return nil
}

// renderOriginal encloses the original octet by octet: message/rfc822 must not
// be encoded (RFC 2046 5.2.1), so the label follows the octets.
func (d *Draft) renderOriginal(out *bytes.Buffer, original []byte) {
	encoding := d.Format.OriginalEncoding
	if encoding == "" || encoding == "none" && d.eight {
		encoding = "7bit"
		if d.eight {
			encoding = "8bit"
		}
	}
	out.WriteString(d.partHeader(or(d.Format.OriginalType, "message/rfc822"), or(d.Format.OriginalName, "postacert.eml"), encoding,
		or(d.Format.OriginalPlace, "inline"), "Messaggio originale"))
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
