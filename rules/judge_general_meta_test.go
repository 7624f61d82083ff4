package rules

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFamiliesAreJudged states which rules of the general families have a
// judge, so that one that drops out of a list does not go unnoticed.
func TestFamiliesAreJudged(t *testing.T) {
	t.Parallel()
	family := func(code string, last int, without ...int) []string {
		var ids []string
		for n := 1; n <= last; n++ {
			if !slices.Contains(without, n) {
				ids = append(ids, fmt.Sprintf("PEC-%s-%03d", code, n))
			}
		}
		return ids
	}
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range []struct {
		name   string
		judges []Judge
		want   []string
	}{
		{"GEN", generalJudges(), family("GEN", 37, 15)},
		{"SIG", signatureJudges(), family("SIG", 9)},
		{"XML", certificationJudges(), family("XML", 23, 22)},
		{"CRT", certificateJudges(), family("CRT", 14)},
		{"TIM", timeJudges(), family("TIM", 4)},
		{"SEC, SMB", securityJudges(), []string{"PEC-SEC-001", "PEC-SEC-003", "PEC-SEC-004", "PEC-SEC-006", "PEC-SMB-002"}},
	} {
		var got []string
		for _, j := range family.judges {
			got = append(got, j.Rule)
			if _, known := catalogue.Rule(j.Rule); !known {
				t.Errorf("%s: the catalogue has no %s", family.name, j.Rule)
			}
			if j.Looks == "" {
				t.Errorf("%s: %s does not say what it looks at", family.name, j.Rule)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(family.want, got); diff != "" {
			t.Errorf("%s: judged rules (-want +got):\n%s", family.name, diff)
		}
	}
}
