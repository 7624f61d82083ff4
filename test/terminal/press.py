"""Types a line into an interactive shell, presses the Tab key, and prints what
the shell then offers, one a line.

    press.py bash|zsh START LINE

START is sourced first; it makes the Tab key list what there is. A shell that
does not answer in time is ended, and that is an error.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 30.0  # seconds
QUIET = 0.4  # seconds without a word: the list is complete


def main(shell, start, line):
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="dumb", PS1="", PROMPT="", LC_ALL="C.UTF-8")
        options = ["--norc", "--noprofile", "-i"] if shell == "bash" else ["-f", "-i"]
        os.execvp(shell, [shell, *options])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 5000, 400, 0, 0))
    try:
        read(terminal, QUIET)
        # The mark is put together by the shell, so that its echo is not taken for it.
        os.write(terminal, f"PS1=; source '{start}'; echo rea''dy\n".encode())
        until(terminal, "\nready")
        read(terminal, QUIET)
        os.write(terminal, (line + "\t").encode())
        said = until(terminal, "\n") + read(terminal, QUIET)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said).replace("\r", "\n").replace("\a", "")
    for row in said.split("\n"):
        row = row.strip()
        if row and row != line.strip():
            # What it means stands behind the value: "(…)" in bash, "-- …" in zsh.
            if shell == "zsh" and "-- " not in row:
                print("\n".join(row.split()))
            else:
                print(re.split(r"\s+(?:\(|-- )", row)[0])


def until(terminal, mark):
    said, ends = "", time.monotonic() + PATIENCE
    while mark not in said.replace("\r", ""):
        if time.monotonic() > ends:
            sys.exit(f"no {mark!r} in {PATIENCE:.0f} s, but {said[-500:]!r}")
        said += read(terminal, 0.1)
    return said


def read(terminal, quiet):
    said = b""
    while select.select([terminal], [], [], quiet)[0]:
        try:
            said += os.read(terminal, 65536)
        except OSError:
            break
    return said.decode(errors="replace")


if __name__ == "__main__":
    main(*sys.argv[1:])
