#!/usr/bin/env python3
"""Speaks to the control API of a simulated world, for the scripts of the clients.

env FILE                      variables of the ready file, for a shell
seed                          fills carla@aurora.example with odd messages and receipts
wait KIND ABOUT [ADDR]        waits for a message of the kind about a message: about its
                              Message-ID, or about "subject:" and a part of its subject
stored ADDR                   SHA-256 of every message in the INBOX, a line each
same ADDR PATHS… [+FIELD…] [-FIELD…]    compares fetched messages with the INBOX; fields
                              that the client may have put on top follow a plus sign,
                              those that it may have put anywhere a minus sign; =parts
                              when it may have put empty lines after parts of parts, =end
                              when it may have put one at the end
last                          number of the newest session of the history
session PROTOCOL SERVICE ADDR the newest session after number $HISTORY, so that none of an
                              earlier client counts: over TLS, and without passwords
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import shlex
import sys
import time
import urllib.parse
import urllib.request

WAIT = 30  # seconds, for whatever has to happen


def api(path, body=None):
    request = urllib.request.Request(os.environ["CONTROL"] + path)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=2 * WAIT) as answer:
        octets = answer.read()
    if answer.headers.get_content_type() == "application/json":
        return json.loads(octets or b"null")
    return octets


def env(path):
    ready = json.load(open(path))
    values = {"CONTROL": ready["controlURL"], "CA": ready["caFile"], "LDAP_URI": ready["directory"]["ldap"],
              "LDAPS_URI": ready["directory"]["ldaps"], "LDAP_BASE": ready["directory"]["base"]}
    for name, host in [("AURORA", ready["providers"][0]), ("BOREA", ready["providers"][1]), ("POSTA", ready["ordinary"])]:
        for service, address in host["hosts"].items():
            values[name + "_" + re.sub("[a-z0-9](?=[A-Z])", r"\g<0>_", service).upper()] = address.rpartition(":")[2]
        for account in host["accounts"]:
            if account["address"].startswith("anna@" + name.lower()) or account.get("actor") in ("Carla", "Bruno", "Elena"):
                key = (account["address"].partition("@")[0] + "_" + name).upper()
                values.setdefault(key, account["address"])
                values.setdefault(key + "_PASSWORD", account["password"])
                values.setdefault(key + "_IN_URL", urllib.parse.quote(account["address"], safe=""))
    for name, value in sorted(values.items()):
        print(f"export {name}={shlex.quote(value)}")


def inbox(address):
    return api("/v1/mailboxes/" + urllib.parse.quote(address) + "/messages?folder=INBOX&limit=1000")


def octets_of(message):
    return api("/v1/messages/" + message["sha256"])


ODD = [
    b"From: elena@posta.example\r\nSubject: punti\r\n\r\n.\r\n..\r\n.a\r\n\r\n" + b".\r\n" * 3000,
    b"From: elena@posta.example\r\nSubject: =?utf-8?q?citt=C3=A0?=\r\nX-Piegato: uno\r\n\t due  \r\n   tre\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Perch\xe9 la citt\xe0 \xe8 cos\xec.   \r\n \r\n\t\r\nFrom in testa alla riga\r\n>From citato\r\n-- \r\n" + b"x" * 990 + b"\r\n\r\n\r\n",
    b"From: elena@posta.example\r\nSubject: parti\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_a\"\r\n\r\npreambolo\r\n--=_a\r\n"
    b"Content-Type: message/rfc822\r\n\r\nFrom: x@posta.example\r\nSubject: dentro\r\n\r\n.\r\n--=_a\r\nContent-Type: application/octet-stream\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + (b"QUJD" * 19 + b"\r\n") * 2000 + b"--=_a--\r\nepilogo\r\n",
    b"From: elena@posta.example\r\nSubject: lunga\r\n\r\n" + b"y" * 1500 + b"\r\nfine\r\n",
    b"From: elena@posta.example\r\nSubject: senza corpo\r\n\r\n",
]


def seed():
    carla, bruno = os.environ["CARLA_AURORA"], os.environ["BRUNO_BOREA"]
    mail = f"From: {carla}\r\nTo: {bruno}\r\nMessage-ID: <seed@aurora.example>\r\nSubject: Prova\r\n\r\nTesto.\r\n".encode()
    api("/v1/seed", {
        "messages": [{"mailbox": carla, "octets": base64.b64encode(o).decode()} for o in ODD],
        "submissions": [{"from": carla, "recipients": [bruno], "octets": base64.b64encode(mail).decode()}],
    })
    wait("Delivery", "seed@aurora.example", carla)
    wait("Acceptance", "seed@aurora.example", carla)


def wait(kind, reference, address=""):
    by = "subject" if reference.startswith("subject:") else "reference"
    asked = urllib.parse.urlencode({"type": "message", "kind": kind, by: reference.removeprefix("subject:"), "mailbox": address, "wait": f"{WAIT}s"})
    page = api("/v1/events?" + asked)
    if not page["events"]:
        sys.exit(f"no {kind} about {reference} reached {address or 'anybody'} within {WAIT} s")
    print(f"{kind} about {reference}: {page['events'][0]['sha256']}")


def files(paths):
    """The messages in files, and in folders of them (Maildir too)."""
    for path in map(pathlib.Path, paths):
        found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for p in found:
            yield p.read_bytes()


def without(octets, fields):
    """Cuts off the header fields that a client put on top."""
    while True:
        name = octets.partition(b":")[0].strip().lower()
        if name.decode("latin-1") not in fields:
            return octets
        octets = re.sub(rb"\A[^\n]*\n(?:[ \t][^\n]*\n)*", b"", octets)


def same(address, *arguments):
    fields = {a[1:].lower() for a in arguments if a.startswith("+")}
    anywhere = [a[1:].encode() for a in arguments if a.startswith("-")]
    paths = [a for a in arguments if a[0] not in "+-="]

    def form(octets):
        octets = octets.replace(b"\r\n", b"\n")
        if "=parts" in arguments:
            octets = re.sub(rb"(?m)^(--\S+--\n)\n+", rb"\1", octets)
        return octets.rstrip(b"\n") if "=end" in arguments else octets
    want = {}
    for message in inbox(address):
        octets = octets_of(message)
        if hashlib.sha256(octets).hexdigest() != message["sha256"]:
            sys.exit(f"the control API gives other octets for {message['sha256']}")
        want[form(octets)] = message["sha256"]
    expected, got, odd = set(want.values()), set(), 0
    for octets in files(paths):
        for field in anywhere:
            octets = re.sub(rb"(?im)^" + field + rb": [^\n]*\n", b"", octets, count=1)
        for candidate in (form(octets), form(without(octets, fields))):
            if candidate in want:
                got.add(want[candidate])
                break
        else:
            odd += 1
            print(f"fetched and never stored:\n{octets[:600]!r}", file=sys.stderr)
    for missing in sorted(expected - got):
        print(f"stored and not fetched: {missing} {api('/v1/messages/' + missing)[:300]!r}", file=sys.stderr)
    if odd or expected != got or not expected:
        sys.exit(f"{len(expected)} messages are stored, {len(got)} were fetched as they are, {odd} otherwise")
    print(f"{len(got)} messages fetched, octet by octet")


def stored(address):
    for message in inbox(address):
        print(message["sha256"])


def last():
    print(max([s["id"] for s in api("/v1/history?limit=10000")["sessions"]], default=0))


def session(protocol, service, account):
    asked = urllib.parse.urlencode({"protocol": protocol, "account": account, "after": os.environ["HISTORY"], "limit": 10000})
    sessions, end = [], time.monotonic() + WAIT
    while time.monotonic() < end:
        sessions = [s for s in api("/v1/history?" + asked)["sessions"] if s["service"] == service]
        if sessions and not sessions[-1]["ended"].startswith("0001"):
            break
        time.sleep(0.05)
    if not sessions:
        sys.exit(f"the history holds no session of {service} after number {os.environ['HISTORY']} in which {account} signed in")
    newest = api(f"/v1/history/{sessions[-1]['id']}")
    text = "\n".join(line["from"] + ": " + line["text"] for line in newest["lines"])
    secrets = [v for k, v in os.environ.items() if k.endswith("_PASSWORD")]
    secrets += [base64.b64encode(v.encode()).decode() for v in secrets]
    if not newest["tls"]:
        sys.exit(f"session {newest['id']} was not encrypted:\n{text}")
    for secret in secrets:
        if secret in text:
            sys.exit(f"a password is in the history:\n{text}")
    print(f"session {newest['id']}: {service}, {newest['tlsVersion']}, {len(newest['lines'])} lines, {len(newest.get('messages', []))} messages")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("env", "seed", "wait", "same", "stored", "last", "session"):
        sys.exit(__doc__)
    globals()[sys.argv[1]](*sys.argv[2:])
