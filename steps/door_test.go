package steps

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNobodyLeavesButThroughTheDoor looks through this package for every other
// way out: a connection that is opened without package reach knows no
// allow-list and no rate.
func TestNobodyLeavesButThroughTheDoor(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		octets, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range waysOut(t, name, octets) {
			t.Errorf("%s: it has to go through the door of package reach", way)
		}
	}
	sample := "package x\nimport \"net\"\nfunc f() { net.Dial(`tcp`, ``); var d net.Dialer; http.Get(``); http.DefaultClient.Do(nil); _ = http.Client{}; ldap.DialURL(``); new(dns.Client).Exchange(nil, ``) }"
	if found := waysOut(t, "sample", []byte(sample)); len(found) != 7 {
		t.Errorf("the look-out found %v, expected seven ways out", found)
	}
}

func waysOut(t *testing.T, name string, source []byte) []string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	forbidden := map[string][]string{
		"net":  {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver", "LookupHost", "LookupIP", "LookupMX", "LookupAddr", "LookupTXT", "ResolveTCPAddr", "ResolveUDPAddr"},
		"tls":  {"Dial", "DialWithDialer", "Dialer"},
		"http": {"Get", "Post", "PostForm", "Head", "DefaultClient", "DefaultTransport", "Client", "Transport"},
		"ldap": {"Dial", "DialURL", "DialTLS"},
		"smtp": {"Dial", "SendMail"}, "imapclient": {"DialTLS", "DialStartTLS", "DialInsecure"},
		"dns": {"Exchange", "ExchangeContext", "Dial", "DialTimeout", "DialWithTLS"},
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if p, is := n.(*ast.StarExpr); is { // a pointer to a client that the door made
			if s, is := p.X.(*ast.SelectorExpr); is && s.Sel.Name == "Client" {
				return false
			}
		}
		s, is := n.(*ast.SelectorExpr)
		if !is {
			return true
		}
		if x, is := s.X.(*ast.Ident); is && slices.Contains(forbidden[x.Name], s.Sel.Name) ||
			s.Sel.Name == "ExchangeContext" || s.Sel.Name == "Exchange" {
			found = append(found, set.Position(s.Pos()).String()+" "+s.Sel.Name)
		}
		return true
	})
	return found
}
