package conformance

import (
	"errors"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseShard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want Shard
		says string // empty: it is accepted
	}{
		{"1/1", Shard{1, 1}, ""},
		{"2/4", Shard{2, 4}, ""},
		{"4/4", Shard{4, 4}, ""},
		{"index=0/4", Shard{1, 4}, ""},
		{"index=3/4", Shard{4, 4}, ""},
		{"", Shard{}, "no /"},
		{"2", Shard{}, "no /"},
		{"0/4", Shard{}, "i is 0, and must lie between 1 and 4"},
		{"5/4", Shard{}, "i is 5"},
		{"index=4/4", Shard{}, "must lie between 0 and 3"},
		{"index=-1/4", Shard{}, "i is -1"},
		{"1/0", Shard{}, "n is 0"},
		{"1/-3", Shard{}, "n is -3"},
		{"1/99999", Shard{}, "n is 99999"},
		{"/4", Shard{}, `"" is no number`},
		{"$CI_NODE_INDEX/4", Shard{}, `"$CI_NODE_INDEX" is no number`},
		{"2/4/8", Shard{}, `"4/8" is no number`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			got, err := ParseShard(test.text)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("shard (-want +got):\n%s", diff)
			}
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case test.says != "" && (!errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("error %v: expected one of usage that says %q", err, test.says)
			}
		})
	}
}

// Every scenario lies in exactly one shard, none is empty, and the order in
// which scenarios come does not move them.
func TestShardsDealOutEverything(t *testing.T) {
	t.Parallel()
	all, err := Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	shuffled := slices.Clone(all)
	rand.New(rand.NewSource(7)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for _, count := range []int{1, 2, 4, 7} {
		var dealt []string
		smallest, largest := len(all), 0
		for index := 1; index <= count; index++ {
			chosen, err := Selection{Scenarios: all, Scope: "full"}.shard(Shard{index, count})
			if err != nil {
				t.Fatal(err)
			}
			other, err := Selection{Scenarios: shuffled, Scope: "full"}.shard(Shard{index, count})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(chosen.ids())), slices.Sorted(slices.Values(other.ids()))); diff != "" {
				t.Errorf("shard %d/%d depends on the order of the scenarios (-in order +shuffled):\n%s", index, count, diff)
			}
			if chosen.Scope != "shard" || chosen.Shard.Scope != "full" || len(chosen.Shard.Selected) != len(all) {
				t.Errorf("shard %d/%d: scope %q of %q, %d scenarios in all", index, count, chosen.Scope, chosen.Shard.Scope, len(chosen.Shard.Selected))
			}
			dealt = append(dealt, chosen.ids()...)
			smallest, largest = min(smallest, len(chosen.Scenarios)), max(largest, len(chosen.Scenarios))
		}
		want := slices.Sorted(slices.Values(Selection{Scenarios: all}.ids()))
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(dealt))); diff != "" {
			t.Errorf("%d shards do not hold every scenario once (-want +got):\n%s", count, diff)
		}
		if largest-smallest > 1 {
			t.Errorf("%d shards hold between %d and %d scenarios", count, smallest, largest)
		}
	}
	if _, err := (Selection{Scenarios: all[:3]}).shard(Shard{1, 4}); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "at most 3") {
		t.Errorf("four shards of three scenarios: %v", err)
	}
}
