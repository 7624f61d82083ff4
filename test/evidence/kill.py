"""Kills a run with SIGKILL at random moments and looks at what it left: it renders,
says that it was interrupted, and holds every event that was written.
Usage: kill.py COLLAUDO WORK"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

from folder import ask, chance, fail, flat

collaudo, work = sys.argv[1:]
luck = chance()
ASKED = ("run", "--rule", "AP", "--tags", "not @heavy", "--out")


def lines(run):
    try:
        with open(os.path.join(run, "events.ndjson"), "rb") as file:
            return file.read().count(b"\n")
    except FileNotFoundError:
        return 0


def kill(run, after):
    """Plays a run until its log holds so many events, and ends it there."""
    with subprocess.Popen((collaudo, *ASKED, run), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as process:
        while lines(run) < after:
            if process.poll() is not None:
                fail(f"the run was over before it had written {after} events")
            time.sleep(luck.uniform(0, 0.005))
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            fail("the run ended before it was killed")


def verified(run, code, what):
    got, said = ask(collaudo, "report", "verify", "--json", run)
    if got != code:
        fail(f"{what}: report verify: exit code {got}, expected {code}:\n{said}")
    return json.loads(said)


def look(run, what):
    with open(os.path.join(run, "events.ndjson"), "rb") as file:
        log = file.read()
    events = [json.loads(line) for line in log.split(b"\n")[:-1]]
    before = verified(run, 130, what)
    if before["sealed"] or not before["interrupted"] or before["events"] != len(events):
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
total = lines(whole)
shutil.rmtree(whole)
halves = 0
kills = int(os.environ.get("KILLS", "20"))
for n in range(kills):
    after = luck.randrange(1, int(total * 0.95))
    run = os.path.join(work, f"killed-{n}")
    kill(run, after)
    events, half = look(run, f"killed after {after} of about {total} events")
    halves += half
    shutil.rmtree(run)
    print(f"  killed at event {events} of about {total}: rendered, interrupted, every event there")
print(f"{kills} runs killed; {halves} ended in half a line")
