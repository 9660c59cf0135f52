"""Asking before a step that can't be taken back."""

from __future__ import annotations

import getpass

from rich.text import Text

from xaigh_client.cli.problems import Declined, UsageProblem
from xaigh_client.cli.session import Session


def confirm(session: Session, question: str, *, yes: bool) -> None:
    """Goes on, or raises Declined. Without a terminal nobody can be asked: `--yes` is needed."""
    if yes:
        return
    if not session.interactive:
        raise UsageProblem(f"{question} Nobody can be asked here: add --yes.")
    session.err.print(Text(f"{question} [y/N] ", style="bold"), end="")
    if session.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined


def ask(session: Session, question: str, *, default: str = "") -> str:
    """A line of text; the default for an empty one. Without a terminal, the default."""
    if not session.interactive:
        return default
    hint = f" [{default}]" if default else ""
    session.err.print(Text(f"{question}{hint}: ", style="bold"), end="")
    return session.stdin.readline().strip() or default


def secret(session: Session, question: str) -> str:
    """A secret: typed without an echo, or read from a pipe. Never from the command line."""
    if session.interactive:
        return getpass.getpass(f"{question}: ", stream=None).strip()
    return session.stdin.read().strip()
