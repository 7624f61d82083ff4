package evidence

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Kept tells which hash a file of a drawer stands for, and what is wrong with it
// where it does not have that hash, or a name that no evidence has. Octets that
// are kept encoded are decoded for that; of the others the hash is known.
func Kept(dir string, f File) (hash, wrong string, err error) {
	if !isKept(f.Path) {
		return "", "has a name that no evidence has", nil
	}
	hash, _, _ = strings.Cut(path.Base(f.Path), ".")
	encoded := strings.HasSuffix(f.Path, encodedSuffix)
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

// isKept tells that a path of a run folder is one under which evidence is kept.
func isKept(name string) bool {
	drawer := Drawer(path.Base(path.Dir(name)))
	hash, _, _ := strings.Cut(path.Base(name), ".")
	base := hash + suffixOf(drawer)
	if strings.HasSuffix(name, encodedSuffix) {
		base = hash + encodedSuffix
	}
	return len(hash) == 2*sha256.Size && name == path.Join("evidence", string(drawer), base) && slices.Contains(drawers(), drawer)
}

// Busy tells whether a run is still writing into a folder. Where the system
// cannot tell, it says no.
func Busy(dir string) (bool, error) {
	log, err := openPlain(filepath.Join(dir, EventsFile))
	if err != nil {
		return false, err
	}
	defer log.Close()
	return held(log)
}
