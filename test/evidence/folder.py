"""What the tests of a run folder share: asking the command, and sealing a folder
anew as somebody would who means to deceive, without any of Collaudo's code."""

import hashlib
import json
import os
import random
import subprocess
import sys

SEALS = ("manifest.json", "manifest.sha256", "manifest.p7s", "manifest.tsr")


def fail(words):
    print("FAILED:", words, file=sys.stderr)
    sys.exit(1)


def chance():
    """A source that SEED decides."""
    return random.Random(int(os.environ["SEED"]))


def ask(*command):
    """Runs a command to its end: exit code, and all that it printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def flat(text):
    """Text without the line breaks that a width put into it."""
    return " ".join(text.split())


def files_of(run):
    found = []
    for folder, _, names in os.walk(run):
        found += [os.path.relpath(os.path.join(folder, name), run) for name in names]
    return sorted(found)


def chain(run):
    """Makes the chain of the event log anew."""
    path = os.path.join(run, "events.ndjson")
    previous, lines = "", []
    with open(path, "rb") as file:
        for line in file:
            head, _, _ = line.rpartition(b'"prev":"')
            line = head + b'"prev":"' + previous.encode() + b'"}\n'
            previous = hashlib.sha256(line).hexdigest()
            lines.append(line)
    with open(path, "wb") as file:
        file.writelines(lines)


def whole_lines(log):
    """Events of a log up to its last whole line; each must continue the chain."""
    events, previous = [], ""
    for line in log.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        event = json.loads(line)
        if event["prev"] != previous or event["seq"] != len(events) + 1:
            fail(f"line {len(events) + 1} of the log does not continue it: {line[:200]!r}")
        previous = hashlib.sha256(line).hexdigest()
        events.append(event)
    return events


def seal(run):
    """Makes manifest.json and manifest.sha256 anew over what lies in the folder."""
    path = os.path.join(run, "manifest.json")
    with open(path, encoding="utf-8") as file:
        head = file.read().split('"files": [')[0]
    entries = []
    for name in sorted(files_of(run), key=lambda n: n.encode()):
        if name in SEALS:
            continue
        with open(os.path.join(run, name), "rb") as file:
            octets = file.read()
        entries.append({"path": name, "size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()})
    lines = [json.dumps(e, separators=(",", ":"), ensure_ascii=False) for e in entries]
    text = head + '"files": [\n' + ",\n".join(lines) + "\n]\n}\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    entries.append({"path": "manifest.json", "sha256": hashlib.sha256(text.encode()).hexdigest()})
    entries.sort(key=lambda e: e["path"].encode())
    with open(os.path.join(run, "manifest.sha256"), "w", encoding="utf-8") as file:
        file.writelines(f"{e['sha256']}  {e['path']}\n" for e in entries)
