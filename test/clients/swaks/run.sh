# swaks sends over TLS, after STARTTLS, and is refused without a password.
. "$(dirname "$0")/../lib.sh"
send() {
	swaks --server "localhost:$1" "${@:2}" --tls-verify-ca --tls-ca-path "$CA" --tls-verify-host localhost \
		--from "$ANNA_AURORA" --to "$BRUNO_BOREA" --data letter.eml
}
sign_in=(--auth PLAIN --auth-user "$ANNA_AURORA" --auth-password "$ANNA_AURORA_PASSWORD")
if ! swaks --help 2>/dev/null | grep -q -- --tls-verify-ca; then # older ones know --tls-verify and one file
	send() {
		swaks --server "localhost:$1" "${@:2}" --tls-verify --tls-ca-path "$CA" --from "$ANNA_AURORA" --to "$BRUNO_BOREA" --data letter.eml
	}
fi
for door in "$AURORA_SUBMISSION_TLS --tlsc" "$AURORA_SUBMISSION_STARTTLS --tls"; do
	new swaks
	letter "$ANNA_AURORA" "$BRUNO_BOREA" >letter.eml
	# shellcheck disable=SC2086 # port and option are two words
	send $door "${sign_in[@]}"
	receipts "$ANNA_AURORA"
done
world session smtp submission-tls "$ANNA_AURORA"
world session smtp submission-starttls "$ANNA_AURORA"
if send "$AURORA_SUBMISSION_TLS" --tlsc; then
	echo "mail was taken without a password"
	exit 1
fi
