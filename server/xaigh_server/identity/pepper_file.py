"""Pepper file: readable by its owner alone, outside the database. The first start creates it.

    one pepper a line, 64 hexadecimal digits, the current one first; two at most

To rotate it, put a new line in front. The old line may go once no live credential depends on it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.peppers import PEPPER_BYTES, Pepper, PepperRing

_MODE = 0o600


class PepperError(ValueError):
    """The pepper can't be used. The text says why, and never shows it."""


def ring_from_settings(current: tuple[str, str], previous: tuple[str, str]) -> PepperRing:
    """The ring of peppers given as 64 hexadecimal digits each, with the names of their settings.

    An empty previous one is none. Raises PepperError.
    """
    given = [current, previous] if previous[1] else [current]
    return PepperRing([_pepper(name, text) for name, text in given])


def load_or_make(path: Path, random: RandomBytes) -> PepperRing:
    """The ring in the file, which is made if there is none. Raises PepperError and OSError."""
    try:
        text = _read(path)
    except FileNotFoundError:
        _make(path, random)
        text = _read(path)
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        return PepperRing([_pepper(f"{path}, line {n}", line) for n, line in enumerate(lines, 1)])
    except PepperError:
        raise
    except ValueError as error:
        raise PepperError(f"{path}: {error}") from None


def _read(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with open(descriptor, encoding="ascii", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o077:
            raise PepperError(f"{path} can be read by others: chmod 600 it (it is {mode:o})")
        return file.read(4096)


def _make(path: Path, random: RandomBytes) -> None:
    """Writes a whole file or none. Of two processes at once, one makes it and both use it."""
    draft = path.with_name(f".{path.name}.{random(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            os.fchmod(descriptor, _MODE)
            file.write(random(PEPPER_BYTES).hex() + "\n")
            file.flush()
            os.fsync(descriptor)
        try:
            # A link fails where the name is taken, a rename would throw away the other's pepper.
            os.link(draft, path)
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        draft.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pepper(name: str, text: str) -> Pepper:
    try:
        return Pepper(secret=bytes.fromhex(text.strip()))
    except ValueError:
        raise PepperError(f"{name}: takes {2 * PEPPER_BYTES} hexadecimal digits") from None
