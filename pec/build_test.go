package pec

import (
	"fmt"
	"strings"
)

// letter is a message for the tests, put together from text.
type letter struct {
	header   string // fields beside those of MIME
	unsigned bool
	outer    string   // media type of the signed message, instead of multipart/signed
	content  string   // media type of the content, instead of multipart/mixed
	parts    []string // of the content
}

func (l letter) bytes() []byte {
	content := "Content-Type: " + or(l.content, "multipart/mixed") + "; boundary=in\n\n" + join("in", l.parts)
	text := l.header + "MIME-Version: 1.0\n" + content
	if !l.unsigned {
		text = l.header + "MIME-Version: 1.0\nContent-Type: " + or(l.outer, "multipart/signed") + "; boundary=out\n\n" +
			join("out", []string{content, "Content-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\nAAAA"})
	}
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}

func join(boundary string, parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--" + boundary + "\n" + p + "\n")
	}
	return b.String() + "--" + boundary + "--\n"
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

const (
	plain       = "Content-Type: text/plain; charset=iso-8859-1\n\nRicevuta"
	alternative = "Content-Type: multipart/alternative; boundary=alt\n\n--alt\nContent-Type: text/plain\n\na\n--alt\nContent-Type: text/html\n\nb\n--alt--\n"
	original    = "Content-Type: message/rfc822; name=postacert.eml\n\nSubject: ciao\nFrom: anna@aurora.example\n\nTesto"
)

// data is a part with certification data of that type.
func data(kind, errore, more string) string {
	return named("daticert.xml", fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="%s" errore="%s"><intestazione><mittente>anna@aurora.example</mittente>
<destinatari>bruno@borea.example</destinatari><risposte>anna@aurora.example</risposte></intestazione>
<dati><gestore-emittente>Aurora</gestore-emittente><data zona="+0100"><giorno>13/11/2026</giorno><ora>16:39:26</ora></data>
<identificativo>1@gestore.aurora.example</identificativo>%s</dati></postacert>`, kind, errore, more))
}

func named(name, xml string) string {
	return "Content-Type: application/xml; name=\"" + name + "\"\nContent-Disposition: inline; filename=\"" + name + "\"\n\n" + xml
}
