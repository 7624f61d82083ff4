package steps

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryAddressIsListed fills every text of the description with a word of
// its own: what is an address must be listed, so that a new kind of address
// cannot stay out of sight of the allow-list.
func TestEveryAddressIsListed(t *testing.T) {
	t.Parallel()
	target := &Target{}
	words := map[string]string{} // by path
	fillWords(reflect.ValueOf(target).Elem(), "", words)
	// What is no address of the target: names, texts, files, and what the
	// harness listens on or is found at.
	no := []string{
		"Kind", "Name", "File", "Word", "Declares", "Claims", "Reach.", "Limits.", "Patience.", "TLS.", "Patterns.", "Mailboxes.", "Peers.", "Directory.Played.",
		"Directory.Base", "Directory.Authorities", "Directory.Authority", "WhiteBox.Command", "WhiteBox.Token", "WhiteBox.Hosts.Provider",
		"Providers.Name", "Providers.ServiceAddress", "Providers.ServiceMailbox", "Providers.Domains", "Providers.TLSName", "Ordinary.Name", "Ordinary.TLSName",
	}
	var want []string
	for path, word := range words {
		if !slices.ContainsFunc(no, func(n string) bool { return path == n || strings.HasPrefix(path, n) }) {
			want = append(want, word)
		}
	}
	slices.Sort(want)
	got := target.Addresses()
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses (-want +got); add a new one to Addresses, or say in this test that it is none:\n%s\n%v", diff, words)
	}
}

// TestEveryAddressIsCounted: test/safety/run, which counts the packets that leave
// the machine, moves every kind of address elsewhere once.
func TestEveryAddressIsCounted(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../test/safety/run")
	if err != nil {
		t.Fatal(err)
	}
	target := &Target{}
	words := map[string]string{} // by path
	fillWords(reflect.ValueOf(target).Elem(), "", words)
	listed := target.Addresses()
	for path, word := range words {
		if !slices.Contains(listed, word) {
			continue
		}
		field, _ := reflect.TypeFor[Target]().FieldByName(strings.Split(path, ".")[0])
		section, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		of := field.Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		below, _ := of.FieldByName(strings.Split(path, ".")[1])
		key, _, _ := strings.Cut(below.Tag.Get("yaml"), ",")
		if place := section + "." + key; !strings.Contains(string(script), "\n"+place+" ") {
			t.Errorf("%s is listed by Addresses and test/safety/run does not move it elsewhere: add it to its places", place)
		}
	}
}

func fillWords(v reflect.Value, path string, words map[string]string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			word := fmt.Sprintf("w%d", len(words))
			v.SetString(word)
			words[path] = word
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			fillWords(v.Field(i), name, words)
		}
	case reflect.Slice:
		if v.CanSet() {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fillWords(v.Index(0), path, words)
		}
	case reflect.Pointer:
		if v.CanSet() {
			v.Set(reflect.New(v.Type().Elem()))
			fillWords(v.Elem(), path, words)
		}
	}
}

func TestAddressesOfAClient(t *testing.T) {
	t.Parallel()
	c := &Client{Send: &ClientAction{Post: "http://127.0.0.1:8080/send"}, Fetch: &ClientAction{Run: []string{"./fetch"}}}
	if diff := cmp.Diff([]string{"http://127.0.0.1:8080/send"}, c.Addresses()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
