"""Alters the folder of a full run in random places, one at a time, and expects
`report verify` to find and name each. Usage: alter.py COLLAUDO WORK"""

import os
import re
import sys
import time

from folder import ask, chain, chance, fail, files_of, flat, seal

collaudo, work = sys.argv[1:]
run = os.path.join(work, "whole")
luck = chance()


def verify():
    code, said = ask(collaudo, "report", "verify", run)
    return code, flat(said)


def expect(code, words, what):
    got, said = verify()
    if got != code or words not in said:
        fail(f"{what}: exit code {got}, expected {code}, saying {words!r}:\n{said}")


def read(name):
    with open(os.path.join(run, name), "rb") as file:
        return file.read()


def write(name, octets):
    with open(os.path.join(run, name), "wb") as file:
        file.write(octets)


def kind(name):
    """Files of one kind lie in one folder; at the top each is its own kind."""
    return os.path.dirname(name) or name


code, said = ask(collaudo, "run", "--out", run)
if code != 0:
    fail(f"collaudo run: exit code {code}:\n{said}")
began = time.monotonic()
expect(0, "VERIFIES", "the untouched folder")
whole = time.monotonic() - began


def sums(what):
    if ask("sh", "-c", f"cd '{run}' && sha256sum --strict --quiet -c manifest.sha256")[0] != 0:
        fail(f"sha256sum finds something wrong in {what}")


sums("the untouched folder")
seals = {name: read(name) for name in ("manifest.json", "manifest.sha256")}
kinds = {}
for name in files_of(run):
    if os.path.getsize(os.path.join(run, name)) > 0:
        kinds.setdefault(kind(name), []).append(name)
print(f"the untouched folder verifies in {whole:.1f} s; {sum(map(len, kinds.values()))} files of {len(kinds)} kinds: {', '.join(sorted(kinds))}")
if len(kinds) < 10:
    fail("a run folder has more kinds of files than that")

changes = int(os.environ.get("CHANGES", "100"))
began = time.monotonic()
for n in range(changes):
    name = luck.choice(kinds[sorted(kinds)[n % len(kinds)]])
    octets = read(name)
    place, by = luck.randrange(len(octets)), luck.randrange(1, 256)
    altered = bytearray(octets)
    altered[place] ^= by
    write(name, altered)
    expect(7, name, f"byte {place} of {name}, changed by {by:#04x}")
    write(name, octets)
print(f"{changes} of {changes} changed bytes found, {(time.monotonic() - began) / changes:.2f} s each")

for n in range(10):
    name = luck.choice(kinds[luck.choice(sorted(kinds))])
    octets = read(name)
    os.remove(os.path.join(run, name))
    expect(7, f"{name} is missing", f"{name}, deleted")
    added = os.path.join(os.path.dirname(name), f"added-{n}")
    write(name, octets)
    write(added, octets[:10])
    expect(7, f"{added} was added", f"{added}, added")
    os.remove(os.path.join(run, added))
os.symlink("run.json", os.path.join(run, "link"))
expect(7, "link is a symbolic link", "a link")
os.remove(os.path.join(run, "link"))
print("10 files deleted, 10 added and a link: found")

untouched = {name: read(name) for name in ("run.json", "manifest.json", "manifest.sha256")}
seal(run)
if any(read(name) != octets for name, octets in untouched.items()):
    fail("the seal that this test makes is not the one that Collaudo makes")
result = untouched["run.json"].decode()
judged = re.findall(r'^\{"id":"(PEC-[^"]+)","verdict":"(pass|inconclusive|warn|observed|not exercised)"', result, re.M)
for rule, verdict in luck.sample(judged, 4):
    other = luck.choice([v for v in ("pass", "fail", "warn", "observed") if v != verdict])
    write("run.json", result.replace(f'{{"id":"{rule}","verdict":"{verdict}"', f'{{"id":"{rule}","verdict":"{other}"').encode())
    seal(run)
    expect(7, f"run.json says {other} at {rule}, the evidence says {verdict}", f"{rule} edited to {other}, sealed anew")
for name, octets in untouched.items():
    write(name, octets)
sums("the folder, restored")  # to the octets that verified at the beginning, which this checks in less time
if any(read(name) != octets for name, octets in seals.items()):
    fail("the seal was not restored")
print("4 verdicts edited and the folder sealed anew: found, and the rule named")

# What is made of the verdicts, and what they are made of. A small run has all of it.
run = os.path.join(work, "small")
known = os.path.join(work, "known.yaml")
with open(known, "w", encoding="utf-8") as file:
    file.write("version: 1\nprofile: practice\nfailures: []\n")
code, said = ask(collaudo, "run", "--rule", "PEC-NA-003", "--baseline", known, "--out", run)
if code != 0:
    fail(f"collaudo run --baseline: exit code {code}:\n{said}")
untouched = {name: read(name) for name in files_of(run)}


def other(name, old, new):
    text = untouched[name]
    if old not in text:
        fail(f"{name} holds no {old!r}")
    write(name, text.replace(old, new, 1))


def log(old, new):
    other("events.ndjson", old, new)
    chain(run)


def end():
    with open(os.path.join(run, "events.ndjson"), "ab") as file:
        file.write(untouched["events.ndjson"].splitlines(keepends=True)[-1].replace(b'{"seq":', b'{"seq":1'))
    chain(run)


made = "is not what this version makes"
edits = (
    ("report.html", made, "the verdict of the page", lambda: other("report.html", b"CONFORMANT", b"CERTIFIED ")),
    ("junit.xml", made, "the count of failures", lambda: other("junit.xml", b'failures="0"', b'failures="1"')),
    ("dossier.html", made, "the dossier", lambda: other("dossier.html", b"CONFORMANT", b"CERTIFIED ")),
    ("trust/ca.pem", "is not", "the CA", lambda: other("trust/ca.pem", b"A", b"B")),
    ("gate.json", "says", "what the baseline leads to", lambda: other("gate.json", b'"exitCode": 0', b'"exitCode": 5')),
    ("events.ndjson", "is not in the form in which an event is written", "a field of no event", lambda: log(b'"seq":2,', b'"seq":2,"approved":true,')),
    ("events.ndjson", "says that it is event 3", "the number of an event", lambda: log(b'"seq":2,', b'"seq":3,')),
    ("events.ndjson", "after the end of the run", "an event behind the last", end),
    ("dossier.html", made, "what the target answered", lambda: log(b'"code":250', b'"code":550')),
)
for name, words, what, edit in edits:
    edit()
    seal(run)
    code, said = verify()
    if code != 7 or not re.search(re.escape(name) + ".{0,90}" + re.escape(words), said):
        fail(f"{what}, edited and sealed anew: exit code {code}, expected 7, saying {name} … {words}:\n{said}")
    for name, octets in untouched.items():
        write(name, octets)
expect(0, "VERIFIES", "the small folder, restored")
print(f"{len(edits)} edits of pages, log and trust, with chain and seal made anew: found")
