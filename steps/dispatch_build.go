package steps

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/collaudo/collaudo/fixtures"
)

// blueprint is a message of a peer to be made: from which template, stating
// what, signed by whom, and with what done to it.
type blueprint struct {
	template string
	facts    facts
	damage   fixtures.Damage // zero: nothing is done
	signer   *PeerSigner     // nil: not signed
	encloses bool            // the original
	at       time.Time       // of the signature
}

// Parts of a message, by the name of their definition.
const (
	partText          = "text"
	partCertification = "certification"
	partOriginal      = "original"
	partExtra         = "extra"
)

// make renders the message, signs it, and does the damage on the way.
func (b *blueprint) make() ([]byte, error) {
	octets, err := b.compose()
	if err != nil {
		return nil, fmt.Errorf("peer template %s: %w", b.template, err)
	}
	return octets, nil
}

func (b *blueprint) compose() ([]byte, error) {
	t, err := b.templates()
	if err != nil {
		return nil, err
	}
	if t.Lookup("body") != nil { // ordinary mail, all of it in the template
		octets, err := join(t, &b.facts, "header", "", "body")
		return append([]byte(mark(b.facts.Token)), octets...), err
	}
	if err := b.fill(t); err != nil {
		return nil, err
	}
	content, err := b.content(t)
	if err != nil {
		return nil, err
	}
	header, err := render(t, "header", &b.facts)
	if err != nil {
		return nil, err
	}
	if header, err = b.alterHeader(t, header); err != nil {
		return nil, err
	}
	return b.seal(mark(b.facts.Token)+header, content)
}

// templates reads the template with its functions. Line ends become CRLF before
// anything is filled in, so that what is filled in stays as it is.
func (b *blueprint) templates() (*template.Template, error) {
	text, common, err := fixtures.PeerTemplate(b.template)
	if err != nil {
		return nil, err
	}
	t := template.New("peer").Option("missingkey=error").Funcs(template.FuncMap{
		"xml":   escapeXML,
		"eicar": func() string { return fold76(base64.StdEncoding.EncodeToString(eicar())) },
		"long":  func(n int) string { return strings.Repeat("parole senza fine ", n/18+1)[:n] },
	})
	for _, source := range []string{common, text} {
		if t, err = t.Parse(strings.ReplaceAll(source, "\n", "\r\n")); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func escapeXML(s string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}

func render(t *template.Template, name string, f *facts) (string, error) {
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, f); err != nil {
		return "", err
	}
	return b.String(), nil
}

// join renders several definitions one after the other; "" is a blank line.
func join(t *template.Template, f *facts, names ...string) ([]byte, error) {
	var b bytes.Buffer
	for _, name := range names {
		if name == "" {
			b.WriteString("\r\n")
			continue
		}
		text, err := render(t, name, f)
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	return b.Bytes(), nil
}

// fill works out what the parts hold: the original, the readable text and the
// certification data.
func (b *blueprint) fill(t *template.Template) (err error) {
	f := &b.facts
	if b.encloses && f.Original == "" {
		body := "plain body"
		if b.damage.Body != "" {
			body = b.damage.Body
		}
		if f.Body, err = render(t, body, f); err != nil {
			return err
		}
		if f.Original, err = render(t, "message", f); err != nil {
			return err
		}
		f.Original = mark(f.Token) + f.Original
	}
	if b.encloses && t.Lookup("brief body") != nil {
		if f.Original, err = inBrief(t, f); err != nil {
			return err
		}
	}
	readable := "readable"
	if b.damage.Text != "" {
		readable = b.damage.Text
	}
	text, err := render(t, readable, f)
	if err != nil {
		return err
	}
	if f.Readable, err = quotedLatin1(text); err != nil {
		return err
	}
	if t.Lookup("daticert") == nil {
		return nil
	}
	data, err := render(t, "daticert", f)
	if err != nil {
		return err
	}
	if data, err = replaceAll(t, f, data, b.damage.Data, true); err != nil {
		return err
	}
	f.Certification = fold76(base64.StdEncoding.EncodeToString([]byte(data)))
	return nil
}

// replaceAll does replacements whose both sides are templates. must asks that
// one of them at least finds something.
func replaceAll(t *template.Template, f *facts, text string, all []fixtures.Replacement, must bool) (string, error) {
	before := text
	for _, r := range all {
		older, err := expand(t, f, r.Old)
		if err != nil {
			return "", err
		}
		newer, err := expand(t, f, r.New)
		if err != nil {
			return "", err
		}
		text = strings.ReplaceAll(text, older, newer)
	}
	if must && len(all) > 0 && text == before {
		return "", fmt.Errorf("the damage changes nothing: %q is not there", all[0].Old)
	}
	return text, nil
}

// expand fills a value of a damage in.
func expand(t *template.Template, f *facts, text string) (string, error) {
	clone, err := t.Clone()
	if err != nil {
		return "", err
	}
	if _, err := clone.New("value").Parse(text); err != nil {
		return "", err
	}
	return render(clone, "value", f)
}

// content is what the signature covers: the multipart/mixed with its parts.
func (b *blueprint) content(t *template.Template) (string, error) {
	parts := []string{partText}
	if b.facts.Certification != "" {
		parts = append(parts, partCertification)
	}
	if b.encloses {
		parts = append(parts, partOriginal)
	}
	if len(b.damage.Parts) > 0 {
		parts = b.damage.Parts
	}
	boundary := "contenuto-" + boundaryOf(b.facts)
	var out strings.Builder
	out.WriteString("Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n")
	for _, name := range parts {
		if name == partOriginal && !b.encloses {
			continue
		}
		part, err := render(t, name, &b.facts)
		if err != nil {
			return "", err
		}
		if name == partText && b.damage.Bare {
			part = bareLineFeeds(part)
		}
		out.WriteString("--" + boundary + "\r\n" + strings.TrimSuffix(part, "\r\n") + "\r\n")
	}
	out.WriteString("--" + boundary + "--\r\n")
	return out.String(), nil
}

// bareLineFeeds takes the carriage returns out of the body of a part.
func bareLineFeeds(part string) string {
	header, body, _ := strings.Cut(part, "\r\n\r\n")
	return header + "\r\n\r\n" + strings.ReplaceAll(strings.TrimSuffix(body, "\r\n"), "\r\n", "\n") + "\r\n"
}

// boundaryOf is a word that stands in no message besides.
func boundaryOf(f facts) string {
	word := f.OwnID
	if word == "" {
		word = f.Identifier
	}
	word = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, word)
	return word[:min(len(word), 40)] // RFC 2046 5.1.1 allows 70 in all
}
