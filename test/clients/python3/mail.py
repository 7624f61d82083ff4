"""Sends the file given, fetches a mailbox with IMAP and POP3, and deletes with POP3."""
import imaplib
import os
import pathlib
import poplib
import smtplib
import ssl
import sys

e = os.environ
poplib._MAXLINE = imaplib._MAXLINE = 10_000_000  # some lines of mail are longer than these modules like
context = ssl.create_default_context(cafile=e["CA"])
letter = pathlib.Path(sys.argv[1]).read_bytes().replace(b"\n", b"\r\n")  # octets are sent as they are

with smtplib.SMTP("localhost", int(e["AURORA_SUBMISSION_STARTTLS"])) as smtp:
    smtp.starttls(context=context)
    smtp.login(e["ANNA_AURORA"], e["ANNA_AURORA_PASSWORD"])
    refused = smtp.sendmail(e["ANNA_AURORA"], [e["BRUNO_BOREA"]], letter)
    assert not refused, refused

carla = e["CARLA_AURORA"], e["CARLA_AURORA_PASSWORD"]
pathlib.Path("imap").mkdir()
with imaplib.IMAP4("localhost", int(e["AURORA_IMAP_STARTTLS"])) as imap:
    imap.starttls(context)
    imap.login(*carla)
    _, data = imap.select("INBOX", readonly=True)
    for n in range(1, int(data[0]) + 1):
        _, data = imap.fetch(str(n), "(BODY.PEEK[])")
        pathlib.Path("imap", str(n)).write_bytes(data[0][1])
    _, data = imap.uid("SEARCH", "HEADER", "X-Riferimento-Message-ID", "seed@aurora.example")
    assert len(data[0].split()) == 2, data

pathlib.Path("pop3").mkdir()
pop3 = poplib.POP3("localhost", int(e["AURORA_POP3_STARTTLS"]))
pop3.stls(context)
pop3.user(carla[0])
pop3.pass_(carla[1])
for n in range(1, pop3.stat()[0] + 1):
    _, lines, _ = pop3.retr(n)
    pathlib.Path("pop3", str(n)).write_bytes(b"".join(line + b"\r\n" for line in lines))
assert len({line.split()[1] for line in pop3.uidl()[1]}) == pop3.stat()[0]
pop3.quit()


def elena(change):
    """One POP3 session of Elena's; returns how many messages she had when it began."""
    session = poplib.POP3_SSL("localhost", int(e["POSTA_POP3_TLS"]), context=context)
    session.user(e["ELENA_POSTA"])
    session.pass_(e["ELENA_POSTA_PASSWORD"])
    count = session.stat()[0]
    change(session)
    return count


def mark_and_vanish(session):
    session.dele(1)
    session.close()


def mark_and_quit(session):
    session.dele(1)
    session.quit()


with imaplib.IMAP4_SSL("localhost", int(e["POSTA_IMAP"]), ssl_context=context) as imap:
    imap.login(e["ELENA_POSTA"], e["ELENA_POSTA_PASSWORD"])
    assert imap.append("INBOX", r"(\Seen)", None, b"Subject: una\r\n\r\n")[0] == "OK"
before = elena(mark_and_vanish)
for _ in range(100):  # until the server has noticed, and gives the mailbox free
    try:
        assert elena(mark_and_quit) == before, "who vanishes deletes nothing"
        break
    except poplib.error_proto as refused:
        assert b"[IN-USE]" in refused.args[0], refused
assert elena(lambda session: session.quit()) == before - 1, "QUIT deletes"
