package evidence

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Kept tells which hash a file of a drawer stands for, and what is wrong with it
// where it does not have that hash, or a name that no evidence has. Octets that
// are kept encoded are decoded for that; of the others the hash is known.
func Kept(dir string, f File) (hash, wrong string, err error) {
	drawer := Drawer(path.Base(path.Dir(f.Path)))
	hash, _, _ = strings.Cut(path.Base(f.Path), ".")
	encoded := strings.HasSuffix(f.Path, encodedSuffix)
	name := hash + suffixOf(drawer)
	if encoded {
		name = hash + encodedSuffix
	}
	if f.Path != path.Join("evidence", string(drawer), name) || !slices.Contains(drawers(), drawer) {
		return "", "has a name that no evidence has", nil
	}
	is := f.SHA256
	if encoded {
		octets, err := readWhole(filepath.Join(dir, filepath.FromSlash(f.Path)), true)
		switch {
		case errors.Is(err, ErrAltered):
			return "", "was altered: what is in it is not encoded as evidence is", nil
		case err != nil:
			return "", "", err
		}
		is = hashOf(octets)
	}
	if is != hash {
		return "", fmt.Sprintf("was altered: its octets hash to %.16s…, which is not its name", is), nil
	}
	return hash, "", nil
}

// Busy tells whether a run is still writing into a folder. Where the system
// cannot tell, it says no.
func Busy(dir string) (bool, error) {
	log, err := os.Open(filepath.Join(dir, EventsFile))
	if err != nil {
		return false, err
	}
	defer log.Close()
	return held(log)
}
