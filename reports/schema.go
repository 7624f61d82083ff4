package reports

import (
	_ "embed"
	"slices"
)

//go:embed schema/run.schema.json
var runSchema []byte

// RunSchema is the JSON Schema (draft 2020-12) of run.json, for whoever reads
// that file with other tools.
func RunSchema() []byte { return slices.Clone(runSchema) }
