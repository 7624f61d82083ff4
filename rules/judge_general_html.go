package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// The form of the readable text: character set, alternatives, and what the
// HTML must not hold (RFC 6109 4.3.1).
func generalTextFormJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-GEN-006", "the charset of the readable text", judgeGeneralTextCharset),
		everySystemMessage("PEC-GEN-007", "the children of multipart/alternative", judgeGeneralAlternatives),
		everySystemMessage("PEC-GEN-009", "references from the HTML to other resources", judgeGeneralReferences),
		everySystemMessage("PEC-GEN-010", "active content in the HTML", judgeGeneralActiveContent),
	}
}

func judgeGeneralTextCharset(_ *View, m *Message, f *Findings) {
	for _, part := range []*rawmime.Entity{m.PEC.PlainText, m.PEC.HTMLText} {
		if part == nil {
			continue
		}
		mediaType, parameters := part.MediaType()
		where := m.Where(mediaType)
		charset := strings.ToLower(fold(parameters["charset"]))
		switch strings.NewReplacer("_", "-", "iso8859", "iso-8859").Replace(charset) {
		case "iso-8859-1", "latin1", "l1":
			f.Holds(where, "charset="+charset)
		case "utf-8", "utf8", "us-ascii":
			f.Deviates(where, "charset=iso-8859-1", "charset="+charset)
		case "":
			f.Deviates(where, "charset=iso-8859-1", "no charset, which means us-ascii")
		default:
			f.Broken(where, "charset=iso-8859-1", "charset="+charset)
		}
	}
}

func judgeGeneralAlternatives(_ *View, m *Message, f *Findings) {
	if m.PEC.Text == nil || typeOf(m.PEC.Text) != "multipart/alternative" {
		return
	}
	types := typesOf(m.PEC.Text.Parts)
	sorted := slices.Sorted(slices.Values(types))
	seen := fmt.Sprintf("%d parts: %s", len(types), shownList(types))
	if !slices.Equal(sorted, []string{"text/html", "text/plain"}) {
		f.Broken(m.Where("text"), "one text/plain and one text/html in multipart/alternative", seen)
		return
	}
	f.Holds(m.Where("text"), seen)
}

var (
	htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	htmlTag     = regexp.MustCompile(`(?s)<\s*([a-zA-Z][a-zA-Z0-9]*)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>`)
	styleBlock  = regexp.MustCompile(`(?is)<style\b[^>]*>(.*?)(</style\s*>|$)`)
	styleRefers = regexp.MustCompile(`(?i)url\s*\(|@import|expression\s*\(`)
	// attributes that load what they name; href counts in <link> and <base>
	// only: in <a> it loads nothing
	loadingAttribute = regexp.MustCompile(`(?i)(^|\s)(src|srcset|background|poster|lowsrc|dynsrc|data|codebase|classid)\s*=`)
	anyCID           = regexp.MustCompile(`(?i)=\s*["']?\s*cid:`)
	eventHandler     = regexp.MustCompile(`(?i)(^|[\s"'/])on[a-z]{3,}\s*=`)
	scriptURL        = regexp.MustCompile(`(?i)=\s*["']?\s*(javascript|vbscript|livescript)\s*:`)
)

var (
	loadingTags = []string{"img", "link", "base", "bgsound", "audio", "video", "source", "track", "embed", "iframe", "frame", "image"}
	activeTags  = []string{"script", "object", "embed", "applet"}
)

// htmlOf returns the octets of the HTML as text, comments removed; false when
// the message has none that can be read.
func htmlOf(m *Message) (string, bool) {
	if m.PEC.HTMLText == nil {
		return "", false
	}
	text, err := m.PEC.HTMLText.Text()
	return htmlComment.ReplaceAllString(text, ""), err == nil
}

func judgeGeneralReferences(_ *View, m *Message, f *Findings) {
	document, ok := htmlOf(m)
	if !ok {
		return
	}
	const expected = "HTML that refers to no image, sound, font or style sheet, inside or outside the message"
	where := m.Where("text/html")
	for _, tag := range htmlTag.FindAllStringSubmatch(document, -1) {
		if slices.Contains(loadingTags, strings.ToLower(tag[1])) || loadingAttribute.MatchString(tag[2]) ||
			anyCID.MatchString(tag[2]) || styleRefers.MatchString(tag[2]) {
			f.Broken(where, expected, shown(tag[0]))
			return
		}
	}
	blocks := styleBlock.FindAllStringSubmatch(document, -1)
	for _, block := range blocks {
		if refers := styleRefers.FindString(block[1]); refers != "" {
			f.Broken(where, expected, "a style block with "+shown(refers))
			return
		}
	}
	if len(blocks) > 0 {
		f.Deviates(where, expected, "an inline style block")
		return
	}
	f.Holds(where, "no reference")
}

func judgeGeneralActiveContent(_ *View, m *Message, f *Findings) {
	document, ok := htmlOf(m)
	if !ok {
		return
	}
	const expected = "HTML without script, event handlers, script URLs, plug-ins or ActiveX"
	where := m.Where("text/html")
	for _, tag := range htmlTag.FindAllStringSubmatch(document, -1) {
		if slices.Contains(activeTags, strings.ToLower(tag[1])) || eventHandler.MatchString(tag[2]) || scriptURL.MatchString(tag[2]) {
			f.Broken(where, expected, shown(tag[0]))
			return
		}
	}
	f.Holds(where, "no active content")
}
