"""Files that only their owner may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from xaigh_client.cli import private_files
from xaigh_client.errors import ConfigurationError


def test_a_file_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    """Its folder, too; nothing temporary stays behind."""
    file = tmp_path / "state" / "tickets.json"
    private_files.save(file, {"a": 1})
    assert private_files.load(file) == {"a": 1}
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """Its content may be known."""
    file = tmp_path / "tickets.json"
    private_files.save(file, {})
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        private_files.load(file)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_damaged_file_is_reported(tmp_path: Path, text: str) -> None:
    """Never taken for an empty one."""
    file = tmp_path / "tickets.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match="mend or delete"):
        private_files.load(file)


def test_a_missing_file_is_none_and_can_be_forgotten(tmp_path: Path) -> None:
    """Forgetting twice is fine."""
    file = tmp_path / "none.json"
    private_files.forget(file)
    assert private_files.load(file) is None


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XAIGH_STATE": "/s"}, "/s"),
        ({"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/xaigh"),
        ({"HOME": "/h"}, "/h/.local/state/xaigh"),
    ],
)
def test_the_state_folder_follows_the_environment(environ: dict[str, str], folder: str) -> None:
    """As other programs do it."""
    assert private_files.state_folder(environ) == Path(folder)
