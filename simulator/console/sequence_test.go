package console

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/journal"
)

// drawn is the sequence of the newest exchange, an arrow a line.
func drawn(t *testing.T, w *fake) ([]string, *exchange) {
	t.Helper()
	all, err := words()
	if err != nil {
		t.Fatal(err)
	}
	o := &observer{world: w, events: events.NewRecord(0), known: &summaries{}}
	s, err := o.look()
	if err != nil || len(s.exchanges) == 0 {
		t.Fatalf("%d exchanges, %v", len(s.exchanges), err)
	}
	q := draw(s, speaker{all, English}, s.exchanges[0])
	var list []string
	for _, a := range q.Arrows {
		if a.Divider != "" {
			list = append(list, "-- "+a.Divider)
			continue
		}
		text := fmt.Sprintf("%s>%s %s", q.Lanes[a.From].Name, q.Lanes[a.To].Name, a.Label)
		for _, name := range []string{" PEC S.p.A.", " PEC S.r.l."} {
			text = strings.ReplaceAll(text, name, "")
		}
		if a.Missing {
			text += " (missing)"
		}
		if a.SHA256 != "" {
			text += " *"
		}
		list = append(list, text)
	}
	return list, s.exchanges[0]
}

const (
	acceptance = "Message-ID: <a@aurora>\nX-Ricevuta: accettazione\nSubject: ACCETTAZIONE: Ciao\n\n"
	envelope   = "Message-ID: <e@aurora>\nX-Trasporto: posta-certificata\nSubject: POSTA CERTIFICATA: Ciao\n\n"
	delivery   = "Message-ID: <d@borea>\nX-Ricevuta: avvenuta-consegna\nSubject: CONSEGNA: Ciao\n\n"
)

func TestSequence(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	w.put(t, anna, acceptance)
	w.put(t, bruno, envelope)
	w.put(t, anna, delivery)
	to, me := []string{bruno}, []string{anna}
	service := []string{"ricevute@gestore.aurora.example"}
	// Each provider logs a hop when the other one has answered: by then the
	// other has logged what came of it.
	w.said(aurora, 0, journal.Envelope, anna, to, "", "<e@aurora>")
	w.said(aurora, 0, journal.Acceptance, anna, to, "", "<a@aurora>", "<e@aurora>")
	w.said(aurora, 0, journal.ReceiptArrived, anna, service, "TakenInCharge", "<t@borea>")
	w.said(aurora, 0, journal.Relayed, anna, to, borea, "<e@aurora>")
	w.said(aurora, 0, journal.ReceiptArrived, anna, me, "Delivery", "<d@borea>")
	w.said(borea, 0, journal.TakenInCharge, anna, to, "", "<t@borea>")
	w.said(borea, 0, journal.Stored, anna, to, "", "<e@aurora>")
	w.said(borea, 0, journal.Delivery, anna, to, "", "<d@borea>")
	w.said(borea, 0, journal.Relayed, anna, me, aurora, "<d@borea>")
	w.said(borea, 0, journal.Relayed, anna, service, aurora, "<t@borea>")
	got, e := drawn(t, w)
	want := []string{
		"Anna>Aurora submission",
		"Aurora>Anna Acceptance *",
		"Aurora>Borea Transport envelope *",
		"Borea>Bruno Transport envelope *",
		"Borea>Aurora Taken in charge",
		"Borea>Aurora Delivery *",
		"Aurora>Anna Delivery *",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrows (-want +got):\n%s", diff)
	}
	if e.State != stateDelivered || e.Subject != "Ciao" || e.Sender != anna || len(e.Recipients) != 1 {
		t.Errorf("exchange %+v", e)
	}
}

