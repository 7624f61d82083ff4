# curl sends with smtps, and fetches with imaps and pop3s: octet by octet.
. "$(dirname "$0")/../lib.sh"
new curl
letter "$ANNA_AURORA" "$BRUNO_BOREA" | sed 's/$/\r/' >letter.eml
curl -sS --cacert "$CA" --user "$ANNA_AURORA:$ANNA_AURORA_PASSWORD" "smtps://localhost:$AURORA_SUBMISSION_TLS" \
	--mail-from "$ANNA_AURORA" --mail-rcpt "$BRUNO_BOREA" --upload-file letter.eml
receipts "$ANNA_AURORA"

me=(--cacert "$CA" --user "$CARLA_AURORA:$CARLA_AURORA_PASSWORD")
imap="imaps://localhost:$AURORA_IMAP"
pop3="pop3s://localhost:$AURORA_POP3_TLS"
count=$(world stored "$CARLA_AURORA" | wc -l)
mkdir imap pop3
for n in $(seq "$count"); do
	curl -sS "${me[@]}" "$imap/INBOX;MAILINDEX=$n" -o "imap/$n"
	curl -sS "${me[@]}" "$pop3/$n" -o "pop3/$n"
done
world same "$CARLA_AURORA" imap
world same "$CARLA_AURORA" pop3
# After STARTTLS and STLS.
curl -sS "${me[@]}" --ssl-reqd "imap://localhost:$AURORA_IMAP_STARTTLS/INBOX;MAILINDEX=1" -o starttls.eml
cmp starttls.eml imap/1
curl -sS "${me[@]}" --ssl-reqd "pop3://localhost:$AURORA_POP3_STARTTLS/1" -o stls.eml
cmp stls.eml pop3/1
# The receipt is found by the message that it is about.
found=$(curl -sS "${me[@]}" "$imap/INBOX" -X 'SEARCH HEADER X-Ricevuta avvenuta-consegna HEADER X-Riferimento-Message-ID seed@aurora.example' | tr -d '\r')
test "$(echo "$found" | wc -w)" -eq 3 # * SEARCH n
# A folder, an upload, and what was uploaded.
curl -sS "${me[@]}" "$imap" -X 'CREATE Inviata'
curl -sS "${me[@]}" "$imap/Inviata" --upload-file letter.eml
curl -sS "${me[@]}" "$imap/Inviata;MAILINDEX=1" -o uploaded.eml
cmp letter.eml uploaded.eml
curl -sS "${me[@]}" "$imap" -X 'DELETE Inviata'
for session in "imap imap-tls" "imap imap-starttls" "pop3 pop3-tls" "pop3 pop3-starttls"; do
	# shellcheck disable=SC2086 # protocol and service are two words
	world session $session "$CARLA_AURORA"
done
# In clear nobody signs in, and a wrong CA is noticed.
if curl -sS --user "$CARLA_AURORA:$CARLA_AURORA_PASSWORD" "pop3://localhost:$AURORA_POP3_STARTTLS/1" -o /dev/null; then
	echo "a password was taken in clear"
	exit 1
fi
# With the right password, so that nothing but the certificate stands in the way.
code=0
curl -sS --user "$CARLA_AURORA:$CARLA_AURORA_PASSWORD" "$imap" -o /dev/null || code=$?
if [ "$code" -ne 60 ]; then
	echo "an unknown CA: curl ended with $code, expected 60 (the certificate cannot be verified)"
	exit 1
fi
