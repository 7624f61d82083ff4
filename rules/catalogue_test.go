package rules

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func loadedCatalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// No id of the list that the project began with may be lost, renamed or come
// in another order; a new rule is added to the list by hand.
func TestCatalogueHoldsEveryRule(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("testdata/rule_ids.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range loadedCatalogue(t).Rules {
		got = append(got, r.ID)
	}
	if diff := cmp.Diff(strings.Fields(string(golden)), got); diff != "" {
		t.Errorf("ids of the catalogue (-golden +got):\n%s", diff)
	}
}

func TestCatalogueFamilies(t *testing.T) {
	t.Parallel()
	want := []string{
		"GEN 37", "SIG 11", "XML 24", "AP 39", "NA 9", "NAV 7", "ACC 9", "TE 21", "TMO 24", "IP 33", "SSA 11", "ANO 15",
		"VIR 17", "DP 11", "RC 8", "RB 19", "RS 2", "ND 12", "SD 3", "LOG 8", "STO 3", "SMB 3", "TIM 4", "DIR 32", "CRT 14",
		"SEC 7", "CLI 10", "SLA 5", "ACR 3", "INT 10", "MBX 5",
	}
	var got []string
	total := 0
	for _, f := range loadedCatalogue(t).Families {
		got = append(got, fmt.Sprintf("%s %d", f.Code, len(f.Rules)))
		total += len(f.Rules)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
	if total != 416 {
		t.Errorf("the catalogue holds %d rules, want 416", total)
	}
}

// A sentence that sends the reader to another rule or decision must not send
// him nowhere.
func TestCatalogueTextsReferToWhatExists(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	rule, decision := regexp.MustCompile(`PEC-[A-Z]+-[0-9]+`), regexp.MustCompile(`\bD-[0-9]+`)
	for _, r := range c.Rules {
		text := strings.Join(append([]string{r.Title.EN, r.Title.IT, r.Stimulus, r.Antecedent, r.Oracle}, r.Outcomes...), "\n")
		if r.Practice != nil {
			text += r.Practice.Because
		}
		if r.Excluded != nil {
			text += r.Excluded.Reason
		}
		for _, id := range rule.FindAllString(text, -1) {
			if _, known := c.Rule(id); !known {
				t.Errorf("%s speaks of %s, which the catalogue does not hold", r.ID, id)
			}
		}
		for _, id := range decision.FindAllString(text, -1) {
			if _, known := c.Decision(id); !known {
				t.Errorf("%s speaks of %s, which is not decided", r.ID, id)
			}
		}
	}
}

func TestCatalogueTitlesAreSentencesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	vague := regexp.MustCompile(`^(It|Its|Their|They) `)
	for _, r := range loadedCatalogue(t).Rules {
		for _, title := range []string{r.Title.EN, r.Title.IT} {
			if other := seen[title]; other != "" {
				t.Errorf("%s and %s have the same title %q", other, r.ID, title)
			}
			seen[title] = r.ID
			if strings.HasSuffix(title, ".") || len(title) > 130 {
				t.Errorf("%s: title %q: at most 130 bytes, without full stop", r.ID, title)
			}
		}
		if vague.MatchString(r.Title.EN) {
			t.Errorf("%s: title %q cannot be understood alone", r.ID, r.Title.EN)
		}
		if r.Title.EN == r.Title.IT {
			t.Errorf("%s: the title %q is the same in both languages", r.ID, r.Title.EN)
		}
	}
}

func TestStatementsAreClaimed(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	var unclaimed []string
	for _, s := range c.Statements {
		if len(s.Rules) == 0 {
			unclaimed = append(unclaimed, s.Section+" "+s.Text)
		}
	}
	want := []string{"5.1 security requisites left to providers", "7 considerations of CMS and S/MIME apply"}
	if diff := cmp.Diff(want, unclaimed); diff != "" {
		t.Errorf("statements that no rule claims (-want +got):\n%s", diff)
	}
	if len(c.Statements) != 356 {
		t.Errorf("%d statements, want 356", len(c.Statements))
	}
	if claims := c.Claims("PEC-AP-012"); len(claims) != 1 || claims[0].Section != "3.1.1" {
		t.Errorf("Claims(PEC-AP-012) = %v, want the one of 3.1.1", claims)
	}
}

