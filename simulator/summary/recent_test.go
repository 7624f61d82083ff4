package summary_test

import (
	"strconv"
	"testing"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/summary"
	"github.com/google/go-cmp/cmp"
)

// What is remembered is what would be read.
func TestRecent(t *testing.T) {
	t.Parallel()
	message := func(subject string) *pec.Message {
		m, err := pec.Read([]byte("From: elena@posta.example\r\nTo: a@aurora.example\r\nSubject: " + subject + "\r\n\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	var recent summary.Recent
	if _, ok := recent.Of("1"); ok {
		t.Error("a message is known that was never noted")
	}
	recent.Note("", message("nessuno"))
	if _, ok := recent.Of(""); ok {
		t.Error("a message without hash is known")
	}
	m := message("Prova")
	recent.Note("1", m)
	recent.Note("1", m) // twice, and still one
	got, ok := recent.Of("1")
	if diff := cmp.Diff(summary.Of(m.Raw), got); !ok || diff != "" {
		t.Errorf("known %t, (-want +got):\n%s", ok, diff)
	}
	for i := range 511 {
		recent.Note("n"+strconv.Itoa(i), m)
	}
	if _, ok := recent.Of("1"); !ok {
		t.Error("forgotten while there was room")
	}
	recent.Note("one more", m)
	if _, ok := recent.Of("1"); ok {
		t.Error("remembered for ever")
	}
	var none *summary.Recent
	none.Note("1", m)
	if _, ok := none.Of("1"); ok {
		t.Error("nil remembers")
	}
}
