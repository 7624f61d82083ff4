package conformance

import (
	"fmt"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// earlier is a run that the report of another shows beside it.
type earlier struct {
	result   *rules.Result
	identity reports.Identity
}

// earlierRun reads the run that a report is to show beside the new one, before
// anything is played; nil: none was named.
func (o *Options) earlierRun() (*earlier, error) {
	if o.Compare == "" {
		return nil, nil //nolint:nilnil // nothing is asked for, which is no error
	}
	result, err := reports.Read(o.Compare)
	if err != nil {
		return nil, fmt.Errorf("%w: the run to compare with: %w", ErrUsage, err)
	}
	identity, err := reports.IdentityOf(o.Compare, result)
	if err != nil {
		return nil, fmt.Errorf("%w: the run to compare with: %w", ErrUsage, err)
	}
	return &earlier{result, identity}, nil
}

// told is how a run is reported that was judged: in which language, and with what
// beside it.
func (o *Options) told(result *rules.Result, catalogue *rules.Catalogue, before *earlier) reports.WriteOptions {
	w := reports.WriteOptions{Language: o.Language}
	if o.Baseline != nil {
		w.Gate = o.Baseline.Gate(result, catalogue, o.Now())
	}
	if before != nil {
		w.Compared = reports.Compare(before.result, result, o.Compare, o.Out)
		w.Compared.Before.Identity = before.identity
	}
	return w
}
