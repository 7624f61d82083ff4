# What the scripts of the parts share: a folder of its own for each, programs that
# are ended by their process id and by nothing else, and a simulated world.
set -euE
trap 'echo "line $LINENO of ${BASH_SOURCE[0]##*/} failed: $BASH_COMMAND" >&2' ERR

PARTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$PARTS/../.." && pwd)
work=$(mktemp -d)
chmod 755 "$work" # some programs give up root and still have to read there
export LC_ALL=C.UTF-8 WORK="$work"
pids=()

finish() {
	code=$?
	trap - EXIT
	for pid in ${pids[@]+"${pids[@]}"}; do stop "$pid"; done
	if [ "$code" -ne 0 ]; then
		for log in "$work"/*.log; do
			[ ! -s "$log" ] || { echo "--- $(basename "$log")"; tail -n 25 "$log"; }
		done
	fi
	if [ -n "${KEEP:-}" ]; then echo "kept: $work"; else rm -rf "$work"; fi
	exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# need PROGRAM PACKAGE: a part that is missing is a failure, never left out.
need() {
	PATH=$PATH:/usr/sbin:/usr/lib/postfix/sbin
	command -v "$1" >/dev/null || { echo "$1 is missing: install Debian's package $2" >&2; exit 1; }
}

# start NAME COMMAND…: runs a program beside the script; its id is in $pid.
start() {
	local name=$1
	shift
	"$@" >>"$work/$name.log" 2>&1 </dev/null &
	pid=$!
	pids+=("$pid")
}

# stop PID: ends a program that start began, and waits for its end.
stop() {
	kill "$1" 2>/dev/null || return 0
	wait "$1" 2>/dev/null || : # one that is no child of ours is looked at until it is gone
	local end=$((SECONDS + 20))
	while kill -0 "$1" 2>/dev/null && [ "$SECONDS" -lt "$end" ]; do sleep 0.1; done
}

# until_ok SECONDS COMMAND…: until it succeeds.
until_ok() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { echo "not within its time: $*" >&2; "$@" || :; return 1; }
		sleep 0.1
	done
}

parts() { python3 "$PARTS/parts.py" "$@"; }

# listening HOST PORT: somebody does.
listening() { python3 -c 'import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)' "$@"; }

# fill TEMPLATE: with ${NAME} replaced by the variable of that name.
fill() { python3 -c 'import os,string,sys; sys.stdout.write(string.Template(open(sys.argv[1]).read()).substitute(os.environ))' "$1"; }

binary() {
	collaudo=${COLLAUDO:-}
	[ -n "$collaudo" ] || { collaudo=$work/collaudo; (cd "$ROOT" && go build -o "$collaudo" ./cmd/collaudo); }
}
binary

# world CONFIG OPTIONS…: a simulated world; its id is in $world, its variables are set.
world() {
	local config=$1
	shift
	rm -f "$work/ready.json"
	start world "$collaudo" simulate --ports free --clock stepped --config "$config" --ready-file "$work/ready.json" "$@"
	world=$pid
	"$collaudo" simulate ready --wait 60s --ready-file "$work/ready.json" >/dev/null
	eval "$(parts env "$work/ready.json")"
}

# letter FROM TO SUBJECT: a message, into the file $LETTER.
letter() {
	LETTER=$work/letter.eml
	printf 'From: %s\nTo: %s\nDate: %s\nMessage-ID: <%s.%s@client.example>\nSubject: %s\n' \
		"$1" "$2" "$(date -R)" "$$" "$(date +%s%N)" "$3" >"$LETTER"
	if [ $# -gt 3 ]; then parts infected "$4"; else printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nÈ una prova.\n.\nFrom in testa alla riga\n-- \n'; fi >>"$LETTER"
}

# says CODE COMMAND…: the reply begins with the code.
says() {
	local want=$1 got
	shift
	got=$("$@")
	case $got in "$want"*) ;; *) echo "the reply is: $got; $want was expected" >&2; return 1 ;; esac
}

# exits CODE COMMAND…: it ends with the code.
exits() {
	local want=$1 got=0
	shift
	"$@" >"$work/exits.out" 2>&1 || got=$?
	[ "$got" = "$want" ] || { cat "$work/exits.out"; echo "exit code $got, $want was expected: $*" >&2; return 1; }
}

# verified CODE ADDRESS KIND SUBJECT: what the harness says of a message in a mailbox.
verified() {
	parts octets "$2" "$3" "$4" >"$work/seen.eml"
	exits "$1" "$collaudo" verify --ca "$TRUST/ca.pem" --crl "$TRUST/crl.pem" --directory "$TRUST/directory.ldif" "$work/seen.eml"
}

ok() { echo "ok    $*"; }
