"""Speaks Marionette, the remote control that Mozilla's programs carry.

It calls JavaScript functions with the rights of the program itself. It is no
WebDriver and clicks on nothing: Thunderbird is driven by its own objects.
"""
import json
import pathlib
import socket
import time

LIMIT = 16 << 20  # octets of one answer


class Marionette:
    def __init__(self, profile, program, library, budget):
        """Waits until the program that was started on profile listens, budget seconds at most.

        library is JavaScript whose functions `run` calls; budget bounds each of them too.
        """
        # With marionette.port 0 the program takes a free port and writes it down.
        port = pathlib.Path(profile, "MarionetteActivePort")
        end = time.monotonic() + budget
        while not (port.exists() and port.read_text()):
            if program.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"Thunderbird does not listen: {port} is missing after {budget} s, exit code {program.poll()}")
            time.sleep(0.1)
        self.library, self.last = library, 0
        # Longer than a script's own limit, so that Marionette can say what was late.
        self.socket = socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=budget + 15)
        self.file = self.socket.makefile("rb")
        self._read()  # the greeting
        self.call("WebDriver:NewSession")
        self.call("Marionette:SetContext", value="chrome")
        self.call("WebDriver:SetTimeouts", script=budget * 1000)

    def _read(self):
        # A message is its length in decimal, a colon, and JSON.
        length = b""
        while not length.endswith(b":"):
            octet = self.file.read(1)
            length += octet
            if not octet or len(length) > 10:
                raise SystemExit(f"Marionette said {length!r} where a length was expected: did Thunderbird end?")
        if int(length[:-1]) > LIMIT:
            raise SystemExit(f"Marionette answers with {length[:-1]} octets, more than {LIMIT}")
        return json.loads(self.file.read(int(length[:-1])))

    def call(self, command, **parameters):
        self.last += 1
        request = json.dumps([0, self.last, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(request), request))
        _, number, error, result = self._read()
        if number != self.last:
            raise SystemExit(f"Marionette answers command {number}, {self.last} was asked")
        if error:
            raise SystemExit(f"{command}: {error['error']}: {error['message']}")
        return result

    def run(self, function, *arguments):
        """What a function of the library returns, or resolves to."""
        # Promises that a script returns have come back as null: a callback does not.
        script = self.library + f"""
            const given = [...arguments], done = given.pop();
            (async () => {function}(...given))().then(value => done({{ value }}), error => done({{ error: `${{error}}\\n${{error.stack}}` }}));"""
        answer = self.call("WebDriver:ExecuteAsyncScript", script=script, args=arguments, sandbox="system")["value"]
        if "error" in answer:
            raise SystemExit(f"{function}: {answer['error']}")
        return answer.get("value")
