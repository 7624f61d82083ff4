package rules

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

const briefHead = `From: Anna <anna@aurora.example>
To: bruno@borea.example
Cc: carla@borea.example
Subject: Preventivo 7f3a
Date: Wed, 14 Jan 2026 10:20:25 +0100
Message-ID: <c1@pc.aurora.example>
X-TipoRicevuta: breve
MIME-Version: 1.0
`

// leaf is a part with a name in an original, and what replaces it: old is the
// part as sent, now the hash file.
func leaf(header, body, name, hash string) (old, now string) {
	old = header + "\n" + body
	now = "Content-Type: text/plain; name=\"" + name + ".hash\"\nContent-Disposition: attachment; filename=\"" + name + ".hash\"\n\n" + hash
	return old, now
}

// mixedOf wraps parts into the original of a brief exchange.
func mixedOf(parts ...string) string {
	var b strings.Builder
	b.WriteString(briefHead + "Content-Type: multipart/mixed; boundary=\"original\"\n\n--original\nContent-Type: text/plain; charset=utf-8\n\nBuongiorno.\n")
	for _, p := range parts {
		b.WriteString("--original\n" + p + "\n")
	}
	return b.String() + "--original--\n"
}

// certified gives an original the identifiers that the access point gives it.
func certifiedText(text string) string {
	return strings.Replace(text, "Message-ID: "+clientMessageID, "Message-ID: <"+identifier+">\nX-Riferimento-Message-ID: "+clientMessageID, 1)
}

// brief is an exchange in which a brief receipt was asked for: the original as
// submitted, and the original as the receipt about Bruno encloses it.
func brief(sent, enclosed string, changes ...change) func(*testCase) {
	return func(c *testCase) {
		original, copied := certifiedText(sent), certifiedText(enclosed)
		headers := []string{"To: Bruno <bruno@borea.example>, elena@posta.example\n", "To: bruno@borea.example\n"}
		recipients := []string{"elena@posta.example (\"posta ordinaria\")\n", "", "    <destinatari tipo=\"esterno\">elena@posta.example</destinatari>\n", ""}
		start := func(t *testing.T, all map[string][]placed) {
			t.Helper()
			delete(all, "envelope-elena")
			for _, name := range []string{"acceptance", "taken-in-charge"} {
				edit(name, recipients...)(t, all)
			}
			for _, name := range []string{"envelope-bruno", "envelope-carla"} {
				edit(name, certifiedOriginal(), original)(t, all)
				edit(name, append(headers, recipients[2], "", "X-Trasporto:", "X-TipoRicevuta: breve\nX-Trasporto:", `tipo="completa"`, `tipo="breve"`)...)(t, all)
			}
			edit("delivery-carla", recipients[2], "", `<ricevuta tipo="completa"/>`, `<ricevuta tipo="breve"/>`)(t, all)
			receiptOf("delivery-brief", briefOriginal(), copied, recipients[2], "")(t, all)
		}
		wholeOf(sent, to(bruno, carla), append([]change{start}, changes...)...)(c)
	}
}

// attached is a brief exchange with one attachment and its replacement.
func attached(header, body, name, hash string) func(*testCase) {
	old, now := leaf(header, body, name, hash)
	return brief(mixedOf(old), mixedOf(now))
}

