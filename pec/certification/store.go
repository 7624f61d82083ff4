package certification

// storeAttributes puts the attributes of an element into the data.
func (r *reader) storeAttributes(t token) {
	d := r.data
	value, given := t.attribute("tipo")
	switch t.name {
	case rootElement:
		d.Type = value
		if e, ok := t.attribute("errore"); ok {
			d.Error, d.ErrorGiven = e, true
		}
	case "destinatari":
		if !given {
			value = "certificato"
		}
		d.Recipients = append(d.Recipients, Recipient{Type: value, TypeGiven: given})
	case "ricevuta":
		d.ReceiptType, d.HasReceiptType = value, true
	case "data":
		d.Zone, _ = t.attribute("zona")
	}
}

// storeText puts the text of an element into the data when it is closed.
func (r *reader) storeText(name, text string) {
	d := r.data
	switch name {
	case "mittente":
		d.Sender = text
	case "destinatari":
		d.Recipients[len(d.Recipients)-1].Address = text
	case "risposte":
		d.ReplyTo = text
	case "oggetto":
		d.Subject, d.HasSubject = text, true
	case "gestore-emittente":
		d.Issuer = text
	case "giorno":
		d.Day = text
	case "ora":
		d.Time = text
	case "identificativo":
		d.Identifier = text
	case "msgid":
		d.MessageID, d.HasMessageID = text, true
	case "consegna":
		d.Delivery, d.HasDelivery = text, true
	case "ricezione":
		d.Reception = append(d.Reception, text)
	case "errore-esteso":
		d.ExtendedError, d.HasExtendedError = text, true
	}
}
