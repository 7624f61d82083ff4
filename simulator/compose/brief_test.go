package compose_test

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/compose"
)

func hashOf(content string) string {
	digest := sha1.Sum([]byte(content))
	return hex.EncodeToString(digest[:])
}

// mixed puts parts into a multipart/mixed message.
func mixed(parts ...string) string {
	return "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\nepilogue\r\n"
}

const hashHeader = "Content-Type: text/plain; charset=us-ascii;\r\n name=\"NAME\"\r\nContent-Transfer-Encoding: 7bit\r\n" +
	"Content-Disposition: attachment;\r\n filename=\"NAME\"\r\n"

func hashPart(name, content string) string {
	return strings.ReplaceAll(hashHeader, "NAME", name) + "\r\n" + hashOf(content)
}

func TestBriefOriginal(t *testing.T) {
	t.Parallel()
	const body = "Content-Type: text/plain\r\n\r\nBuongiorno."
	const pdf = "JVBERi0xLjQK\r\nJcOkw7zDtsOf"
	attachment := "Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\n\r\n" + pdf
	const inner = "Subject: dentro\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain; name=z.txt\r\n\r\nz\r\n--c--"
	tests := []struct{ name, in, want string }{
		{"no attachment", "Subject: x\r\n\r\ntesto\r\n", "Subject: x\r\n\r\ntesto\r\n"},
		{"both names", mixed(body, attachment), mixed(body, hashPart("a.pdf.hash", pdf))},
		{"type name only", mixed(body, "Content-Type: image/png; name=i.png\r\n\r\nxyz"), mixed(body, hashPart("i.png.hash", "xyz"))},
		{"file name only", mixed(body, "Content-Disposition: inline; filename=i.png\r\n\r\nxyz"), mixed(body, hashPart("i.png.hash", "xyz"))},
		{
			"other fields stay", mixed("Content-ID: <1>\r\nContent-Type: image/png; name=i.png\r\nX-A:  b \r\n\r\nxyz"),
			mixed("Content-ID: <1>\r\n" + strings.ReplaceAll(hashHeader, "NAME", "i.png.hash") + "X-A:  b \r\n\r\n" + hashOf("xyz")),
		},
		{
			"nested", mixed("Content-Type: multipart/related; boundary=d\r\n\r\n--d\r\n" + body + "\r\n--d\r\nContent-Type: image/gif; name=\"l.gif\"\r\n\r\nq\r\n--d--"),
			mixed("Content-Type: multipart/related; boundary=d\r\n\r\n--d\r\n" + body + "\r\n--d\r\n" + hashPart("l.gif.hash", "q") + "\r\n--d--"),
		},
		{"message with name", mixed(body, "Content-Type: message/rfc822; name=\"m.eml\"\r\n\r\n"+inner), mixed(body, hashPart("m.eml.hash", inner))},
		{"message without name", mixed(body, "Content-Type: message/rfc822\r\n\r\n"+inner), mixed(body, hashPart("messaggio.eml.hash", inner))},
		{"S/MIME further down", mixed(body, "Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nTUlN"), mixed(body, hashPart("smime.p7m.hash", "TUlN"))},
		{
			"opaque at the top", "Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nTUlN\r\n",
			"Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nTUlN\r\n",
		},
		{"signed at the top", signed(attachment), signed(hashPart("a.pdf.hash", pdf))},
		{
			"the whole message is an attachment", "Subject: x\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n" + pdf,
			"Subject: x\r\n" + strings.ReplaceAll(hashHeader, "NAME", "a.pdf.hash") + "\r\n" + hashOf(pdf),
		},
		{
			"quoted name", mixed(`Content-Type: text/csv; name="a \"b\".csv"` + "\r\n\r\n1;2"),
			mixed(strings.ReplaceAll(hashHeader, "NAME", `a \"b\".csv.hash`) + "\r\n" + hashOf("1;2")),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := compose.BriefOriginal([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func signed(part string) string {
	return "Subject: x\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=s\r\n\r\n--s\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part + "\r\n--b--\r\n--s\r\n" +
		"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nTUlJ\r\n--s--\r\n"
}

func TestBriefNamesCanBeReadBack(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, parameter, want string }{
		{"RFC 2231", "filename*=UTF-8''Relazione%20Citt%C3%A0.pdf", "Relazione Città.pdf.hash"},
		{"RFC 2047", `filename="=?UTF-8?Q?Citt=C3=A0.pdf?="`, "Città.pdf.hash"},
		{"path", `filename="../a/b.pdf"`, "../a/b.pdf.hash"},
		{"no extension", `filename="LEGGIMI"`, "LEGGIMI.hash"},
		{"long", `filename="` + strings.Repeat("n", 220) + `.pdf"`, strings.Repeat("n", 220) + ".pdf.hash"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			brief, err := compose.BriefOriginal([]byte(mixed("Content-Type: application/pdf\r\nContent-Disposition: attachment; " + test.parameter + "\r\n\r\nxyz")))
			if err != nil {
				t.Fatal(err)
			}
			root, err := rawmime.Parse(brief, rawmime.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := root.Parts[0].FileName(); got != test.want {
				t.Errorf("name %q, want %q, in\n%s", got, test.want, brief)
			}
			for line := range strings.SplitSeq(string(brief), "\r\n") {
				if len(line) > 998 {
					t.Errorf("a line of %d octets", len(line))
				}
			}
		})
	}
}

func TestBriefMistakes(t *testing.T) {
	t.Parallel()
	file := "Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\neHl6"
	tests := []struct {
		name    string
		options compose.BriefOptions
		in      string
		holds   string
	}{
		{"decoded", compose.BriefOptions{HashDecoded: true}, mixed(file), hashOf("xyz")},
		{"suffix", compose.BriefOptions{ReplaceSuffix: true}, mixed(file), "\"a.hash\""},
		{"type name", compose.BriefOptions{IgnoreTypeName: true}, mixed(file), "eHl6"},
		{"body", compose.BriefOptions{ReplaceUnnamed: true}, mixed("\r\ntesto"), "testo.txt.hash"},
		{"signature", compose.BriefOptions{HashSignature: true}, signed(file), hashOf("TUlJ")},
		{"message", compose.BriefOptions{KeepMessages: true}, mixed("Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nz"), "Subject: y"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := compose.BriefOriginalWith([]byte(test.in), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got), test.holds) {
				t.Errorf("lacks %q:\n%s", test.holds, got)
			}
		})
	}
}

func TestBriefOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := compose.BriefOriginal(nil); err == nil {
		t.Error("no original, no error")
	}
}
