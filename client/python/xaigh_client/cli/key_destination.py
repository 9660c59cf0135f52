"""Destination of a new key: the screen, a new file of mode 0600, or the stdin of a command.

The destination is opened before the server issues the key: a key that can't be written is lost
and has used up one of the grant's allowance.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

Out = Annotated[
    str, typer.Option("--out", metavar="FILE", help="Write the key to a new file, mode 0600.")
]
Pipe = Annotated[
    str, typer.Option("--pipe", metavar="COMMAND", help="Give the key to a command's stdin.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An open destination for one key."""

    file: int = -1
    path: str = ""
    command: Sequence[str] = ()

    @property
    def is_screen(self) -> bool:
        """True where the key goes to stdout."""
        return self.file < 0 and not self.command

    def write(self, session: Session, key: str, *, key_id: str) -> None:
        """Writes the key. Raises UsageProblem where the command fails."""
        if self.command:
            self._pipe(session, key, key_id)
        elif self.file >= 0:
            with os.fdopen(self.file, "w") as stream:
                stream.write(key + "\n")
            session.note(f"The key is in {self.path}, readable by you alone.")
        elif session.out.is_terminal:
            _show(session, key)
        else:
            session.out.file.write(key + "\n")

    def discard(self) -> None:
        """Deletes the empty file where no key was issued."""
        if self.file >= 0:
            os.close(self.file)
            os.unlink(self.path)

    def _pipe(self, session: Session, key: str, key_id: str) -> None:
        done = subprocess.run(list(self.command), input=key, text=True, check=False)
        if done.returncode != 0:
            raise UsageProblem(
                f"{self.command[0]} failed with {done.returncode} and may not have the key. It "
                f"can't be shown again: make a new one with `xaigh keys rotate {key_id}`."
            )
        session.note(f"The key was given to {self.command[0]}.")


def prepare(out: str, pipe: str) -> Destination:
    """Opens the file or finds the program. Raises UsageProblem or OSError."""
    if out and pipe:
        raise UsageProblem("--out and --pipe are two places for one key: choose one")
    if out:
        # O_EXCL fails for an existing file or link: somebody else may have created it to read keys.
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return Destination(file=handle, path=out)
    if pipe:
        command = shlex.split(pipe)
        if not command or shutil.which(command[0]) is None:
            raise UsageProblem(f"there is no program {pipe!r}")
        return Destination(command=command)
    return Destination()


def _show(session: Session, key: str) -> None:
    text = Text(key, style="bold", no_wrap=True, overflow="ignore")
    session.out.print(text, soft_wrap=True)
    advice = Text(
        "This is the only time that it is shown. Put it into a secret store now, for example as "
        "XAIGH_API_KEY; never into code, a ticket or a chat. Lost? Rotate it."
    )
    session.err.print(Panel(advice, border_style="yellow", title="Shown once", title_align="left"))
