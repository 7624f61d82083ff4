package faults

import (
	"crypto"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/compose"
)

// draft carries out an operator on a draft.
func (a act) draft(d *compose.Draft) error {
	switch {
	case strings.HasPrefix(a.name, "header-"):
		a.header(d)
	case strings.HasPrefix(a.name, "certification-"):
		a.certification(d)
	case strings.HasPrefix(a.name, "original-"):
		a.original(d)
	case strings.HasPrefix(a.name, "subject-"), a.name == "date-style", strings.HasPrefix(a.name, "text-") && a.name != "text-replace":
		a.style(d)
	case a.name == "text-replace":
		by := fill(a.arguments["by"], d)
		a.eachText(d, func(text string) string { return a.pattern.ReplaceAllString(text, by) })
	case a.name == "brief":
		options, err := briefMistake(a.arguments["mistake"])
		if err != nil || d.Receipt != compose.Brief {
			return err
		}
		d.Original, err = compose.BriefOriginalWith(d.Given, options)
		return err
	case a.name == "format":
		for name, value := range a.arguments {
			if err := setFormat(&d.Format, name, value); err != nil {
				return err
			}
		}
	case a.name == "date-shift":
		a.shift(d, func(at time.Time) time.Time { return clock.Legal(at.Add(a.duration)) })
	case a.name == "zone":
		a.shift(d, func(at time.Time) time.Time { return at.UTC() })
	}
	return nil
}

func (a act) header(d *compose.Draft) {
	name, value := a.arguments["name"], fill(a.arguments["value"], d)
	switch a.name {
	case "header-set":
		d.Set(name, value)
	case "header-add":
		d.Add(name, value)
	case "header-ensure":
		if d.Value(name) == "" {
			d.Set(name, value)
		}
	case "header-drop":
		d.Drop(name)
	case "header-replace":
		if old := d.Value(name); old != "" {
			d.Set(name, a.pattern.ReplaceAllString(old, fill(a.arguments["by"], d)))
		}
	default:
		a.fields(d)
	}
}

// certification works on the document as it will be written, so that it can
// break what the model cannot express.
func (a act) certification(d *compose.Draft) {
	if a.name == "certification-invent" && d.Certification == nil {
		c := &compose.Certification{
			Type: "posta-certificata", Error: "nessuno", Sender: d.Sender, ReplyTo: d.Sender,
			Recipients: []compose.CertifiedRecipient{{Address: d.Service, Type: "certificato"}},
			Issuer:     "Gestore", Identifier: "inventato@" + strings.TrimPrefix(d.Service, "posta-certificata@"),
		}
		c.SetInstant(d.At)
		d.Certification = c
	}
	if d.CertificationXML == nil && d.Certification != nil {
		d.CertificationXML = d.Certification.XML()
	}
	if d.CertificationXML == nil {
		return
	}
	document := string(d.CertificationXML)
	switch a.name {
	case "certification-replace":
		document = a.pattern.ReplaceAllString(document, fill(a.arguments["by"], d))
	case "certification-set":
		name := regexp.QuoteMeta(a.arguments["element"])
		value := strings.ReplaceAll(fill(a.arguments["value"], d), "$", "$$")
		document = regexp.MustCompile(`(?s)(<`+name+`(?: [^>]*)?>).*?(</`+name+`>)`).ReplaceAllString(document, "${1}"+value+"${2}")
	case "certification-drop":
		document = element(a.arguments["element"]).ReplaceAllString(document, "")
	case "certification-duplicate":
		if found := element(a.arguments["element"]).FindString(document); found != "" {
			document = strings.Replace(document, found, found+found, 1)
		}
	}
	d.CertificationXML = []byte(document)
}

// element matches an element as compose writes it, with its line.
func element(name string) *regexp.Regexp {
	name = regexp.QuoteMeta(name)
	return regexp.MustCompile(`(?s)[ ]*<` + name + `(?: [^>]*)?(?:/>|>.*?</` + name + `>)\n?`)
}

