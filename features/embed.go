// Package features holds the scenarios, one file per section of the rules, as
// data. It runs and selects nothing.
package features

import "embed"

// Files are the feature files, at the root of the file system.
//
//go:embed *.feature
var Files embed.FS
