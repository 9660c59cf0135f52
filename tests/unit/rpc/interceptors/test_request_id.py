"""Request ids: the server's own, beside a harmless one of the client."""

from itertools import count

import pytest
from tests.harness.call import (
    UNREAD,
    End,
    call,
)

from xaigh_server.rpc.interceptors.request_id import RequestId


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("mine-1", "mine-1"),
        ("a" * 128, "a" * 128),
        ("A.b_c-9", "A.b_c-9"),
        ("a" * 129, ""),
        ("", ""),
        ("two words", ""),
        ("ä", ""),
        ("x\n", ""),
        ("<script>", ""),
        ("req/1", ""),
        ("test_sk_0123456789abcdefghij", ""),
        ("xst_0123456789abcdefghij", ""),
    ],
)
async def test_a_clients_id_is_kept_if_it_is_harmless(sent: str, kept: str):
    """Ours is always there; anything unusual of theirs is dropped, not refused."""
    made = call(x_request_id=sent)
    await RequestId(new_id=lambda: "req_1")(End(), UNREAD, made)
    assert (made.request_id, made.client_request_id) == ("req_1", kept)
    echoed = [("x-client-request-id", kept)] if kept else []
    assert made.reply_metadata == [("x-request-id", "req_1"), *echoed]


async def test_every_call_has_an_id_of_its_own():
    """Two calls never share one, whatever the client sends."""
    numbers = count(1)
    link = RequestId(new_id=lambda: f"req_{next(numbers)}")
    made = [call(x_request_id="same") for _ in range(3)]
    for each in made:
        await link(End(), UNREAD, each)
    assert [each.request_id for each in made] == ["req_1", "req_2", "req_3"]
