"""The pepper's file."""

import os
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from xaigh_server.identity.pepper_file import PepperError, load_or_make, ring_from_settings

OLD, NEW = "ab" * 32, "cd" * 32


def _write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Whatever the umask; the next start finds the same pepper."""
    path = tmp_path / "pepper"
    before = os.umask(0)
    try:
        made = load_or_make(path, secrets.token_bytes)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_make(path, secrets.token_bytes).peppers == made.peppers
    assert os.listdir(tmp_path) == ["pepper"]


def test_two_starts_at_once_agree(tmp_path: Path) -> None:
    """One of them makes it, all use it."""
    path = tmp_path / "pepper"
    with ThreadPoolExecutor(8) as pool:
        rings = [*pool.map(lambda _: load_or_make(path, secrets.token_bytes), range(8))]
    assert {ring.peppers for ring in rings} == {rings[0].peppers}
    assert os.listdir(tmp_path) == ["pepper"]


def test_two_lines_are_two_peppers(tmp_path: Path) -> None:
    """The current one first; blank lines don't count."""
    path = _write(tmp_path / "pepper", f"{NEW}\n\n{OLD}\n")
    ring = load_or_make(path, secrets.token_bytes)
    assert [pepper.secret.hex() for pepper in ring.peppers] == [NEW, OLD]
    assert ring_from_settings(("new", NEW), ("old", OLD)).peppers == ring.peppers
    assert len(ring_from_settings(("new", NEW), ("old", "")).peppers) == 1


@pytest.mark.parametrize("text", ["", "\n", "xyz\n", OLD[:-2], f"{OLD}\n" * 3, "\xff" * 9])
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    """One clear line, and never the secret."""
    path = _write(tmp_path / "pepper", text)
    with pytest.raises(PepperError) as caught:
        load_or_make(path, secrets.token_bytes)
    assert str(path) in str(caught.value)
    assert OLD[:-2] not in str(caught.value)
    if text != "" and text != "\n":
        bad = text.split("\n")[0][:60]
        for given in ((("spoilt", bad), ("old", OLD)), (("new", NEW), ("spoilt", bad))):
            with pytest.raises(PepperError, match="spoilt: takes 64 hexadecimal digits"):
                ring_from_settings(*given)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A leaked pepper is found before it is used."""
    path = _write(tmp_path / "pepper", OLD + "\n", mode)
    with pytest.raises(PepperError, match="chmod 600"):
        load_or_make(path, secrets.token_bytes)


def test_a_folder_that_is_missing_is_the_caller_s_problem(tmp_path: Path) -> None:
    """It comes as the system's own error."""
    with pytest.raises(FileNotFoundError):
        load_or_make(tmp_path / "nowhere" / "pepper", secrets.token_bytes)
