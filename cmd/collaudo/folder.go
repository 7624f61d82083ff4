package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// defaultFolder makes a new folder out/KIND-DATE-TIME when none was chosen. Two
// that start in the same second get two folders. discard takes it away again
// when nothing came to lie in it.
func defaultFolder(chosen *string, kind string) (discard func(), err error) {
	if *chosen != "" {
		return func() {}, nil
	}
	if err := os.MkdirAll("out", 0o755); err != nil {
		return nil, fmt.Errorf("the folder for the report cannot be made: %w; choose another with --out", err)
	}
	base := filepath.Join("out", kind+"-"+time.Now().Format("20060102-150405"))
	path := base
	for n := 2; ; n++ {
		err := os.Mkdir(path, 0o755)
		if err == nil {
			*chosen = path
			return func() { os.Remove(path) }, nil //nolint:errcheck // it stays when something lies in it, which is right
		}
		if !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("the folder for the report cannot be made: %w; choose another with --out", err)
		}
		path = fmt.Sprintf("%s-%d", base, n)
	}
}

// refuseBlanks refuses flags that were given and hold nothing: an empty shell
// variable must not turn a question about one rule into one about all.
func refuseBlanks(command *cobra.Command, names ...string) error {
	for _, name := range names {
		flag := command.Flags().Lookup(name)
		if flag != nil && flag.Changed && strings.Trim(flag.Value.String(), "[] ") == "" {
			return fmt.Errorf("--%s was given and is empty: leave it out, or say what is meant", name)
		}
	}
	return nil
}