func (a act) original(d *compose.Draft) {
	switch a.name {
	case "original-drop":
		d.Original = nil
	case "original-enclose":
		d.Original = d.Given
		if d.Original == nil {
			d.Original = []byte("From: " + d.Sender + "\r\nTo: " + d.Service + "\r\nSubject: messaggio\r\n\r\nTesto del messaggio.\r\n")
		}
	case "original-whole":
		d.Original = d.Given
	case "original-append":
		if d.Original != nil {
			d.Original = append(append([]byte(nil), d.Original...), fill(a.arguments["text"], d)...)
		}
	case "original-replace":
		if d.Original != nil {
			d.Original = a.pattern.ReplaceAll(d.Original, []byte(fill(a.arguments["by"], d)))
		}
	}
}

// eachText alters the readable text where the act says: plain, html or both.
func (a act) eachText(d *compose.Draft, alter func(string) string) {
	if in := a.arguments["in"]; in != "html" {
		d.Plain = alter(d.Plain)
	}
	if in := a.arguments["in"]; in != "plain" {
		d.HTML = alter(d.HTML)
	}
}

// shift writes another instant into the places named: header, text,
// certification.
func (a act) shift(d *compose.Draft, other func(time.Time) time.Time) {
	legal, moved := clock.Legal(d.At), other(d.At)
	for _, in := range strings.Fields(a.arguments["in"]) {
		switch in {
		case "header":
			d.Set("Date", moved.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
		case "text":
			const model = "02/01/2006 alle ore 15:04:05 (-0700)"
			replace := strings.NewReplacer(legal.Format(model), moved.Format(model))
			d.Plain, d.HTML = replace.Replace(d.Plain), replace.Replace(d.HTML)
		case "certification":
			if d.Certification != nil && d.CertificationXML == nil {
				c := *d.Certification
				c.Day, c.Time, c.Zone = moved.Format("02/01/2006"), moved.Format("15:04:05"), moved.Format("-0700")
				d.Certification = &c
			}
		}
	}
}

// octets carries out a replacement on rendered octets, once.
func (a act) octets(content []byte) []byte {
	at := a.pattern.FindSubmatchIndex(content)
	if at == nil {
		return content
	}
	out := append([]byte(nil), content[:at[0]]...)
	out = a.pattern.Expand(out, []byte(a.arguments["by"]), content, at)
	return append(out, content[at[1]:]...)
}

var digests = map[string]crypto.Hash{"md5": crypto.MD5, "sha-256": crypto.SHA256, "sha-1": crypto.SHA1, "sha-384": crypto.SHA384, "sha-512": crypto.SHA512}

func (a act) signer(signer *smime.Signer, variant func(string) (*smime.Signer, error)) (*smime.Signer, error) {
	switch a.name {
	case "unsigned":
		return nil, nil
	case "digest":
		if signer == nil {
			return nil, nil
		}
		other := *signer
		other.Digest = digests[a.arguments["name"]]
		return &other, nil
	}
	if variant == nil {
		return nil, fmt.Errorf("faults: %s needs a source of signer variants, and the provider gave none", a.fault)
	}
	return variant(a.arguments["name"])
}

func (a act) emission(e *Emission) {
	switch a.name {
	case "skip", "drop":
		e.Copies = 0
	case "twice", "duplicate":
		e.Copies = 2
	case "hold":
		if e.Hold = a.arguments["until"]; e.Hold == "" {
			e.Hold = UntilMessage
		}
	case "times":
		e.Copies, _ = strconv.Atoi(a.arguments["count"]) // checked when the catalogue was read
	case "redirect":
		e.To = a.arguments["to"]
	case "also":
		e.Also = a.arguments["to"]
	case "delay":
		e.Delay += a.duration
	}
}

func (a act) check(ok bool) bool {
	switch a.name {
	case "pass":
		return true
	case "fail":
		return false
	}
	return !ok
}
