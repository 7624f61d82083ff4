package reports

import (
	"cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// Encode writes a result as ResultFile has it, octet for octet: whoever judges
// evidence again compares that with what lies in the run folder.
func Encode(result *rules.Result) ([]byte, error) { return encodeResult(result) }

// seal ends a run folder, and says in it by what was judged.
func seal(dir string, result *rules.Result, catalogue *rules.Catalogue, o WriteOptions) error {
	return evidence.Seal(dir, evidence.Judged{Version: cmp.Or(o.Version, result.Run.Version), Catalogue: catalogue.Fingerprint()})
}
