#!/usr/bin/env python3
"""Drives Thunderbird against a simulated world: drive.py PROFILE

The variables of `world.py env` (test/clients) are set, and the profile trusts the
world's CA. Anna writes to Bruno; what Thunderbird then shows and what it wrote is
compared with what the world holds.
"""
import base64
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))
import world  # noqa: E402 # it is beside us
from marionette import Marionette  # noqa: E402

BUDGET = 60  # seconds, for each step
SUBJECT = "Perché no? Prova da Thunderbird"
TEXT = "È una prova.\n.\n..due punti\nFrom in testa alla riga\n>From citato\n"
ANNA, BRUNO, CARLA = (os.environ[name] for name in ("ANNA_AURORA", "BRUNO_BOREA", "CARLA_AURORA"))


def expect(what, expected, seen):
    if expected != seen:
        sys.exit(f"{what}: expected {expected!r}, Thunderbird has {seen!r}")


def stored(address, folder):
    """UID to octets of what a mailbox's folder holds."""
    path = f"/v1/mailboxes/{urllib.parse.quote(address)}/messages?folder={folder}&limit=1000"
    return {m["uid"]: world.octets_of(m) for m in world.api(path)}


def written(file, message):
    """The octets of a message in Thunderbird's mbox, without what it is known to add."""
    with open(file, "rb") as f:
        f.seek(message["offset"])
        octets = f.read(2 * message["size"] + 1000)
    # A "From " line and its own status come before, an empty line after; "From " is quoted within.
    head = re.match(rb"From [^\n]*\n(?:X-Mozilla-[^\n]*\n)*", octets)
    if not head:
        sys.exit(f"{file}: no message begins at octet {message['offset']}, there is {octets[:60]!r}")
    octets = re.sub(rb"(?m)^>(>*From )", rb"\1", octets[head.end():])
    octets, rest = octets[:message["size"]], octets[message["size"]:]
    if not re.match(rb"(?:\r?\n){0,2}(?:From |\Z)", rest):
        sys.exit(f"{file}: a message of {message['size']} octets goes on with {rest[:60]!r}")
    return octets


def sync(thunderbird, address, folder):
    """Fetches a folder; every octet of it must be what the world holds. Returns its messages."""
    held = stored(address, folder)
    end = time.monotonic() + BUDGET
    while True:
        got = thunderbird.run("syncFolder", address, folder)
        messages = {m["uid"]: m for m in got["messages"]}
        if sorted(messages) == sorted(held) and all(m["offline"] for m in messages.values()):
            break
        if time.monotonic() > end:
            sys.exit(f"{folder} of {address}: the world holds UIDs {sorted(held)}, Thunderbird after {BUDGET} s {got['messages']}")
        time.sleep(0.2)
    for uid, octets in held.items():
        wrote = written(got["file"], messages[uid])
        if wrote != octets:
            at = len(os.path.commonprefix([wrote, octets]))
            sys.exit(f"{folder} of {address}, UID {uid}: from octet {at} of {len(octets)} on stored is {octets[at:at + 80]!r}, "
                     f"Thunderbird wrote {wrote[at:at + 80]!r}")
    if not held:
        sys.exit(f"{folder} of {address} is empty: there is nothing to compare")
    print(f"{address} {folder}: {len(held)} messages, octet by octet")
    return list(messages.values())


def one(messages, about, **fields):
    """The one message about another that has these fields of certified mail."""
    found = [m for m in messages if m["about"] == about and all(m[k] == v for k, v in fields.items())]
    if len(found) != 1:
        sys.exit(f"expected one message about {about} with {fields}, Thunderbird lists {found or messages}")
    return found[0]


