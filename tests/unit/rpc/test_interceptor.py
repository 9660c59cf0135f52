"""The chain of interceptors: each one runs around all that follow it."""

from tests.harness.call import BY_NAME, UNREAD, End, call, method

from xaigh_server.rpc.interceptor import chain


async def test_links_run_in_their_order_around_what_follows():
    """The first sees a call first and its reply last."""
    seen: list[str] = []

    class Link:
        def __init__(self, name: str) -> None:
            self.name = name

        async def __call__(self, call_next, request, call):
            seen.append(self.name)
            reply = await call_next(request, call)
            seen.append(f"{self.name}'")
            return reply

    assert await chain([Link("a"), Link("b")], End())(UNREAD, call()) == "answered"
    assert seen == ["a", "b", "b'", "a'"]


async def test_a_chain_without_links_is_its_end():
    """Nothing stands in between."""
    end = End()
    assert await chain([], end)(UNREAD, call()) == "answered"
    assert end.requests == [UNREAD]


def test_the_methods_used_here_are_what_they_are_used_as():
    """A change of the protos shows here first."""
    assert BY_NAME["WatchJobs"].server_streaming and BY_NAME["SyncFeed"].client_streaming
    assert method("GetJob").rule.scope == "jobs:read"
