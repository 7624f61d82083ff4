package conformance

import (
	"fmt"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// earlierRun reads the run that a report is to show beside the new one, before
// anything is played; nil: none was named.
func (o *Options) earlierRun() (*rules.Result, error) {
	if o.Compare == "" {
		return nil, nil //nolint:nilnil // nothing is asked for, which is no error
	}
	result, err := reports.Read(o.Compare)
	if err != nil {
		return nil, fmt.Errorf("%w: the run to compare with: %w", ErrUsage, err)
	}
	return result, nil
}

// told is how a run is reported that was judged: in which language, and with what
// beside it.
func (o *Options) told(result *rules.Result, catalogue *rules.Catalogue, earlier *rules.Result) reports.WriteOptions {
	w := reports.WriteOptions{Language: o.Language}
	if o.Baseline != nil {
		w.Gate = o.Baseline.Gate(result, catalogue, o.Now())
	}
	if earlier != nil {
		w.Compared = reports.Compare(earlier, result, o.Compare, o.Out)
	}
	return w
}
