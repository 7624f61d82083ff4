package main

import (
	"bytes"
	"fmt"
	"strings"
)

// notAMessage says why octets cannot be the beginning of a message, or "" when
// they can: a message begins with header fields, "Name: value" (RFC 5322 2.2),
// and one of them at least is a field of mail, which no log or table has. A
// damaged header is still a message; none at all is not.
func notAMessage(first []byte) string {
	if format := formatOf(first); format != "" {
		return "it is " + format
	}
	if bytes.IndexByte(first[:min(len(first), 512)], 0) >= 0 {
		return "it holds binary data"
	}
	good, strange, known := 0, 0, false
	for line := range bytes.Lines(first) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 || good+strange == 100 {
			break // end of the header, or enough of it
		}
		name := fieldName(line)
		switch {
		case name != "":
			good++
			known = known || isMailField(name)
		case good > 0 && (line[0] == ' ' || line[0] == '\t'):
			good++ // the field before, folded
		default:
			strange++
		}
	}
	switch {
	case good == 0:
		return "no line at its beginning has the form of a header field"
	case strange > good:
		return fmt.Sprintf("only %d of its first %d lines have the form of a header field", good, good+strange)
	case !known:
		return "none of the names at its beginning is that of a header field of mail"
	}
	return ""
}

// directoryOrCertificate tells the beginning of a directory (LDIF, or DER as a
// .p7m is) or of a certificate (PEM or DER).
func directoryOrCertificate(first []byte) bool {
	if bytes.HasPrefix(first, []byte{0x30}) && bytes.IndexByte([]byte{0x80, 0x81, 0x82, 0x83, 0x84}, second(first)) >= 0 {
		return true
	}
	if bytes.HasPrefix(first, []byte("-----BEGIN CERTIFICATE-----")) ||
		notAMessage(first) != "" && bytes.Contains(first, []byte("\n-----BEGIN CERTIFICATE-----")) {
		return true
	}
	for line := range bytes.Lines(bytes.TrimPrefix(first, []byte("\xef\xbb\xbf"))) {
		line = bytes.ToLower(bytes.TrimSpace(line))
		if len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte("dn:")) || bytes.HasPrefix(line, []byte("version:"))
		}
	}
	return false
}

func second(octets []byte) byte {
	if len(octets) < 2 {
		return 0
	}
	return octets[1]
}

// fieldName returns the name of the field that a line begins with, "" when it
// begins with none.
func fieldName(line []byte) string {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 {
		return ""
	}
	name := bytes.TrimRight(line[:colon], " \t")
	for _, c := range name {
		if c < 33 || c > 126 {
			return ""
		}
	}
	return string(name)
}

// isMailField tells whether mail has a header field of that name: one of them
// stands in the first lines of every message.
func isMailField(name string) bool {
	switch name = strings.ToLower(name); name {
	case "return-path", "received", "delivered-to", "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date",
		"message-id", "in-reply-to", "references", "mime-version", "content-type", "dkim-signature", "authentication-results",
		"received-spf", "x-ricevuta", "x-trasporto", "x-tiporicevuta", "x-riferimento-message-id", "x-verificasicurezza", "x-mittente":
		return true
	}
	return strings.HasPrefix(name, "arc-") || strings.HasPrefix(name, "resent-")
}

// formatOf names the formats that are most often taken for a message.
func formatOf(first []byte) string {
	for _, format := range []struct{ begins, is string }{
		{"\xff\xd8\xff", "a JPEG image"},
		{"\x89PNG", "a PNG image"},
		{"GIF8", "a GIF image"},
		{"%PDF-", "a PDF document"},
		{"PK\x03\x04", "a ZIP archive or an office document"},
		{"\x1f\x8b", "compressed with gzip"},
		{"\xd0\xcf\x11\xe0", "in a format of Microsoft, such as .msg: save the message as .eml"},
		{"\xff\xfe", "text in UTF-16"},
		{"\xfe\xff", "text in UTF-16"},
		{"-----BEGIN ", "a key, a certificate or a signature in PEM"},
		{"\x30\x80", "a signed file (.p7m), a signature or a certificate in DER"},
		{"\x30\x82", "a signed file (.p7m), a signature or a certificate in DER"},
		{"\x30\x83", "a signed file (.p7m), a signature or a certificate in DER"},
		{"\x30\x84", "a signed file (.p7m), a signature or a certificate in DER"},
	} {
		if bytes.HasPrefix(first, []byte(format.begins)) {
			return format.is
		}
	}
	return ""
}
