//go:build containers

package containers

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// composeFile is compose.yaml, as far as it goes: what it says and this test does
// not know is an error, so that nothing in it goes untried.
type composeFile struct {
	Name     string                    `yaml:"name"`
	Host     composeService            `yaml:"x-host"`
	Services map[string]composeService `yaml:"services"`
	Networks map[string]struct {
		Internal bool `yaml:"internal"`
	} `yaml:"networks"`
	Volumes map[string]struct{} `yaml:"volumes"`
}

type composeService struct {
	Image       string   `yaml:"image"`
	User        string   `yaml:"user"`
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	Restart     string   `yaml:"restart"`
	Command     []string `yaml:"command"`
	Volumes     []string `yaml:"volumes"`
	Networks    []string `yaml:"networks"`
	Ports       []string `yaml:"ports"`
	Profiles    []string `yaml:"profiles"`
}

func readCompose(t *testing.T) composeFile {
	t.Helper()
	octets, err := os.ReadFile("../../docker/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file composeFile
	decoder := yaml.NewDecoder(bytes.NewReader(octets))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatalf("compose.yaml says what this test does not try: %v", err)
	}
	return file
}

// defaulted is a value whose ${NAME:-default} are what they default to.
func defaulted(value string) string {
	for {
		before, rest, found := strings.Cut(value, "${")
		if !found {
			return value
		}
		variable, after, _ := strings.Cut(rest, "}")
		_, otherwise, _ := strings.Cut(variable, ":-")
		value = before + otherwise + after
	}
}

// The manifests for Kubernetes play the same world by the same commands.
func TestKubernetesPlaysTheSameWorld(t *testing.T) {
	t.Parallel()
	manifests, err := os.Open("../../docker/kubernetes/providers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer manifests.Close()
	commands := map[string][]string{}
	var world string
	for decoder := yaml.NewDecoder(manifests); ; {
		var manifest struct {
			Kind     string
			Metadata struct{ Name string }
			Data     map[string]string
			Spec     struct {
				Template struct {
					Spec struct{ Containers []struct{ Args []string } }
				}
			}
		}
		err := decoder.Decode(&manifest)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch manifest.Kind {
		case "ConfigMap":
			world = manifest.Data["world.yaml"]
		case "StatefulSet":
			commands[manifest.Metadata.Name] = manifest.Spec.Template.Spec.Containers[0].Args
		}
	}
	want := map[string][]string{}
	for name, service := range readCompose(t).Services {
		if len(service.Profiles) == 0 {
			want[name] = slices.Clone(service.Command)
			for i, word := range want[name] {
				if word == "/world.yaml" {
					want[name][i] = "/config/world.yaml"
				}
			}
		}
	}
	if diff := cmp.Diff(want, commands); diff != "" {
		t.Errorf("commands (-compose.yaml +kubernetes/providers.yaml):\n%s", diff)
	}
	described, err := os.ReadFile(description)
	if err != nil {
		t.Fatal(err)
	}
	var worlds [2]map[string]any
	if err := errors.Join(yaml.Unmarshal(described, &worlds[0]), yaml.Unmarshal([]byte(world), &worlds[1])); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(worlds[0], worlds[1]); diff != "" {
		t.Errorf("world (-world.yaml +kubernetes/providers.yaml):\n%s", diff)
	}
}
