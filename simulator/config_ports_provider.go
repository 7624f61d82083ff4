package simulator

import "github.com/collaudo/collaudo/simulator/provider"

// defaultProviderPorts are the fixed ports of a provider.
func defaultProviderPorts(p provider.Ports, thousand int) provider.Ports {
	fill(&p.SubmissionTLS, thousand, smtpsPort)
	fill(&p.SubmissionSTARTTLS, thousand, submissionPort)
	fill(&p.Incoming, thousand, incomingPort)
	fill(&p.IMAP, thousand, imapsPort)
	fill(&p.IMAPSTARTTLS, thousand, imapPort)
	fill(&p.POP3TLS, thousand, pop3sPort)
	fill(&p.POP3STARTTLS, thousand, pop3Port)
	return p
}
