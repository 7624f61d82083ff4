# mutt sends, and reads a folder over IMAP.
. "$(dirname "$0")/../lib.sh"
fill muttrc.template >muttrc
new mutt
printf 'uno\n.\ndue\n' >allegato.txt
echo "È una prova." | mutt -F muttrc -e "my_hdr Message-ID: <$ID>" -s "Prova $ID" -a allegato.txt -- "$BRUNO_BOREA"
receipts "$ANNA_AURORA"
world session smtp submission-tls "$ANNA_AURORA"
# The copy of what was sent is in the folder for it.
mkdir copies
curl -sS --cacert "$CA" --user "$ANNA_AURORA:$ANNA_AURORA_PASSWORD" "imaps://localhost:$AURORA_IMAP/Inviata;MAILINDEX=1" -o copies/1
grep -q "$ID" copies/1
# Every message of the INBOX into a Maildir; mutt wants a terminal for this.
export TERM=xterm
script -qec "mutt -F muttrc -f imaps://localhost:$AURORA_IMAP/INBOX -e 'set mbox_type=Maildir' \
	-e 'push \"<tag-pattern>~A<enter><tag-prefix><copy-message>$PWD/Maildir<enter><exit>\"'" /dev/null >/dev/null
world same "$ANNA_AURORA" Maildir -Status -Content-Length -Lines
world session imap imap-tls "$ANNA_AURORA"