func TestRuleLookUp(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	r, known := c.Rule("PEC-TE-004")
	if !known || r.Family != "TE" || r.Section() != "2.1" {
		t.Fatalf("Rule(PEC-TE-004) = %+v, %v", r, known)
	}
	if diff := cmp.Diff([]string{"D-02"}, r.Decisions); diff != "" {
		t.Error(diff)
	}
	d, _ := c.Decision("D-02")
	if diff := cmp.Diff([]string{"PEC-TE-004", "PEC-ANO-002", "PEC-ANO-005"}, d.Rules); diff != "" {
		t.Errorf("rules on D-02 (-want +got):\n%s", diff)
	}
	q, _ := c.Question("Q-07")
	if diff := cmp.Diff([]string{"PEC-XML-019", "PEC-TMO-014"}, q.Rules); diff != "" {
		t.Errorf("rules on Q-07 (-want +got):\n%s", diff)
	}
	if _, known := c.Rule("PEC-TE-999"); known {
		t.Error("Rule(PEC-TE-999) is known")
	}
}

func TestWeight(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	for _, test := range []struct {
		rule     string
		profile  Profile
		forgiven bool
		want     Verdict
	}{
		{"PEC-TE-001", Practice, false, Fail},
		{"PEC-TE-001", Practice, true, Fail}, // nothing is forgiven there
		{"PEC-TE-004", Practice, false, Fail},
		{"PEC-TE-004", Practice, true, Warn},
		{"PEC-TE-004", Strict, true, Fail},
		{"PEC-GEN-019", Practice, true, Observed},
		{"PEC-GEN-019", Strict, true, Fail},
		{"PEC-AP-027", Strict, false, Warn},
		{"PEC-AP-013", Strict, false, Observed},
	} {
		r, known := c.Rule(test.rule)
		if !known {
			t.Fatalf("no rule %s", test.rule)
		}
		if got := r.Weight(test.profile, test.forgiven); got != test.want {
			t.Errorf("%s.Weight(%s, %v) = %s, want %s", test.rule, test.profile, test.forgiven, got, test.want)
		}
	}
	if got := (&Rule{Violation: "shrug"}).Weight(Practice, false); got != Error {
		t.Errorf("an unknown violation weighs %s, want %s: it must not weigh nothing", got, Error)
	}
}

func TestAcceptable(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	single, _ := c.Rule("PEC-TE-001")
	if diff := cmp.Diff([]string{single.Oracle}, single.Acceptable()); diff != "" {
		t.Error(diff)
	}
	several, _ := c.Rule("PEC-IP-019")
	if len(several.Acceptable()) != 2 {
		t.Errorf("PEC-IP-019 accepts %q, want two outcomes", several.Acceptable())
	}
}

func TestSeenFrom(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	for _, test := range []struct {
		rule  string
		seats []Seat
		want  bool
	}{
		{"PEC-GEN-001", []Seat{SeatUser}, true},
		{"PEC-GEN-001", []Seat{SeatPeer}, true},
		{"PEC-GEN-001", []Seat{SeatWhiteBox}, false},
		{"PEC-ANO-001", []Seat{SeatUser}, false},
		{"PEC-ANO-001", []Seat{SeatUser, SeatOrdinary}, true},
		{"PEC-ANO-001", []Seat{SeatUser, SeatPeer}, true},
		{"PEC-SIG-004", []Seat{SeatPeer, SeatArtefact}, true},
		{"PEC-SIG-004", []Seat{SeatPeer, SeatUser}, false},
		{"PEC-TE-018", []Seat{SeatUser, SeatPeer}, false},
		{"PEC-TE-018", []Seat{SeatUser, SeatPeer, SeatOrdinary}, true},
	} {
		r, _ := c.Rule(test.rule)
		if got := r.SeenFrom(test.seats...); got != test.want {
			t.Errorf("%s.SeenFrom(%v) = %v, want %v", test.rule, test.seats, got, test.want)
		}
	}
}

// What the binary carries is what lies in the folder: nothing forgotten, and
// nothing there that is not embedded.
func TestEverythingIsEmbedded(t *testing.T) {
	t.Parallel()
	onDisk, err := fs.Glob(os.DirFS("."), "catalogue/*")
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := fs.Glob(catalogueData, "catalogue/*")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(onDisk, embedded); diff != "" {
		t.Errorf("catalogue (-disk +embedded):\n%s", diff)
	}
}

func BenchmarkLoadCatalogue(b *testing.B) {
	for b.Loop() {
		if _, err := load(catalogueData); err != nil {
			b.Fatal(err)
		}
	}
}
