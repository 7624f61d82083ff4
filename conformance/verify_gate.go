package conformance

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// profileOf is the profile by which a result says that it was judged: evidence can
// be judged anew by the other one. Empty, for that of the run itself, where there
// is none such.
func profileOf(said []byte) rules.Profile {
	var d struct {
		Profile rules.Profile `json:"profile"`
	}
	if json.Unmarshal(said, &d) != nil || d.Profile != rules.Practice && d.Profile != rules.Strict {
		return ""
	}
	return d.Profile
}

// checkGate weighs the baseline of a run again, by the entries and the day that its
// gate names. What the file held beyond that is not in the folder.
func checkGate(dir string, result *rules.Result, catalogue *rules.Catalogue) []Finding {
	said, err := reports.ReadGate(dir)
	if err != nil {
		return []Finding{{File: reports.GateFile, What: "cannot be read: " + err.Error()}}
	}
	if said == nil {
		return nil
	}
	again := *said
	again.Entries, again.Unknown = slices.Clone(said.Entries), []reports.CheckRef{}
	weigh(&again, result, catalogue)
	switch {
	case reflect.DeepEqual(*said, again):
		return nil
	case said.Code != again.Code:
		return []Finding{{File: reports.GateFile, What: fmt.Sprintf("says that the baseline leads to exit code %d (%s), by the evidence it leads to %d: %s", said.Code, said.Standing, again.Code, again.Reason)}}
	}
	return []Finding{{File: reports.GateFile, What: "says something else of the known failures than the evidence, with the same exit code"}}
}

// checkCompared holds what a comparison says of this run against its verdicts. The
// other run is not in the folder: what is said of that is sealed, and no more.
func (v *Verified) checkCompared(dir string, result *rules.Result) {
	compared, err := reports.ReadComparison(dir)
	switch {
	case err != nil:
		v.add(Finding{File: reports.ComparedFile, What: "cannot be read: " + err.Error()})
	case compared == nil:
	default:
		if what := compared.SpeaksOf(result); what != "" {
			v.add(Finding{File: reports.ComparedFile, What: what})
			return
		}
		v.Notes = append(v.Notes, reports.ComparedFile+" speaks of another run ("+compared.Before.Name()+"): what it says of that one is hashed, and was not recomputed; 'collaudo report diff' compares the two again")
	}
}
