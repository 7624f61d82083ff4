# Python's smtplib, imaplib and poplib; deletion with POP3 is done at QUIT only.
. "$(dirname "$0")/../lib.sh"
new python
letter "$ANNA_AURORA" "$BRUNO_BOREA" >letter.eml
python3 "$HERE/mail.py" letter.eml
receipts "$ANNA_AURORA"
world same "$CARLA_AURORA" imap
world same "$CARLA_AURORA" pop3
world session smtp submission-starttls "$ANNA_AURORA"
world session imap imap-starttls "$CARLA_AURORA"
world session pop3 pop3-starttls "$CARLA_AURORA"
