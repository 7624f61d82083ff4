package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

func TestCertificationForm(t *testing.T) {
	t.Parallel()
	second := func(m message) message {
		parts := strings.Split(m.Content, "--mixed\n")
		m.Content = strings.Join([]string{parts[0], parts[1], strings.TrimSuffix(parts[2], "--mixed--\n"), parts[2]}, "--mixed\n")
		return m
	}
	runTrials(t, certificationFormJudges(), []trial{
		{rule: "PEC-XML-001", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-001", name: "cut", build: alone("acceptance", "</postacert>", ""), want: broken},
		{rule: "PEC-XML-001", name: "control character", build: alone("acceptance", "<oggetto>Preventivo", "<oggetto>Preven&#18;tivo"), want: broken},
		{rule: "PEC-XML-001", name: "raw control character", build: alone("acceptance", "<oggetto>Preventivo", "<oggetto>Preven\x16tivo"), want: broken},
		{rule: "PEC-XML-001", name: "unescaped", build: alone("acceptance", "<oggetto>Preventivo", "<oggetto>Preventivo & conto"), want: broken},
		{rule: "PEC-XML-001", name: "another encoding", build: alone("acceptance", "encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\""), want: broken},
		{rule: "PEC-XML-001", name: "no UTF-8", build: alone("acceptance", "<oggetto>Preventivo", "<oggetto>Perch\xe9"), want: broken},
		{rule: "PEC-XML-001", name: "bare DOCTYPE", build: alone("acceptance", "<postacert tipo", "<!DOCTYPE postacert>\n<postacert tipo"), want: warned},
		{rule: "PEC-XML-001", name: "byte order mark", build: alone("acceptance", "<?xml", "\ufeff<?xml"), want: warned},
		{rule: "PEC-XML-001", name: "entity", build: alone("acceptance", "<postacert tipo", "<!DOCTYPE postacert [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n<postacert tipo", "<oggetto>Preventivo", "<oggetto>&e;"), want: broken},
		{rule: "PEC-XML-002", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-002", name: "dati first", build: alone("acceptance", "<intestazione>", "<x>", "</intestazione>", "</x>"), want: broken},
		{rule: "PEC-XML-002", name: "stray text", build: alone("acceptance", "<dati>", "<dati>testo"), want: broken},
		{rule: "PEC-XML-002", name: "element missing", build: alone("acceptance", "<risposte>anna@aurora.example</risposte>", ""), want: broken},
		{rule: "PEC-XML-002", name: "not well-formed", build: alone("acceptance", "</postacert>", ""), none: true},
		{rule: "PEC-XML-021", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-021", name: "consegna before ricevuta", build: alone("delivery", "\n    <ricevuta tipo=\"completa\"/>", "", "</consegna>", "</consegna><ricevuta tipo=\"completa\"/>"), want: broken},
		{rule: "PEC-XML-021", name: "unknown", build: alone("acceptance", "</dati>", "<nota/></dati>"), want: broken},
		{rule: "PEC-XML-021", name: "twice", build: alone("acceptance", "<identificativo>", "<identificativo>x@y</identificativo><identificativo>"), want: broken},
		{rule: "PEC-XML-021", name: "missing", build: alone("acceptance", "<identificativo>pec1.20260114@gestore.aurora.example</identificativo>", ""), want: broken},
		{rule: "PEC-XML-023", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-023", name: "two", build: func(c *testCase) { c.put(second(correct("acceptance"))) }, want: broken},
		{rule: "PEC-XML-023", name: "none", build: alone("acceptance", "daticert.xml", "dati.xml"), want: broken},
	})
}

func TestCertificationHead(t *testing.T) {
	t.Parallel()
	replyTo := "Reply-To: Dario <dario@borea.example>\n" + originalText
	subject := func(original, data string) func(*testCase) {
		return func(c *testCase) {
			c.submitted(strings.Replace(originalText, "Preventivo 7f3a", original, 1))
			c.put(correct("acceptance").with(c.t, "<oggetto>Preventivo 7f3a</oggetto>", data))
		}
	}
	runTrials(t, certificationHeadJudges(), []trial{
		{rule: "PEC-XML-003", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-003", name: "of another kind", build: alone("acceptance", "tipo=\"accettazione\"", "tipo=\"avvenuta-consegna\""), want: broken},
		{rule: "PEC-XML-003", name: "unknown", build: alone("acceptance", "tipo=\"accettazione\"", "tipo=\"accettato\""), want: broken},
		{rule: "PEC-XML-003", name: "absent", build: alone("acceptance", " tipo=\"accettazione\"", ""), want: broken},
		{rule: "PEC-XML-006", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-006", name: "display name", build: alone("acceptance", "<mittente>anna@aurora.example", "<mittente>Anna &lt;anna@aurora.example&gt;"), want: broken},
		{rule: "PEC-XML-006", name: "brackets, no submission known", build: func(c *testCase) {
			c.put(correct("acceptance").with(c.t, "<mittente>anna@aurora.example", "<mittente>&lt;anna@aurora.example&gt;"))
		}, want: broken},
		{rule: "PEC-XML-006", name: "another", build: alone("acceptance", "<mittente>anna@aurora.example", "<mittente>dario@borea.example"), want: broken},
		{rule: "PEC-XML-007", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-007", name: "one missing", build: alone("acceptance", "    <destinatari tipo=\"certificato\">carla@borea.example</destinatari>\n", ""), want: broken},
		{rule: "PEC-XML-007", name: "one more", build: alone("acceptance", "<risposte>", "<destinatari>dario@borea.example</destinatari><risposte>"), want: broken},
		{rule: "PEC-XML-007", name: "joined", build: alone("acceptance", "<destinatari tipo=\"esterno\">elena@posta.example</destinatari>", "", "carla@borea.example<", "carla@borea.example, elena@posta.example<"), want: broken},
		{rule: "PEC-XML-007", name: "one refused in SMTP", want: holds, build: func(c *testCase) {
			c.submitted(originalText, func(s *evidence.Submission) { s.Recipients[2].Reply = evidence.Reply{Code: 550} })
			c.put(correct("acceptance").with(c.t, "    <destinatari tipo=\"certificato\">carla@borea.example</destinatari>\n", ""))
		}},
		{rule: "PEC-XML-007", name: "display name, no submission known", build: func(c *testCase) {
			c.put(correct("acceptance").with(c.t, ">bruno@borea.example<", ">Bruno &lt;bruno@borea.example&gt;<"))
		}, want: broken},
		{rule: "PEC-XML-008", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-008", name: "ordinary as certified", build: alone("acceptance", "tipo=\"esterno\"", "tipo=\"certificato\""), want: broken},
		{rule: "PEC-XML-008", name: "certified as ordinary", build: alone("acceptance", "tipo=\"certificato\"", "tipo=\"esterno\""), want: broken},
		{rule: "PEC-XML-008", name: "the default", build: alone("acceptance", " tipo=\"certificato\"", ""), want: holds},
		{rule: "PEC-XML-009", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-009", name: "Reply-To", build: altered(replyTo, []string{"acceptance"}, "<risposte>anna@aurora.example", "<risposte>dario@borea.example"), want: holds},
		{rule: "PEC-XML-009", name: "Reply-To with display name", build: altered(replyTo, []string{"acceptance"}, "<risposte>anna@aurora.example", "<risposte>Dario &lt;dario@borea.example&gt;"), want: holds},
		{rule: "PEC-XML-009", name: "Reply-To forgotten", build: altered(replyTo, []string{"acceptance"}), want: broken},
		{rule: "PEC-XML-009", name: "empty", build: alone("acceptance", "<risposte>anna@aurora.example", "<risposte>"), want: broken},
		{rule: "PEC-XML-010", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-010", name: "decoded and escaped", build: subject("=?UTF-8?Q?Perch=C3=A9?= A & B", "<oggetto>Perché A &amp; B</oggetto>"), want: holds},
		{rule: "PEC-XML-010", name: "control character dropped", build: subject("=?UTF-8?Q?a=16b?=", "<oggetto>ab</oggetto>"), want: holds},
		{rule: "PEC-XML-010", name: "control character replaced", build: subject("=?UTF-8?Q?a=16b?=", "<oggetto>a?b</oggetto>"), want: holds},
		{rule: "PEC-XML-010", name: "not decoded", build: subject("=?UTF-8?Q?Perch=C3=A9?=", "<oggetto>=?UTF-8?Q?Perch=C3=A9?=</oggetto>"), want: broken},
		{rule: "PEC-XML-010", name: "characters lost", build: subject("=?UTF-8?Q?=E2=82=AC?= 100", "<oggetto>? 100</oggetto>"), want: broken},
		{rule: "PEC-XML-010", name: "absent", build: subject("Preventivo 7f3a", ""), want: broken},
	})
}

func TestCertificationBody(t *testing.T) {
	t.Parallel()
	brief := "X-TipoRicevuta: breve\n" + originalText
	runTrials(t, certificationBodyJudges(), []trial{
		{rule: "PEC-XML-011", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-011", name: "empty", build: alone("acceptance", ">"+aurora+"<", "> <"), want: broken},
		{rule: "PEC-XML-011", name: "the peer", build: alone("acceptance", ">"+aurora+"<", ">"+borea+"<"), want: broken},
		{rule: "PEC-XML-011", name: "spelled otherwise", build: alone("acceptance", ">"+aurora+"<", ">AURORA PEC SpA<"), want: warned},
		{rule: "PEC-XML-012", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-012", name: "zone with colon", build: alone("acceptance", "zona=\"+0100\"", "zona=\"+01:00\""), want: broken},
		{rule: "PEC-XML-012", name: "day of ISO", build: alone("acceptance", "<giorno>14/01/2026", "<giorno>2026-01-14"), want: broken},
		{rule: "PEC-XML-012", name: "no seconds", build: alone("acceptance", "<ora>10:20:30", "<ora>10:20"), want: broken},
		{rule: "PEC-XML-013", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-013", name: "not that of the envelope", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("envelope"))
			c.put(correct("acceptance").with(c.t, "pec1.", "pec2."))
		}, want: broken},
		{rule: "PEC-XML-013", name: "not that of the acceptance", build: func(c *testCase) {
			c.submitted(originalText)
			c.put(correct("acceptance"))
			c.put(correct("delivery").with(c.t, "pec1.", "pec2."))
		}, want: broken},
		{rule: "PEC-XML-013", name: "brackets", build: alone("acceptance", "<identificativo>pec1.20260114@gestore.aurora.example", "<identificativo>&lt;pec1.20260114@gestore.aurora.example&gt;"), want: warned},
		{rule: "PEC-XML-013", name: "no identifier", build: alone("non-acceptance", "<identificativo>pec1.20260114@gestore.aurora.example", "<identificativo>1 2"), want: broken},
		{rule: "PEC-XML-014", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-014", name: "without brackets", build: alone("acceptance", "&lt;c1@pc.aurora.example&gt;", "c1@pc.aurora.example"), want: warned},
		{rule: "PEC-XML-014", name: "another", build: alone("acceptance", "&lt;c1@", "&lt;c2@"), want: broken},
		{rule: "PEC-XML-014", name: "absent", build: alone("acceptance", "<msgid>&lt;c1@pc.aurora.example&gt;</msgid>", ""), want: broken},
		{rule: "PEC-XML-014", name: "no Message-ID", build: altered(strings.Replace(originalText, "Message-ID: <c1@pc.aurora.example>\n", "", 1), []string{"acceptance"}), none: true},
		{rule: "PEC-XML-015", name: "standard exchange", build: func(c *testCase) { c.exchange() }, want: holds},
		{rule: "PEC-XML-015", name: "absent", build: alone("envelope", "<ricevuta tipo=\"completa\"/>", ""), want: broken},
		{rule: "PEC-XML-015", name: "not asked for", build: alone("envelope", "tipo=\"completa\"", "tipo=\"breve\""), want: broken},
		{rule: "PEC-XML-015", name: "asked for", build: altered(brief, []string{"delivery-brief"}), want: holds},
		{rule: "PEC-XML-015", name: "asked for in vain", build: altered(brief, []string{"envelope"}), want: broken},
		{rule: "PEC-XML-015", name: "asked for in capitals", build: altered("X-TipoRicevuta: BREVE\n"+originalText, []string{"delivery-brief", "envelope"}), want: holds},
		{rule: "PEC-XML-015", name: "asked for in capitals, given another", build: altered("X-TipoRicevuta: BREVE\n"+originalText, []string{"delivery-concise"}), want: broken},
		{rule: "PEC-XML-015", name: "of one in Cc", build: alone("delivery-concise", "bruno@borea.example</consegna>", "carla@borea.example</consegna>"), want: observed},
		{rule: "PEC-XML-015", name: "no submission known", build: func(c *testCase) { c.put(correct("delivery-brief")) }, want: holds},
		{rule: "PEC-XML-016", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-016", name: "ricevuta", build: alone("acceptance", "</msgid>", "</msgid><ricevuta tipo=\"completa\"/>"), want: broken},
		{rule: "PEC-XML-016", name: "consegna", build: alone("taken-in-charge", "</msgid>", "</msgid><consegna>bruno@borea.example</consegna>"), want: broken},
		{rule: "PEC-XML-017", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-017", name: "absent", build: alone("non-delivery", "<consegna>bruno@borea.example</consegna>", ""), want: broken},
		{rule: "PEC-XML-017", name: "two", build: alone("delivery", "</consegna>", "</consegna><consegna>carla@borea.example</consegna>"), want: broken},
		{rule: "PEC-XML-017", name: "joined", build: alone("delivery", "</consegna>", ", carla@borea.example</consegna>"), want: broken},
		{rule: "PEC-XML-017", name: "an outsider", build: alone("delivery", "<consegna>bruno@", "<consegna>dario@"), want: broken},
		{rule: "PEC-XML-018", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-018", name: "none", build: alone("taken-in-charge", "<ricezione>bruno@borea.example</ricezione>", "", "<ricezione>carla@borea.example</ricezione>", ""), want: broken},
		{rule: "PEC-XML-018", name: "elsewhere", build: alone("acceptance", "</msgid>", "</msgid><ricezione>bruno@borea.example</ricezione>"), want: broken},
		{rule: "PEC-XML-018", name: "twice the same", build: alone("taken-in-charge", "<ricezione>carla@", "<ricezione>bruno@"), want: broken},
		{rule: "PEC-XML-018", name: "of another provider", build: alone("taken-in-charge", "<ricezione>carla@borea.example", "<ricezione>elena@posta.example"), want: broken},
		{rule: "PEC-XML-018", name: "joined", build: alone("taken-in-charge", "</ricezione>\n    <ricezione>", " "), want: broken},
	})
}

func TestCertificationErrors(t *testing.T) {
	t.Parallel()
	runTrials(t, certificationErrorJudges(), []trial{
		{rule: "PEC-XML-004", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-004", name: "absent", build: alone("acceptance", " errore=\"nessuno\"", ""), want: holds},
		{rule: "PEC-XML-004", name: "unknown", build: alone("acceptance", "errore=\"nessuno\"", "errore=\"casella-piena\""), want: broken},
		{rule: "PEC-XML-005", name: "every kind", build: allKinds, want: holds},
		{rule: "PEC-XML-005", name: "no failure", build: alone("acceptance"), none: true},
		{rule: "PEC-XML-005", name: "no-dest elsewhere", build: alone("non-acceptance", "errore=\"altro\"", "errore=\"no-dest\""), want: broken},
		{rule: "PEC-XML-005", name: "virus elsewhere", build: alone("acceptance", "errore=\"nessuno\"", "errore=\"virus\""), want: broken},
		{rule: "PEC-XML-019", name: "every kind", build: alone("non-delivery"), want: holds},
		{rule: "PEC-XML-019", name: "delay", build: alone("delay-12"), want: observed},
		{rule: "PEC-XML-019", name: "absent", build: alone("non-delivery", "<errore-esteso>5.1.1 - "+borea+" - indirizzo non valido</errore-esteso>", ""), want: broken},
		{rule: "PEC-XML-019", name: "without an error", build: alone("acceptance", "</msgid>", "</msgid><errore-esteso>5.1.1</errore-esteso>"), want: broken},
		{rule: "PEC-XML-020", name: "both", build: altered(originalText, []string{"non-delivery", "non-delivery-virus"}), want: holds},
		{rule: "PEC-XML-020", name: "no code", build: alone("non-delivery", "5.1.1 - ", ""), want: deviates},
		{rule: "PEC-XML-020", name: "no code in the text", build: alone("non-delivery", "errore 5.1.1 - ", "errore "), want: deviates},
		{rule: "PEC-XML-020", name: "another code in the text", build: alone("non-delivery", "errore 5.1.1", "errore 5.2.2"), want: broken},
	})
}
