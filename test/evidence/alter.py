"""Alters the folder of a full run in random places, one at a time, and expects
`report verify` to find and name each. Usage: alter.py COLLAUDO WORK"""

import os
import re
import sys
import time

from folder import ask, chance, fail, files_of, flat, seal

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
if ask("sh", "-c", f"cd '{run}' && sha256sum --strict --quiet -c manifest.sha256")[0] != 0:
    fail("sha256sum finds something wrong in the untouched folder")
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
expect(0, "VERIFIES", "the folder, restored")
print("4 verdicts edited and the folder sealed anew: found, and the rule named")
