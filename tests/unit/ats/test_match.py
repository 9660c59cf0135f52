"""Unchanged records are known by their mirrors, wherever the batch is normalized."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.harness.business_services import BusinessServices
from tests.harness.syncs import board, greenhouse, integrate, sync, words

from xaigh_server.ats.batch import Batch, BatchHeader
from xaigh_server.ats.match import Matcher, candidates
from xaigh_server.ats.normalizer_pool import NormalizerPool
from xaigh_server.ats.records import text_of
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.ats.repository.mirrors import Mirrors

pytestmark = [
    pytest.mark.process,
    pytest.mark.parametrize("reading", ["here", "beside"], indirect=True),
]

RECORDS = [
    *board(*range(60)),
    greenhouse(60, title=None),
    greenhouse(61, id=None),
    greenhouse(62, absolute_url="https://boards.greenhouse.io/other/jobs/62"),
]
CHANGED = [greenhouse(number, title="Another") for number in range(30)] + RECORDS[30:]


async def matched(
    services: BusinessServices, normalizers: NormalizerPool, records: Sequence[dict[str, Any]]
) -> Batch:
    """A batch of the only integration, fingerprinted and matched."""
    wanted = IntegrationFilter(provider="GREENHOUSE")
    (integration,) = await services.database.read(
        lambda s: Integrations(s).listing(wanted, limit=2)
    )
    batch = await normalizers.fingerprint(
        Batch(
            header=BatchHeader(),
            integration=integration,
            now=services.now,
            records=[text_of(record) for record in records],
        )
    )
    job_ids = candidates(batch.fingerprints)
    mirrors = await services.database.read(lambda s: Mirrors(s).known(job_ids))
    found = Matcher(integration, services.now).match(batch.fingerprints, mirrors.by_job)
    return Batch(
        header=batch.header,
        integration=integration,
        now=batch.now,
        records=batch.records,
        fingerprints=batch.fingerprints,
        mirrors=mirrors,
        parsed=found,
    )


async def test_records_that_made_their_mirror_are_unchanged(
    services: BusinessServices, normalizers: NormalizerPool
) -> None:
    """Changed records and rejected ones are left to be normalized."""
    await integrate(services)
    await sync(services, RECORDS)
    batch = await matched(services, normalizers, CHANGED)
    assert batch.unmatched == [*range(30), 60, 61, 62]
    normalized = await normalizers.normalize(batch)
    assert [bool(one.known) for one in normalized.outcomes] == [False] * 30 + [True] * 30 + [
        False
    ] * 3
    assert [bool(one.rejections) for one in normalized.outcomes] == [False] * 60 + [True] * 3


async def test_a_match_sees_what_was_committed_last(
    services: BusinessServices, normalizers: NormalizerPool
) -> None:
    """Also by others, between two batches."""
    await integrate(services)
    await sync(services, RECORDS)
    before = await matched(services, normalizers, CHANGED)
    assert words(await sync(services, CHANGED[:30])) == ["UPDATED"] * 30
    after = await matched(services, normalizers, CHANGED)
    assert len(before.unmatched) - len(after.unmatched) == 30
