#!/usr/bin/env python3
"""What the scripts of the parts ask of a simulated world, and of the machine.

free N                        N ports that nobody listens on, TCP and UDP
env READY                     variables of the ready file, for a shell
submit FROM TO FILE           submits a message over TLS and prints the last reply: its code, then its text
arrive ADDRESS FROM TO FILE   the same at host:port without login or TLS, as an ordinary host does
kinds ADDRESS                 what lies in a mailbox, by kind: such as "Acceptance=1 Delivery=1"; "nothing"
await ADDRESS WANT [SECONDS]  waits until kinds ADDRESS says so; 20 seconds unless said
quiet                         waits until nothing is under way in the world
advance DURATION              moves legal time on, such as 26h
octets ADDRESS KIND SUBJECT   the newest message of the kind in the mailbox with that in its subject, as it came
journal WORDS                 lines of the legal logs with these words in their detail
infected TEXT                 prints a message with EICAR in an archive when TEXT is eicar, else with TEXT in it
"""
import base64
import io
import json
import os
import shlex
import smtplib
import socket
import ssl
import sys
import time
import urllib.parse
import urllib.request
import zipfile

WAIT = 20  # seconds


def api(path, body=None):
    request = urllib.request.Request(os.environ["CONTROL"] + path)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        octets = answer.read()
    return json.loads(octets) if answer.headers.get_content_type() == "application/json" else octets


def ready():
    with open(os.environ["READY"]) as file:
        return json.load(file)


def free(count):
    held = []
    while len(held) < int(count):
        tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        tcp.bind(("127.0.0.1", 0))
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            continue
        held.append((tcp, udp))
    print(*(tcp.getsockname()[1] for tcp, _ in held))


def env(path):
    with open(path) as file:
        world = json.load(file)
    values = {"READY": path, "CONTROL": world["controlURL"], "CA": world["caFile"], "TRUST": os.path.dirname(world["caFile"])}
    for name, host in zip(("FIRST", "SECOND"), world["providers"]):
        values[name + "_INCOMING"] = host["hosts"]["incoming"]
    for name, value in values.items():
        print(f"export {name}={shlex.quote(value)}")


def say(server, sender, to, path):
    with open(path, "rb") as file:
        message = file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    try:
        refused = server.sendmail(sender, to.split(","), message)
        print(250, *refused)
    except smtplib.SMTPResponseException as refusal:
        print(refusal.smtp_code, refusal.smtp_error.decode())
    except smtplib.SMTPRecipientsRefused as refusal:
        print(*[f"{code} {text.decode()}" for code, text in refusal.recipients.values()])


def submit(sender, to, path):
    for host in ready()["providers"]:
        for account in host["accounts"]:
            if account["address"] == sender:
                name, port = host["hosts"]["submissionTLS"].rsplit(":", 1)
                context = ssl.create_default_context(cafile=os.environ["CA"])
                with smtplib.SMTP_SSL("localhost" if name == "127.0.0.1" else name, int(port), context=context, timeout=60) as server:
                    server.login(account["user"], account["password"])
                    say(server, sender, to, path)
                return
    sys.exit(f"no account {sender}")


def arrive(address, sender, to, path):
    host, port = address.rsplit(":", 1)
    with smtplib.SMTP(host, int(port), local_hostname="mail.internet.test", timeout=60) as server:
        say(server, sender, to, path)


def inbox(address, **more):
    query = urllib.parse.urlencode({"folder": "INBOX", "limit": 1000, **more})
    return api("/v1/mailboxes/" + urllib.parse.quote(address) + "/messages?" + query)


def counted(address):
    count = {}
    for message in inbox(address):
        count[message["kind"]] = count.get(message["kind"], 0) + 1
    return " ".join(f"{kind}={n}" for kind, n in sorted(count.items())) or "nothing"


def await_(address, want, seconds=WAIT):
    end, got = time.monotonic() + float(seconds), ""
    while time.monotonic() < end:
        got = counted(address)
        if got == want:
            return
        time.sleep(0.1)
    sys.exit(f"{address} has {got}, {want} was expected within {seconds} s")


def octets(address, kind, subject):
    found = inbox(address, kind=kind, subject=subject)
    if not found:
        sys.exit(f"{address} has no {kind} with {subject} in its subject, but {counted(address)}")
    sys.stdout.buffer.write(api("/v1/messages/" + found[-1]["sha256"]))


def journal(words):
    found = [line for line in api("/v1/journal") if words in line.get("detail", "")]
    print(*[f"{line['issuer']}: {line['event']}: {line['detail']}" for line in found], sep="\n")
    if not found:
        sys.exit(f"no line of the logs says {words}")


def infected(text):
    content = text.encode()
    if text == "eicar":  # it stands nowhere in one piece: real scanners would take this file for it
        content = b"".join([rb"X5O!P%@AP[4\PZX54(P^)7CC)7}", b"$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!$H+H*"])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("allegato.bin", content)
    print("MIME-Version: 1.0\nContent-Type: application/zip; name=allegato.zip\nContent-Transfer-Encoding: base64\n")
    print(base64.encodebytes(archive.getvalue()).decode())


COMMANDS = {
    "free": free, "env": env, "submit": submit, "arrive": arrive, "kinds": lambda a: print(counted(a)), "await": await_,
    "quiet": lambda: api("/v1/idle"), "advance": lambda d: api("/v1/clock/advance", {"by": d}), "octets": octets,
    "journal": journal, "infected": infected,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
