package rules

import (
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// sample says what one correct message has of its own.
type sample struct {
	kind     pec.Kind
	mailbox  string
	after    time.Duration // after acceptance
	borea    bool          // emitted by the recipient's provider
	header   string        // outer header, the common end (Date …) excepted
	body     string        // readable text; $WHEN stands for the day, the hour and the zone
	tipo     string        // postacert@tipo; empty: no certification data
	errore   string        // default nessuno
	extra    string        // elements after msgid
	original string
}

const receiptHead = "From: posta-certificata@gestore.aurora.example\nTo: anna@aurora.example\n" + receiptIDs

const receiptIDs = "Message-ID: <r1.20260114@gestore.aurora.example>\nX-Riferimento-Message-ID: <c1@pc.aurora.example>\n"

const recipientLines = "bruno@borea.example (\"posta certificata\")\nelena@posta.example (\"posta ordinaria\")\ncarla@borea.example (\"posta certificata\")\n"

const envelopeHead = `Return-Path: <anna@aurora.example>
Received: from pc.aurora.example (pc.aurora.example [192.0.2.1]) by gestore.aurora.example; Wed, 14 Jan 2026 10:20:29 +0100
To: Bruno <bruno@borea.example>, elena@posta.example
Cc: carla@borea.example
Reply-To: anna@aurora.example
X-Riferimento-Message-ID: <c1@pc.aurora.example>
`

// samples are the correct messages of the standard exchange: nine kinds and
// their variants, each as one of the two providers would have sent it.
func samples() map[string]sample {
	original := certifiedOriginal()
	boreaHead := strings.ReplaceAll(receiptHead, "@gestore.aurora", "@gestore.borea")
	one := "\"Preventivo 7f3a\" proveniente da \"anna@aurora.example\"\ned indirizzato a \"bruno@borea.example\"\n"
	user := "\"Preventivo 7f3a\" proveniente da \"anna@aurora.example\"\ne destinato all'utente \"bruno@borea.example\"\n"
	all := "\"Preventivo 7f3a\" proveniente da \"anna@aurora.example\"\ned indirizzato a:\n" + recipientLines
	consegna := "\n    <consegna>bruno@borea.example</consegna>"
	return map[string]sample{
		"acceptance": {
			kind: pec.Acceptance, mailbox: anna, tipo: "accettazione",
			header: "X-Ricevuta: accettazione\nSubject: ACCETTAZIONE: Preventivo 7f3a\n" + receiptHead,
			body:   "Ricevuta di accettazione\nIl giorno $WHEN il messaggio\n" + all + "e' stato accettato dal sistema ed inoltrato.\n",
		},
		"non-acceptance": {
			kind: pec.NonAcceptance, mailbox: anna, tipo: "non-accettazione", errore: "altro",
			header: "X-Ricevuta: non-accettazione\nSubject: AVVISO DI NON ACCETTAZIONE: Preventivo 7f3a\n" + receiptHead,
			body:   "Errore nell'accettazione del messaggio\nIl giorno $WHEN nel messaggio\n" + all + "e' stato rilevato un problema che ne impedisce l'accettazione\na causa di destinatario nascosto.\nIl messaggio non e' stato accettato.\n",
			extra:  "\n    <errore-esteso>5.7.1 - " + aurora + " - destinatario nascosto</errore-esteso>",
		},
		"non-acceptance-virus": {
			kind: pec.NonAcceptance, mailbox: anna, tipo: "non-accettazione", errore: "virus",
			header: "X-Ricevuta: non-accettazione\nX-VerificaSicurezza: errore\nSubject: AVVISO DI NON ACCETTAZIONE PER VIRUS: Preventivo 7f3a\n" + receiptHead,
			body:   "Errore nell'accettazione del messaggio per presenza di virus\nIl giorno $WHEN nel messaggio\n" + all + "e' stato rilevato un problema di sicurezza Test-Virus.\nIl messaggio non e' stato accettato.\n",
			extra:  "\n    <errore-esteso>5.7.0 - " + aurora + " - Test-Virus</errore-esteso>",
		},
		"envelope": {
			kind: pec.TransportEnvelope, mailbox: bruno, tipo: "posta-certificata", original: original,
			header: envelopeHead + "X-Trasporto: posta-certificata\nMessage-ID: <pec1.20260114@gestore.aurora.example>\nSubject: POSTA CERTIFICATA: Preventivo 7f3a\nFrom: \"Per conto di: anna@aurora.example\" <posta-certificata@gestore.aurora.example>\n",
			body: "Messaggio di posta certificata\nIl giorno $WHEN il messaggio\n\"Preventivo 7f3a\" e' stato inviato da \"anna@aurora.example\"\nindirizzato a:\n" +
				"bruno@borea.example\nelena@posta.example\ncarla@borea.example\nIl messaggio originale e' incluso in allegato.\n",
			extra: "\n    <ricevuta tipo=\"completa\"/>",
		},
		"anomaly": {
			kind: pec.AnomalyEnvelope, mailbox: bruno, borea: true, original: originalText,
			header: strings.ReplaceAll(envelopeHead, "X-Riferimento-Message-ID: <c1@pc.aurora.example>\n", "") +
				"X-Trasporto: errore\nMessage-ID: <c1@pc.aurora.example>\nSubject: ANOMALIA MESSAGGIO: Preventivo 7f3a\nFrom: \"Per conto di: anna@aurora.example\" <posta-certificata@gestore.borea.example>\n",
			body: "Anomalia nel messaggio\nIl giorno $WHEN e' stato ricevuto\nil messaggio " + all + "Tali dati non sono stati certificati per il seguente errore:\nFirma non presente o non autentica\nIl messaggio originale e' incluso in allegato.\n",
		},
		"taken-in-charge": {
			kind: pec.TakenInCharge, mailbox: serviceAurora, borea: true, after: time.Second, tipo: "presa-in-carico",
			header: "X-Ricevuta: presa-in-carico\nSubject: PRESA IN CARICO: Preventivo 7f3a\n" + strings.ReplaceAll(boreaHead, "To: "+anna, "To: "+serviceAurora),
			body:   "Ricevuta di presa in carico\nIl giorno $WHEN il messaggio\n" + all + "e' stato accettato dal sistema.\n",
			extra:  "\n    <ricezione>bruno@borea.example</ricezione>\n    <ricezione>carla@borea.example</ricezione>",
		},
		"virus-detection": {
			kind: pec.VirusDetection, mailbox: serviceAurora, borea: true, after: time.Second, tipo: "rilevazione-virus", errore: "virus",
			header: "X-Ricevuta: rilevazione-virus\nX-Mittente: anna@aurora.example\nSubject: PROBLEMA DI SICUREZZA: Preventivo 7f3a\n" + strings.ReplaceAll(boreaHead, "To: "+anna, "To: "+serviceAurora),
			body:   "Avviso di rilevazione virus\nIl giorno $WHEN nel messaggio\n" + user + "e' stato rilevato un problema di sicurezza Test-Virus.\n",
			extra:  consegna + "\n    <errore-esteso>5.7.0 - " + borea + " - Test-Virus</errore-esteso>",
		},
		"non-delivery-virus": {
			kind: pec.NonDelivery, mailbox: anna, after: 2 * time.Second, tipo: "errore-consegna", errore: "virus",
			header: "X-Ricevuta: errore-consegna\nX-VerificaSicurezza: errore\nSubject: AVVISO DI MANCATA CONSEGNA PER VIRUS: Preventivo 7f3a\n" + receiptHead,
			body:   "Avviso di mancata consegna per virus\nIl giorno $WHEN nel messaggio\n" + user + "e' stato rilevato un problema di sicurezza 5.7.0 - Test-Virus.\nIl messaggio non e' stato consegnato.\n",
			extra:  consegna + "\n    <errore-esteso>5.7.0 - " + aurora + " - Test-Virus</errore-esteso>",
		},
		"non-delivery": {
			kind: pec.NonDelivery, mailbox: anna, borea: true, after: 2 * time.Second, tipo: "errore-consegna", errore: "no-dest",
			header: "X-Ricevuta: errore-consegna\nSubject: AVVISO DI MANCATA CONSEGNA: Preventivo 7f3a\n" + boreaHead,
			body:   "Avviso di mancata consegna\nIl giorno $WHEN nel messaggio\n" + user + "e' stato rilevato un errore 5.1.1 - " + borea + " - indirizzo non valido.\nIl messaggio e' stato rifiutato dal sistema.\n",
			extra:  consegna + "\n    <errore-esteso>5.1.1 - " + borea + " - indirizzo non valido</errore-esteso>",
		},
		"delay-12": {
			kind: pec.Delay, mailbox: anna, after: 12 * time.Hour, tipo: "preavviso-errore-consegna", errore: "altro",
			header: "X-Ricevuta: preavviso-errore-consegna\nSubject: AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: Preventivo 7f3a\n" + receiptHead,
			body: "Avviso di mancata consegna\nIl giorno $WHEN il messaggio\n" + user + "non e' stato consegnato nelle prime dodici ore dal suo invio. Non escludendo\n" +
				"che questo possa avvenire in seguito, si ritiene utile considerare che\nl'invio potrebbe non andare a buon fine. Il sistema provvedera' comunque ad\n" +
				"inviare un ulteriore avviso di mancata consegna se nelle prossime dodici ore\nnon vi sara' la conferma della ricezione da parte del destinatario.\n",
			extra: consegna + "\n    <errore-esteso>4.4.7 - " + aurora + " - dodici ore</errore-esteso>",
		},
		"delay-24": {
			kind: pec.Delay, mailbox: anna, after: 22 * time.Hour, tipo: "preavviso-errore-consegna", errore: "altro",
			header: "X-Ricevuta: preavviso-errore-consegna\nSubject: AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: Preventivo 7f3a\n" + receiptHead,
			body: "Avviso di mancata consegna\nIl giorno $WHEN il messaggio\n" + user + "non e' stato consegnato nelle ventiquattro ore successive al suo invio.\n" +
				"Si ritiene che la spedizione debba considerarsi non andata a buon fine.\n",
			extra: consegna + "\n    <errore-esteso>5.4.1 - " + aurora + " - ventiquattro ore</errore-esteso>",
		},
		"delivery": {
			kind: pec.Delivery, mailbox: anna, borea: true, after: 2 * time.Second, tipo: "avvenuta-consegna", original: original,
			header: "X-Ricevuta: avvenuta-consegna\nSubject: CONSEGNA: Preventivo 7f3a\n" + boreaHead,
			body:   "Ricevuta di avvenuta consegna\nIl giorno $WHEN il messaggio\n" + one + "e' stato consegnato nella casella di destinazione.\n",
			extra:  "\n    <ricevuta tipo=\"completa\"/>" + consegna,
		},
		"delivery-brief": {
			kind: pec.Delivery, mailbox: anna, borea: true, after: 2 * time.Second, tipo: "avvenuta-consegna", original: briefOriginal(),
			header: "X-Ricevuta: avvenuta-consegna\nSubject: CONSEGNA: Preventivo 7f3a\n" + boreaHead,
			body:   "Ricevuta breve di avvenuta consegna\nIl giorno $WHEN il messaggio\n" + one + "e' stato consegnato nella casella di destinazione.\n",
			extra:  "\n    <ricevuta tipo=\"breve\"/>" + consegna,
		},
		"delivery-concise": {
			kind: pec.Delivery, mailbox: anna, borea: true, after: 2 * time.Second, tipo: "avvenuta-consegna",
			header: "X-Ricevuta: avvenuta-consegna\nSubject: CONSEGNA: Preventivo 7f3a\n" + boreaHead,
			body:   "Ricevuta sintetica di avvenuta consegna\nIl giorno $WHEN il messaggio\n" + one + "e' stato consegnato nella casella di destinazione.\n",
			extra:  "\n    <ricevuta tipo=\"sintetica\"/>" + consegna,
		},
	}
}

func (s sample) message(name string) message {
	at := acceptedAt.Add(s.after)
	local := at.In(time.FixedZone("", 3600))
	issuer, signer := aurora, keys().aurora
	if s.borea {
		issuer, signer = borea, keys().borea
	}
	text := strings.ReplaceAll(s.body, "$WHEN", local.Format("02/01/2006 alle ore 15:04:05 (-0700)"))
	if s.kind != pec.AnomalyEnvelope {
		text += "Identificativo messaggio: " + identifier + "\n"
	}
	data := map[string]string{
		"Header": s.header, "Date": local.Format("Mon, 02 Jan 2006 15:04:05 -0700"), "Text": strings.TrimSuffix(text, "\n"),
		"Original": s.original, "Tipo": s.tipo, "Errore": s.errore, "Issuer": issuer, "Extra": s.extra,
		"Day": local.Format("02/01/2006"), "Time": local.Format("15:04:05"),
	}
	if s.errore == "" {
		data["Errore"] = "nessuno"
	}
	if s.tipo != "" {
		data["XML"] = fill("xml", data)
	}
	// Receipts of one exchange have Message-IDs of their own.
	data["Header"] = strings.ReplaceAll(data["Header"], "<r1.20260114@", "<"+name+".20260114@")
	return message{
		Name: name, Kind: s.kind, Mailbox: s.mailbox, Signer: copySigner(signer), At: at,
		Head: fill("head", data), Content: fill("content", data), Tail: fill("tail", data),
	}
}

func copySigner(s *smime.Signer) *smime.Signer {
	c := *s
	return &c
}

func fill(name string, data map[string]string) string {
	var b strings.Builder
	if err := messageTemplate.ExecuteTemplate(&b, name, data); err != nil {
		panic(err)
	}
	return b.String()
}
