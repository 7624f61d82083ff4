package conformance

import (
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
)

// verifyCase is something that is done to the folder of a finished run, and what
// verifying it then says.
type verifyCase struct {
	name string
	do   func(a runCopy)
	code int
	want string // in a finding, or in a note where nothing is wrong
}

// unsealed are folders without a manifest: what a kill leaves, and what somebody
// leaves who takes the seal away. None is said to verify, and what contradicts the
// evidence is found in them too.
func unsealed() []verifyCase {
	return []verifyCase{
		{"a seal that is missing", func(a runCopy) { a.remove(evidence.ManifestFile, evidence.SumsFile) }, ExitInterrupted, "nothing vouches for what lies there"},
		{"a seal that is missing, and a file for a gate was edited", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.edit(reports.JUnitFile, "<testsuites", "<testsuites ")
		}, ExitInterrupted, "junit.xml differs from what the evidence gives"},
		{"a seal that is missing, and a certificate was edited", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.write(reports.AuthorityFile, "")
		}, ExitInterrupted, reports.AuthorityFile + " differs from what the evidence gives"},
		{"a seal that is missing, and a file was added", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.write("notes.txt", "")
		}, ExitInterrupted, "notes.txt is no file of a run"},
		{"a seal that is missing, and a page, and a rendering was made later", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile, a.page())
			a.write("report.it.html", "")
		}, ExitInterrupted, "report.it.html is a rendering beside the run's own, and was not compared\n1 of "},
		{"a seal that is missing, and the result", func(a runCopy) { a.remove(evidence.ManifestFile, evidence.SumsFile, reports.ResultFile) }, ExitInterrupted, "nothing vouches for what lies there"},
		{"a seal that is missing, and a verdict was edited", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.edit(reports.ResultFile, `{"id":"PEC-NA-003","verdict":"pass"`, `{"id":"PEC-NA-003","verdict":"warn"`)
		}, ExitEvidence, "run.json says warn at PEC-NA-003, the evidence says pass"},
		{"a seal that is missing, and a message was altered", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.edit(a.blob(), "e", "E")
		}, ExitEvidence, "which is not its name"},
		{"a seal that was being put on", func(a runCopy) {
			a.write(evidence.ManifestFile+".partial", a.read(evidence.ManifestFile))
			a.remove(evidence.ManifestFile)
		}, ExitInterrupted, "nothing vouches for what lies there"},
		{"a seal that was being put on, and a message and its name were altered", func(a runCopy) {
			a.write(evidence.ManifestFile+".partial", a.read(evidence.ManifestFile))
			a.remove(evidence.ManifestFile)
			a.write("evidence/sent/"+sourceOf([]byte("x"))+".eml.txt", "x")
		}, ExitEvidence, "was added: manifest.json does not list it (manifest.json lies there as manifest.json.partial)"},
		{"a seal that was being put on, and a page was altered", func(a runCopy) {
			a.write(evidence.ManifestFile+".partial", a.read(evidence.ManifestFile))
			a.remove(evidence.ManifestFile)
			a.edit(reports.HTMLFile, "PEC-NA-003", "PEC-NA-004")
		}, ExitInterrupted, "report.html differs from what the evidence gives"},
		{"a seal that was being taken off, with a signature", func(a runCopy) {
			a.write(evidence.ManifestFile+".partial", a.read(evidence.ManifestFile))
			a.remove(evidence.ManifestFile)
			a.write(evidence.SignatureFile, "signed")
		}, ExitEvidence, "manifest.p7s is there without a manifest that it could be over: the run was signed"},
		{"a seal that is missing, with a signature", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.write(evidence.SignatureFile, "signed")
		}, ExitEvidence, "manifest.p7s is there without a manifest"},
		{"a run that was cut short", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile, reports.ResultFile, reports.HTMLFile, reports.JUnitFile, "trust")
			a.cutLog(40)
		}, ExitInterrupted, "was never sealed"},
		{"a run that was cut short in a message", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile, reports.ResultFile)
			a.cutLog(40)
			a.write("evidence/sent/0123.eml.txt.partial", "From")
		}, ExitInterrupted, "0123.eml.txt.partial was being written when the run was cut short"},
		{"a run that was cut short in a line", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile, reports.ResultFile)
			a.cutLog(40)
			a.write(evidence.EventsFile, a.read(evidence.EventsFile)+`{"seq":41,"at":`)
		}, ExitInterrupted, "ends in half a line"},
		{"a run that was cut short, with an event edited", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile, reports.ResultFile)
			a.cutLog(40)
			a.edit(evidence.EventsFile, `"seq":7,`, `"seq":8,`)
		}, ExitEvidence, "does not hold together"},
		{"a run whose log was cut, with its result", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.cutLog(40)
		}, ExitEvidence, "run.json says CONFORMANT of the run, the evidence says INTERRUPTED"},
		{"a run that was taken up again and cut short", func(a runCopy) {
			a.cutLog(40)
			a.judge()
			a.takeUp(false)
		}, ExitInterrupted, "dossier.html differs from what the evidence gives"},
		{"a run that was taken up again twice and cut short", func(a runCopy) {
			a.cutLog(40)
			a.takeUp(true)
			a.judge()
			a.takeUp(false)
		}, ExitInterrupted, "run.json is of the time before the run was taken up again"},
		{"a run that was taken up again to its end, and its report cut short", func(a runCopy) {
			a.cutLog(40)
			a.judge()
			a.takeUp(true)
		}, ExitInterrupted, "run.json is of the time before the run was taken up again"},
		{"a run that was taken up again, with the result of another", func(a runCopy) {
			a.cutLog(40)
			a.takeUp(false)
		}, ExitEvidence, "run.json says CONFORMANT of the run, the evidence says INTERRUPTED"},
		{"a run that was taken up again to its end, and a verdict was edited", func(a runCopy) {
			a.takeUp(true)
			a.edit(reports.ResultFile, `{"id":"PEC-NA-003","verdict":"pass"`, `{"id":"PEC-NA-003","verdict":"warn"`)
		}, ExitEvidence, "run.json says warn at PEC-NA-003, the evidence says pass"},
		{"a run of another version", func(a runCopy) {
			a.remove(evidence.ManifestFile, evidence.SumsFile)
			a.edit(evidence.EventsFile, `"version":"test"`, `"version":"v0.1"`)
			a.chain()
		}, ExitInterrupted, "were not compared with the evidence: version v0.1 played the run"},
	}
}

// judge puts what the evidence says now in the place of run.json.
func (a runCopy) judge() {
	a.t.Helper()
	result, err := Judge(a.dir, "")
	if err != nil {
		a.t.Fatal(err)
	}
	octets, err := reports.Encode(result)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(reports.ResultFile, string(octets))
}

// takeUp takes the run up again, to be killed at once or at its end.
func (a runCopy) takeUp(ended bool) {
	a.t.Helper()
	r, _, err := evidence.Append(a.dir, "test", time.Now)
	if err == nil && ended {
		err = r.Record(evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}})
	}
	if err == nil {
		err = r.Close()
	}
	if err != nil {
		a.t.Fatal(err)
	}
}
