package rules

import (
	"bytes"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// briefJudges answer for brief delivery receipts (RFC 6109 3.3.2.2): the
// original with its attachments replaced by hash files.
func briefJudges() []Judge {
	pair := func(rule, looks string, pick func(briefPair) bool, look func(briefPair) []problem) Judge {
		return Judge{Rule: rule, Looks: looks, Look: eachBriefPair(pick, look)}
	}
	hashed := func(p briefPair) bool { return p.hashed }
	replaced := func(p briefPair) bool { return p.hashed && isHashFile(p.after) }
	return append([]Judge{
		pair("PEC-RB-004", "parts with a name, in brief receipts", func(p briefPair) bool { return p.hashed && !p.isMessage() }, isReplaced),
		{Rule: "PEC-RB-005", Looks: "parts without a name and the MIME structure, in brief receipts", Look: briefStructure},
		pair("PEC-RB-006", "type and name of hash files", replaced, hashFileForm),
		pair("PEC-RB-007", "content of hash files, against hashes of the part", replaced, hashFileContent),
		pair("PEC-RB-008", "what the hash of base64 attachments was computed on", func(p briefPair) bool { return replaced(p) && p.before.Encoding() == "base64" }, hashOfEncoded),
		pair("PEC-RB-009", "what the hash of other attachments was computed on", func(p briefPair) bool {
			return replaced(p) && p.before.Encoding() != "base64" && !p.isMessage()
		}, hashOfEncoded),
		pair("PEC-RB-010", "messages within the message, in brief receipts", briefPair.isMessage, replacedByHash),
		{Rule: "PEC-RB-011", Looks: "signed originals, in brief receipts", Look: briefOfSigned},
		{Rule: "PEC-RB-012", Looks: "originals that are one CMS object, in brief receipts", Look: briefOfOpaque},
		pair("PEC-RB-013", "CMS files below the top level, in brief receipts", func(p briefPair) bool { return p.hashed && p.isCMS() }, replacedByHash),
		pair("PEC-RB-014", "hash files of parts with unusual names", func(p briefPair) bool { return replaced(p) && !p.isMessage() && !p.plainlyNamed() }, hashFileName),
		pair("PEC-RB-015", "parts with a name in inner multiparts or shown inline, in brief receipts", func(p briefPair) bool { return p.hashed && p.nested() }, isReplaced),
		{Rule: "PEC-RB-018", Looks: "hash files, against hashes of what the sender keeps", Needs: []Need{NeedSubmission}, Look: hashesOfSubmission(hashed)},
	}, briefReceiptJudges()...)
}

// briefs visits the brief receipts beside the original: as the envelope carried
// it or, where no envelope was seen, as it was submitted.
func briefs(v *View, visit func(m *Message, before, after *rawmime.Entity)) {
	for _, m := range deliveriesOf(func(w wanted) bool { return w.content == contentBrief })(v) {
		before := m.Transaction.deliveredOriginal()
		if before == nil {
			before = m.Transaction.Sent
		}
		if m.PEC.Original != nil {
			visit(m, before, m.PEC.Original)
		}
	}
}

func eachBriefPair(pick func(briefPair) bool, look func(briefPair) []problem) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		briefs(v, func(m *Message, before, after *rawmime.Entity) {
			for _, p := range compareBrief(before, after).pairs {
				if pick(p) {
					f.report(inOriginal(m, p.path), look(p), shown(p.before.FileName())+" in "+m.ID)
				}
			}
		})
	}
}

// inOriginal points at a part of the enclosed original.
func inOriginal(m *Message, part string) func(string) Where {
	return func(inside string) Where {
		where := "postacert.eml part " + part
		if inside != "" {
			where += ", " + inside
		}
		return m.Where(where)
	}
}

func isReplaced(p briefPair) []problem {
	if isHashFile(p.after) {
		return nil
	}
	kind, _ := p.after.MediaType()
	return []problem{{expected: "a hash file in place of " + shown(p.before.FileName()), seen: kind + " " + shown(p.after.FileName())}}
}

func replacedByHash(p briefPair) []problem {
	if problems := isReplaced(p); problems != nil {
		return problems
	}
	return hashFileContent(p)
}

func briefStructure(v *View, f *Findings) {
	briefs(v, func(m *Message, before, after *rawmime.Entity) {
		c := compareBrief(before, after)
		problems := c.structure
		kept := 0
		for _, p := range c.pairs {
			if p.hashed || p.signature {
				continue
			}
			kept++
			if !p.untouched() && !(p.path == "top" && sameBody(p.before, p.after)) {
				problems = append(problems, problem{part: "postacert.eml part " + p.path, expected: "the part as it was: it has no name", seen: "other octets"})
			}
		}
		if kept > 0 || len(problems) > 0 {
			f.report(m.Where, problems, plural(kept, "part")+" left as they were")
		}
	})
}

func hashFileForm(p briefPair) []problem {
	var problems []problem
	if kind, _ := p.after.MediaType(); kind != "text/plain" {
		problems = append(problems, problem{part: "Content-Type", expected: "text/plain", seen: kind})
	}
	if p.before.FileName() != "" && p.plainlyNamed() {
		problems = append(problems, hashFileName(p)...)
	}
	return problems
}

func hashFileName(p briefPair) []problem {
	if p.keepsName() {
		return nil
	}
	return []problem{{part: "file name", expected: shown(p.before.FileName() + ".hash"), seen: shown(p.after.FileName())}}
}

func hashFileContent(p briefPair) []problem {
	switch p.matched() {
	case matchEncoded, matchDecoded:
		return nil
	case matchOther:
		return []problem{{expected: "40 hexadecimal digits, SHA-1", seen: "64 digits, the SHA-256 of the part", reported: true}}
	}
	return []problem{{expected: "the SHA-1 of the part, 40 hexadecimal digits: " + expectedHashes(p), seen: shown(p.hashText())}}
}

func expectedHashes(p briefPair) string {
	encoded := hexSHA1(p.before.Body())
	decoded, err := p.before.Decoded()
	if err != nil || bytes.Equal(decoded, p.before.Body()) {
		return encoded
	}
	return encoded + " over the encoded text, or " + hexSHA1(decoded) + " over the file"
}

// hashOfEncoded tells which of the two readings was taken (decision D-24).
func hashOfEncoded(p briefPair) []problem {
	expected := "the hash of the text as transmitted, " + hexSHA1(p.before.Body())
	switch p.matched() {
	case matchEncoded:
		return nil
	case matchDecoded:
		return []problem{{expected: expected, seen: "the hash of the decoded file"}}
	case matchOther:
		return []problem{{expected: expected, seen: "a SHA-256 hash", reported: true}}
	}
	return []problem{{expected: expected, seen: shown(p.hashText())}}
}

// hashesOfSubmission recomputes the hashes from what was submitted: what the
// sender keeps must be enough to check the receipt.
func hashesOfSubmission(pick func(briefPair) bool) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		briefs(v, func(m *Message, _, after *rawmime.Entity) {
			for _, p := range compareBrief(m.Transaction.Sent, after).pairs {
				if pick(p) && isHashFile(p.after) {
					f.report(inOriginal(m, p.path), hashFileContent(p), shown(p.before.FileName())+" as submitted")
				}
			}
		})
	}
}
