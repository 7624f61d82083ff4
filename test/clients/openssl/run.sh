# openssl s_client begins TLS on every port, and the certificates hold.
. "$(dirname "$0")/../lib.sh"
for door in "$AURORA_SUBMISSION_TLS" "$AURORA_IMAP" "$AURORA_POP3_TLS" "$AURORA_SUBMISSION_STARTTLS smtp" "$AURORA_INCOMING smtp" \
	"$AURORA_IMAP_STARTTLS imap" "$AURORA_POP3_STARTTLS pop3" "$POSTA_INCOMING smtp" "$POSTA_POP3_TLS" "$POSTA_IMAP_STARTTLS imap"; do
	read -r port protocol <<<"$door"
	for version in tls1_2 tls1_3; do
		openssl s_client -connect "127.0.0.1:$port" ${protocol:+-starttls "$protocol"} -"$version" \
			-CAfile "$CA" -verify_hostname localhost -verify_return_error -brief </dev/null >out.txt 2>&1 || { cat out.txt; exit 1; }
		grep -q '^Verification: OK' out.txt || { cat out.txt; exit 1; }
	done
done
# A POP3 session by hand.
printf 'USER %s\r\nPASS %s\r\nSTAT\r\nQUIT\r\n' "$CARLA_AURORA" "$CARLA_AURORA_PASSWORD" |
	openssl s_client -quiet -connect "localhost:$AURORA_POP3_TLS" -CAfile "$CA" -verify_return_error 2>err.txt >said.txt || :
grep -q "^+OK $(world stored "$CARLA_AURORA" | wc -l) " said.txt || { cat err.txt said.txt; exit 1; }
