package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// Encode writes a result as ResultFile has it, octet for octet: whoever judges
// evidence again compares that with what lies in the run folder.
func Encode(result *rules.Result) ([]byte, error) { return encodeResult(result) }

// seal ends a run folder, and says in it by what was judged.
func seal(dir string, result *rules.Result, catalogue *rules.Catalogue, o WriteOptions, made []string) error {
	by := evidence.Judged{Version: cmp.Or(o.Version, result.Run.Version), Catalogue: cmp.Or(o.Fingerprint, catalogue.Fingerprint())}
	return evidence.Seal(dir, by, made)
}

// Again makes everything of a finished run once more that Write put into its folder
// beside the evidence and the result, and hands each file over by its name, several
// at a time. It writes nothing. The language is that of the report in the folder;
// gate and comparison, which do not follow from the evidence, are taken from it.
func Again(dir string, result *rules.Result, catalogue *rules.Catalogue, o WriteOptions, each func(name string, octets []byte)) (err error) {
	defer func() {
		if p := recover(); p != nil { // what a folder holds that somebody edited may be anything
			err = fmt.Errorf("making the report panicked: %v", p)
		}
	}()
	record, err := evidence.Open(dir)
	if err != nil {
		return err
	}
	again := RenderOptions{WriteOptions: o}
	if err := again.recall(dir); err != nil {
		return err
	}
	if again.Language, err = languageOf(dir); err != nil {
		return err
	}
	told := &telling{result: result, catalogue: catalogue, record: record, story: tell(record), options: again.WriteOptions}
	return told.produce(func(name string, octets []byte) error { each(name, octets); return nil })
}

// languageOf is the language of the report in a run folder: it stands in the first
// lines. A report that names none is none of ours, and is compared with one in
// English.
func languageOf(dir string) (words.Language, error) {
	file, err := os.Open(filepath.Join(dir, HTMLFile))
	if errors.Is(err, fs.ErrNotExist) {
		return words.English, nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	const most = 256
	head, err := io.ReadAll(io.LimitReader(file, most))
	if bytes.Contains(head, []byte(`<html lang="`+words.Italian+`">`)) {
		return words.Italian, err
	}
	return words.English, err
}
