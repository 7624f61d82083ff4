package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version and what it was built from",
		Example: "  collaudo version",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(command.OutOrStdout(), "collaudo", version())
			return err
		},
	}
}

// What a release or an image is built with: the linker sets them, and nothing
// else does.
//
//nolint:gochecknoglobals // the linker can set nothing but a variable of a package
var (
	stamped       string
	stampedCommit string
)

// version is what the release, or else the go command, stamped into the binary:
// a tag, and the commit.
func version() string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return "unknown"
	}
	if stamped != "" {
		if stampedCommit == "" { // the version itself names the commit, as git describe does
			return fmt.Sprintf("%s (%s)", stamped, info.GoVersion)
		}
		return fmt.Sprintf("%s (%.12s, %s)", stamped, stampedCommit, info.GoVersion)
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				modified = ", modified"
			}
		}
	}
	if len(revision) > 12 {
		revision = revision[:12]
	}
	if revision == "" {
		return fmt.Sprintf("%s (%s)", info.Main.Version, info.GoVersion)
	}
	return fmt.Sprintf("%s (%s%s, %s)", info.Main.Version, revision, modified, info.GoVersion)
}
