"""Which of several serving processes this one is, and what it shares with the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from xaigh_server.identity.rate_limit.shared_limiter import SharedCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    """The place of one process among `of`. The first one also does what one alone may do.

    `folder` holds the sockets on which the processes ask one another, `counts` their rate limits;
    both are None for a process that is alone.
    """

    index: int = 0
    of: int = 1
    folder: Path | None = field(default=None, repr=False)
    counts: SharedCounts | None = field(default=None, repr=False)

    @property
    def first(self) -> bool:
        """Whether this process delivers, expires, sweeps and anchors."""
        return self.index == 0

    @property
    def alone(self) -> bool:
        """Whether there is no other."""
        return self.of == 1

    def socket(self, index: int) -> str:
        """Where the process at `index` answers the others."""
        assert self.folder is not None
        return str(self.folder / f"{index}.sock")


SINGLE = WorkerInfo()
