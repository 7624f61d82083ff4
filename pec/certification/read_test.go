package certification

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, c := range corpus(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data, _, err := Read([]byte(c.xml))
			if c.code == "" {
				if err != nil || data == nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var refusal *Error
			if !errors.As(err, &refusal) || data != nil {
				t.Fatalf("expected %s, got %v", c.code, err)
			}
			if refusal.Code != c.code {
				t.Errorf("expected %s, got %v", c.code, err)
			}
			if refusal.Offset < 0 || refusal.Offset > len(c.xml) || refusal.Detail == "" {
				t.Errorf("got %+v", refusal)
			}
		})
	}
}

func TestReadData(t *testing.T) {
	t.Parallel()
	got, notes, err := Read([]byte(sample))
	if err != nil || len(notes) != 0 {
		t.Fatal(err, notes)
	}
	want := &Data{
		Type: "avvenuta-consegna", Error: "nessuno", ErrorGiven: true,
		Sender: "anna@aurora.example",
		Recipients: []Recipient{
			{Address: "bruno@borea.example", Type: "certificato", TypeGiven: true},
			{Address: "elena@posta.example", Type: "esterno", TypeGiven: true},
		},
		ReplyTo: "anna@aurora.example", Subject: "perché <no> & sì", HasSubject: true,
		Issuer: "Borea PEC S.p.A.", Zone: "+0100", Day: "13/11/2026", Time: "16:39:26",
		Identifier: "aurora.1@gestore.aurora.example", MessageID: "<1@client.example>", HasMessageID: true,
		ReceiptType: "completa", HasReceiptType: true, Delivery: "bruno@borea.example", HasDelivery: true,
		Reception: []string{"bruno@borea.example", "dario@borea.example"}, ExtendedError: "nessun errore", HasExtendedError: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	at, err := got.Instant()
	if err != nil || !at.Equal(time.Date(2026, 11, 13, 15, 39, 26, 0, time.UTC)) {
		t.Errorf("instant %v, %v", at, err)
	}
}

func TestValuesAreDecodedAndUntrimmed(t *testing.T) {
	t.Parallel()
	xml := strings.NewReplacer("perch&#xE9; &lt;no&gt; &amp; sì", " a\r\nb<!-- x --><![CDATA[<c>&amp;]]>&#13; ", "+0100", "\t+\r\n1&#10;",
		` errore="nessuno"`, "", ` tipo="esterno"`, "").Replace(sample)
	got, _, err := Read([]byte(xml))
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != " a\nb<c>&amp;\r " || got.Zone != " + 1\n" {
		t.Errorf("subject %q, zone %q", got.Subject, got.Zone)
	}
	if got.Error != "nessuno" || got.ErrorGiven || got.Recipients[1] != (Recipient{Address: "elena@posta.example", Type: "certificato"}) {
		t.Errorf("defaults: %+v", got)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	got, notes, err := Read([]byte("\xEF\xBB\xBF" + `<?xml version="1.1" standalone="yes"?><!DOCTYPE postacert SYSTEM "x"><?a b?>` +
		strings.SplitN(sample, "\n", 2)[1]))
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, n := range notes {
		codes = append(codes, n.Code)
	}
	want := []string{NoteByteOrderMark, NoteVersion, NoteStandalone, NoteDoctype, NoteProcessingInstruction}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Error(diff)
	}
	if !got.HasBOM || !got.HasDoctype {
		t.Errorf("got %+v", got)
	}
}

func TestErrorSaysWhere(t *testing.T) {
	t.Parallel()
	xml := strings.Replace(sample, "<giorno>", "<anno>", 1)
	_, _, err := Read([]byte("\xEF\xBB\xBF" + xml))
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Element != "data" || refusal.Offset != strings.Index(xml, "<anno>")+3 {
		t.Errorf("got %+v", refusal)
	}
	want := fmt.Sprintf("certification data: at octet %d in <data>: <anno> is not allowed in <data> (element-unknown)", refusal.Offset)
	if err.Error() != want {
		t.Errorf("got %q", err)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{
		"long":            sample + strings.Repeat(" ", MaxBytes),
		"deep":            strings.Repeat("<postacert tipo='accettazione'>", 10_000),
		"many attributes": "<postacert " + attributes(10_000) + ">",
		"many references": "<postacert tipo=\"" + strings.Repeat("&amp;", 50_000) + "\">",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if _, _, err := Read([]byte(xml)); err == nil {
				t.Error("accepted")
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	many := strings.Replace(sample, "<risposte>", strings.Repeat("<destinatari>a@b.example</destinatari>", 10_000)+"<risposte>", 1)
	if got, _, err := Read([]byte(many)); err != nil || len(got.Recipients) != 10_002 {
		t.Errorf("many recipients: %v", err)
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d='' ", i)
	}
	return b.String()
}

func TestInstantIsStrict(t *testing.T) {
	t.Parallel()
	good := Data{Day: "29/03/2026", Time: "03:00:00", Zone: "+0200"}
	if _, err := good.Instant(); err != nil {
		t.Error(err)
	}
	for _, d := range []Data{
		{Day: "2026-03-29", Time: "03:00:00", Zone: "+0200"},
		{Day: "9/3/2026", Time: "03:00:00", Zone: "+0200"},
		{Day: "30/02/2026", Time: "03:00:00", Zone: "+0200"},
		{Day: "29/03/2026", Time: "3:00:00", Zone: "+0200"},
		{Day: "29/03/2026", Time: "24:00:00", Zone: "+0200"},
		{Day: "29/03/2026", Time: "03:00:00", Zone: "+02:00"},
		{Day: "29/03/2026", Time: "03:00:00", Zone: "0200"},
		{Day: "29/03/2026 ", Time: "03:00:00", Zone: "+0200"},
	} {
		if at, err := d.Instant(); err == nil {
			t.Errorf("%+v gives %v", d, at)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("\xEF\xBB\xBF<?xml version='1.0'?><!DOCTYPE a SYSTEM \"b\"><postacert tipo=\"accettazione\"><![CDATA[x]]>&#x41;<!-- -->"))
	f.Add([]byte(`<!DOCTYPE postacert [<!ENTITY x "y">]><postacert/>`))
	f.Fuzz(func(t *testing.T, xml []byte) {
		data, _, err := Read(xml)
		if (data == nil) == (err == nil) {
			t.Fatalf("data %v, error %v", data, err)
		}
		var refusal *Error
		if err != nil && (!errors.As(err, &refusal) || refusal.Offset < 0 || refusal.Offset > len(xml) && refusal.Code != CodeTooLarge) {
			t.Fatalf("error %#v for %d octets", err, len(xml))
		}
		if err == nil {
			_, _ = data.Instant()
		}
	})
}

func BenchmarkRead(b *testing.B) {
	xml := []byte(sample)
	b.SetBytes(int64(len(xml)))
	for b.Loop() {
		if _, _, err := Read(xml); err != nil {
			b.Fatal(err)
		}
	}
}
