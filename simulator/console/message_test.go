package console

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

const hostile = `Message-ID: <h@x.example>
X-Trasporto: posta-certificata
From: "<script>alert(1)</script>" <a@x.example>
To: b@x.example
Subject: </title><script>alert(2)</script><img src=x onerror=alert(3)>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

</pre><script>alert(4)</script>
--b
Content-Type: text/html; name="../../evil<script>.html"
Content-Disposition: attachment; filename="../../evil<script>.html"
Content-Transfer-Encoding: base64

PHNjcmlwdD5hbGVydCg1KTwvc2NyaXB0Pg==
--b
Content-Type: application/xml; name=daticert.xml

<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="posta-certificata" errore="nessuno"><intestazione><mittente>&lt;script&gt;alert(6)&lt;/script&gt;</mittente><destinatari tipo="esterno">b@x.example</destinatari><risposte>r</risposte><oggetto>o</oggetto></intestazione><dati><gestore-emittente>G</gestore-emittente><data zona="+0100"><giorno>21/11/2026</giorno><ora>12:00:00</ora></data><identificativo>i</identificativo></dati></postacert>
--b
Content-Type: message/rfc822; name=postacert.eml

Message-ID: <o@x.example>
Subject: The original
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: text/plain

Inside.
--c--

--b--
`

func TestHostileMessage(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	sha := w.put(t, bruno, hostile)
	h := w.console(t, func(context.Context, []byte) (Judgement, error) {
		nasty := "<script>alert(7)</script>"
		return Judgement{Kind: nasty, Verdict: nasty, Signer: nasty, Checks: []Check{{nasty, nasty, "fail", nasty, nasty, nasty}, {nasty, nasty, nasty, nasty, nasty, nasty}}}, nil
	})
	for _, path := range []string{"/messages/" + sha, "/mailboxes/" + bruno, "/", "/?q=%3Cscript%3Ealert(8)", "/log?id=%22%3E%3Cscript%3Ealert(8)", "/nowhere/<script>alert(8)"} {
		page := get(h, path).Body.String()
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img") {
			t.Errorf("%s: what a message holds stands in the page as it is", path)
		}
		if n := len(regexp.MustCompile(`<script\b`).FindAllString(page, -1)); n != 1 {
			t.Errorf("%s: %d scripts, want the console's one", path, n)
		}
	}
	page := get(h, "/messages/"+sha).Body.String()
	for _, want := range []string{"Transport envelope", "Not signed", "a recipient with ordinary mail", "alert(6)", "/parts/2", "?of=4"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	sha := w.put(t, bruno, hostile)
	h := w.console(t, nil)
	got := get(h, "/messages/"+sha+"/parts/2")
	if body := got.Body.String(); body != "<script>alert(5)</script>" {
		t.Errorf("part 2 is %q", body)
	}
	header := got.Header()
	for name, want := range map[string]string{
		"Content-Type":            "application/octet-stream",
		"Content-Disposition":     "attachment; filename=.._.._evil_script_.html",
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox",
	} {
		if header.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, header.Get(name), want)
		}
	}
	if page := get(h, "/messages/"+sha+"?of=4").Body.String(); !strings.Contains(page, "<h1>The original</h1>") || !strings.Contains(page, "/parts/4.m.1") {
		t.Error("the original is not shown, or its part is not to be had")
	}
	if got := get(h, "/messages/"+sha+"/parts/4.m.1").Body.String(); got != "Inside." {
		t.Errorf("the part of the original is %q", got)
	}
	if got := get(h, "/messages/"+sha+"/raw").Body.String(); got != strings.ReplaceAll(hostile, "\n", "\r\n") {
		t.Error("the message is not handed out as it is")
	}
	if got := get(h, "/messages/"+sha+"/raw?of=4").Body.String(); !strings.HasPrefix(got, "Message-ID: <o@x.example>") {
		t.Errorf("the original is %q", got)
	}
	zero := strings.Repeat("0", 64)
	for _, path := range []string{
		"/messages/" + zero, "/messages/x", "/messages/" + sha + "/parts/9", "/messages/" + sha + "/parts/-1", "/messages/" + sha + "/parts/m",
		"/messages/" + sha + "/parts/1.1.1", "/messages/" + sha + "?of=1", "/messages/" + sha + "?of=../x", "/mailboxes/nobody@x.example", "/transcripts/7", "/transcripts/x",
	} {
		if code := get(h, path).Code; code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, code)
		}
	}
}

func TestJudged(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	sha := w.put(t, bruno, "Subject: x\n\nText.\n")
	for _, tt := range []struct {
		judge Judge
		want  []string
	}{
		{nil, []string{"No judge was given"}},
		{func(context.Context, []byte) (Judgement, error) { return Judgement{}, errors.New("no trust today") }, []string{"could not conclude", "no trust today"}},
		{func(context.Context, []byte) (Judgement, error) {
			return Judgement{Verdict: "NOT CONFORMANT", Checks: []Check{{Rule: "A-1", Verdict: "pass"}, {Rule: "A-2", Verdict: "fail", Expected: "one", Seen: "two"}, {Rule: "A-3", Verdict: "observed"}}}, nil
		}, []string{`class="card bad"`, "Not conformant", "A-2", "one", "two", "1 rule kept", "1 thing observed"}},
	} {
		page := get(w.console(t, tt.judge), "/messages/"+sha).Body.String()
		for _, want := range tt.want {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
}
