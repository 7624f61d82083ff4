# s-nail sends an attachment, finds receipts over IMAP, and copies all of a mailbox
# over POP3 into a Maildir, where it ends each message with an empty line.
. "$(dirname "$0")/../lib.sh"
fill mailrc.template >mailrc
export MAILRC=$PWD/mailrc
new s-nail
printf 'uno\n.\ndue\n' >allegato.txt
echo "In allegato." | s-nail -: u -v -A anna -a allegato.txt -s "Prova $ID" "$BRUNO_BOREA"
ID="subject:Prova $ID" # it makes an identifier of its own
receipts "$ANNA_AURORA"
world session smtp submission-tls "$ANNA_AURORA"
printf 'headers\nexit\n' | s-nail -: u -A carla -R -f "imaps://$CARLA_AURORA_IN_URL@localhost:$AURORA_IMAP/INBOX" >headers.txt
grep -q 'CONSEGNA: Prova' headers.txt
printf 'copy * maildir://%s/Maildir\nexit\n' "$PWD" | s-nail -: u -A carla -R -f "pop3s://$CARLA_AURORA_IN_URL@localhost:$AURORA_POP3_TLS"
world same "$CARLA_AURORA" Maildir -Status -X-Status =end
world session pop3 pop3-tls "$CARLA_AURORA"
