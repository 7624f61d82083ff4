#!/bin/sh
# Fills a folder with what the image holds: build.sh FOLDER [VERSION]. Run at the root
# of the project, in the build stage of the Dockerfile or anywhere that Go is.
set -eu
folder=$1 version=${2:-}
half=$(mktemp -d)
trap 'rm -rf "$half"' EXIT

export CGO_ENABLED=0 # nothing of the system's is linked: there is no system in the image
flags="-s -w" # no symbols: they are half of the binary
test -z "$version" || flags="$flags -X main.stamped=$version"
go build -trimpath -buildvcs=false -ldflags "$flags" -o "$half/collaudo" ./cmd/collaudo
go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$half/slim" ./docker/slim

mkdir -p "$folder/root" "$folder/own/out" # what is root's in the image, and what is its user's
"$half/slim" "$half/collaudo" "$folder/root/collaudo" # compressed: see docker/slim
