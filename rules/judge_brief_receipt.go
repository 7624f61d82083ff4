package rules

import (
	"bytes"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// briefReceiptJudges answer for brief receipts as a whole.
func briefReceiptJudges() []Judge {
	brief := func(w wanted) bool { return w.token == "breve" }
	return []Judge{
		examine("PEC-RB-001", "the original in receipts, brief ones asked for, for recipients in To",
			deliveriesOf(func(w wanted) bool { return brief(w) && w.place == placePrimary }), holdsBriefOriginal),
		examine("PEC-RB-002", "parts of receipts for recipients in Cc, brief ones asked for",
			deliveriesOf(func(w wanted) bool { return brief(w) && w.place == placeCopy }), holdsNoOriginal),
		examine("PEC-RB-003", "the original in receipts, brief ones asked for, for recipients in both To and Cc",
			deliveriesOf(func(w wanted) bool { return brief(w) && w.place == placeAmbiguous }), holdsBriefOriginal),
		examine("PEC-RB-016", "readable text and ricevuta of receipts, brief ones asked for", deliveriesOf(brief), briefText),
		{Rule: "PEC-RB-017", Looks: "brief receipts of originals without attachments", Look: briefWithoutAttachments},
	}
}

func holdsBriefOriginal(_ *View, m *Message) []problem {
	if !enclosed(m) || m.PEC.Original == nil {
		return []problem{{part: "postacert.eml", expected: "the original with hash files enclosed", seen: "no original"}}
	}
	before := m.Transaction.deliveredOriginal()
	if before == nil {
		before = m.Transaction.Sent
	}
	hashes := 0
	for _, p := range compareBrief(before, m.PEC.Original).pairs {
		if p.hashed {
			hashes++
		}
	}
	if hashes > 0 && contentOf(m) != contentBrief {
		return []problem{{part: "postacert.eml", expected: "hash files in place of " + plural(hashes, "attachment"), seen: shownContent(m)}}
	}
	return nil
}

func briefText(v *View, m *Message) []problem {
	problems := deliveryText(v, m)
	if c := m.PEC.Certification; c != nil && c.ReceiptType != "breve" && !(wantedOf(m).place == placeCopy && c.ReceiptType == "sintetica") {
		problems = append(problems, problem{part: "daticert.xml ricevuta", expected: "breve", seen: shown(c.ReceiptType)})
	}
	return problems
}

// briefOfSigned: the parts inside the first child are hashed, the signature is
// left as it is though it has a file name.
func briefOfSigned(v *View, f *Findings) {
	briefs(v, func(m *Message, before, after *rawmime.Entity) {
		c := compareBrief(before, after)
		if !c.signed {
			return
		}
		problems := append([]problem(nil), c.structure...)
		for _, p := range c.pairs {
			switch {
			case p.signature && !p.untouched():
				problems = append(problems, problem{part: "postacert.eml part " + p.path, expected: "the signature part as it was", seen: "another part, " + shown(p.after.FileName())})
			case p.hashed:
				for _, wrong := range isReplaced(p) {
					wrong.part = "postacert.eml part " + p.path
					problems = append(problems, wrong)
				}
			}
		}
		f.report(m.Where, problems, "attachments replaced, signature part left as it was")
	})
}

func briefOfOpaque(v *View, f *Findings) {
	briefs(v, func(m *Message, before, after *rawmime.Entity) {
		if !compareBrief(before, after).opaque {
			return
		}
		var problems []problem
		if !sameBody(before, after) {
			problems = []problem{{part: "postacert.eml", expected: "the CMS object as it was: the brief receipt is the complete one", seen: shownContent(m)}}
		}
		f.report(m.Where, problems, "left as it was")
	})
}

func briefWithoutAttachments(v *View, f *Findings) {
	briefs(v, func(m *Message, before, after *rawmime.Entity) {
		c := compareBrief(before, after)
		for _, p := range c.pairs {
			if p.hashed || p.path == "top" && p.before.FileName() != "" {
				return
			}
		}
		if c.opaque {
			return
		}
		var problems []problem
		same := bytes.Equal(withoutLastLineEnd(before.Raw()), withoutLastLineEnd(after.Raw()))
		if m.Transaction.deliveredOriginal() == nil {
			same = sameBody(before, after) // the access point changed the header
		}
		if !same {
			problems = []problem{{part: "postacert.eml", expected: "the original as it was: there is nothing to replace", seen: "other octets"}}
		}
		f.report(m.Where, problems, "the original as it was")
	})
}