func TestSequenceOfTrouble(t *testing.T) {
	t.Parallel()
	to := []string{bruno}
	for _, tt := range []struct {
		name  string
		tell  func(w *fake)
		want  []string
		state string
	}{
		{
			"refused by a notice that never came",
			func(w *fake) { w.said(aurora, 0, journal.NonAcceptance, anna, to, "", "<n@aurora>") },
			[]string{"Anna>Aurora submission", "Aurora>Anna Non-acceptance (missing)"},
			stateRefused,
		},
		{
			"late",
			func(w *fake) {
				w.said(aurora, 0, journal.Envelope, anna, to, "", "<e@aurora>")
				w.said(aurora, 1, journal.Deferred, anna, to, "refused", "<e@aurora>")
				w.said(aurora, 61, journal.Deferred, anna, to, "refused", "<e@aurora>")
				w.said(aurora, 12*3600, journal.Delay, anna, to, "", "<p@aurora>")
			},
			[]string{"Anna>Aurora submission", "Aurora>Borea not taken yet", "-- 11 h 59 min later", "Aurora>Anna Notice of delay (missing)"},
			stateLate,
		},
		{
			"a receipt that never came",
			func(w *fake) {
				w.said(aurora, 0, journal.Envelope, anna, to, "", "<e@aurora>")
				w.said(aurora, 0, journal.Relayed, anna, to, borea, "<e@aurora>")
				w.said(borea, 0, journal.Stored, anna, to, "", "<e@aurora>")
				w.said(borea, 0, journal.Delivery, anna, to, "", "<d@borea>")
			},
			[]string{"Anna>Aurora submission", "Aurora>Borea Transport envelope", "Borea>Bruno Transport envelope", "Borea>Anna Delivery (missing)"},
			stateUntold,
		},
		{
			"ordinary mail from outside",
			func(w *fake) { w.said(borea, 0, journal.Anomaly, elena, to, "", "<x@borea>") },
			[]string{"Elena>posta.example submission", "posta.example>Borea ordinary mail", "Borea>Bruno Anomaly envelope (missing)"},
			stateAnomaly,
		},
		{
			"a log that begins in the middle",
			func(w *fake) { w.said(borea, 0, journal.Relayed, anna, []string{anna}, aurora, "<d@borea>") },
			[]string{"Anna>Aurora submission", "Borea>Aurora message"},
			stateWaiting,
		},
	} {
		w := newFake(t)
		tt.tell(w)
		got, e := drawn(t, w)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: arrows (-want +got):\n%s", tt.name, diff)
		}
		if e.State != tt.state {
			t.Errorf("%s: state %s, want %s", tt.name, e.State, tt.state)
		}
	}
}

// Mail that no log knows is drawn too, and the newest comes first.
func TestStrays(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	w.put(t, elena, "From: Qualcuno <altro@fuori.example>\nMessage-ID: <z@fuori>\nSubject: Salve\n\n")
	got, e := drawn(t, w)
	want := []string{"altro>posta.example message", "posta.example>Elena Ordinary mail *"}
	if diff := cmp.Diff(want, got); diff != "" || e.State != statePlain || e.Sender != "altro@fuori.example" {
		t.Errorf("state %s, sender %s; arrows (-want +got):\n%s", e.State, e.Sender, diff)
	}
}

// Whatever a log or a message holds, it is text in the picture.
func TestPictureIsEscaped(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	nasty := `"><script>alert(1)</script>`
	w.said(aurora, 0, journal.Refused, nasty+"@x.example", []string{bruno}, nasty)
	w.said(aurora, 0, journal.Quarantined, nasty+"@x.example", []string{bruno}, nasty)
	page := get(w.console(t, nil), "/").Body.String()
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("a script from the log stands in the page as it is, or nowhere")
	}
}

func TestPictureIsBounded(t *testing.T) {
	t.Parallel()
	w := newFake(t)
	for i := range maxArrows + 30 {
		w.said(borea, 0, journal.Stored, anna, []string{fmt.Sprintf("u%d@borea.example", i)}, "", fmt.Sprintf("<e%d@aurora>", i))
		w.said(borea, 0, journal.Repeated, anna, []string{bruno}, "", "<e@aurora>")
	}
	all, err := words()
	if err != nil {
		t.Fatal(err)
	}
	s, err := (&observer{world: w, events: events.NewRecord(0), known: &summaries{}}).look()
	if err != nil {
		t.Fatal(err)
	}
	q := draw(s, speaker{all, English}, s.exchanges[0])
	if len(q.Lanes) > maxLanes+4 || len(q.Arrows) != maxArrows+1 || q.Arrows[maxArrows].Divider == "" {
		t.Errorf("%d lanes, %d arrows", len(q.Lanes), len(q.Arrows))
	}
}
