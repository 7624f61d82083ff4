package compose

import (
	"bytes"
	"mime/quotedprintable"
	"strings"
)

// How a message is laid out: order of the header, spelling of the MIME fields,
// encodings. All that stands here leaves the meaning of a message as it is; the
// zero Format lays out as most providers do.

// outerHeader is the header of the message with its MIME fields, in the order
// that the format asks for. contentType is the whole field, nil where the
// content brings its own.
func (d *Draft) outerHeader(contentType []byte) []HeaderField {
	mime := []HeaderField{{Name: "MIME-Version", Value: "1.0"}}
	if contentType != nil {
		mime = append(mime, HeaderField{Name: "Content-Type", Raw: contentType})
	}
	if encoding := d.compositeEncoding(); encoding != "" && contentType != nil {
		mime = append(mime, HeaderField{Name: "Content-Transfer-Encoding", Value: encoding})
	}
	order := strings.Fields(d.Format.HeaderOrder)
	if len(order) == 0 || contentType == nil {
		return append(append([]HeaderField(nil), d.Header...), mime...)
	}
	return arrange(d.Header, mime, order)
}

// arrange puts fields into order; fields of the same name stay in theirs.
func arrange(fields, mime []HeaderField, order []string) []HeaderField {
	named := map[string]bool{}
	for _, name := range order {
		named[strings.ToLower(name)] = true
	}
	var arranged []HeaderField
	take := func(wanted func(name string) bool) {
		for _, f := range fields {
			if wanted(strings.ToLower(f.Name)) {
				arranged = append(arranged, f)
			}
		}
	}
	trace := func(name string) bool { return (name == "return-path" || name == "received") && !named[name] }
	other := func(name string) bool { return !named[name] && !trace(name) }
	take(trace)
	for _, name := range order {
		switch name {
		case "mime":
			arranged = append(arranged, mime...)
		case "*":
			take(other)
		default:
			take(func(n string) bool { return n == strings.ToLower(name) })
		}
	}
	if !named["*"] {
		take(other)
	}
	if !named["mime"] {
		arranged = append(arranged, mime...)
	}
	return arranged
}

// multipartType is the Content-Type field of a multipart.
func (d *Draft) multipartType(mediaType, boundary string, parameters ...string) string {
	parameters = append(parameters, `boundary="`+boundary+`"`)
	if d.Format.FoldedParameters == "" {
		return "Content-Type: " + mediaType + "; " + strings.Join(parameters, "; ") + "\r\n"
	}
	between := ";" + d.Format.FoldedParameters + "\r\n\t"
	return "Content-Type: " + mediaType + between + strings.Join(parameters, between) + "\r\n"
}

// signedFields are fields of the message that its signed part repeats.
func (d *Draft) signedFields() string {
	var out bytes.Buffer
	for _, name := range strings.Fields(d.Format.SignedFields) {
		if strings.EqualFold(name, "MIME-Version") {
			out.WriteString("MIME-Version: 1.0\r\n")
		} else if value := d.Value(name); value != "" {
			out.WriteString(fold(name, value))
		}
	}
	return out.String()
}

// compositeEncoding is what a multipart around the original has to be labelled
// (RFC 2045 6.4): 8bit around an 8-bit original, which stays as it is even where
// 7 bits would be nicer; else what the format asks for.
func (d *Draft) compositeEncoding() string {
	if d.eight && d.Format.OriginalEncoding == "" {
		return "8bit"
	}
	return d.Format.CompositeEncoding
}

func (d *Draft) labelComposite(out *bytes.Buffer) {
	if encoding := d.compositeEncoding(); encoding != "" {
		out.WriteString("Content-Transfer-Encoding: " + encoding + "\r\n")
	}
}

// partHeader is the header of an attached part, up to the blank line.
func (d *Draft) partHeader(mediaType, name, encoding, place, description string) string {
	if !d.Format.BareNames {
		name = `"` + name + `"`
	}
	header := "Content-Type: " + mediaType + "; name=" + name + "\r\n"
	if encoding != "" && encoding != "none" {
		header += "Content-Transfer-Encoding: " + encoding + "\r\n"
	}
	if place != "none" {
		header += "Content-Disposition: " + place + "; filename=" + name + "\r\n"
	}
	if d.Format.Descriptions {
		header += "Content-Description: " + description + "\r\n"
	}
	return header + "\r\n"
}

// encodeText writes text lines in the encoding named; the names are those of
// RFC 2045 6.1, and what is not known is written as it is.
func encodeText(out *bytes.Buffer, encoding string, octets []byte) error {
	switch encoding {
	case "quoted-printable":
		w := quotedprintable.NewWriter(out)
		if _, err := w.Write(octets); err != nil {
			return err
		}
		return w.Close()
	case "base64":
		wrapBase64(out, octets)
	default:
		out.Write(octets)
	}
	return nil
}

// longLine tells text that no encoding by its own octets may carry (RFC 5322
// 2.1.1).
func longLine(octets []byte) bool {
	for line := range bytes.Lines(octets) {
		if len(bytes.TrimRight(line, "\r\n")) > lineLimit {
			return true
		}
	}
	return false
}
