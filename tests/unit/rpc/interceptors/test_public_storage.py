"""Bytes that public methods store for one peer address."""

from typing import Any

import pytest
from tests.harness.call import End, call

from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh_server.errors import NotFound
from xaigh_server.identity.errors import PeerStorageSpent
from xaigh_server.identity.rate_limit.model import MemoryLimiter, storage_tier
from xaigh_server.rpc.interceptors.public_storage import ROWS_BYTES, PublicStorage


def storage(size: int) -> PublicStorage:
    return PublicStorage(MemoryLimiter(lambda: 0.0), tier=storage_tier(size))


async def test_a_write_costs_its_message_and_its_rows():
    """A large one is refused where a small one still fits, and another address begins anew."""
    link, end = storage(2 * ROWS_BYTES + 500), End()
    large = api.ReplyToReviewRequest(text="x" * 501)
    small = api.ReplyToReviewRequest(text="x" * 100)
    await link(end, small, call("ReplyToReview"))
    with pytest.raises(PeerStorageSpent) as refused:
        await link(end, large, call("ReplyToReview"))
    assert refused.value.retry_after == 86_400
    await link(end, small, call("ReplyToReview"))
    elsewhere = call("ReplyToReview")
    elsewhere.peer = "192.0.2.8"
    await link(end, small, elsewhere)
    assert len(end.requests) == 3


async def test_only_reads_that_leave_an_event_cost_and_only_when_they_succeed():
    """Status can always be read; a sealed key that isn't there costs nothing."""
    link, end = storage(ROWS_BYTES), End()

    async def nothing(request: Any, made: Any) -> Any:
        raise NotFound("sealed key", "")

    for _ in range(3):
        with pytest.raises(NotFound):
            await link(nothing, api.GetSealedKeyRequest(), call("GetSealedKey"))
    await link(end, api.GetSealedKeyRequest(), call("GetSealedKey"))
    with pytest.raises(PeerStorageSpent):
        await link(end, api.GetSealedKeyRequest(), call("GetSealedKey"))
    await link(end, api.GetTicketStatusRequest(), call("GetTicketStatus"))


async def test_methods_that_need_a_credential_cost_nothing():
    """Their callers are known and limited by their tiers."""
    link, end = storage(1), End()
    await link(end, api.StartReviewRequest(), call("StartReview"))
    assert len(end.requests) == 1
