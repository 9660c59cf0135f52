"""Forward targets: what takes the applications for an integration's roles.

A target is an HTTPS URL at the client's side, or `agent`: the client's own agent, which receives
them over a stream and puts them into the ATS.
"""

from __future__ import annotations

from dataclasses import dataclass

from xaigh_server.identity.environments import Environment
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.url_guard import THIS_MACHINE, CallbackForbidden, CallbackUrl, check_url

AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardTargets:
    """Rules for targets: those of callbacks, and always HTTPS, since people's data goes there.

    `allow_loopback` is for development: it also takes http, to this very host alone.
    """

    allow_loopback: bool = False
    own: OwnHosts = THIS_MACHINE

    def url_of(
        self, target: str, environment: str, *, field: str = "integration.forwardTarget"
    ) -> CallbackUrl | None:
        """Returns the URL of a target, None for the agent. Raises CallbackForbidden."""
        if target == AGENT:
            return None
        url = check_url(
            target,
            environment=Environment(environment),
            allow_loopback=self.allow_loopback,
            own=self.own,
            field=field,
        )
        if url.scheme != "https" and not url.loopback:
            raise CallbackForbidden(field, "Applications hold personal data: only https.")
        return url

    def are_valid(self, target: str, environment: str) -> bool:
        """Whether applications may go to a target."""
        try:
            self.url_of(target, environment)
        except CallbackForbidden:
            return False
        return True
