package rawmime

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// crlf writes a message with LF in the test and CRLF in the bytes.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func parse(t *testing.T, raw []byte) *Entity {
	t.Helper()
	e, err := Parse(raw, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func codes(e *Entity) []string {
	var c []string
	for _, f := range e.Findings {
		c = append(c, f.Code)
	}
	return c
}

func TestEmptyInputIsTheOnlyError(t *testing.T) {
	t.Parallel()
	if _, err := Parse(nil, Limits{}); !errors.Is(err, ErrEmpty) {
		t.Fatalf("got %v", err)
	}
	for _, raw := range []string{"\n", "\r\n", "x", "\x00\xff", " ", ":", "--", "From ", "From x\n"} {
		if _, err := Parse([]byte(raw), Limits{}); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestFieldsKeepOctetsOrderAndDuplicates(t *testing.T) {
	t.Parallel()
	raw := "X-One: a\r\nSubject: first\r\n  second\t \r\nx-one:b\r\nX-Empty:\r\nX-ONE:   c  \r\n\r\nbody\r\n"
	e := parse(t, []byte(raw))
	var names []string
	for _, f := range e.Fields {
		names = append(names, f.Name)
		if got := raw[f.Start:f.End]; got != string(f.Raw()) {
			t.Errorf("offsets of %s give %q, Raw gives %q", f.Name, got, f.Raw())
		}
	}
	if diff := cmp.Diff([]string{"X-One", "Subject", "x-one", "X-Empty", "X-ONE"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, e.Values("X-one")); diff != "" {
		t.Error(diff)
	}
	if got := e.Value("subject"); got != "first  second" {
		t.Errorf("unfolded %q", got)
	}
	if !e.Has("x-empty") || e.Value("x-empty") != "" || e.Has("x-none") || len(e.Lookup("X-ONE")) != 3 {
		t.Error("Has, Value or Lookup is wrong")
	}
	if got := string(e.HeaderBytes()) + string(e.Body()); got != raw || string(e.Raw()) != raw {
		t.Errorf("header and body do not make up the message: %q", got)
	}
	if string(e.Body()) != "body\r\n" {
		t.Errorf("body %q", e.Body())
	}
}

func TestHeaderDamage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw string
		findings  []string
		fields    int
		body      string
	}{
		{"line without colon", "A: 1\r\nno colon here\r\nB: 2\r\n\r\nx", []string{"header-line-without-colon"}, 2, "x"},
		{"folded line first", " x\r\nA: 1\r\n\r\n", []string{"header-line-without-colon"}, 1, ""},
		{"mbox", "From a@b Sat Jan  1\r\nA: 1\r\n\r\nx", []string{"mbox-from-line"}, 1, "x"},
		{"quoted mbox", ">From a@b Sat Jan  1\r\nA: 1\r\n\r\nx", []string{"mbox-from-line"}, 1, "x"},
		{"empty name", ": x\r\nA: 1\r\n\r\n", []string{"header-name-empty"}, 1, ""},
		{"space before colon", "A : 1\r\n\r\n", []string{"header-space-before-colon"}, 1, ""},
		{"name with a space", "A b: 1\r\n\r\n", []string{"header-name-invalid"}, 1, ""},
		{"white space line", "A: 1\r\n \r\nB: 2\r\n\r\nx", []string{"header-line-only-white-space"}, 2, "x"},
		{"no end", "A: 1\r\nB: 2\r\n", []string{"header-without-end"}, 2, ""},
		{"cut in a line", "A: 1\r\nB: 2", []string{"header-without-end"}, 2, ""},
		{"eight bits", "A: \xe8\r\nB: \xe8\r\n\r\n", []string{"header-8bit"}, 2, ""},
		{"LF only", "A: 1\nB: 2\n 3\n\nx\n", []string{"bare-lf"}, 2, "x\n"},
		{"bare CR", "A: 1\r\n\r\nx\ry\r\n", []string{"bare-cr"}, 1, "x\ry\r\n"},
		{"CR CR LF", "A: 1\r\n\r\nx\r\r\n", []string{"bare-cr"}, 1, "x\r\r\n"},
		{"long line", "A: 1\r\n\r\n" + strings.Repeat("x", 999) + "\r\n", []string{"line-too-long"}, 1, strings.Repeat("x", 999) + "\r\n"},
		{"no header", "\r\nx", nil, 0, "x"},
		{"clean", "A: 1\r\n\r\nx", nil, 1, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := parse(t, []byte(c.raw))
			if diff := cmp.Diff(c.findings, codes(e)); diff != "" {
				t.Error(diff)
			}
			if len(e.Fields) != c.fields || string(e.Body()) != c.body {
				t.Errorf("%d fields, body %q", len(e.Fields), e.Body())
			}
		})
	}
}

// shape draws the tree: type and octets of the leaves.
func shape(e *Entity) string {
	mediaType, _ := e.MediaType()
	var b strings.Builder
	fmt.Fprint(&b, mediaType)
	if len(e.Parts) > 0 {
		b.WriteString("(")
		for i, p := range e.Parts {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(shape(p))
		}
		b.WriteString(")")
	} else if e.Enclosed != nil {
		b.WriteString("[" + shape(e.Enclosed) + "]")
	} else {
		fmt.Fprintf(&b, "%q", e.Body())
	}
	return b.String()
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	const head = "Content-Type: multipart/mixed; boundary=b\n\n"
	for _, c := range []struct {
		name, raw, shape string
		findings         []string
	}{
		{
			"two parts", head + "pre\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n\n--b--\nepi\n",
			`multipart/mixed(text/plain"one" text/html"two\r\n")`, nil,
		},
		{"boundary at once", head + "--b\n\none\n--b--", `multipart/mixed(text/plain"one")`, nil},
		{"transport padding", head + "--b \t\n\none\n--b-- \n", `multipart/mixed(text/plain"one")`, nil},
		{"empty part", head + "--b\n\n--b--\n", `multipart/mixed(text/plain"")`, nil},
		{"boundary lines in a row", head + "--b\n--b\n\nx\n--b--\n", `multipart/mixed(text/plain"" text/plain"x")`, nil},
		{"header only part", head + "--b\nContent-Type: text/html\n\n--b--\n", `multipart/mixed(text/html"")`, nil},
		{"not closed", head + "--b\n\none\n", `multipart/mixed(text/plain"one\r\n")`, []string{"missing-close-boundary"}},
		{"cut in the boundary", head + "--b\n\none\n--b", `multipart/mixed(text/plain"one" text/plain"")`, []string{"missing-close-boundary"}},
		{"no boundary line", head + "text\n", `multipart/mixed"text\r\n"`, []string{"missing-boundary"}},
		{"no parameter", "Content-Type: multipart/mixed\n\n--b\n\n--b--\n", `multipart/mixed"--b\r\n\r\n--b--\r\n"`, []string{"multipart-without-boundary"}},
		{"prefix of a line", head + "--b\n\none\n--bc\ntwo\n--b--\n", `multipart/mixed(text/plain"one\r\n--bc\r\ntwo")`, []string{"boundary-prefix-line"}},
		{"inside a line", head + "--b\n\nx --b\n --b\n--b--\n", `multipart/mixed(text/plain"x --b\r\n --b")`, nil},
		{"after the close", head + "--b\n\none\n--b--\n--b\n\ntwo\n--b--\n", `multipart/mixed(text/plain"one")`, []string{"boundary-after-close"}},
		{"closed first", head + "--b--\n--b\n\none\n--b--\n", `multipart/mixed(text/plain"one")`, []string{"close-boundary-first"}},
		{
			"nested, common prefix", head + "--b\nContent-Type: multipart/alternative; boundary=b-2\n\n--b-2\n\none\n--b-2--\n\n--b--\n",
			`multipart/mixed(multipart/alternative(text/plain"one"))`,
			[]string{"boundary-prefix-line", "boundary-prefix-line"},
		},
		{
			"inner not closed", head + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n",
			`multipart/mixed(multipart/alternative(text/plain"one") text/plain"two")`,
			[]string{"missing-close-boundary"},
		},
		{
			"enclosed message", head + "--b\nContent-Type: message/rfc822\n\nSubject: x\n\nhello\n\n--b--\n",
			`multipart/mixed(message/rfc822[text/plain"hello\r\n"])`, nil,
		},
		{
			"enclosed in base64", head + "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoK\n--b--\n",
			`multipart/mixed(message/rfc822"U3ViamVjdDogeAoK")`,
			[]string{"message-with-transfer-encoding"},
		},
		{"enclosed nothing", head + "--b\nContent-Type: message/rfc822\n\n\n--b--\n", `multipart/mixed(message/rfc822"")`, []string{"message-part-empty"}},
		{
			"multipart in base64", "Content-Transfer-Encoding: base64\n" + head + "--b\n\none\n--b--\n",
			`multipart/mixed(text/plain"one")`,
			[]string{"multipart-with-transfer-encoding"},
		},
		{"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nhi\n--b--\n", `multipart/digest(message/rfc822[text/plain"hi"])`, nil},
		{
			"long boundary", "Content-Type: multipart/mixed; boundary=" + strings.Repeat("a", 71) + "\n\n--" + strings.Repeat("a", 71) + "\n\nx\n--" + strings.Repeat("a", 71) + "--\n",
			`multipart/mixed(text/plain"x")`,
			[]string{"boundary-malformed"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := parse(t, crlf(c.raw))
			if got := shape(e); got != c.shape {
				t.Errorf("got  %s\nwant %s", got, c.shape)
			}
			if diff := cmp.Diff(c.findings, codes(e)); diff != "" {
				t.Error(diff)
			}
			// The same with LF only has the same parts.
			lf := parse(t, []byte(c.raw))
			if got := strings.ReplaceAll(shape(lf), `\n`, `\r\n`); got != c.shape {
				t.Errorf("LF only: got %s", got)
			}
		})
	}
}

func TestPreambleAndEpilogue(t *testing.T) {
	t.Parallel()
	e := parse(t, crlf("Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b--\nepi\n"))
	if string(e.Preamble()) != "pre" || string(e.Epilogue()) != "epi\r\n" || !e.Closed() {
		t.Errorf("preamble %q, epilogue %q", e.Preamble(), e.Epilogue())
	}
	open := parse(t, crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n"))
	if open.Preamble() != nil || open.Epilogue() != nil || open.Closed() {
		t.Errorf("preamble %q, epilogue %q", open.Preamble(), open.Epilogue())
	}
}

// The octets that a signature covers, odd white space included.
func TestPartIsByteExact(t *testing.T) {
	t.Parallel()
	signed := "Content-Type: multipart/mixed; \r\n\tboundary=\"in\"\r\nX-Odd:\t \r\n\r\n--in\r\n\r\ntrailing  \r\n\r\n--in--\r\n"
	raw := "Content-Type: multipart/signed; boundary=out\r\n\r\nThis is signed\r\n--out\r\n" + signed + "\r\n--out\r\nContent-Type: application/pkcs7-signature\r\n\r\nAAAA\r\n--out--\r\n"
	e := parse(t, []byte(raw))
	if len(e.Parts) != 2 || string(e.Parts[0].Raw()) != signed {
		t.Fatalf("got %q", e.Parts[0].Raw())
	}
	if &e.Parts[0].Raw()[0] != &e.Whole[strings.Index(raw, signed)] {
		t.Error("the part is a copy, not a view")
	}
}

func TestWalkStaysInThisMessage(t *testing.T) {
	t.Parallel()
	e := parse(t, crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\n1\n--c--\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n2\n--b--\n"))
	var seen []string
	e.Walk(func(p *Entity) bool {
		mediaType, _ := p.MediaType()
		seen = append(seen, mediaType)
		return mediaType != "multipart/alternative"
	})
	if diff := cmp.Diff([]string{"multipart/mixed", "multipart/alternative", "message/rfc822"}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	deep := strings.Builder{}
	for i := range 100 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	enclosed := strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 100) + "x"
	wide := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n\r\n", 3000) + "--b--\r\n"
	for _, c := range []struct {
		name, raw string
		limits    Limits
		code      string
	}{
		{"depth of multiparts", deep.String(), Limits{}, "limit-depth"},
		{"depth of messages", enclosed, Limits{}, "limit-depth"},
		{"parts", wide, Limits{}, "limit-parts"},
		{"header", "A: 1\r\nB: 22222222222\r\n\r\nx", Limits{HeaderBytes: 10}, "limit-header-bytes"},
		{"fields", strings.Repeat("A: 1\r\n", 20) + "\r\n", Limits{Fields: 10}, "limit-fields"},
		{"findings", strings.Repeat("x\r\n", 5000), Limits{}, "limit-findings"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, err := Parse([]byte(c.raw), c.limits)
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			for _, f := range e.Findings {
				if f.Code == c.code {
					count++
				}
			}
			if count != 1 {
				t.Errorf("%s told %d times: %v", c.code, count, codes(e)[:min(3, len(e.Findings))])
			}
		})
	}
	t.Run("the body after a long header is found", func(t *testing.T) {
		t.Parallel()
		e, _ := Parse([]byte("A: 1\r\nB: 22222222222\r\n\r\nx"), Limits{HeaderBytes: 10})
		if string(e.Body()) != "x" || len(e.Fields) != 1 {
			t.Errorf("body %q, %d fields", e.Body(), len(e.Fields))
		}
	})
}
