package reports

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"strings"
)

// contentPolicy is what a browser may do with a page that shows what a target sent: load
// nothing, send nothing, and run no style or script but our own, which it knows by
// their hashes (Content Security Policy 3, 2.3.1). It has to stand before them.
func contentPolicy(style, script string, more ...string) template.HTML {
	parts := append([]string{"default-src 'none'", "style-src " + sourceHash(style), "img-src data:", "form-action 'none'", "base-uri 'none'"}, more...)
	if script != "" {
		parts = append(parts, "script-src "+sourceHash(script))
	}
	return template.HTML(`<meta http-equiv="Content-Security-Policy" content="` + strings.Join(parts, "; ") + `">` + "\n") // our own text
}

// styleAttributes lets the widths of bars be attributes, which do no harm where
// nothing is loaded.
const styleAttributes = "style-src-attr 'unsafe-inline'"

// sourceHash names the text of a style or script element.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
