# getmail fetches with both protocols, and not twice. It writes a message anew, and
# where parts have parts it adds empty lines: signatures of receipts do not hold any
# more in what it wrote. That is getmail's doing, and all that may differ here.
. "$(dirname "$0")/../lib.sh"
for way in "SimpleIMAPSSLRetriever $AURORA_IMAP imap" "SimplePOP3SSLRetriever $AURORA_POP3_TLS pop3"; do
	read -r RETRIEVER PORT NAME <<<"$way"
	MAILDIR="$PWD/$NAME"
	mkdir -p "$MAILDIR" "$NAME.state"
	export RETRIEVER PORT NAME MAILDIR
	fill getmailrc.template >"$NAME.state/getmailrc"
	getmail --getmaildir "$PWD/$NAME.state" --rcfile getmailrc
	world same "$CARLA_AURORA" "$MAILDIR" +Return-Path -X-getmail-retrieved-from-mailbox =parts
	# What was fetched is not fetched again: identifiers last.
	getmail --getmaildir "$PWD/$NAME.state" --rcfile getmailrc | grep -q ' 0 messages'
	world session "$NAME" "$NAME-tls" "$CARLA_AURORA"
done
