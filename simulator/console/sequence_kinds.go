package console

import (
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/journal"
)

// kindOf is the kind of the message that an event of the log makes.
func kindOf(event string) string {
	switch event {
	case journal.Acceptance:
		return pec.Acceptance.String()
	case journal.NonAcceptance:
		return pec.NonAcceptance.String()
	case journal.Envelope:
		return pec.TransportEnvelope.String()
	case journal.TakenInCharge:
		return pec.TakenInCharge.String()
	case journal.Delivery:
		return pec.Delivery.String()
	case journal.NonDelivery:
		return pec.NonDelivery.String()
	case journal.Virus:
		return pec.VirusDetection.String()
	case journal.Anomaly:
		return pec.AnomalyEnvelope.String()
	case journal.Delay:
		return pec.Delay.String()
	}
	return pec.Ordinary.String()
}

func tone(event string) string {
	for _, k := range []pec.Kind{
		pec.Acceptance, pec.NonAcceptance, pec.TakenInCharge, pec.Delivery, pec.NonDelivery, pec.Delay,
		pec.VirusDetection, pec.TransportEnvelope, pec.AnomalyEnvelope,
	} {
		if k.String() == kindOf(event) {
			return toneOfKind(k)
		}
	}
	return "plain"
}

func toneOfKind(k pec.Kind) string {
	switch k {
	case pec.TransportEnvelope:
		return "envelope"
	case pec.Delay:
		return "late"
	case pec.NonAcceptance, pec.NonDelivery, pec.VirusDetection, pec.AnomalyEnvelope, pec.Unclear:
		return "trouble"
	case pec.Ordinary:
		return "plain"
	}
	return "receipt"
}
