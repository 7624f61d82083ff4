package certification

import (
	"strings"
	"testing"
)

const sample = `<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="avvenuta-consegna" errore="nessuno">
  <intestazione>
    <mittente>anna@aurora.example</mittente>
    <destinatari tipo="certificato">bruno@borea.example</destinatari>
    <destinatari tipo="esterno">elena@posta.example</destinatari>
    <risposte>anna@aurora.example</risposte>
    <oggetto>perch&#xE9; &lt;no&gt; &amp; sì</oggetto>
  </intestazione>
  <dati>
    <gestore-emittente>Borea PEC S.p.A.</gestore-emittente>
    <data zona="+0100">
      <giorno>13/11/2026</giorno>
      <ora>16:39:26</ora>
    </data>
    <identificativo>aurora.1@gestore.aurora.example</identificativo>
    <msgid>&lt;1@client.example&gt;</msgid>
    <ricevuta tipo="completa" />
    <consegna>bruno@borea.example</consegna>
    <ricezione>bruno@borea.example</ricezione>
    <ricezione>dario@borea.example</ricezione>
    <errore-esteso>nessun errore</errore-esteso>
  </dati>
</postacert>
`

// specimen is a document of the corpus: what this package makes of it, and
// whether xmllint with the DTD does the same (checked by the test with the
// build tag oracle).
type specimen struct {
	name    string
	xml     string
	code    string // of the Error; "" when the document is valid
	differs string // why xmllint decides otherwise; "" when it agrees
}

