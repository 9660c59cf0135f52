"""Files of JSON that only their owner may read, mode 0600, and the folder of the command's state.

The state folder is `$XAIGH_STATE`, or `xaigh` below `$XDG_STATE_HOME` or `~/.local/state`. It holds
drafts of decisions, the revisions that an operator was shown, and an applicant's tickets.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xaigh_client.errors import ConfigurationError


def state_folder(environ: Mapping[str, str]) -> Path:
    """Returns the path of the folder of the command's state."""
    if chosen := environ.get("XAIGH_STATE"):
        return Path(chosen)
    home = Path(environ.get("HOME", "~")).expanduser()
    return Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "xaigh"


def load(file: Path) -> dict[str, Any] | None:
    """Reads an object; None where the file doesn't exist. Raises ConfigurationError."""
    try:
        mode = file.stat().st_mode
        text = file.read_text()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"can't read {file}: {error.strerror}") from None
    if mode & 0o077:
        raise ConfigurationError(f"others may read {file}; run: chmod 600 {file}")
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{file} is damaged; mend or delete it")
    return found


def save(file: Path, content: Mapping[str, Any]) -> None:
    """Replaces a file atomically, with mode 0600. Raises ConfigurationError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes the file 0600 from its first moment.
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
        with os.fdopen(handle, "w") as stream:
            json.dump(content, stream, indent=2, ensure_ascii=False)
            stream.write("\n")
        os.replace(temporary, file)
    except OSError as error:
        raise ConfigurationError(f"can't write {file}: {error.strerror}") from None


def forget(file: Path) -> None:
    """Deletes a file; one that doesn't exist is forgotten already."""
    file.unlink(missing_ok=True)
