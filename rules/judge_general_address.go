package rules

import (
	"fmt"

	"github.com/collaudo/collaudo/pec"
)

// Whom a receipt goes to (RFC 6109 2.1, To of 3.1.2 to 3.3.3).
func generalAddressJudges() []Judge {
	return []Judge{
		{
			Rule: "PEC-GEN-020", Needs: []Need{NeedSubmission},
			Looks: "in which mailbox the receipts lie of a message whose Reply-To names another one",
			Look:  judgeGeneralReceiptMailbox,
		},
		everySystemMessage("PEC-GEN-021", "the To of receipts and notices", judgeGeneralReceiptTo, receiptKinds...),
	}
}

// userReceipts are the kinds that go to the user who sent the message.
var userReceipts = []pec.Kind{pec.Acceptance, pec.NonAcceptance, pec.Delivery, pec.NonDelivery, pec.Delay}

func judgeGeneralReceiptMailbox(v *View, f *Findings) {
	for _, t := range v.Transactions {
		if t.Sent == nil || !t.Sent.Has("Reply-To") || holdsAddress(t.replies(), t.sender()) {
			continue
		}
		for _, m := range t.OfKind(userReceipts...) {
			if pec.SameAddress(m.Mailbox, t.sender()) {
				f.Holds(m.Where("mailbox"), "the "+about(m)+" is in "+m.Mailbox)
				continue
			}
			f.Broken(m.Where("mailbox"), "every receipt in the mailbox of the reverse path, "+t.sender(),
				"the "+about(m)+" is in "+m.Mailbox+"; Reply-To names "+shownList(t.replies()))
		}
	}
}

func judgeGeneralReceiptTo(v *View, m *Message, f *Findings) {
	expected, whose := v.receiptAddressee(m)
	if expected == "" {
		return
	}
	where := m.Where("header To")
	value := m.PEC.Root.Value("To")
	list, err := pec.ParseAddressList(value)
	if err != nil || len(list) != 1 || !pec.SameAddress(list[0].String(), expected) {
		f.Broken(where, fmt.Sprintf("To: %s (%s)", expected, whose), shown(value))
		return
	}
	f.Holds(where, value)
}

// receiptAddressee works out whom a receipt must go to: the sender, or for
// what providers tell each other the service mailbox of the sender's provider.
// It returns "" where the evidence does not tell.
func (v *View) receiptAddressee(m *Message) (address, whose string) {
	sender := senderOf(m)
	if sender == "" {
		return "", ""
	}
	if m.PEC.Kind != pec.TakenInCharge && m.PEC.Kind != pec.VirusDetection {
		return sender, "the original sender"
	}
	return v.serviceMailboxOf(sender), "the service mailbox of the sender's provider"
}

// serviceMailboxOf returns where the directory (or else the world) says that
// the provider of an address takes receipts; "" when neither knows.
func (v *View) serviceMailboxOf(address string) string {
	if v.Trust != nil && v.Trust.Directory != nil {
		if record := v.Trust.Directory.RecordOfDomain(domainOf(address)); record != nil {
			return pec.BareAddress(record.MailReceipt)
		}
	}
	if provider := v.Case.ProviderOf(address); provider != nil {
		return provider.ServiceMailbox
	}
	return ""
}
