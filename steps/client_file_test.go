package steps

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const wholeClient = `kind: client
name: prova
send: {run: [mail, "{{message}}", "{{recipients}}"], seconds: 5}
fetch: {post: "http://127.0.0.1:1/fetch"}
status: {run: [ask, "{{message_id}}", "{{recipient}}"]}
files: {rc: "host {{imap_tls_host}}"}
words: {OK: delivered}
`

func TestReadClient(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, old, now, wrong string }{
		{"whole", "", "", ""},
		{"unknown key", "name: prova", "name: prova\ncolour: red", "colour"},
		{"another kind", "kind: client", "kind: provider", `kind is "provider": expected "client"`},
		{"no name", "name: prova", "name: ''", "name is missing"},
		{"no fetch", "fetch:", "show:", "fetch is missing"},
		{"both ways", "seconds: 5", "post: 'http://h/'", "send needs either `run`"},
		{"no URL", "http://127.0.0.1:1/fetch", "ftp://h/", "no http or https URL"},
		{"unknown value", "{{recipient}}", "{{nobody}}", "there is no value {{nobody}}"},
		{"unknown value in a file", "imap_tls_host", "imap_host", "files: rc: there is no value {{imap_host}}"},
		{"file outside", "files: {rc:", "files: {../rc:", `"../rc" is no name below {{dir}}`},
		{"unknown word", "OK: delivered", "OK: arrived", `stands for "arrived"`},
		{"too patient", "seconds: 5", "seconds: 5000", "5000 seconds"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(wholeClient, test.old, test.now, 1)
			_, err := ReadClient(strings.NewReader(text), ".")
			switch {
			case test.wrong == "" && err != nil:
				t.Fatal(err)
			case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)):
				t.Fatalf("error %v, want one about %q", err, test.wrong)
			}
		})
	}
}

// A target file of providers stays strict: it knows no kind.
func TestKindsOfTargetsAreApart(t *testing.T) {
	t.Parallel()
	if kind, err := KindOfTarget([]byte(wholeClient)); kind != KindClient || err != nil {
		t.Errorf("kind %q (%v), want client", kind, err)
	}
	if _, err := ReadTarget(strings.NewReader(wholeClient), t.TempDir()); err == nil {
		t.Error("a client's file is taken for the description of providers")
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	values := map[string]string{"user": "anna", "recipients": "b@x,c@x"}
	got := arguments([]string{"mail", "-u{{user}}", "--to={{recipients}}", "{{recipients}}"}, values, []string{"b@x", "c@x"})
	if diff := cmp.Diff([]string{"mail", "-uanna", "--to=b@x,c@x", "b@x", "c@x"}, got); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestAct(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := "#!/bin/sh\ncase $1 in\nfail) echo \"no $2\" >&2; exit 3;;\nhang) exec sleep 60;;\nesac\necho \"$HOME $2\"\n"
	if err := os.WriteFile(filepath.Join(dir, "client.sh"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	c := &Client{Folder: dir}
	values := map[string]string{"dir": "/home/of/the/scenario", "password": "segreto"}
	act := func(what string, seconds int) clientResult {
		t.Helper()
		r, err := c.act(context.Background(), nil, &ClientAction{Run: []string{"./client.sh", what, "{{password}}"}, Seconds: seconds}, values, nil)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(r.asked, " ") + string(r.output) + string(r.trouble); strings.Contains(text, "segreto") {
			t.Errorf("the password stands in %q", text)
		}
		return r
	}
	if r := act("do", 10); r.exit != 0 || string(r.output) != "/home/of/the/scenario [removed]\n" {
		t.Errorf("exit %d, output %q", r.exit, r.output)
	}
	if r := act("fail", 10); r.exit != 3 || string(r.trouble) != "no [removed]\n" {
		t.Errorf("exit %d, trouble %q, want 3 and what it complained of", r.exit, r.trouble)
	}
	if r := act("hang", 1); !r.timedOut {
		t.Errorf("%+v, want one that ran out of time", r)
	}
	r, err := c.act(context.Background(), nil, &ClientAction{Run: []string{"./nobody"}}, values, nil)
	if err != nil || r.failed == "" {
		t.Errorf("%+v (%v), want a command that cannot be run", r, err)
	}
}

func TestWordsOfAClient(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"delivered\n":                     "delivered",
		"\n  delivered \nand more":        "delivered",
		`{"status": "delivered"}`:         "delivered",
		"":                                "",
		"\xff" + strings.Repeat("x", 300): "?" + strings.Repeat("x", 199),
	} {
		if got := firstWords([]byte(output), "status"); got != want {
			t.Errorf("%q says %q, want %q", output, got, want)
		}
	}
	plain, own := &Client{}, &Client{Words: map[string]string{"OK": "delivered"}}
	if plain.status("failed") != "failed" || plain.status("OK") != "" || own.status("OK") != "delivered" || own.status("failed") != "" {
		t.Error("a client is understood in other words than its file says")
	}
}

func TestComposedMessagesAreInLatin1(t *testing.T) {
	t.Parallel()
	for _, text := range []string{accentedText, plainText} {
		for _, r := range text {
			if r > 0xff {
				t.Errorf("%q is not in ISO-8859-1", r)
			}
		}
	}
	for _, name := range clientMails() {
		w := testWorld(t, testTarget())
		w.options.Client = &ClientBench{}
		octets, err := w.mailFor(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(octets), "{{") {
			t.Errorf("a placeholder is left in %s", name)
		}
	}
}

func TestFound(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "send.sh"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		program string
		found   bool
	}{{"./send.sh", true}, {"{{dir}}/made-later", true}, {"./fetch.sh", false}, {"no-such-program-of-anybody", false}} {
		c := Client{Folder: folder, Send: &ClientAction{Run: []string{tt.program}}, Fetch: &ClientAction{Post: "http://127.0.0.1:1/"}}
		if err := c.Found(); (err == nil) != tt.found {
			t.Errorf("%s: %v", tt.program, err)
		}
	}
}