func corpus(t *testing.T) []specimen {
	t.Helper()
	// change replaces something of the sample, which must be there.
	change := func(pairs ...string) string {
		xml := sample
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(xml, pairs[i]) {
				t.Fatalf("the sample has no %q", pairs[i])
			}
			xml = strings.Replace(xml, pairs[i], pairs[i+1], 1)
		}
		return xml
	}
	const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	body := strings.TrimPrefix(sample, declaration)
	const utf8Only = "RFC 6109 4.3.3 allows UTF-8 only; the DTD says nothing of it"
	const rooted = "with --dtdvalid any declared element may be the root"

	return []specimen{
		{name: "sample", xml: sample},
		{name: "CRLF", xml: strings.ReplaceAll(sample, "\n", "\r\n")},
		{name: "one line", xml: strings.ReplaceAll(strings.ReplaceAll(sample, "\n", ""), "> ", ">")},
		{name: "no declaration", xml: body},
		{name: "declaration without encoding", xml: `<?xml version="1.0"?>` + body},
		{name: "declaration in single quotes", xml: `<?xml version='1.0' encoding='utf-8' standalone='no' ?>` + body},
		{name: "version 1.1", xml: `<?xml version="1.1" encoding="UTF-8"?>` + body},
		{name: "byte order mark", xml: "\xEF\xBB\xBF" + sample},
		{name: "comments and instructions", xml: change("<intestazione>", "<!-- a --><intestazione><?x y?>", "</postacert>", "</postacert><!-- b --><?z?>")},
		{name: "instruction before the root", xml: change("<postacert", `<?xml-stylesheet type="text/xsl" href="https://posta.example/x.xsl"?><postacert`)},
		{name: "comment in text", xml: change("anna@aurora.example", "anna@<!-- x -->aurora.example")},
		{name: "CDATA in text", xml: change("anna@aurora.example", "<![CDATA[anna@aurora.example]]>")},
		{name: "empty text", xml: change("<mittente>anna@aurora.example</mittente>", "<mittente/>")},
		{name: "default attributes", xml: change(` errore="nessuno"`, "", `destinatari tipo="certificato"`, "destinatari")},
		{name: "attributes in another order", xml: change(`tipo="avvenuta-consegna" errore="nessuno"`, `errore='nessuno' tipo='avvenuta-consegna'`)},
		{name: "spaces in tags", xml: change(`<data zona="+0100">`, "<data\n\tzona = \"+0100\" >", "</data>", "</data >")},
		{name: "ricevuta with an end tag", xml: change(`<ricevuta tipo="completa" />`, `<ricevuta tipo="completa"></ricevuta>`)},
		{name: "without optional elements", xml: change(`<oggetto>perch&#xE9; &lt;no&gt; &amp; sì</oggetto>`, "", "<msgid>&lt;1@client.example&gt;</msgid>", "",
			`<ricevuta tipo="completa" />`, "", "<consegna>bruno@borea.example</consegna>", "", "<errore-esteso>nessun errore</errore-esteso>", "",
			"<ricezione>bruno@borea.example</ricezione>", "", "<ricezione>dario@borea.example</ricezione>", "")},
		{name: "errore no-dominio", xml: change(`errore="nessuno"`, `errore="no-dominio"`)},
		{name: "zona of any text", xml: change("+0100", "qualsiasi")},
		{name: "bare doctype", xml: change("<postacert", "<!DOCTYPE postacert><postacert")},
		{name: "external doctype", xml: change("<postacert", `<!DOCTYPE postacert SYSTEM "https://posta.example/[x].dtd" ><postacert`)},
		{name: "public doctype", xml: change("<postacert", `<!DOCTYPE postacert PUBLIC "-//X//Y" 'y.dtd'><postacert`)},
		{name: "doctype of another root", xml: change("<postacert", "<!DOCTYPE altro><postacert")},
		{name: "characters beyond the BMP", xml: change("perch&#xE9;", "\U0001F4E7 &#x1F4E7; &#233;")},
		{name: "> in text", xml: change("perch&#xE9;", "a > b ]] >")},
		{name: "references in an attribute", xml: change("+0100", "&#43;&quot;&apos;&lt;")},

		{name: "empty", xml: "", code: CodeEmpty},
		{name: "white space", xml: " \r\n\t ", code: CodeEmpty},
		{name: "text", xml: "nothing of XML\n", code: CodeSyntax},
		{name: "only a declaration", xml: declaration, code: CodeRoot},
		{name: "UTF-16", xml: "\xFF\xFE<\x00p\x00", code: CodeEncoding},
		{name: "ISO-8859-1 declared", xml: change("UTF-8", "ISO-8859-1"), code: CodeEncoding, differs: utf8Only},
		{name: "US-ASCII declared", xml: strings.Replace(change("sì", "si"), "UTF-8", "US-ASCII", 1), code: CodeEncoding, differs: utf8Only},
		{name: "no UTF-8", xml: change("sì", "s\xec"), code: CodeEncoding},
		{name: "overlong UTF-8", xml: change("sì", "\xC0\xAF"), code: CodeEncoding},
		{name: "surrogate in UTF-8", xml: change("sì", "\xED\xA0\x80"), code: CodeEncoding},
		{name: "raw control character", xml: change("sì", "\x16"), code: CodeControlCharacter},
		{name: "NUL", xml: change("sì", "\x00"), code: CodeControlCharacter},
		{name: "U+FFFF", xml: change("sì", "\uFFFF"), code: CodeControlCharacter},
		{name: "reference to a control character", xml: change("sì", "&#18;"), code: CodeControlCharacter},
		{name: "reference to a surrogate", xml: change("sì", "&#xD800;"), code: CodeControlCharacter},
		{name: "reference beyond Unicode", xml: change("sì", "&#x110000;"), code: CodeControlCharacter},
		{name: "endless reference", xml: change("sì", "&#99999999999999999999;"), code: CodeSyntax},
		{name: "reference without digits", xml: change("sì", "&#;"), code: CodeSyntax},
		{name: "reference with a sign", xml: change("sì", "&#+65;"), code: CodeSyntax},
		{name: "reference with capital X", xml: change("sì", "&#X41;"), code: CodeSyntax},
		{name: "bare ampersand", xml: change("&amp;", "&"), code: CodeSyntax},
		{name: "ampersand without semicolon", xml: change("&amp;", "&amp"), code: CodeSyntax},
		{name: "HTML entity", xml: change("perch&#xE9;", "perch&eacute;"), code: CodeEntity},
		{name: "space before the declaration", xml: " " + sample, code: CodeDeclaration},
		{name: "second declaration", xml: declaration + sample, code: CodeDeclaration},
		{name: "declaration without version", xml: `<?xml encoding="UTF-8"?>` + body, code: CodeDeclaration},
		{name: "declaration in the wrong order", xml: `<?xml encoding="UTF-8" version="1.0"?>` + body, code: CodeDeclaration},
		{name: "declaration with something else", xml: `<?xml version="1.0" encoding="UTF-8" x="y"?>` + body, code: CodeDeclaration},
		{name: "declaration without quotes", xml: `<?xml version=1.0?>` + body, code: CodeDeclaration},
		{name: "version 2.0", xml: `<?xml version="2.0"?>` + body, code: CodeDeclaration},
		{name: "standalone of another value", xml: `<?xml version="1.0" standalone="maybe"?>` + body, code: CodeDeclaration},
		{name: "declaration not closed", xml: `<?xml version="1.0"`, code: CodeTruncated},
		{name: "instruction named XML", xml: change("<postacert", "<?XML x?><postacert"), code: CodeDeclaration},
		{name: "instruction without name", xml: change("<postacert", "<? x?><postacert"), code: CodeSyntax},
		{name: "comment with --", xml: change("<postacert", "<!-- a -- b --><postacert"), code: CodeSyntax},
		{name: "comment ending in --->", xml: change("<postacert", "<!-- a ---><postacert"), code: CodeSyntax},
		{name: "comment not closed", xml: change("<postacert", "<!-- a <postacert"), code: CodeTruncated},
		{name: "]]> in text", xml: change("perch&#xE9;", "a ]]> b"), code: CodeSyntax},

		{name: "internal subset", xml: change("<postacert", `<!DOCTYPE postacert [<!ENTITY x "y">]><postacert`), code: CodeInternalSubset, differs: "well-formed; refused here on principle"},
		{
			name: "external entity", xml: change("<postacert", `<!DOCTYPE postacert [<!ENTITY x SYSTEM "file:///etc/passwd">]><postacert`, "sì", "&x;"), code: CodeInternalSubset,
			differs: "xmllint leaves the reference unexpanded",
		},
		{
			name: "entity bomb", xml: change("<postacert", `<!DOCTYPE postacert [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><postacert`, "sì", "&b;"), code: CodeInternalSubset,
			differs: "small enough for xmllint",
		},
		{name: "empty internal subset", xml: change("<postacert", `<!DOCTYPE postacert []><postacert`), code: CodeInternalSubset, differs: "well-formed; refused here on principle"},
		{name: "doctype twice", xml: change("<postacert", `<!DOCTYPE postacert><!DOCTYPE postacert><postacert`), code: CodeDoctype},
		{name: "doctype after the root", xml: sample + "<!DOCTYPE postacert>", code: CodeDoctype},
		{name: "doctype inside", xml: change("<intestazione>", "<!DOCTYPE postacert><intestazione>"), code: CodeDoctype},
		{name: "doctype malformed", xml: change("<postacert", "<!DOCTYPE postacert SYSTEM><postacert"), code: CodeDoctype},
		{name: "doctype without name", xml: change("<postacert", "<!DOCTYPE><postacert"), code: CodeDoctype},
		{name: "declaration outside a doctype", xml: change("<postacert", `<!ENTITY x "y"><postacert`), code: CodeSyntax},

		{name: "cut", xml: sample[:len(sample)/2], code: CodeTruncated},
		{name: "cut in a tag", xml: sample[:strings.Index(sample, "zona")+3], code: CodeTruncated},
		{name: "cut in a value", xml: sample[:strings.Index(sample, "+0100")+2], code: CodeTruncated},
		{name: "root not closed", xml: change("</postacert>\n", ""), code: CodeTruncated},
		{name: "tags crossed", xml: change("</giorno>", "</ora>"), code: CodeTagMismatch},
		{name: "end tag too many", xml: sample + "</postacert>", code: CodeTagMismatch},
		{name: "tag in another case", xml: change("</mittente>", "</Mittente>"), code: CodeTagMismatch},
		{name: "end tag with attribute", xml: change("</giorno>", `</giorno x="y">`), code: CodeSyntax},
		{name: "tag without name", xml: change("<giorno>", "< giorno>"), code: CodeSyntax},
		{name: "unescaped brackets", xml: change("&lt;1@client.example&gt;", "<1@client.example>"), code: CodeSyntax},
		{name: "unescaped brackets, as a name", xml: change("&lt;1@client.example&gt;", "<a.client.example>"), code: CodeUnknownElement},
		{name: "attributes without space", xml: change(`" errore`, `"errore`), code: CodeSyntax},
		{name: "attribute without quotes", xml: change(`"+0100"`, `+0100`), code: CodeSyntax},
		{name: "attribute without value", xml: change(`zona="+0100"`, `zona`), code: CodeSyntax},
		{name: "< in an attribute", xml: change("+0100", "<"), code: CodeSyntax},
		{name: "repeated attribute", xml: change(`zona="+0100"`, `zona="+0100" zona="+0100"`), code: CodeRepeatedAttribute},
		{name: "repeated unknown attribute", xml: change(`zona="+0100"`, `zona="+0100" x="1" x="1"`), code: CodeRepeatedAttribute},

		{name: "another root", xml: declaration + "<mittente>x</mittente>", code: CodeRoot, differs: rooted},
		{name: "root unknown", xml: declaration + "<busta/>", code: CodeRoot},
		{name: "two roots", xml: sample + body, code: CodeAfterRoot},
		{name: "text after the root", xml: sample + "x", code: CodeAfterRoot},
		{name: "reference after the root", xml: sample + "&#32;", code: CodeAfterRoot},
		{name: "CDATA after the root", xml: sample + "<![CDATA[]]>", code: CodeAfterRoot},
		{name: "text before the root", xml: declaration + "x" + body, code: CodeSyntax},
		{name: "prefix", xml: change("<mittente>", "<p:mittente>", "</mittente>", "</p:mittente>"), code: CodeUnknownElement},
		{name: "namespace", xml: change("<postacert", `<postacert xmlns="urn:x"`), code: CodeUnknownAttribute},
		{name: "xml:lang", xml: change("<postacert", `<postacert xml:lang="it"`), code: CodeUnknownAttribute},
		{name: "unknown element", xml: change("<oggetto>", "<cc>x</cc><oggetto>"), code: CodeUnknownElement},
		{name: "unknown element in text", xml: change("anna@aurora.example", "<b>anna</b>@aurora.example"), code: CodeUnknownElement},
		{name: "known element elsewhere", xml: change("<oggetto>", "<consegna>x</consegna><oggetto>"), code: CodeUnknownElement},
		{name: "postacert inside", xml: change("<intestazione>", "<postacert/><intestazione>"), code: CodeUnknownElement},
		{name: "no intestazione", xml: declaration + `<postacert tipo="accettazione">` + body[strings.Index(body, "<dati>"):], code: CodeMissingElement},
		{name: "empty root", xml: `<postacert tipo="accettazione"/>`, code: CodeMissingElement},
		{name: "no dati", xml: body[:strings.Index(body, "<dati>")] + "</postacert>", code: CodeMissingElement},
		{name: "no mittente", xml: change("<mittente>anna@aurora.example</mittente>", ""), code: CodeMissingElement},
		{name: "no destinatari", xml: change(`<destinatari tipo="certificato">bruno@borea.example</destinatari>`, "",
			`<destinatari tipo="esterno">elena@posta.example</destinatari>`, ""), code: CodeMissingElement},
		{name: "no risposte", xml: change("<risposte>anna@aurora.example</risposte>", ""), code: CodeMissingElement},
		{name: "no gestore", xml: change("<gestore-emittente>Borea PEC S.p.A.</gestore-emittente>", ""), code: CodeMissingElement},
		{name: "no identificativo", xml: change("<identificativo>aurora.1@gestore.aurora.example</identificativo>", ""), code: CodeMissingElement},
		{name: "no ora", xml: change("<ora>16:39:26</ora>", ""), code: CodeMissingElement},
		{name: "no giorno", xml: change("<giorno>13/11/2026</giorno>", ""), code: CodeMissingElement},
		{name: "two senders", xml: change("<mittente>", "<mittente>x</mittente><mittente>"), code: CodeRepeatedElement},
		{name: "two subjects", xml: change("<oggetto>", "<oggetto/><oggetto>"), code: CodeRepeatedElement},
		{name: "two consegna", xml: change("<consegna>", "<consegna>x</consegna><consegna>"), code: CodeRepeatedElement},
		{name: "two errore-esteso", xml: change("</dati>", "<errore-esteso/></dati>"), code: CodeRepeatedElement},
		{name: "mittente late", xml: change("<mittente>anna@aurora.example</mittente>", "", "<oggetto>", "<mittente>x</mittente><oggetto>"), code: CodeMissingElement},
		{name: "dati first", xml: change("<intestazione>", "<dati/><intestazione>"), code: CodeMissingElement},
		{name: "destinatari again later", xml: change("<oggetto>", "<destinatari>x</destinatari><oggetto>"), code: CodeElementOrder},
		{name: "msgid after ricevuta", xml: change("<consegna>", "<msgid/><consegna>"), code: CodeElementOrder},
		{name: "text between elements", xml: change("<intestazione>", "<intestazione>x"), code: CodeStrayText},
		{name: "text in postacert", xml: change("</postacert>", "x</postacert>"), code: CodeStrayText},
		{name: "text in data", xml: change("</data>", "x</data>"), code: CodeStrayText},
		{name: "no-break space between elements", xml: change("<intestazione>", "<intestazione>\u00A0"), code: CodeStrayText},
		{name: "CDATA between elements", xml: change("<intestazione>", "<intestazione><![CDATA[ ]]>"), code: CodeStrayText},
		{
			name: "referenced space between elements", xml: change("<intestazione>", "<intestazione>&#32;"), code: CodeStrayText,
			differs: "XML 1.0 3 (Element Valid) refuses it; libxml2 does not see that it was a reference",
		},
		{name: "space in ricevuta", xml: change(`<ricevuta tipo="completa" />`, `<ricevuta tipo="completa"> </ricevuta>`), code: CodeNotEmpty},
		{name: "comment in ricevuta", xml: change(`<ricevuta tipo="completa" />`, `<ricevuta tipo="completa"><!-- x --></ricevuta>`), code: CodeNotEmpty},
		{name: "element in ricevuta", xml: change(`<ricevuta tipo="completa" />`, `<ricevuta tipo="completa"><ora/></ricevuta>`), code: CodeNotEmpty},
		{name: "text in ricevuta", xml: change(`<ricevuta tipo="completa" />`, `<ricevuta tipo="completa">x</ricevuta>`), code: CodeNotEmpty},

		{name: "unknown attribute", xml: change("<mittente>", `<mittente tipo="certificato">`), code: CodeUnknownAttribute},
		{name: "no tipo", xml: change(`tipo="avvenuta-consegna" `, ""), code: CodeMissingAttribute},
		{name: "no zona", xml: change(` zona="+0100"`, ""), code: CodeMissingAttribute},
		{name: "ricevuta without tipo", xml: change(`<ricevuta tipo="completa" />`, "<ricevuta/>"), code: CodeMissingAttribute},
		{name: "tipo unknown", xml: change("avvenuta-consegna", "consegna-avvenuta"), code: CodeAttributeValue},
		{name: "tipo in another case", xml: change("avvenuta-consegna", "Avvenuta-Consegna"), code: CodeAttributeValue},
		{name: "tipo with spaces", xml: change("avvenuta-consegna", " avvenuta-consegna "), code: CodeAttributeValue},
		{name: "tipo errore", xml: change("avvenuta-consegna", "errore"), code: CodeAttributeValue},
		{name: "errore unknown", xml: change(`errore="nessuno"`, `errore="spam"`), code: CodeAttributeValue},
		{name: "errore empty", xml: change(`errore="nessuno"`, `errore=""`), code: CodeAttributeValue},
		{name: "recipient type unknown", xml: change(`"esterno"`, `"ordinario"`), code: CodeAttributeValue},
		{name: "receipt type unknown", xml: change(`"completa"`, `"lunga"`), code: CodeAttributeValue},
	}
}
