"""Where a new key goes: the screen, a file that only its owner reads, or another command.

The place is made ready before the key is made: a key that can't be handed over is lost, and has
spent the grant's allowance.
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
class Receiver:
    """A place that is ready for one key."""

    file: int = -1
    path: str = ""
    command: Sequence[str] = ()

    @property
    def is_screen(self) -> bool:
        """True where the key is printed."""
        return self.file < 0 and not self.command

    def hand_over(self, session: Session, key: str, *, key_id: str) -> None:
        """Delivers the key. On failure the user is told how to get another one."""
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

    def abandon(self) -> None:
        """Takes the empty file away again when no key came."""
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


def prepare(out: str, pipe: str) -> Receiver:
    """Opens the file or finds the program. Raises UsageProblem or OSError: no key is made then."""
    if out and pipe:
        raise UsageProblem("--out and --pipe are two places for one key: choose one")
    if out:
        # O_EXCL: a key never lands in a file, or behind a link, that somebody else laid there.
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return Receiver(file=handle, path=out)
    if pipe:
        command = shlex.split(pipe)
        if not command or shutil.which(command[0]) is None:
            raise UsageProblem(f"there is no program {pipe!r}")
        return Receiver(command=command)
    return Receiver()


def _show(session: Session, key: str) -> None:
    text = Text(key, style="bold", no_wrap=True, overflow="ignore")
    session.out.print(text, soft_wrap=True)
    advice = Text(
        "This is the only time that it is shown. Put it into a secret store now, for example as "
        "XAIGH_API_KEY; never into code, a ticket or a chat. Lost? Rotate it."
    )
    session.err.print(Panel(advice, border_style="yellow", title="Shown once", title_align="left"))
