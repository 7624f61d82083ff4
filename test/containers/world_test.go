//go:build containers

package containers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/network"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/control/client"
)

// Hosts of the world, and that of the harness.
const (
	authorityHost = "autorita"
	auroraHost    = "aurora"
	boreaHost     = "borea"
	harnessHost   = "collaudo"
)

var parts = map[string]string{
	authorityHost: simulator.AuthorityPart, auroraHost: "gestore.aurora.example", boreaHost: "gestore.borea.example",
}

// world is the built-in pair in three containers, each two of which share a network
// of their own.
type world struct {
	t        *testing.T
	dir      string                                   // world.yaml, trust/PART
	networks map[string]*testcontainers.DockerNetwork // by their two hosts
	boxes    map[string]testcontainers.Container
}

func pairName(a, b string) string {
	if b < a {
		a, b = b, a
	}
	return a + " " + b
}

// description is the world that compose.yaml plays.
const description = "../../docker/world.yaml"

// start starts the world. Its processes play from one description and a folder of
// certificates each.
func start(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{t: t, dir: writable(t), networks: map[string]*testcontainers.DockerNetwork{}, boxes: map[string]testcontainers.Container{}}
	copyFile(t, description, filepath.Join(w.dir, "world.yaml"))
	docker(t, "run", "--rm", "--network", "none", "--volume", w.dir+":/out", image(t),
		"simulate", "certificates", "--config", "/out/world.yaml", "--out", "/out/trust")
	give(t, w.dir)
	all := []string{authorityHost, auroraHost, boreaHost, harnessHost}
	for i, a := range all {
		for _, b := range all[i+1:] {
			made, err := network.New(ctx)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = made.Remove(context.WithoutCancel(ctx)) })
			w.networks[pairName(a, b)] = made
		}
	}
	for _, host := range all[:3] {
		w.play(host)
	}
	return w
}

// own are the networks of a host, and its name in them.
func (w *world) own(host string) (names []string, aliases map[string][]string) {
	aliases = map[string][]string{}
	for pair, made := range w.networks {
		if slices.Contains(strings.Fields(pair), host) {
			names = append(names, made.Name)
			aliases[made.Name] = []string{host}
		}
	}
	slices.Sort(names)
	return names, aliases
}

// play starts the container of a host, on the volume that its last one left, and
// waits until it is healthy.
func (w *world) play(host string) {
	w.t.Helper()
	part := parts[host]
	names, aliases := w.own(host)
	command := []string{"simulate", "--config", "/world.yaml", "--play", part, "--certificates", "/trust", "--data", "/out/world", "--clock", "stepped"}
	if host == authorityHost { // whose folder holds the keys of all
		command = append(command, "--play", "posta.example")
	}
	volume := fmt.Sprintf("collaudo-%d-%s-%s", os.Getpid(), strings.ToLower(strings.ReplaceAll(w.t.Name(), "/", "-")), host)
	request := testcontainers.ContainerRequest{
		Image: image(w.t), Cmd: command, Networks: names, NetworkAliases: aliases,
		Binds:  []string{filepath.Join(w.dir, "world.yaml") + ":/world.yaml:ro", filepath.Join(w.dir, "trust", part) + ":/trust:ro"},
		Mounts: testcontainers.Mounts(testcontainers.VolumeMount(volume, "/out")),
	}
	box, err := testcontainers.GenericContainer(w.t.Context(), testcontainers.GenericContainerRequest{ContainerRequest: request, Started: true})
	if box != nil {
		w.t.Cleanup(func() {
			if w.t.Failed() {
				said, _ := dockerSays(context.WithoutCancel(w.t.Context()), "logs", "--tail", "30", box.GetContainerID())
				w.t.Logf("%s said:\n%s", host, said)
			}
			tidy(w.t, "rm", "--force", box.GetContainerID())
			tidy(w.t, "volume", "rm", volume)
		})
	}
	if err != nil {
		w.t.Fatalf("start %s: %v", host, err)
	}
	w.boxes[host] = box
	w.awake(host)
}

// awake waits until the world of a host answers.
func (w *world) awake(host string) {
	w.t.Helper()
	eventually(w.t, host+" to answer", time.Minute, func() bool {
		at := w.control(w.t.Context(), host)
		ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Second)
		defer cancel()
		return at.Health(ctx) == nil
	})
}

// at is the address of a container that this machine reaches it by: in the network
// that it shares with the harness, which nobody cuts.
func (w *world) at(ctx context.Context, host string) string {
	w.t.Helper()
	address, err := dockerSays(ctx, "inspect", "--format",
		"{{(index .NetworkSettings.Networks \""+w.networks[pairName(host, harnessHost)].Name+"\").IPAddress}}", w.boxes[host].GetContainerID())
	if err != nil {
		w.t.Fatalf("the address of %s: %v\n%s", host, err, address)
	}
	return address
}

// control asks the inside of a host.
func (w *world) control(ctx context.Context, host string) *client.Client {
	w.t.Helper()
	return client.New("http://" + w.at(ctx, host) + ":6100")
}

// cut takes a host out of the network that it shares with another, or joins it
// again.
func (w *world) cut(ctx context.Context, a, b string, cut bool) error {
	name := w.networks[pairName(a, b)].Name
	arguments := []string{"network", "disconnect", name, w.boxes[b].GetContainerID()}
	if !cut {
		arguments = []string{"network", "connect", "--alias", b, name, w.boxes[b].GetContainerID()}
	}
	if said, err := dockerSays(ctx, arguments...); err != nil {
		return fmt.Errorf("docker %s: %w: %s", strings.Join(arguments, " "), err, said)
	}
	return nil
}

// settle waits until nothing moves in any host, and nothing has begun in one while
// another was asked.
func (w *world) settle(ctx context.Context) error {
	quiet := 0
	for quiet < 2 {
		before := w.seen(ctx)
		for _, host := range []string{authorityHost, auroraHost, boreaHost} {
			if err := w.control(ctx, host).Idle(ctx, 10*time.Second); err != nil {
				return fmt.Errorf("%s: %w", host, err)
			}
		}
		if quiet++; before != w.seen(ctx) {
			quiet = 0
		}
	}
	return nil
}

// seen tells how much has happened so far.
func (w *world) seen(ctx context.Context) string {
	var all []string
	for _, host := range []string{auroraHost, boreaHost} {
		page, err := w.control(ctx, host).Events(ctx, client.EventQuery{After: "last"})
		all = append(all, fmt.Sprint(page.Last, page.Next, err))
	}
	return strings.Join(all, " ")
}

// stride is how far one clock is ahead of another at most while they are moved.
const stride = time.Hour

// advance moves the clocks: authority, Borea, Aurora, a stride at a time, and lets
// happen what falls due. Who receives is ahead of who sends, so that nothing is
// delivered at an instant before the one at which it was sent.
func (w *world) advance(ctx context.Context, by time.Duration) error {
	for by > 0 {
		step := min(by, stride)
		for _, host := range []string{authorityHost, boreaHost, auroraHost} {
			if _, err := w.control(ctx, host).Advance(ctx, step); err != nil {
				return fmt.Errorf("%s: %w", host, err)
			}
		}
		if err := w.settle(ctx); err != nil {
			return err
		}
		by -= step
	}
	return nil
}

// describe is what a host says of itself.
func (w *world) describe(host string) simulator.Description {
	w.t.Helper()
	var d simulator.Description
	if err := w.control(w.t.Context(), host).World(w.t.Context(), &d); err != nil {
		w.t.Fatal(err)
	}
	return d
}
