# fetchmail fetches with both protocols, over TLS from the beginning and later.
. "$(dirname "$0")/../lib.sh"
export FETCHMAILHOME=$PWD
for way in "imap $AURORA_IMAP ssl" "pop3 $AURORA_POP3_TLS ssl" "imap $AURORA_IMAP_STARTTLS starttls" "pop3 $AURORA_POP3_STARTTLS starttls"; do
	read -r PROTOCOL PORT MODE <<<"$way"
	SSL="ssl"
	[ "$MODE" = ssl ] || SSL="sslproto tls1.2+"
	DROP="$PWD/$PROTOCOL-$MODE"
	mkdir "$DROP"
	export PROTOCOL PORT SSL DROP
	fill fetchmailrc.template >fetchmailrc
	chmod 700 fetchmailrc
	fetchmail -f fetchmailrc --nosyslog --verbose
	world same "$CARLA_AURORA" "$DROP" +Received +X-Fetchmail-Warning
done
world session imap imap-tls "$CARLA_AURORA"
world session imap imap-starttls "$CARLA_AURORA"
world session pop3 pop3-tls "$CARLA_AURORA"
world session pop3 pop3-starttls "$CARLA_AURORA"
