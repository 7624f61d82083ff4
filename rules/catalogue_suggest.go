package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxSuggestions bounds what is offered for an unknown id.
const maxSuggestions = 5

var looseID = regexp.MustCompile(`^(?:PEC[-_ ]?)?([A-Z]+)[-_ ]?0*([0-9]+)$`)

// CanonicalID writes an id as the catalogue does: "te-1" is PEC-TE-001. What
// has not the form of an id is only put in upper case.
func CanonicalID(name string) string {
	upper := strings.ToUpper(strings.TrimSpace(name))
	m := looseID.FindStringSubmatch(upper)
	if m == nil {
		return upper
	}
	number, err := strconv.Atoi(m[2])
	if err != nil {
		return upper
	}
	return fmt.Sprintf("PEC-%s-%03d", m[1], number)
}

// Suggest returns the ids closest to one that the catalogue does not hold, the
// closest first; none when nothing is near.
func (c *Catalogue) Suggest(id string) []string {
	wanted := CanonicalID(id)
	if _, known := c.rules[wanted]; known {
		return []string{wanted}
	}
	type candidate struct {
		id       string
		distance int
	}
	var near []candidate
	for _, r := range c.Rules {
		if d := editDistance(wanted, r.ID); d <= 2 {
			near = append(near, candidate{r.ID, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.distance - b.distance })
	var ids []string
	for _, n := range near {
		if len(ids) == maxSuggestions {
			break
		}
		ids = append(ids, n.id)
	}
	return ids
}

// unknown is the error for a name that is neither rule nor family.
func (c *Catalogue) unknown(name string) error {
	var codes []string
	for _, f := range c.Families {
		codes = append(codes, f.Code)
	}
	if near := c.Suggest(name); len(near) > 0 {
		return fmt.Errorf("no rule or family is called %q: did you mean %s?", name, strings.Join(near, ", "))
	}
	return fmt.Errorf("no rule or family is called %q: the families are %s", name, strings.Join(codes, ", "))
}

// Nearest returns the names that whoever mistyped one may have meant, the
// closest first; none when nothing is near.
func Nearest(wrong string, known []string) []string {
	most := max(2, len(wrong)/4) // letters that may be wrong
	at := map[string]int{}
	var near []string
	for _, name := range known {
		if d := editDistance(wrong, name); d <= most {
			at[name] = d
			near = append(near, name)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return at[a] - at[b] })
	return near[:min(len(near), maxSuggestions)]
}

// editDistance is how many letters have to be changed, added or dropped to get
// from a to b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
