"""The types of the fixtures that start servers and open connections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from httprule_harness.notes import Site
from httprule_harness.raw import Connection, RawReply

Sites = Callable[..., Awaitable[Site]]
Connect = Callable[[Site], Awaitable[Connection]]
Ask = Callable[..., Awaitable[RawReply]]