func TestBriefJudges(t *testing.T) {
	t.Parallel()
	const (
		both  = "Content-Type: application/pdf; name=\"a.pdf\"\nContent-Disposition: attachment; filename=\"a.pdf\"\nContent-Transfer-Encoding: base64\n"
		plain = "Content-Type: text/csv; name=\"a.csv\"\nContent-Transfer-Encoding: quoted-printable\n"
		odd   = "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''perch%C3%A9.pdf\nContent-Transfer-Encoding: base64\n"
		body  = attachmentText
	)
	decoded, _ := base64.StdEncoding.DecodeString(body)
	overText, overFile := hexSHA1([]byte(body)), hexSHA1(decoded)
	wide := sha256.Sum256([]byte(body))
	kept := mixedOf(both + "\n" + body)
	replaced, hashFile := leaf(both, body, "a.pdf", overText)
	message := "Content-Type: message/rfc822\n\nSubject: dentro\n\nTesto"
	messageHash := hexSHA1([]byte(crlf("Subject: dentro\n\nTesto")))
	signature := "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\nContent-Transfer-Encoding: base64\n\nTUlJ"
	signedOf := func(part, signature string) string {
		return briefHead + "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=\"firma\"\n\n--firma\nContent-Type: multipart/mixed; boundary=\"dentro\"\n\n--dentro\nContent-Type: text/plain\n\nBuongiorno.\n--dentro\n" +
			part + "\n--dentro--\n\n--firma\n" + signature + "\n--firma--\n"
	}
	opaque := func(body string) string {
		return briefHead + "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"\nContent-Transfer-Encoding: base64\n\n" + body + "\n"
	}
	nested := func(part string) string {
		return mixedOf("Content-Type: multipart/related; boundary=\"rel\"\n\n--rel\nContent-Type: text/html\n\n<p>x</p>\n--rel\n" + part + "\n--rel--")
	}
	p7m := strings.ReplaceAll(both, "a.pdf", "a.pdf.p7m")
	csv := "a=3D1"
	short := func(text string) string { return fmt.Sprintf("%.39s", text) }
	good := brief(mixedOf(replaced), mixedOf(hashFile))
	inCopy := func(original bool) func(*testCase) {
		return brief(mixedOf(replaced), mixedOf(hashFile), func(t *testing.T, all map[string][]placed) {
			t.Helper()
			if original {
				all["delivery-carla"] = []placed{piece(correct("delivery-brief").with(t, briefOriginal(), certifiedText(mixedOf(hashFile)), `ed indirizzato a "bruno@`, `ed indirizzato a "carla@`, "<consegna>bruno@", "<consegna>carla@"), anna)}
			}
		})
	}
	twoPlaces := func(enclosed string) func(*testCase) {
		const cc = "Cc: carla@borea.example"
		const both = "Cc: carla@borea.example, bruno@borea.example"
		return brief(strings.Replace(mixedOf(replaced), cc, both, 1), strings.Replace(enclosed, cc, both, 1), edit("envelope-bruno", cc, both), edit("envelope-carla", cc, both))
	}
	runTrials(t, briefJudges(), []trial{
		{rule: "PEC-RB-001", name: "hash files", build: good, want: holds},
		{rule: "PEC-RB-001", name: "the whole original", build: brief(kept, kept), want: broken},
		{rule: "PEC-RB-001", name: "no original", build: brief(mixedOf(replaced), mixedOf(hashFile), noOriginal), want: broken},
		{rule: "PEC-RB-001", name: "complete ones asked for", build: whole(), none: true},

		{rule: "PEC-RB-002", name: "concise", build: inCopy(false), want: holds},
		{rule: "PEC-RB-002", name: "brief", build: inCopy(true), want: broken},

		{rule: "PEC-RB-003", name: "hash files", build: twoPlaces(mixedOf(hashFile)), want: holds},
		{rule: "PEC-RB-003", name: "the whole original", build: twoPlaces(mixedOf(replaced)), want: broken},

		{rule: "PEC-RB-004", name: "both names", build: good, want: holds},
		{rule: "PEC-RB-004", name: "name only", build: attached(plain, csv, "a.csv", hexSHA1([]byte(csv))), want: holds},
		{rule: "PEC-RB-004", name: "not replaced", build: brief(mixedOf(replaced, plain+"\n"+csv), mixedOf(hashFile, plain+"\n"+csv)), want: broken},

		{rule: "PEC-RB-005", name: "text left", build: good, want: holds},
		{rule: "PEC-RB-005", name: "text changed", build: brief(mixedOf(replaced), strings.Replace(mixedOf(hashFile), "Buongiorno.", "Buonasera.", 1)), want: broken},
		{rule: "PEC-RB-005", name: "part lost", build: brief(mixedOf(replaced), mixedOf()), want: broken},
		{rule: "PEC-RB-005", name: "other boundary", build: brief(mixedOf(replaced), strings.NewReplacer("\"original\"", "\"altro\"", "--original", "--altro").Replace(mixedOf(hashFile))), want: warned},

		{rule: "PEC-RB-006", name: "text and name", build: good, want: holds},
		{rule: "PEC-RB-006", name: "other name", build: attached(both, body, "b.pdf", overText), want: broken},
		{rule: "PEC-RB-006", name: "other type", build: brief(mixedOf(replaced), strings.Replace(mixedOf(hashFile), "Content-Type: text/plain; name=\"a", "Content-Type: application/octet-stream; name=\"a", 1)), want: broken},

		{rule: "PEC-RB-007", name: "over the text", build: good, want: holds},
		{rule: "PEC-RB-007", name: "over the file", build: attached(both, body, "a.pdf", overFile), want: holds},
		{rule: "PEC-RB-007", name: "over nothing", build: attached(both, body, "a.pdf", hexSHA1(nil)), want: broken},
		{rule: "PEC-RB-007", name: "cut", build: attached(both, body, "a.pdf", short(overText)), want: broken},
		{rule: "PEC-RB-007", name: "SHA-256", build: attached(both, body, "a.pdf", hex.EncodeToString(wide[:])), want: warned},

		{rule: "PEC-RB-008", name: "over the text", build: good, want: holds},
		{rule: "PEC-RB-008", name: "over the file", build: attached(both, body, "a.pdf", overFile), want: broken},

		{rule: "PEC-RB-009", name: "over the text", build: attached(plain, csv, "a.csv", hexSHA1([]byte(csv))), want: holds},
		{rule: "PEC-RB-009", name: "over the file", build: attached(plain, csv, "a.csv", hexSHA1([]byte("a=1"))), want: broken},
		{rule: "PEC-RB-009", name: "base64", build: good, none: true},

		{rule: "PEC-RB-010", name: "one hash", build: brief(mixedOf(message), mixedOf("Content-Type: text/plain; name=\"messaggio.eml.hash\"\n\n"+messageHash)), want: holds},
		{rule: "PEC-RB-010", name: "left", build: brief(mixedOf(message), mixedOf(message)), want: broken},
		{rule: "PEC-RB-010", name: "wrong hash", build: brief(mixedOf(message), mixedOf("Content-Type: text/plain; name=\"messaggio.eml.hash\"\n\n"+overText)), want: broken},

		{rule: "PEC-RB-011", name: "inside hashed, signature left", build: brief(signedOf(replaced, signature), signedOf(hashFile, signature)), want: holds},
		{rule: "PEC-RB-011", name: "inside left", build: brief(signedOf(replaced, signature), signedOf(replaced, signature)), want: broken},
		{rule: "PEC-RB-011", name: "signature hashed", build: brief(signedOf(replaced, signature), signedOf(hashFile, "Content-Type: text/plain; name=\"smime.p7s.hash\"\n\n"+overText)), want: broken},
		{rule: "PEC-RB-011", name: "unsigned", build: good, none: true},

		{rule: "PEC-RB-012", name: "left", build: brief(opaque(body), opaque(body)), want: holds},
		{rule: "PEC-RB-012", name: "hashed", build: brief(opaque(body), opaque(overText)), want: broken},

		{rule: "PEC-RB-013", name: "hashed", build: attached(p7m, body, "a.pdf.p7m", overText), want: holds},
		{rule: "PEC-RB-013", name: "left", build: brief(mixedOf(p7m+"\n"+body, both+"\n"+body), mixedOf(p7m+"\n"+body, hashFile)), want: broken},

		{rule: "PEC-RB-014", name: "decoded name", build: brief(mixedOf(odd+"\n"+body), mixedOf("Content-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''perch%C3%A9.pdf.hash\n\n"+overText)), want: holds},
		{rule: "PEC-RB-014", name: "name lost", build: brief(mixedOf(odd+"\n"+body), mixedOf("Content-Type: text/plain\nContent-Disposition: attachment; filename=\"attachment.hash\"\n\n"+overText)), want: broken},
		{rule: "PEC-RB-014", name: "plain name", build: good, none: true},

		{rule: "PEC-RB-015", name: "inner parts", build: brief(nested(replaced), nested(hashFile)), want: holds},
		{rule: "PEC-RB-015", name: "inner parts left", build: brief(nested(replaced), nested(replaced)), want: broken},
		{rule: "PEC-RB-015", name: "no inner parts", build: good, none: true},

		{rule: "PEC-RB-016", name: "facts", build: good, want: holds},
		{rule: "PEC-RB-016", name: "other ricevuta", build: brief(mixedOf(replaced), mixedOf(hashFile), edit("delivery-bruno", `<ricevuta tipo="breve"/>`, `<ricevuta tipo="completa"/>`)), want: broken},
		{rule: "PEC-RB-016", name: "no identifier", build: brief(mixedOf(replaced), mixedOf(hashFile), edit("delivery-bruno", "Identificativo messaggio: "+identifier, "")), want: broken},

		{rule: "PEC-RB-017", name: "the same", build: brief(mixedOf(), mixedOf()), want: holds},
		{rule: "PEC-RB-017", name: "changed", build: brief(mixedOf(), strings.Replace(mixedOf(), "Buongiorno", "Salve", 1)), want: broken},
		{rule: "PEC-RB-017", name: "attachments", build: good, none: true},

		{rule: "PEC-RB-018", name: "recomputed", build: good, want: holds},
		{rule: "PEC-RB-018", name: "of something else", build: attached(both, body, "a.pdf", hexSHA1([]byte("altro"))), want: broken},
	})
}

func TestBriefKeepsAll(t *testing.T) {
	t.Parallel()
	keepsAll(t, attached("Content-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n", attachmentText, "a.pdf", hexSHA1([]byte(attachmentText))))
}
