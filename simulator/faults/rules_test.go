package faults_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
)

func emission(operator string, with map[string]string) faults.Act {
	return faults.Act{At: faults.AtEmission, Operator: operator, Arguments: with}
}

func on(t *testing.T, rules *faults.Rules, r faults.Rule) faults.Rule {
	t.Helper()
	made, err := rules.Add(r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// copies is how often an acceptance of that matter would go out.
func copies(s *faults.Set, d *compose.Draft) int {
	return s.About(faults.MatterOf(d)).Emission(d).Copies
}

func acceptanceOf(sender, subject string, recipients ...string) *compose.Draft {
	d := &compose.Draft{Kind: pec.Acceptance, Sender: sender, Facts: compose.Facts{Sender: sender, Subject: subject, HasSubject: true}}
	for _, r := range recipients {
		d.Facts.Recipients = append(d.Facts.Recipients, compose.Recipient{Address: r, Certified: true})
	}
	return d
}

func TestRulesMatch(t *testing.T) {
	t.Parallel()
	d := acceptanceOf("Anna@Aurora.example", "=?UTF-8?Q?Citt=C3=A0_di_Roma?=", "bruno@borea.example", "virus@borea.example")
	for name, tt := range map[string]struct {
		rule faults.Rule
		want bool
	}{
		"everything":      {faults.Rule{}, true},
		"sender":          {faults.Rule{Sender: "anna@aurora.example"}, true},
		"other sender":    {faults.Rule{Sender: "nna@aurora.example"}, false},
		"recipient":       {faults.Rule{Recipient: "VIRUS@*"}, true},
		"other recipient": {faults.Rule{Recipient: "virus@*.it"}, false},
		"dot is a dot":    {faults.Rule{Recipient: "bruno@boreaxexample"}, false},
		"subject":         {faults.Rule{Subject: "CITTÀ"}, true},
		"other subject":   {faults.Rule{Subject: "Milano"}, false},
		"kind":            {faults.Rule{Kind: "delivery acceptance"}, true},
		"other kind":      {faults.Rule{Kind: "delivery"}, false},
		"provider":        {faults.Rule{Provider: "Gestore.Aurora.example"}, true},
		"other provider":  {faults.Rule{Provider: "gestore.borea.example"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := faults.NewRules()
			s := lookup(t).With(rules).For("gestore.aurora.example")
			tt.rule.Act = emission("drop", nil)
			made := on(t, rules, tt.rule)
			if got := copies(s, d) == 0; got != tt.want {
				t.Errorf("acts: %v, want %v", got, tt.want)
			}
			if err := rules.Remove(made.ID); err != nil {
				t.Error(err)
			}
			if copies(s, d) != 1 {
				t.Error("it acts after it was switched off")
			}
		})
	}
}

// A receipt about one recipient is not about the others of the message.
func TestMatterOfReceipts(t *testing.T) {
	t.Parallel()
	d := acceptanceOf("anna@aurora.example", "x", "bruno@borea.example", "carla@borea.example")
	d.Kind, d.Recipient = pec.Delivery, "carla@borea.example"
	if diff := cmp.Diff([]string{"carla@borea.example"}, faults.MatterOf(d).Recipients); diff != "" {
		t.Error(diff)
	}
	d.Kind, d.Recipient, d.Certification = pec.TakenInCharge, "", &compose.Certification{Reception: []string{"bruno@borea.example"}}
	if diff := cmp.Diff([]string{"bruno@borea.example"}, faults.MatterOf(d).Recipients); diff != "" {
		t.Error(diff)
	}
}

func TestRulesCountEachMessageOnce(t *testing.T) {
	t.Parallel()
	rules := faults.NewRules()
	s := lookup(t).With(rules)
	// Two acts at two doors: the message still counts once.
	on(t, rules, faults.Rule{
		Skip: 1, Times: 2, Act: emission("duplicate", nil),
		Then: []faults.Act{{At: faults.AtDraft, Operator: "header-set", Arguments: map[string]string{"name": "X-Prova", "value": "si"}}},
	})
	var got []string
	for range 5 {
		d := acceptanceOf("a@b.example", "x", "c@d.example")
		about := s.About(faults.MatterOf(d))
		if err := about.Draft(d); err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Value("X-Prova")+strings.Repeat("+", about.Emission(d).Copies))
	}
	if diff := cmp.Diff([]string{"+", "si++", "si++", "+", "+"}, got); diff != "" {
		t.Error(diff)
	}
	if list := rules.List(); list[0].Matched != 5 || list[0].Touched != 2 {
		t.Errorf("%+v: want 5 matched, 2 touched", list[0])
	}
}

// Checks that are asked for by other names do not count a message.
func TestRulesCountChecksByName(t *testing.T) {
	t.Parallel()
	rules := faults.NewRules()
	s := lookup(t).With(rules)
	on(t, rules, faults.Rule{Times: 1, Act: faults.Act{At: faults.AtCheck, Operator: "fail", Arguments: map[string]string{"name": "incoming/virus", "found": "Prova"}}})
	about := s.About(faults.Matter{})
	if !about.Check("incoming/kind", true) || rules.List()[0].Matched != 0 {
		t.Error("another check was touched, or counted")
	}
	if about.Check("incoming/virus", true) || about.Found("incoming/virus", "?") != "Prova" {
		t.Error("the check does not fail as it should")
	}
	if next := s.About(faults.Matter{}); !next.Check("incoming/virus", true) || next.Found("incoming/virus", "?") != "?" {
		t.Error("the second message is touched too")
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	t.Parallel()
	behave := faults.Act{At: faults.AtBehaviour, Operator: "behave", Arguments: map[string]string{"name": "no-quarantine"}}
	for name, tt := range map[string]struct {
		rule faults.Rule
		want string
	}{
		"nothing":               {faults.Rule{}, "does not exist"},
		"unknown fault":         {faults.Rule{Fault: "acceptance-non"}, "acceptance-none"},
		"fault and act":         {faults.Rule{Fault: "acceptance-none", Act: emission("drop", nil)}, "both"},
		"wrong door":            {faults.Rule{Act: faults.Act{At: faults.AtDraft, Operator: "drop"}}, "works at"},
		"behaviour of a sender": {faults.Rule{Act: behave, Sender: "anna@aurora.example"}, "as a whole"},
		"counted behaviour":     {faults.Rule{Act: behave, Times: 2}, "as a whole"},
		"kind of a check":       {faults.Rule{Fault: "skip-bcc-check", Kind: "acceptance"}, "no kind"},
		"kind not touched":      {faults.Rule{Fault: "acceptance-none", Kind: "delivery"}, "none of the kinds"},
		"unknown kind":          {faults.Rule{Act: emission("drop", nil), Kind: "ricevuta"}, "neither a variant"},
		"negative":              {faults.Rule{Act: emission("drop", nil), Skip: -1}, "no less than 0"},
		"hold for nothing":      {faults.Rule{Act: emission("hold", map[string]string{"until": "tomorrow"})}, "hold until"},
		"reply that accepts":    {faults.Rule{Act: faults.Act{At: faults.AtReply, Operator: "reply", Arguments: map[string]string{"stage": "rcpt", "code": "250"}}}, "400 to 599"},
		"reply of two lines":    {faults.Rule{Act: faults.Act{At: faults.AtReply, Operator: "reply", Arguments: map[string]string{"stage": "rcpt", "code": "450", "text": "a\r\nb"}}}, "one line"},
		"reply out of class":    {faults.Rule{Act: faults.Act{At: faults.AtReply, Operator: "reply", Arguments: map[string]string{"stage": "rcpt", "code": "450", "enhanced": "5.1.1"}}}, "want 4.x.y"},
		"an endless hour":       {faults.Rule{Act: faults.Act{At: faults.AtDeadline, Operator: "hasten", Arguments: map[string]string{"hour": "2h"}}}, "at most 1h"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := faults.NewRules().Add(tt.rule); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want it to say %q", err, tt.want)
			}
		})
	}
	rules := faults.NewRules()
	on(t, rules, faults.Rule{ID: "one", Act: emission("drop", nil)})
	if _, err := rules.Add(faults.Rule{ID: "one", Act: emission("drop", nil)}); err == nil {
		t.Error("two rules of one id")
	}
	if err := rules.Remove("two"); !errors.Is(err, faults.ErrNoRule) {
		t.Errorf("remove what is not there: %v", err)
	}
}

