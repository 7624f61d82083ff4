// Command manifests reads Kubernetes manifests as the API server does: into the
// types that Kubernetes publishes (k8s.io/api), strictly, so that a key that is
// misspelt, stands twice or is out of place is an error.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "manifests: say which files")
		os.Exit(2)
	}
	failed := false
	for _, path := range os.Args[1:] {
		kinds, err := check(path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "manifests: %s: %v\n", path, err)
			failed = true
			continue
		}
		fmt.Printf("%s: %v\n", path, kinds)
	}
	if failed {
		os.Exit(1)
	}
}

// check reads every document of a file and returns their kinds.
func check(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), appsv1.AddToScheme(scheme), batchv1.AddToScheme(scheme), networkingv1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	var kinds []string
	for reader := yaml.NewYAMLReader(bufio.NewReader(file)); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		object, kind, err := strict.Decode(document, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", len(kinds)+1, err)
		}
		if job, is := object.(*batchv1.Job); is {
			if err := checkJob(job); err != nil {
				return nil, fmt.Errorf("document %d: %w", len(kinds)+1, err)
			}
		}
		kinds = append(kinds, kind.Kind)
	}
	if len(kinds) == 0 {
		return nil, errors.New("there is no manifest in it")
	}
	return kinds, nil
}

// checkJob looks at what the types alone do not say: what the API server refuses
// of a Job such as ours.
func checkJob(job *batchv1.Job) error {
	s := job.Spec
	indexed := s.CompletionMode != nil && *s.CompletionMode == batchv1.IndexedCompletion
	switch {
	case s.Template.Spec.RestartPolicy != corev1.RestartPolicyNever && s.PodFailurePolicy != nil:
		return errors.New("a podFailurePolicy asks for restartPolicy Never")
	case s.BackoffLimitPerIndex != nil && !indexed:
		return errors.New("backoffLimitPerIndex asks for completionMode Indexed")
	case indexed && s.Completions == nil:
		return errors.New("completionMode Indexed asks for completions")
	case s.PodFailurePolicy == nil:
		return nil
	}
	names := map[string]bool{}
	for _, c := range s.Template.Spec.Containers {
		names[c.Name] = true
	}
	for _, rule := range s.PodFailurePolicy.Rules {
		if rule.OnExitCodes != nil && rule.OnExitCodes.ContainerName != nil && !names[*rule.OnExitCodes.ContainerName] {
			return fmt.Errorf("podFailurePolicy names the container %s, which there is not", *rule.OnExitCodes.ContainerName)
		}
		if rule.Action == batchv1.PodFailurePolicyActionFailIndex && s.BackoffLimitPerIndex == nil {
			return errors.New("the action FailIndex asks for backoffLimitPerIndex")
		}
	}
	return nil
}
