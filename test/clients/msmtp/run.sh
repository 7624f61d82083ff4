# msmtp sends through both doors.
. "$(dirname "$0")/../lib.sh"
fill msmtprc.template >msmtprc
chmod 600 msmtprc
for account in tls starttls; do
	new msmtp
	letter "$ANNA_AURORA" "$BRUNO_BOREA" | msmtp -C msmtprc -a "$account" "$BRUNO_BOREA"
	receipts "$ANNA_AURORA"
	world session smtp "submission-$account" "$ANNA_AURORA"
done
