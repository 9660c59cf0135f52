"""A generated tree is replaced file by file, and only where a file's content changed.

So several people may generate at once, and a server or a test that reads the old files while
they are replaced never sees half a file.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Paths relative to the tree's root, sorted."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def lines(self) -> Iterator[str]:
        """One line a file, with its sign in front."""
        for sign, names in (("+", self.added), ("~", self.changed), ("-", self.removed)):
            yield from (f"{sign} {name}" for name in names)


def compare(old: Path, new: Path) -> Difference:
    """What it takes to make `old` equal to `new`."""
    before, after = set(_files(old)), set(_files(new))
    same = before & after
    return Difference(
        added=tuple(sorted(after - before)),
        changed=tuple(sorted(n for n in same if (old / n).read_bytes() != (new / n).read_bytes())),
        removed=tuple(sorted(before - after)),
    )


def publish(new: Path, target: Path) -> Difference:
    """Makes `target` equal to `new` and returns what was different."""
    target.mkdir(parents=True, exist_ok=True)
    with _only_one(target):
        difference = compare(target, new)
        for name in (*difference.added, *difference.changed):
            _replace(target / name, (new / name).read_bytes())
        for name in difference.removed:
            (target / name).unlink(missing_ok=True)
        _drop_empty_folders(target)
    return difference


def mark_packages(root: Path) -> None:
    """Gives every package below `root` an `__init__.py`, and each top one a `py.typed`."""
    for top in sorted(path for path in root.iterdir() if path.is_dir()):
        (top / "py.typed").touch()
        for folder in (top, *(path for path in top.rglob("*") if path.is_dir())):
            (folder / "__init__.py").touch()


def _files(root: Path) -> Iterator[str]:
    for path in root.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            yield path.relative_to(root).as_posix()


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)


def _drop_empty_folders(root: Path) -> None:
    for folder in sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True):
        if folder.name != "__pycache__" and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def _only_one(target: Path) -> Iterator[None]:
    lock = Path(tempfile.gettempdir()) / f"xaigh-generate-{os.getuid()}.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
