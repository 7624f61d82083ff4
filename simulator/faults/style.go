package faults

import (
	"mime"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/compose"
)

// The operators that change how a message looks: order, spelling and wording.

// fields carries out the header operators that move or respell whole fields.
func (a act) fields(d *compose.Draft) {
	name := a.arguments["name"]
	switch a.name {
	case "header-rename":
		for i := range d.Header {
			if strings.EqualFold(d.Header[i].Name, name) {
				value := d.Value(name)
				d.Header[i] = compose.HeaderField{Name: a.arguments["to"], Value: value}
			}
		}
	case "header-fold":
		for i := range d.Header {
			if f := d.Header[i]; strings.EqualFold(f.Name, name) && f.Raw == nil {
				d.Header[i].Raw = []byte(f.Name + ":\r\n " + f.Value + "\r\n")
			}
		}
	case "header-inherit":
		for _, f := range compose.Fields(d.Original) {
			if strings.EqualFold(f.Name, name) {
				d.Header = append(d.Header, f)
			}
		}
	case "header-keep": // the first field of that name, and no other
		kept, seen := d.Header[:0:0], false
		for _, f := range d.Header {
			same := strings.EqualFold(f.Name, name)
			if !same || !seen {
				kept = append(kept, f)
			}
			seen = seen || same
		}
		d.Header = kept
	case "header-raw":
		d.Header = append(d.Header, compose.HeaderField{Name: name, Raw: []byte(name + ": " + fill(a.arguments["value"], d) + "\r\n")})
	}
}

// style carries out what respells the subject, the date and the readable text.
func (a act) style(d *compose.Draft) {
	switch a.name {
	case "subject-encode":
		if raw := d.Value("Subject"); strings.Contains(raw, "=?") {
			d.Set("Subject", encodeWhole(compose.DecodeSubject(raw), a.arguments["charset"], a.arguments["lossy"] == "true"))
		}
	case "subject-raw":
		text := strings.NewReplacer("\r", " ", "\n", " ").Replace(strings.TrimSpace(compose.DecodeSubject(d.Value("Subject"))))
		d.Set("Subject", "")
		for i := range d.Header {
			if d.Header[i].Name == "Subject" {
				d.Header[i].Raw = []byte("Subject: " + text + "\r\n")
			}
		}
	case "date-style":
		at := clock.Legal(d.At)
		if a.arguments["zone"] == "utc" {
			at = at.UTC()
		}
		d.Set("Date", at.Format(a.arguments["layout"]))
	case "text-model":
		lines := textLines(a.arguments["text"], d)
		d.Plain, d.HTML = compose.Readable(lines[0], lines[1:])
	case "text-append":
		plain, markup := compose.Readable("", textLines(a.arguments["text"], d))
		_, body, _ := strings.Cut(markup, "<p>")
		body, _, _ = strings.Cut(body, "</p>")
		d.Plain += strings.TrimPrefix(plain, "\n")
		d.HTML = strings.Replace(d.HTML, "</body>", "<hr>\n<p>"+body+"</p>\n</body>", 1)
	}
}

// encodeWhole puts a subject, prefix and all, into encoded words. A charset that
// does not hold it gives way to UTF-8, or loses what it has not.
func encodeWhole(subject, charset string, lossy bool) string {
	if !strings.EqualFold(charset, "iso-8859-1") {
		return mime.QEncoding.Encode(charset, subject)
	}
	octets := make([]byte, 0, len(subject))
	for _, r := range subject {
		if r > 0xFF && !lossy {
			return mime.QEncoding.Encode("UTF-8", subject)
		}
		if r > 0xFF {
			r = '?'
		}
		octets = append(octets, byte(r))
	}
	return mime.QEncoding.Encode(charset, string(octets))
}

// textLines fills a template of readable text: the first line is the title, and
// a line that holds {recipients} comes once for each recipient.
func textLines(template string, d *compose.Draft) []string {
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(template, "\n"), "\n") {
		if !strings.Contains(line, "{recipients}") {
			lines = append(lines, fill(line, d))
			continue
		}
		for _, r := range d.Facts.Recipients {
			label := "posta ordinaria"
			if r.Certified {
				label = "posta certificata"
			}
			lines = append(lines, strings.NewReplacer("{recipients}", r.Address, "{label}", label).Replace(line))
		}
	}
	return lines
}

// fill puts what the draft knows into a template.
func fill(template string, d *compose.Draft) string {
	if !strings.Contains(template, "{") {
		return template
	}
	_, subject, _ := strings.Cut(d.Value("Subject"), ": ")
	_, domain, _ := strings.Cut(d.Service, "@")
	_, customer, _ := strings.Cut(d.Sender, "@")
	identifier, failure := "", ""
	if d.Certification != nil {
		identifier, failure = d.Certification.Identifier, d.Certification.ExtendedError
	}
	legal := clock.Legal(d.At)
	return strings.NewReplacer("{sender}", d.Sender, "{recipient}", d.Recipient, "{service}", d.Service,
		"{domain}", domain, "{customer}", customer, "{reply-to}", d.ReplyTo, "{subject}", subject, "{identifier}", identifier,
		"{failure}", failure, "{subject-text}", oneLine(compose.DecodeSubject(d.Facts.Subject)), "{message-id}", strings.Trim(d.Value("Message-ID"), "<>"),
		"{wrong-weekday}", legal.AddDate(0, 0, 1).Format("Mon"), "{date}", legal.Format(time.RFC1123Z), "{day}", legal.Format("02/01/2006"), "{hour}", legal.Format("15:04:05"), "{zone}", legal.Format("-0700")).Replace(template)
}

// oneLine is a text with every control character made a blank.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, s))
}
