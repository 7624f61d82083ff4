package rawmime

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMediaType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header, mediaType string
		parameters        map[string]string
	}{
		{"", "text/plain", map[string]string{}},
		{"TEXT/Html; Charset=UTF-8", "text/html", map[string]string{"charset": "UTF-8"}},
		{"multipart/mixed; boundary=\"a;b\\\"c\"", "multipart/mixed", map[string]string{"boundary": `a;b"c`}},
		{
			"multipart/signed; micalg=sha-256;\r\n\tprotocol=\"application/pkcs7-signature\";\r\n boundary=x", "multipart/signed",
			map[string]string{"micalg": "sha-256", "protocol": "application/pkcs7-signature", "boundary": "x"},
		},
		{"text/plain (comment (nested)); charset=us-ascii (x)", "text/plain", map[string]string{"charset": "us-ascii"}},
		{"application/pdf; name=report(1).pdf", "application/pdf", map[string]string{"name": "report(1).pdf"}},
		{"application/pdf; name=two words.pdf", "application/pdf", map[string]string{"name": "two words.pdf"}},
		{"text", "text/plain", map[string]string{}},
		{"text/", "text/plain", map[string]string{}},
		{"text plain/x; a=b", "text/plain", map[string]string{"a": "b"}},
		{"text/plain; a=1; A=2; ; =3; b", "text/plain", map[string]string{"a": "1"}},
		{"text/plain; name*=utf-8'it'citt%C3%A0.txt; name=citta.txt", "text/plain", map[string]string{"name": "città.txt"}},
		{"text/plain; name*0*=iso-8859-1''citt%E0; name*1=\"-%41\"; name*2*=%41", "text/plain", map[string]string{"name": "città-%41A"}},
		{"text/plain; name*1=b; name*0=a; name*3=d", "text/plain", map[string]string{"name": "ab"}},
		{"text/plain; name*x=b", "text/plain", map[string]string{"name*x": "b"}},
		{"text/plain; a=\"unclosed; b=c", "text/plain", map[string]string{"a": "unclosed; b=c"}},
	} {
		t.Run(c.header, func(t *testing.T) {
			t.Parallel()
			raw := "X: 1\r\n\r\n"
			if c.header != "" {
				raw = "Content-Type: " + c.header + "\r\n" + raw
			}
			mediaType, parameters := parse(t, []byte(raw)).MediaType()
			if mediaType != c.mediaType {
				t.Errorf("got %q", mediaType)
			}
			if diff := cmp.Diff(c.parameters, parameters); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, want string }{
		{"Content-Disposition: attachment; filename=\"daticert.xml\"", "daticert.xml"},
		{"Content-Type: application/xml; name=daticert.xml", "daticert.xml"},
		{"Content-Type: a/b; name=x\r\nContent-Disposition: inline; filename=y", "y"},
		{"Content-Disposition: attachment; filename=\"=?utf-8?B?Y2l0dMOgLnR4dA==?=\"", "città.txt"},
		{"Content-Disposition: attachment; filename*=iso-8859-1''citt%E0.txt", "città.txt"},
		{"X: y", ""},
	} {
		if got := parse(t, []byte(c.header+"\r\n\r\n")).FileName(); got != c.want {
			t.Errorf("%s: got %q", c.header, got)
		}
	}
	disposition, _ := parse(t, []byte("Content-Disposition: INLINE\r\n\r\n")).Disposition()
	if disposition != "inline" {
		t.Errorf("got %q", disposition)
	}
}

func TestDecodeWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"=?UTF-8?Q?POSTA_CERTIFICATA=3A_citt=C3=A0?=", "POSTA CERTIFICATA: città"},
		{"POSTA CERTIFICATA: =?iso-8859-1?q?perch=E9?=", "POSTA CERTIFICATA: perché"},
		{"=?utf-8?B?YQ==?= =?utf-8?B?Yg==?=", "ab"},
		{"=?utf-8?B?YQ==?=\r\n =?utf-8?B?Yg==?= c", "ab c"},
		{"=?utf-8?B?YQ==?= b =?utf-8?B?Yw==?=", "a b c"},
		{"=?utf-8?B?YQ==?= =?iso-8859-1?Q?=E0?=", "aà"},
		{"=?utf-8?Q?=C3?= =?utf-8?Q?=A0?=", "à"},
		{"=?utf-8*it?Q?a?=", "a"},
		{"a=?utf-8?Q?b?=c", "abc"},
		{"=?windows-1252?Q?=80?= =?iso-8859-1?Q?=80?=", "€\u0080"},
		{"=?iso-8859-15?Q?=A4?=", "€"},
		{"=?x-unknown?Q?abc?=", "=?x-unknown?Q?abc?="},
		{"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"=?utf-8?Q?abc", "=?utf-8?Q?abc"},
		{"=?utf-8?Q?=FF?=", "\uFFFD"},
		{"=?=?=?utf-8?Q?a?=", "=?=?a"},
		{"=?utf-8?Q??=x", "x"},
		{"folded\r\n value", "folded value"},
		{"=?utf-8?Q?=41=4?=", "A=4"},
	} {
		if got := DecodeWords(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

// What costs a mebibyte of header must stay linear.
func TestDecodeWordsIsLinear(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"=?utf-8?Q?a?= ", "=?utf-8?Q?", "=?", "=?utf-8?Q?a?=b", "=?x?Q?a?= "} {
		start := time.Now()
		_ = DecodeWords(strings.Repeat(unit, 1<<20/len(unit)))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q: took %v", unit, took)
		}
	}
}

