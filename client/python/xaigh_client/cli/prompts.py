"""Prompts on the terminal: confirmations, lines of text, secrets."""

from __future__ import annotations

import getpass

from rich.text import Text

from xaigh_client.cli.problems import Declined, UsageProblem
from xaigh_client.cli.session import Session


def confirm(session: Session, question: str, *, yes: bool) -> None:
    """Asks for a confirmation; raises Declined for any answer but yes.

    `yes` skips the question. Raises UsageProblem where there is no terminal to ask on.
    """
    if yes:
        return
    if not session.interactive:
        raise UsageProblem(f"{question} Nobody can be asked here: add --yes.")
    session.err.print(Text(f"{question} [y/N] ", style="bold"), end="")
    if session.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined


def line(session: Session) -> str:
    """Reads what a person types, without blanks around it. Raises EOFError at the end of input."""
    typed = session.stdin.readline()
    if not typed:
        raise EOFError
    return typed.strip()


def hint(session: Session, text: str) -> None:
    """Prints a remark that helps with the next question."""
    session.err.print(Text(f"  {text}", style="dim"))


def ask(session: Session, question: str, *, default: str = "") -> str:
    """Asks for a line of text. Returns the default for an empty line, or without a terminal."""
    if not session.interactive:
        return default
    hint = f" [{default}]" if default else ""
    session.err.print(Text(f"{question}{hint}: ", style="bold"), end="")
    return session.stdin.readline().strip() or default


def secret(session: Session, question: str) -> str:
    """Reads a secret: without an echo from a terminal, otherwise the whole of stdin.

    Never an argument: those end in the shell's history and in process lists.
    """
    if session.interactive:
        return getpass.getpass(f"{question}: ", stream=None).strip()
    return session.stdin.read().strip()