func TestRulesOfBehavioursAndPersonalities(t *testing.T) {
	t.Parallel()
	rules := faults.NewRules()
	aurora, borea := lookup(t).With(rules).For("gestore.aurora.example"), lookup(t).With(rules).For("gestore.borea.example")
	made := on(t, rules, faults.Rule{Fault: "no-quarantine", Provider: "gestore.borea.example"})
	if aurora.On("no-quarantine") || !borea.On("no-quarantine") || made.Restart {
		t.Error("a behaviour is on at another provider, or nowhere")
	}
	if !on(t, rules, faults.Rule{Fault: "no-starttls"}).Restart {
		t.Error("what is decided at the start of a provider says nothing of a restart")
	}
	// The fault was asked for first, and is still done to what the personality made.
	on(t, rules, faults.Rule{Fault: "acceptance-date-late"})
	on(t, rules, faults.Rule{Fault: faults.PersonalityPrefix + "opec-2014"})
	d := drafts(t, originals[0])[0]
	if err := aurora.About(faults.MatterOf(d)).Draft(d); err != nil {
		t.Fatal(err)
	}
	if date := d.Value("Date"); date != "Thu, 09 Jul 2026 16:15:06 +0200" || !d.Format.PlainOnly {
		t.Errorf("Date %q, plain only %v", date, d.Format.PlainOnly)
	}
	if aurora.Identity(compose.Provider{}).IdentifierForm == "" {
		t.Error("the personality does not name messages")
	}
	if diff := cmp.Diff([]string{"rule-1", "rule-2", "rule-3", "rule-4"}, rules.Clear()); diff != "" || len(rules.List()) != 0 {
		t.Errorf("cleared: %s", diff)
	}
}

