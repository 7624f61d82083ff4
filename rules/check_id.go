package rules

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// expectationBy begins the By of a check that an expectation of a scenario made.
const expectationBy = "expectation "

// ID names the check among those of a scenario, whichever run it was made in: the
// rule and who judged it, as in "PEC-AP-012/judge", or what an expectation of the
// scenario asks, as in "PEC-AP-012/refused" and "PEC-AP-012/refused.2". Together
// with the id of the scenario it says which failure is meant in a baseline, and
// which checks of two runs are compared.
func (c Check) ID() string {
	return c.Rule + "/" + cmp.Or(c.Asked, strings.TrimPrefix(c.By, expectationBy))
}

// askedAs names one of the expectations of a scenario by what it asks, with its
// ordinal among those that ask the like behind a dot from the second on. The place
// among all would not do: another Then in front of it, and the name would mean
// another expectation.
func askedAs(all []evidence.Expectation, at int) string {
	ordinal := 1
	for _, e := range all[:at] {
		if e.Check == all[at].Check {
			ordinal++
		}
	}
	if ordinal == 1 {
		return all[at].Check
	}
	return fmt.Sprintf("%s.%d", all[at].Check, ordinal)
}
