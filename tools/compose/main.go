// Command compose reads files as `docker compose config` does: against the JSON
// schema that the Compose specification publishes and with the consistency checks of
// its own loader (github.com/compose-spec/compose-go), for every profile. A key that
// is misspelt or out of place, and a network or volume that nobody declares, is an
// error.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "compose: say which files")
		os.Exit(2)
	}
	failed := false
	for _, path := range os.Args[1:] {
		services, err := check(path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "compose: %s: %v\n", path, err)
			failed = true
			continue
		}
		fmt.Printf("%s: %v\n", path, services)
	}
	if failed {
		os.Exit(1)
	}
}

// check reads a file and returns the names of its services.
func check(path string) ([]string, error) {
	octets, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	details := types.ConfigDetails{
		WorkingDir:  filepath.Dir(path),
		ConfigFiles: []types.ConfigFile{{Filename: path, Content: octets}},
		Environment: types.Mapping{}, // the file says what holds without one
	}
	project, err := loader.LoadWithContext(context.Background(), details, loader.WithProfiles([]string{"*"}))
	if err != nil {
		return nil, err
	}
	if len(project.Services) == 0 {
		return nil, errors.New("there is no service in it")
	}
	return project.ServiceNames(), nil
}
