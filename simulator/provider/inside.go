package provider

import "github.com/collaudo/collaudo/simulator/accounts"

// Accounts lists the accounts of the provider as they are now, the service
// mailbox included.
func (p *Provider) Accounts() []accounts.Account { return p.accounts.List() }
