//go:build containers

package containers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/control/client"
)

// composed is the world of compose.yaml, made of what the file says.
type composed struct {
	t      *testing.T
	file   composeFile
	dir    string // that the file lies in
	prefix string // of what is made of it
	boxes  map[string]string
}

// up does what `docker compose up` does: networks, volumes, and the services that
// no profile holds back. Ports are published at free ones of the same address: the
// file's may be somebody's.
func up(t *testing.T) *composed {
	t.Helper()
	c := &composed{t: t, file: readCompose(t), dir: writable(t), prefix: fmt.Sprintf("compose-%d-", os.Getpid()), boxes: map[string]string{}}
	copyFile(t, description, filepath.Join(c.dir, "world.yaml"))
	for _, name := range []string{"trust", "out"} { // as the README beside it says
		if err := os.Mkdir(filepath.Join(c.dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	give(t, c.dir)
	docker(t, "run", "--rm", "--network", "none", "--volume", filepath.Join(c.dir, "world.yaml")+":/world.yaml:ro", "--volume", filepath.Join(c.dir, "trust")+":/out",
		image(t), "simulate", "certificates", "--config", "/world.yaml", "--out", "/out")
	for name, network := range c.file.Networks {
		docker(t, "network", "create", fmt.Sprintf("--internal=%t", network.Internal), c.prefix+name)
		t.Cleanup(func() { tidy(t, "network", "rm", c.prefix+name) })
	}
	for name := range c.file.Volumes {
		docker(t, "volume", "create", c.prefix+name)
		t.Cleanup(func() { tidy(t, "volume", "rm", "--force", c.prefix+name) })
	}
	for name, service := range c.file.Services {
		id := c.create(name, service)
		if len(service.Profiles) == 0 {
			c.boxes[name] = id
			docker(t, "start", id)
		}
	}
	return c
}

// create makes the container of a service, joined to all its networks.
func (c *composed) create(name string, service composeService) string {
	c.t.Helper()
	if got := service.Image; defaulted(got) != "collaudo" {
		c.t.Fatalf("%s: image %q, want that of docker/Dockerfile", name, got)
	}
	arguments := []string{
		"create", "--user", defaulted(service.User), fmt.Sprintf("--read-only=%t", service.ReadOnly), "--restart", service.Restart,
		"--network", c.prefix + service.Networks[0], "--network-alias", name,
	}
	for _, capability := range service.CapDrop {
		arguments = append(arguments, "--cap-drop", capability)
	}
	for _, option := range service.SecurityOpt {
		arguments = append(arguments, "--security-opt", option)
	}
	for _, volume := range service.Volumes {
		from, to, _ := strings.Cut(volume, ":")
		if strings.HasPrefix(from, "./") {
			from = filepath.Join(c.dir, from)
			if _, err := os.Stat(from); err != nil {
				c.t.Fatalf("%s mounts what there is not: %v", name, err)
			}
		} else if _, declared := c.file.Volumes[from]; declared {
			from = c.prefix + from
		} else {
			c.t.Fatalf("%s mounts the volume %s, which is not declared", name, from)
		}
		arguments = append(arguments, "--volume", from+":"+to)
	}
	for _, port := range service.Ports {
		parts := strings.Split(port, ":")
		if len(parts) != 3 || parts[0] != "127.0.0.1" || parts[1] != parts[2] {
			c.t.Fatalf("%s publishes %q, want the same port of 127.0.0.1: nothing is offered outside", name, port)
		}
		arguments = append(arguments, "--publish", "127.0.0.1::"+parts[2])
	}
	id := docker(c.t, append(append(arguments, image(c.t)), service.Command...)...)
	c.t.Cleanup(func() {
		if c.t.Failed() {
			said, _ := dockerSays(context.WithoutCancel(c.t.Context()), "logs", "--tail", "30", id)
			c.t.Logf("%s said:\n%s", name, said)
		}
		tidy(c.t, "rm", "--force", "--volumes", id)
	})
	for _, network := range service.Networks[1:] {
		docker(c.t, "network", "connect", "--alias", name, c.prefix+network, id)
	}
	return id
}

// control asks the inside of a service, in the network of its clients.
func (c *composed) control(service string) *client.Client {
	c.t.Helper()
	at := docker(c.t, "inspect", "--format", "{{(index .NetworkSettings.Networks \""+c.prefix+"people-"+service+"\").IPAddress}}", c.boxes[service])
	return client.New("http://" + at + ":6100")
}

// published is where a port of a service is reached on this machine.
func (c *composed) published(service, port string) string {
	c.t.Helper()
	return strings.Fields(docker(c.t, "port", c.boxes[service], port+"/tcp"))[0]
}

// The world of compose.yaml comes up healthy, and a message that is handed over at
// a published port is delivered from one provider to the other, with its receipts.
func TestComposeWorldExchanges(t *testing.T) {
	t.Parallel()
	c := up(t)
	for name, id := range c.boxes {
		eventually(t, name+" to be healthy", 2*time.Minute, func() bool {
			return docker(t, "inspect", "--format", "{{.State.Health.Status}}", id) == "healthy"
		})
	}
	if len(c.boxes) != 3 {
		t.Errorf("%d services are up, want the authority and two providers", len(c.boxes))
	}
	var d simulator.Description
	if err := c.control("aurora").World(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	c.handOver(d, "composto")
	for _, lies := range []struct{ host, mailbox, subject string }{
		{"aurora", anna, "ACCETTAZIONE: composto"}, {"borea", bruno, "POSTA CERTIFICATA: composto"}, {"aurora", anna, "CONSEGNA: composto"},
	} {
		at := c.control(lies.host)
		eventually(t, lies.mailbox+" to hold "+lies.subject, time.Minute, func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			list, err := at.Messages(ctx, lies.mailbox, control.MessageChoice{})
			if err != nil {
				t.Log(err)
			}
			for _, m := range list {
				if m.Subject == lies.subject {
					return true
				}
			}
			return false
		})
	}
}

// handOver sends as Anna's mail client does: over TLS, to the published port.
func (c *composed) handOver(d simulator.Description, subject string) {
	c.t.Helper()
	p := d.Providers[0]
	i := 0
	for p.Accounts[i].Address != anna {
		i++
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(d.Trust.CA))
	_, port, _ := strings.Cut(p.Hosts.SubmissionTLS, ":")
	session, err := gosmtp.DialTLS(c.published("aurora", port), &tls.Config{RootCAs: roots, ServerName: p.TLSName})
	if err != nil {
		c.t.Fatalf("submission at Aurora's published port: %v", err)
	}
	defer session.Close()
	octets := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@client.example>\r\n\r\nBuongiorno.\r\n", anna, bruno, subject, subject)
	if err := session.Auth(sasl.NewPlainClient("", p.Accounts[i].User, p.Accounts[i].Password)); err != nil {
		c.t.Fatal(err)
	}
	if err := session.SendMail(anna, []string{bruno}, strings.NewReader(octets)); err != nil {
		c.t.Fatal(err)
	}
}
