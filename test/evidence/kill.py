"""Kills a run with SIGKILL at random moments and looks at what it left: it renders,
says that it was interrupted, and holds every event that was written. What was
written is known from elsewhere: somebody reads the log along while the run goes on,
and the run says how many scenarios it has played. Then it is killed while it writes
its report and seals its folder: nothing is found wrong in that and nothing vouches
for it, and rendering makes the same of it as an untouched run.
Usage: kill.py COLLAUDO WORK"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from folder import ask, chance, fail, flat, whole_lines

collaudo, work = sys.argv[1:]
luck = chance()
ASKED = ("run", "--rule", "TE", "--tags", "not @heavy", "--out")  # some 30 scenarios: each run is played, verified, judged and verified again


class Witness:
    """Reads a log along as it grows, and never what it has read before."""

    def __init__(self, run):
        self.path, self.seen, self.file = os.path.join(run, "events.ndjson"), b"", None

    def look(self):
        if self.file is None and os.path.exists(self.path):
            self.file = open(self.path, "rb")
        if self.file is not None:
            self.seen += self.file.read()
        return self.seen.count(b"\n")

    def ended(self):
        self.look()
        return b'"type":"run-ended"' in self.seen


def kill(run, when, after=0.0):
    """Plays a run until when says so of a witness, waits a moment and ends it there:
    what the witness had seen by then, what the run had said, and how it ended."""
    witness = Witness(run)
    with open(run + ".said", "w+", encoding="utf-8") as said:
        with subprocess.Popen((collaudo, *ASKED, run), stdout=said, stderr=subprocess.STDOUT) as process:
            while not when(witness) and process.poll() is None:
                time.sleep(luck.uniform(0, 0.005))
            time.sleep(after)
            said.seek(0)
            told = re.findall(r"played (\d+) ", said.read())
            witness.look()
            process.send_signal(signal.SIGKILL)
            code = process.wait()
    os.remove(run + ".said")
    if witness.file is not None:
        witness.file.close()
    return witness.seen, int(told[-1]) if told else 0, code


def verified(run, code, what):
    got, said = ask(collaudo, "report", "verify", "--json", run)
    if got != code:
        fail(f"{what}: report verify: exit code {got}, expected {code}:\n{said}")
    return json.loads(said)


def look(run, what, seen, told):
    with open(os.path.join(run, "events.ndjson"), "rb") as file:
        log = file.read()
    events = whole_lines(log)
    if not log.startswith(seen):
        fail(f"{what}: the log no longer begins with the {len(seen)} octets that were there before")
    ended = {e["scenario"] for e in events if e["type"] == "scenario-ended"}
    if len(ended) < told:
        fail(f"{what}: the run said that it had played {told} scenarios, and its log has {len(ended)}")
    before = verified(run, 130, what)
    if before["sealed"] or before["unfinished"] or not before["interrupted"] or before["events"] != len(events):
        fail(f"{what}: {len(events)} events were written: {before}")
    code, said = ask(collaudo, "report", "render", run)
    if code != 130 or "INTERRUPTED" not in flat(said):
        fail(f"{what}: report render: exit code {code}, expected 130, saying INTERRUPTED:\n{said}")
    with open(os.path.join(run, "run.json"), encoding="utf-8") as file:
        result = json.load(file)
    begun = {e["scenario"] for e in events if e["type"] == "scenario-started"}
    if result["verdict"] != "INTERRUPTED" or {s["id"] for s in result["scenarios"]} != begun:
        fail(f"{what}: {result['verdict']}, {len(result['scenarios'])} scenarios of {len(begun)} that had begun")
    if "INTERRUPTED" not in open(os.path.join(run, "report.html"), encoding="utf-8").read():
        fail(f"{what}: report.html does not say that the run was interrupted")
    with open(os.path.join(run, "events.ndjson"), "rb") as file:
        if file.read() != log:
            fail(f"{what}: rendering changed the log")
    after = verified(run, 0, what + ", rendered")
    if not after["sealed"] or not after["interrupted"] or after["events"] != len(events) or after["verdict"] != "INTERRUPTED":
        fail(f"{what}, rendered: {after}")
    return len(events), not log.endswith(b"\n")


whole = os.path.join(work, "kill-whole")
code, said = ask(collaudo, *ASKED, whole)
if code not in (0, 4):
    fail(f"collaudo {' '.join(ASKED)}: exit code {code}:\n{said}")
with open(os.path.join(whole, "events.ndjson"), "rb") as file:
    total = file.read().count(b"\n")
with open(os.path.join(whole, "run.json"), encoding="utf-8") as file:
    verdict = json.load(file)["verdict"]
shutil.rmtree(whole)
halves = 0
told_all = 0
kills = int(os.environ.get("KILLS", "20"))
playing = kills - kills * 3 // 10
for n in range(playing):
    after = luck.randrange(1, int(total * 0.95))
    run = os.path.join(work, f"killed-{n}")
    seen, told, ended = kill(run, lambda witness: witness.look() >= after)
    if ended != -signal.SIGKILL:
        fail(f"the run was over before it had written {after} events")
    told_all += told
    events, half = look(run, f"killed after {after} of about {total} events", seen, told)
    halves += half
    shutil.rmtree(run)
    print(f"  killed at event {events} of about {total}: rendered, interrupted, every event there")
print(f"{playing} runs killed; {halves} ended in half a line; together they had said to have played {told_all} scenarios")


def reporting(run, what, seen):
    """Looks at a run that was killed when all was played: whether it was sealed by then."""
    with open(os.path.join(run, "events.ndjson"), "rb") as file:
        log = file.read()
    if not log.startswith(seen) or whole_lines(log)[-1]["type"] != "run-ended":
        fail(f"{what}: its log lacks events")
    sealed = os.path.exists(os.path.join(run, "manifest.json"))
    if not sealed:
        before = verified(run, 130, what)
        if before["sealed"] or before["interrupted"] or not before["unfinished"] or before["findings"]:
            fail(f"{what}: the report was not finished, and nothing is wrong: {before}")
        got, said = ask(collaudo, "report", "render", run)
        if got != code:
            fail(f"{what}: report render: exit code {got}, of an untouched run {code}:\n{said}")
    after = verified(run, 0, what + ", rendered")
    if after["verdict"] != verdict or after["interrupted"]:
        fail(f"{what}, rendered: {after}, expected {verdict}")
    if any(name.endswith(".partial") for _, _, names in os.walk(run) for name in names):
        fail(f"{what}, rendered: there is half a file")
    return sealed


def there(run, name):
    return lambda _: os.path.exists(os.path.join(run, name))


# From the last event to the seal: each file is written in its turn.
sealed, reports = 0, kills - playing
for n in range(reports):
    run = os.path.join(work, f"killed-late-{n}")
    name = ("the last event", "run.json", "manifest.sha256")[n % 3]
    when = Witness.ended if n % 3 == 0 else there(run, name)
    after = luck.uniform(0, 0.3) if n % 3 == 1 else 0
    seen, _, _ = kill(run, when, after)
    was = reporting(run, f"killed {after:.2f} s after {name} was there", seen)
    sealed += was
    shutil.rmtree(run)
    print(f"  killed {after:.2f} s after {name} was there, {'sealed' if was else 'not sealed'}: it verifies, with the verdict of an untouched run")
if reports > 0 and sealed == reports:
    fail("no run was killed before it was sealed")
print(f"{reports} runs killed while they wrote their report; {sealed} had sealed it by then")
