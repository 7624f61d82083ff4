package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/simulator/datadir"
)

// simulateTargetOptions are the flags of collaudo simulate target.
type simulateTargetOptions struct {
	readyFile, data, out string
	roles                []string
	outcome, settle      time.Duration
	quiet                time.Duration
}

func simulateTargetCommand() *cobra.Command {
	var o simulateTargetOptions
	command := &cobra.Command{
		Use:   "target",
		Short: "Write the target file with which collaudo run judges a running world as it judges a real system",
		Long: "Writes a target file for a world that is up, in the form of one for a real system: collaudo run --target FILE\n" +
			"then judges that world over the network. By default the file gives what a real provider would give, and\n" +
			"nothing of the inside. Passwords, keys and certificates are not in the file: it names files that lie beside it.\n\n" +
			"Roles: user (mailboxes of certified mail), service (the providers' service mailboxes), peer (providers for the\n" +
			"harness to play: the world has some when its --config lists them under peers), ordinary (a mailbox of ordinary\n" +
			"mail), directory (where directory, revocation list and names are asked for), white-box (the control API).\n\n" +
			"Exit codes: 0 written, 2 usage, 3 it cannot be written, 6 no world is up.",
		Example: "  collaudo simulate --config fixtures/targets/opaque-world.yaml --data out/opaque &\n" +
			"  collaudo simulate ready --wait 30s --data out/opaque\n" +
			"  collaudo simulate target --data out/opaque      writes out/opaque/target.yaml\n" +
			"  collaudo run --target out/opaque/target.yaml",
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := refuseBlanks(command, "ready-file", "data", "out", "roles"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if err := o.check(); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			ready, err := readReadiness(o.readyFile)
			if errors.Is(err, os.ErrNotExist) {
				return exit{conformance.ExitUnreachable, fmt.Errorf("no world is up: there is no %s; start one with collaudo simulate --data DIR or --ready-file FILE", o.readyFile)}
			}
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if err := o.write(ready); err != nil {
				return exit{conformance.ExitInvalid, err}
			}
			fmt.Fprintln(command.OutOrStdout(), o.out)
			return nil
		},
	}
	f := command.Flags()
	f.StringVar(&o.readyFile, "ready-file", "", "the --ready-file of the world")
	f.StringVar(&o.data, "data", "", "the --data of the world")
	f.StringVar(&o.out, "out", "", "the target file (default with --data: DIR/target.yaml)")
	f.StringSliceVar(&o.roles, "roles", ownRoles(), "what the harness is given, of: "+strings.Join(append(ownRoles(), roleWhiteBox), ", "))
	f.DurationVar(&o.outcome, "outcome", 5*time.Second, "patience: until what was sent is accepted or refused, and until it is delivered")
	f.DurationVar(&o.settle, "settle", 20*time.Second, "patience: until everything sent has had its effect")
	f.DurationVar(&o.quiet, "quiet", 500*time.Millisecond, "patience: how long nothing may arrive before things count as settled")
	return command
}

// check completes the flags, and says what does not fit.
func (o *simulateTargetOptions) check() error {
	if o.readyFile == "" && o.data == "" {
		return errors.New("which world? give its --data or its --ready-file")
	}
	if o.readyFile == "" {
		o.readyFile = datadir.ReadyFile(o.data)
	}
	if o.out == "" {
		if o.data == "" {
			return errors.New("where to? give --out FILE")
		}
		o.out = filepath.Join(o.data, "target.yaml")
	}
	for _, role := range o.roles {
		if !slices.Contains(append(ownRoles(), roleWhiteBox), role) {
			return fmt.Errorf("--roles: there is no role %q: choose of %s, %s", role, strings.Join(ownRoles(), ", "), roleWhiteBox)
		}
	}
	if o.outcome <= 0 || o.settle <= 0 || o.quiet <= 0 {
		return errors.New("--outcome, --settle and --quiet are times above zero, such as 5s, 20s and 500ms")
	}
	if least := 2*o.outcome + o.quiet; o.settle < least {
		return fmt.Errorf("--settle is %v: expected at least %v, twice --outcome and --quiet", o.settle, least)
	}
	return nil
}

// write writes the file, and the secrets beside it where no data folder holds
// them.
func (o *simulateTargetOptions) write(ready readiness) error {
	if slices.Contains(o.roles, rolePeer) && len(ready.Peers) == 0 {
		o.roles = slices.DeleteFunc(slices.Clone(o.roles), func(role string) bool { return role == rolePeer })
	}
	folder := filepath.Dir(o.out)
	keys := ready.DataDir
	if keys == "" {
		keys = strings.TrimSuffix(o.out, filepath.Ext(o.out)) + ".files"
		if err := writeKeys(keys, keysOf(ready.Description)); err != nil {
			return err
		}
	}
	place, err := placeFrom(folder, keys)
	if err != nil {
		return err
	}
	text, err := targetFile(ready.Description, o.roles, map[string]string{
		"acceptance": o.outcome.String(), "delivery": o.outcome.String(), "settle": o.settle.String(), "quiet": o.quiet.String(),
	}, place)
	if err != nil {
		return err
	}
	return writeWhole(o.out, text, 0o644)
}

// placeFrom names files of one folder as seen from another.
func placeFrom(folder, keys string) (func(string) string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	to, err := filepath.Abs(keys)
	if err != nil {
		return nil, err
	}
	way, err := filepath.Rel(from, to)
	if err != nil {
		return nil, err
	}
	return func(name string) string { return path.Join(filepath.ToSlash(way), name) }, nil
}
