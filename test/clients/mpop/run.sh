# mpop fetches into Maildirs, over TLS from the beginning and after STLS.
. "$(dirname "$0")/../lib.sh"
mkdir -p tls/cur tls/new tls/tmp starttls/cur starttls/new starttls/tmp
export WORK=$PWD
fill mpoprc.template >mpoprc
chmod 600 mpoprc
for account in tls starttls; do
	mpop -C mpoprc "$account"
	world same "$CARLA_AURORA" "$account" +Received
	world session pop3 "pop3-$account" "$CARLA_AURORA"
done
mpop -C mpoprc tls # knows by the identifiers that there is nothing new
test "$(find tls/new tls/cur -type f | wc -l)" -eq "$(world stored "$CARLA_AURORA" | wc -l)"
