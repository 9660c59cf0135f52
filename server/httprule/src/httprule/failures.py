"""Whatever can go wrong in a request, as one of the two failures a backend renders."""

from __future__ import annotations

import logging
from typing import Final

from google.rpc.code_pb2 import Code

from httprule.backend import Failure, HttpRefusal, RpcFailure
from httprule.cancel_scope import Interrupted, Interruption
from httprule.errors import InvalidArgument
from httprule.status import bad_request, pack

_log: Final = logging.getLogger("httprule")


def failure_of(error: Exception) -> Failure:
    """The failure that an error means. One that nobody typed is logged, and its text stays here."""
    if isinstance(error, RpcFailure | HttpRefusal):
        return error
    if isinstance(error, InvalidArgument):
        violations = [(v.field, v.description, v.reason) for v in error.violations]
        return RpcFailure(bad_request(f"The request is not valid: {error}.", violations))
    if isinstance(error, Interrupted):
        return _interrupted(error.why)
    _log.error("A call failed for a reason that nobody foresaw.", exc_info=error)
    # As gRPC has it: a status that nobody chose is UNKNOWN.
    return RpcFailure(pack(Code.UNKNOWN, "An internal error occurred."))


def _interrupted(why: Interruption) -> RpcFailure:
    if why is Interruption.DEADLINE:
        return RpcFailure(pack(Code.DEADLINE_EXCEEDED, "The deadline of the call has passed."))
    return RpcFailure(
        pack(Code.UNAVAILABLE, "The server is shutting down; try again."), (("retry-after", "1"),)
    )
