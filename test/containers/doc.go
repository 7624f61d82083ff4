// Package containers tests the image, and worlds whose hosts are containers of
// their own, with testcontainers-go and Docker's engine: test/containers/run starts
// one, builds the image and runs these tests (build tag containers).
//
// It judges nothing: verdicts come from the harness, which runs in a container too.
package containers
