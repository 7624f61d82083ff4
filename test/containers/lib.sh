# What the container tests need of Docker's engine: functions, to be sourced.
# shellcheck shell=bash

need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null || { echo "test/containers: there is no $1: apt-get install $2" >&2; exit 1; }
}

# start_engine FOLDER starts an engine of our own, whose images, containers and
# socket are in the folder, and waits for it. ENGINE is its process id.
start_engine() {
  local folder=$1
  export DOCKER_HOST=unix://$folder/engine.sock
  /usr/sbin/dockerd --data-root "$folder/data" --exec-root "$folder/exec" --host "$DOCKER_HOST" \
    --pidfile "$folder/engine.pid" >"$folder/engine.log" 2>&1 &
  ENGINE=$!
  for _ in $(seq 150); do
    if /usr/bin/docker version >/dev/null 2>&1; then return 0; fi
    kill -0 "$ENGINE" 2>/dev/null || break
    sleep 0.2
  done
  echo "test/containers: the engine did not start:" >&2
  tail -n 20 "$folder/engine.log" >&2
  exit 1
}

# stop_engine FOLDER ends it, by its process id, and takes the folder away.
stop_engine() {
  local folder=$1
  if [ -n "${ENGINE:-}" ]; then
    kill "$ENGINE" 2>/dev/null || true
    wait "$ENGINE" 2>/dev/null || true
  fi
  rm -rf "$folder" 2>/dev/null || { sleep 1; rm -rf "$folder"; }
}

# build_image FOLDER NAME makes an image to build in, out of what this machine has:
# the Go toolchain, the modules that the binary is built of, and a shell. Its
# build stage is then the one that everybody has, with no network.
build_image() {
  local folder=$1 name=$2 root=$1/root cache
  cache=$(go env GOMODCACHE)
  mkdir -p "$root/bin" "$root/tmp" "$root/usr/local/go" "$root/go/pkg/mod"
  chmod 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for tool in sh mkdir mktemp rm test; do ln -s busybox "$root/bin/$tool"; done
  tar -C "$(go env GOROOT)" --exclude=./test --exclude=./doc --exclude=./api -c . | tar -C "$root/usr/local/go" -x
  # Only what is linked: the cache of this machine holds much more.
  GOMODCACHE=$root/go/pkg/mod GOPROXY=file://$cache/cache/download GOFLAGS=-modcacherw CGO_ENABLED=0 \
    go list -deps ./cmd/collaudo ./docker/slim >/dev/null
  tar -C "$root" -c . | /usr/bin/docker import \
    --change 'ENV PATH=/usr/local/go/bin:/bin' --change 'ENV GOPATH=/go' --change 'ENV GOTOOLCHAIN=local' \
    --change 'ENV GOFLAGS=-mod=mod' --change 'ENV GOPROXY=off' --change 'ENV HOME=/tmp' - "$name" >/dev/null
  rm -rf "$root"
}
