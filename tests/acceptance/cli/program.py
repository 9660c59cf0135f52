"""The command `xaigh` as a process of its own, through pipes and on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).parent / "xaigh")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
_LIMIT = 30.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a run left."""

    code: int
    out: str
    err: str = ""

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """Runs the program as somebody, for a server."""

    address: str
    home: Path
    key: str = field(default="", repr=False)

    def environ(self, **more: str) -> dict[str, str]:
        """Nothing of the tests' own environment but what a program needs."""
        own = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XAIGH_ADDR": self.address,
            "LANG": "C.UTF-8",
        }
        return {**own, **({"XAIGH_API_KEY": self.key} if self.key else {}), **more}

    def run(self, *arguments: str, stdin: str = "", environ: Mapping[str, str] = {}) -> Done:
        """Through pipes, as in a script."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
            env=self.environ(**environ),
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def ok(self, *arguments: str, stdin: str = "") -> Done:
        """The same, and it has to go well."""
        done = self.run(*arguments, stdin=stdin)
        assert done.code == 0, done.err
        return done

    def json(self, *arguments: str) -> Any:
        """What it prints with `--json`."""
        return self.ok(*arguments, "--json").json

    def screen(self, *arguments: str, typed: str = "", width: int = 100) -> Done:
        """On a terminal of that width; `typed` is what a person types when it waits."""
        pid, terminal = pty.fork()
        if pid == 0:
            size = struct.pack("HHHH", 50, width, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execve(PROGRAM, [PROGRAM, *arguments], self.environ(TERM="xterm-256color"))
        shown = _converse(terminal, typed)
        _, status = os.waitpid(pid, 0)
        return Done(code=os.waitstatus_to_exitcode(status), out=shown)


def submit_and_prove(nobody: Cli, form: dict[str, Any]) -> str:
    """Submits a request and proves its callback. Returns the ticket's id."""
    ticket = nobody.ok("call", "SubmitAccessRequest", json.dumps(form)).json
    token = {"XAIGH_STATUS_TOKEN": ticket["statusToken"]}
    proven = nobody.run("ticket", "prove-callback", ticket["ticketId"], environ=token)
    assert proven.code == 0, proven.err
    return str(ticket["ticketId"])


def plain(shown: str) -> str:
    """What a screen shows, without colours."""
    return _CONTROL.sub("", shown)


def _converse(terminal: int, typed: str) -> str:
    """Reads until the program ends; types once it asks, that is, ends a line with no break."""
    shown = b""
    waiting = typed
    while True:
        ready, _, _ = select.select([terminal], [], [], _LIMIT)
        if not ready:
            raise TimeoutError(f"the program waits; it showed {shown.decode()!r}")
        try:
            read = os.read(terminal, 65536)
        except OSError:
            # Linux says so when the other side closed.
            break
        if not read:
            break
        shown += read
        if waiting and _CONTROL.sub("", shown.decode(errors="replace")).endswith((": ", "] ")):
            line, _, waiting = waiting.partition("\n")
            os.write(terminal, f"{line}\n".encode())
    os.close(terminal)
    return shown.decode()
