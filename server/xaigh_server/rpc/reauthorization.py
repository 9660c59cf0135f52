"""Reauthorization: authorizes an open call again, with the newest grant of its credential."""

from __future__ import annotations

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptors.authenticate import Authenticate
from xaigh_server.rpc.interceptors.authorize import check_rights
from xaigh_server.rpc.interceptors.browser_rule import check_signs


class Reauthorize:
    """Runs the chain's checks of the caller once more, in their order, but for the rate limit.

    A call was counted when it began, and is one call however long it is open.
    """

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def __call__(self, call: Call) -> None:
        """Sets the call's principal and epoch anew, or raises the error that a new call would get.

        The epoch is set last, once every check has passed: a unit that runs meanwhile in another
        thread compares the epoch first and reads the principal afterwards.
        """
        found = await self._authenticate.again(call)
        check_signs(found.principal, call)
        check_rights(found.principal, call.method.rule)
        call.principal = found.principal
        call.epoch = found.epoch
