// Package reach is the one door through which the harness goes out: it opens
// connections to this machine and to what the target file allows, to nothing
// else, and no faster than the target file says.
//
// It refuses before a name is looked up, so that a target which nobody allowed
// sees no packet, and neither does the name server. It knows nothing of mail:
// who is called for what, and what is said, is the business of package steps.
package reach
