package reports

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sync"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// Names of the files that Write makes in a run folder, beside ResultFile.
const (
	HTMLFile      = "report.html"
	JUnitFile     = "junit.xml"
	AuthorityFile = "trust/ca.pem"
	RevokedFile   = "trust/crl.pem"
	DirectoryFile = "trust/directory.ldif"
)

// WriteOptions say how a run is told. The zero value is a report in English.
type WriteOptions struct {
	// Language of what is for people; the summary on the terminal, JUnit and what
	// judges said stay in English.
	Language words.Language
	// Compared is an earlier run beside this one; nil: none.
	Compared *Comparison
	// Version of the tool that judged; empty: that which played the run.
	Version string
	// Gate is what a baseline makes of the run; nil: it was given none.
	Gate *Gate
	// Fingerprint of the rules and scenarios of this version, for the seal; empty:
	// that of the rules alone.
	Fingerprint string
	// Scenarios is how many this version has for such a target; 0: it is not known.
	Scenarios int
}

// Write writes everything in a run folder but the evidence, which is there
// already: the result, its renderings, and the trust data that were seen last,
// under names that other tools can be pointed at. Last of all it seals the folder:
// one with a manifest was finished.
//
// A panic on the way is an error: what was written before stays, and nothing is
// said of a verdict.
func Write(dir string, result *rules.Result, catalogue *rules.Catalogue, o WriteOptions) (err error) {
	defer func() {
		if p := recover(); p != nil { // not a rendering's own: reading the evidence for all of them
			err = fmt.Errorf("making the report panicked: %v", p)
		}
	}()
	record, err := evidence.Open(dir)
	if err != nil {
		return err
	}
	octets, err := encodeResult(result)
	if err != nil {
		return err
	}
	if err := writeFile(dir, ResultFile, octets); err != nil {
		return err
	}
	o.Compared = o.Compared.kept()
	if err := writeBeside(dir, o); err != nil {
		return err
	}
	told := &telling{result: result, catalogue: catalogue, record: record, story: tell(record), options: o}
	if err := emptyMessages(dir); err != nil {
		return err
	}
	var guard sync.Mutex // pages of messages are made several at a time
	made := besideNames(o)
	if err := told.produce(func(name string, octets []byte) error {
		guard.Lock()
		made = append(made, name)
		guard.Unlock()
		if path.Dir(name) == messagesFolder && name != messageStyle {
			return writePage(filepath.Join(dir, filepath.FromSlash(name)), octets)
		}
		return writeFile(dir, name, octets)
	}); err != nil {
		return err
	}
	return seal(dir, result, catalogue, o, made)
}

// besideNames are the files of a report that produce does not make.
func besideNames(o WriteOptions) []string {
	names := []string{ResultFile}
	if o.Gate != nil {
		names = append(names, GateFile)
	}
	if o.Compared != nil {
		names = append(names, ComparedFile)
	}
	return names
}

// produce makes every file of a report that follows from the result, the evidence
// and the options, and hands each over by its name in the run folder. put is called
// for several at a time. The first error ends it.
func (t *telling) produce(put func(name string, octets []byte) error) error {
	if err := eachTrust(t.record, put); err != nil {
		return err
	}
	cleanup, err := renderCleanup(t.record.Dir)
	if err != nil {
		return err
	}
	if cleanup != nil {
		if err := put(CleanupFile, cleanup); err != nil {
			return err
		}
	}
	for _, r := range renderings() {
		octets, err := r.make(t)
		if err != nil {
			return err
		}
		if err := put(r.file, octets); err != nil {
			return err
		}
	}
	return eachMessage(t, put)
}

// eachTrust hands over the trust data that the last scenario with any saw.
func eachTrust(record *evidence.Record, put func(name string, octets []byte) error) error {
	for i := len(record.Cases) - 1; i >= 0; i-- {
		c := record.Cases[i]
		if len(c.Trust) == 0 {
			continue
		}
		last := c.Trust[len(c.Trust)-1]
		for name, hash := range map[string]string{AuthorityFile: last.Authority, RevokedFile: last.Revoked, DirectoryFile: last.Directory} {
			if hash == "" {
				continue
			}
			octets, err := c.Blob(hash)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if err := put(name, octets); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// writeFile writes a file of a report, whole or not at all, and makes its folder.
func writeFile(dir, name string, octets []byte) error {
	whole := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
		return err
	}
	if err := evidence.WriteWhole(whole, octets); err != nil {
		return fmt.Errorf("write %s: %w", whole, err)
	}
	return nil
}