def opened(thunderbird, address, message, subject, author, attachments):
    """What the reader sees: the sender, the enclosed parts, and a good signature."""
    shown = thunderbird.run("openMessage", address, "INBOX", message["uid"])
    expect("the subject in the list", subject, message["subject"])
    expect(f"the subject of {subject} when opened", subject, shown["subject"])
    expect(f"the sender of {subject}", author, message["author"])
    expect(f"what is attached to {subject}", attachments, sorted(shown["attachments"]))
    expect(f"the signature of {subject}", ("SUCCESS", "message-signed-ok.svg"), (shown["status"], shown["icon"]))
    print(f"{subject}: seen by {address} from {message['author']} with {', '.join(shown['attachments'])}, signature good")


def broken(thunderbird, octets):
    """A signed message that was changed on the way must not be shown as good."""
    changed = octets.replace(b"Content-Disposition: inline\r\n\r\n", b"Content-Disposition: inline\r\n\r\n!", 1)
    if changed == octets:
        sys.exit("the envelope holds no text that could be changed to break its signature")
    before = set(stored(BRUNO, "INBOX"))
    world.api("/v1/seed", {"messages": [{"mailbox": BRUNO, "octets": base64.b64encode(changed).decode()}]})
    (changed,) = [m for m in sync(thunderbird, BRUNO, "INBOX") if m["uid"] not in before]
    shown = thunderbird.run("openMessage", BRUNO, "INBOX", changed["uid"])
    # By intent it then shows no mark at all, as if there were no signature, unless the
    # message is encrypted too (msgHdrViewSMIMEOverlay.js): who reads must miss the good one.
    expect("the signature of a changed envelope", ("VERIFY_DIGEST_MISMATCH", ""), (shown["status"], shown["icon"]))
    print(f"the same envelope, changed: {shown['status']}, no mark")


def drive(thunderbird):
    for who, host in (("ANNA", "AURORA"), ("BRUNO", "BOREA"), ("CARLA", "AURORA")):
        address, password = (os.environ[f"{who}_{host}{what}"] for what in ("", "_PASSWORD"))
        ports = [int(os.environ[f"{host}_{service}"]) for service in ("IMAP", "SUBMISSION_TLS")]
        thunderbird.run("addAccount", address, password, *ports)
    sent = thunderbird.run("sendMessage", ANNA, BRUNO, SUBJECT, TEXT)
    world.wait("Acceptance", sent.strip("<>"), ANNA)
    world.wait("Delivery", sent.strip("<>"), ANNA)

    receipts = sync(thunderbird, ANNA, "INBOX")
    service = "posta-certificata@gestore.{}.example"
    opened(thunderbird, ANNA, one(receipts, sent, receipt="accettazione"), f"ACCETTAZIONE: {SUBJECT}",
           service.format("aurora"), ["daticert.xml"])
    opened(thunderbird, ANNA, one(receipts, sent, receipt="avvenuta-consegna"), f"CONSEGNA: {SUBJECT}",
           service.format("borea"), ["daticert.xml", "postacert.eml"])
    sync(thunderbird, ANNA, "Sent")
    envelope = one(sync(thunderbird, BRUNO, "INBOX"), sent, transport="posta-certificata")
    opened(thunderbird, BRUNO, envelope, f"POSTA CERTIFICATA: {SUBJECT}",
           f'"Per conto di: {ANNA}" <{service.format("aurora")}>', ["daticert.xml", "postacert.eml"])
    broken(thunderbird, stored(BRUNO, "INBOX")[envelope["uid"]])
    sync(thunderbird, CARLA, "INBOX")  # messages with odd octets


def main(profile):
    command = ["thunderbird", "--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", profile]
    # A group of its own: the processes that Thunderbird starts end with it.
    with open(pathlib.Path(profile).parent / "thunderbird.log", "wb") as log:
        program = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        thunderbird = Marionette(profile, program, (HERE / "library.js").read_text(), BUDGET)
        drive(thunderbird)
        thunderbird.call("Marionette:Quit", flags=["eForceQuit"])
        program.wait(BUDGET)
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
    for protocol, service, address in (("smtp", "submission-tls", ANNA), ("imap", "imap-tls", ANNA), ("imap", "imap-tls", BRUNO)):
        world.session(protocol, service, address)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end: it took too long"))  # and so ends Thunderbird
    main(sys.argv[1])
