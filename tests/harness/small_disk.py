"""A disk that can be made full: a tmpfs of its own, shrunk to what it holds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

_ATTEMPTS = 100


class SmallDisk:
    """One folder and the disk under it. Without the right to mount, it is a folder of any disk."""

    def __init__(self, folder: Path, *, is_mounted: bool) -> None:
        self.folder = folder
        self.is_mounted = is_mounted

    def fill(self) -> None:
        """Leaves no free block. What exists can still be written.

        Files grow meanwhile, and a disk can't be smaller than they are: then it is tried again.
        """
        for attempt in range(_ATTEMPTS):
            found = os.statvfs(self.folder)
            try:
                self._resize(str((found.f_blocks - found.f_bfree) * found.f_frsize))
            except subprocess.CalledProcessError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def clear(self) -> None:
        """Gives it space again."""
        self._resize("50%")

    def _resize(self, size: str) -> None:
        _mount("-o", f"remount,size={size}", str(self.folder))


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Mounts one, where this process may, and takes it away at the end."""
    folder = Path(mkdtemp(prefix="xgdisk"))
    try:
        _mount("-t", "tmpfs", "-o", "size=50%,mode=755", "none", str(folder))
    except (FileNotFoundError, subprocess.CalledProcessError):
        yield SmallDisk(folder, is_mounted=False)
        return
    try:
        yield SmallDisk(folder, is_mounted=True)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
