package rules

import "strings"

// expectationBy begins the By of a check that an expectation of a scenario made.
const expectationBy = "expectation "

// ID names the check among those of a scenario, whichever run it was made in:
// the rule and who judged it, as in "PEC-AP-012/judge" or, for the first
// expectation of the scenario, "PEC-AP-012/e1". Together with the id of the
// scenario it says which failure is meant in a baseline, and which checks of two
// runs are compared.
func (c Check) ID() string { return c.Rule + "/" + strings.TrimPrefix(c.By, expectationBy) }
