# mbsync keeps a Maildir the same as a mailbox: fetches, and carries up what is new.
. "$(dirname "$0")/../lib.sh"
mkdir Maildir
fill mbsyncrc.template >mbsyncrc
for channel in tls starttls; do
	mkdir -p "Maildir/$channel"
	mbsync -c mbsyncrc "$channel"
	world same "$CARLA_AURORA" "Maildir/$channel/INBOX/new" "Maildir/$channel/INBOX/cur" -X-TUID
	world session imap "imap-$channel" "$CARLA_AURORA"
done
# A draft goes up, and a second run finds nothing more to do.
new mbsync
letter "$CARLA_AURORA" "$BRUNO_BOREA" >"Maildir/tls/Bozze-$ID"
mkdir -p Maildir/tls/Bozze/cur Maildir/tls/Bozze/new Maildir/tls/Bozze/tmp
mv "Maildir/tls/Bozze-$ID" "Maildir/tls/Bozze/cur/1.1.host:2,DS"
mbsync -c mbsyncrc tls
curl -sS --cacert "$CA" --user "$CARLA_AURORA:$CARLA_AURORA_PASSWORD" "imaps://localhost:$AURORA_IMAP/Bozze;MAILINDEX=1" | tr -d '\r' >up.eml
letter "$CARLA_AURORA" "$BRUNO_BOREA" | grep -v '^Date:' >want.eml
grep -v -e '^X-TUID:' -e '^Date:' up.eml | cmp - want.eml
mbsync -c mbsyncrc tls
world same "$CARLA_AURORA" Maildir/tls/INBOX/new Maildir/tls/INBOX/cur -X-TUID
