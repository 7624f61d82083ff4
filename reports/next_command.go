package reports

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/collaudo/collaudo/rules"
)

// same is the command of this run.
func (a advice) same() string {
	command := a.command(a.result.Run.Rules, a.result.Profile, a.result.Run.Faults)
	if shard := a.result.Run.Shard; shard != nil {
		command += " --shard " + shard.String()
	}
	return command
}

// only is the command of this run for these rules. Where tags chose the
// scenarios it is the same run: a rule and a tag together may choose none.
func (a advice) only(ids []string) string {
	if a.result.Run.Tags != "" {
		return a.same()
	}
	return a.command(ids, a.result.Profile, a.result.Run.Faults)
}

// command writes a command that can be pasted. The tags are those of the run,
// unless others are given.
func (a advice) command(ids []string, profile rules.Profile, faults []string, tags ...string) string {
	command := "collaudo run"
	if file := a.result.Run.TargetFile; file != "" {
		command += " --target " + file
	}
	for _, name := range a.names(ids) {
		command += " --rule " + name
	}
	for _, tag := range append(tags, a.result.Run.Tags)[:1] {
		if tag != "" {
			command += " --tags " + strconv.Quote(tag)
		}
	}
	if name := a.result.Run.Personality; name != "" {
		command += " --personality " + name
	}
	for _, fault := range faults {
		command += " --fault " + fault
	}
	if profile != rules.Practice {
		command += " --profile " + string(profile)
	}
	if seed := a.result.Run.Seed; seed != 1 {
		command += fmt.Sprintf(" --seed %d", seed)
	}
	return command
}

// maxNamed bounds how many rules or families a command names.
const maxNamed = 6

// names writes rules as a command takes them: families that are whole by their
// code; where too many are left, the families of all of them; none where even
// these are too many, which asks for everything.
func (a advice) names(ids []string) []string {
	whole, held := map[string]int{}, map[string]int{}
	for _, law := range a.catalogue.Rules {
		whole[law.Family]++
		if slices.Contains(ids, law.ID) {
			held[law.Family]++
		}
	}
	var names, families []string
	add := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, id := range ids {
		law, known := a.catalogue.Rule(id)
		if !known {
			continue
		}
		add(&families, law.Family)
		if held[law.Family] == whole[law.Family] && whole[law.Family] > 1 {
			add(&names, law.Family)
		} else {
			add(&names, id)
		}
	}
	switch {
	case len(names) <= maxNamed:
		return names
	case len(families) <= maxNamed:
		return families
	}
	return nil
}
