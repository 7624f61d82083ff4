# What the scripts of the clients share. They run in an empty folder of their own;
# the variables of `world.py env` are set.
set -eu

CLIENTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HERE=$(cd "$(dirname "$0")" && pwd)

world() { python3 "$CLIENTS/world.py" "$@"; }

# fill TEMPLATE: a configuration with ${NAME} replaced by the variable of that name.
fill() {
	python3 -c 'import os,string,sys; sys.stdout.write(string.Template(open(sys.argv[1]).read()).substitute(os.environ))' "$HERE/$1"
}

# new NAME: the identifier of a message that nobody has sent before, in $ID.
new() {
	ID="$1-$$-$(date +%s%N)@client.example"
	export ID
}

# letter FROM TO: a message with that identifier.
letter() {
	printf 'From: %s\nTo: %s\nDate: %s\nMessage-ID: <%s>\nSubject: Prova %s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nÈ una prova.\n.\n..due punti\n' \
		"$1" "$2" "$(date -R)" "$ID" "$ID"
}

# receipts ADDRESS: both receipts about the message $ID reached the sender.
receipts() {
	world wait Acceptance "$ID" "$1"
	world wait Delivery "$ID" "$1"
}