func TestStandingRules(t *testing.T) {
	t.Parallel()
	rules := faults.NewRules()
	s := lookup(t).With(rules)
	if s.Ruled() {
		t.Error("no rules, and yet there are some")
	}
	if err := rules.Stand([]string{"Borea.example"}, map[string][]faults.Rule{"doppia": {{Act: emission("duplicate", nil), Kind: "acceptance"}}}, map[string][]faults.Rule{"ufficio": {{Act: emission("drop", nil)}}}); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]int{"Doppia@borea.example": 2, "doppia@posta.example": 1, "bruno@borea.example": 1, "doppia": 1} {
		if got := copies(s, acceptanceOf("a@b.example", "x", "bruno@borea.example", address)); got != want {
			t.Errorf("%s: %d copies, want %d", address, got, want)
		}
	}
	if got := copies(s, acceptanceOf("Ufficio@borea.example", "x", "bruno@borea.example")); got != 0 {
		t.Errorf("a rule about a sender does not act: %d copies", got)
	}
	if len(rules.List()) != 0 || rules.Clear() != nil || !s.Ruled() {
		t.Error("what always stands is listed, or was switched off")
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	rules := faults.NewRules()
	s := lookup(t).With(rules)
	on(t, rules, faults.Rule{Times: 2, Act: faults.Act{At: faults.AtReply, Operator: "reply", Arguments: map[string]string{"stage": "rcpt", "code": "451", "enhanced": "4.2.1"}}})
	var codes []int
	for range 3 {
		about := s.About(faults.Matter{Recipients: []string{"x@y.example"}})
		if about.Reply(faults.ServiceSubmission, faults.StageRecipient) != nil || about.Reply(faults.ServiceIncoming, faults.StageMail) != nil {
			t.Error("answered for another service or stage")
		}
		code := 0
		if r := about.Reply(faults.ServiceIncoming, faults.StageRecipient); r != nil {
			code = r.Code
			if r.Enhanced != [3]int{4, 2, 1} {
				t.Errorf("enhanced %v", r.Enhanced)
			}
		}
		codes = append(codes, code)
	}
	if diff := cmp.Diff([]int{451, 451, 0}, codes); diff != "" {
		t.Error(diff)
	}
}

func TestFurtherActsAndHours(t *testing.T) {
	t.Parallel()
	var none *faults.Set
	s, err := none.And([]faults.Act{{At: faults.AtDeadline, Operator: "hasten", Arguments: map[string]string{"hour": "1s"}}})
	if err != nil || s.Hour() != time.Second || none.Hour() != time.Hour {
		t.Errorf("hour %v, %v", s.Hour(), err)
	}
	if _, err := none.And([]faults.Act{{Operator: "nothing"}}); err == nil {
		t.Error("an act that does not exist")
	}
	hold, err := none.And([]faults.Act{emission("hold", nil)})
	if err != nil || hold.Emission(&compose.Draft{}).Hold != faults.UntilMessage {
		t.Errorf("hold: %+v, %v", hold.Emission(&compose.Draft{}), err)
	}
}

// Rules come and go while messages do.
func TestRulesWhileInUse(t *testing.T) {
	t.Parallel()
	rules := faults.NewRules()
	s := lookup(t).With(rules)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				d := acceptanceOf("a@b.example", "x", "c@d.example")
				_ = copies(s, d)
				_ = s.On("no-quarantine")
			}
		})
		all.Go(func() {
			for range 100 {
				if r, err := rules.Add(faults.Rule{Act: emission("drop", nil), Times: 1}); err != nil || rules.Remove(r.ID) != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