func TestDecodedAndText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, header, body, want string
		broken                   bool
	}{
		{"7bit", "", "a\r\n", "a\r\n", false},
		{"latin-1 is no windows-1252", "Content-Type: text/plain; charset=ISO-8859-1\r\n", "\x80\xe8", "\u0080è", false},
		{"windows-1252", "Content-Type: text/plain; charset=windows-1252\r\n", "\x80", "€", false},
		{"utf-8", "Content-Type: text/plain; charset=\"utf-8\"\r\n", "è", "è", false},
		{"broken utf-8", "Content-Type: text/plain; charset=utf-8\r\n", "\xe8x", "\uFFFDx", true},
		{"eight bits in ascii", "", "\xe8", "\uFFFD", true},
		{"unknown charset", "Content-Type: text/plain; charset=klingon\r\n", "\xe8", "è", true},
		{"base64", "Content-Transfer-Encoding: BASE64\r\n", "YWJj\r\nZA==\r\n", "abcd", false},
		{"base64 with noise", "Content-Transfer-Encoding: base64\r\n", "YW!Jj", "abc", true},
		{"base64 cut", "Content-Transfer-Encoding: base64\r\n", "YWJjZ", "abc", true},
		{"base64 goes on", "Content-Transfer-Encoding: base64\r\n", "YQ==YQ==", "a", true},
		{"base64 without padding", "Content-Transfer-Encoding: base64\r\n", "YQ", "a", true},
		{"base64 wrong padding", "Content-Transfer-Encoding: base64\r\n", "YWI==", "ab", true},
		{
			"quoted-printable", "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n",
			"perch=E9=\r\n no  \r\n=3D=\r\n", "perché no\r\n=", false,
		},
		{"quoted-printable broken", "Content-Transfer-Encoding: quoted-printable\r\n", "a=Zb=", "a=Zb", true},
		{"soft break with blanks", "Content-Transfer-Encoding: quoted-printable\r\n", "a= \t\r\nb", "ab", false},
		{"unknown encoding", "Content-Transfer-Encoding: x-uuencode\r\n", "abc", "abc", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := parse(t, []byte(c.header+"\r\n"+c.body))
			got, err := e.Text()
			if got != c.want || (err != nil) != c.broken {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestEncodingDefault(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"X: y":                       "7bit",
		"Content-Transfer-Encoding:": "7bit",
		"Content-Transfer-Encoding: Base64 (really)": "base64",
		"Content-Transfer-Encoding: 8BIT; x":         "8bit",
	} {
		if got := parse(t, []byte(header+"\r\n\r\n")).Encoding(); got != want {
			t.Errorf("%s: got %q", header, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"A: 1\r\n\r\nx",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?Q?x?=\r\n\r\nhi\r\n--b--\r\nepi",
		"From x\nContent-Type: multipart/digest; boundary=\"b\"\n\n--b\n--b\n--b--\n",
		"Content-Type: text/plain; name*0*=utf-8''%41; name*1=x; charset=utf-7\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41=\r\n",
		"no colon\r\n : \r\n\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Parse(raw, Limits{})
		if err != nil {
			if len(raw) > 0 {
				t.Fatal(err)
			}
			return
		}
		check(t, e, 0, len(raw))
	})
}

// check asserts the invariants of the view: every range lies in its parent.
func check(t *testing.T, e *Entity, start, end int) {
	t.Helper()
	if !(start <= e.Start && e.Start <= e.BodyStart && e.BodyStart <= e.End && e.End <= end) {
		t.Fatalf("offsets %d %d %d outside %d to %d", e.Start, e.BodyStart, e.End, start, end)
	}
	for _, f := range e.Fields {
		if f.Start < e.Start || f.End > e.BodyStart || strings.Contains(f.Value(), "\n") {
			t.Fatalf("field %q from %d to %d, value %q", f.Name, f.Start, f.End, f.Value())
		}
		_ = DecodeWords(f.Value())
	}
	_, _ = e.Text()
	_ = e.FileName()
	_, _ = e.Preamble(), e.Epilogue()
	at := e.BodyStart
	for _, p := range e.Parts {
		check(t, p, at, e.End)
		at = p.End
	}
	if e.Enclosed != nil {
		check(t, e.Enclosed, e.BodyStart, e.End)
	}
}

func BenchmarkParse(b *testing.B) {
	line := strings.Repeat("x", 74) + "\r\n"
	raw := []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n" +
		strings.Repeat(line, 30<<20/len(line)) + "--b--\r\n")
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Parse(raw, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
