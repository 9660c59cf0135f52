"""Two forms of one Workday role: one mirror, or the second form is refused with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.harness.business_services import BusinessServices
from tests.harness.provider_records import WORKDAY_DETAIL, WORKDAY_REST, WORKDAY_ROW, changed
from tests.harness.syncs import close_state, codes, integrate, open_ids, run_state, sync, words

from xaigh.ats.v1 import integration_pb2
from xaigh.jobs.v1 import ats_job_link_pb2
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.metadata import control_metadata

WORKDAY = ats_job_link_pb2.AtsJobLink.WORKDAY
WID = str(WORKDAY_REST["id"])
REQUISITION = "JR-00417"


@pytest.fixture
def services(business: Database) -> BusinessServices:
    """The services on the engine under test."""
    return BusinessServices(business, open_database("control", Path("nowhere"), control_metadata))


async def taken(services: BusinessServices, *records: dict[str, object], **said: Any) -> Any:
    services.pass_time(minutes=1)
    return await sync(services, records, provider=WORKDAY, **said)


FORMS = [
    # first form, second form, id of the mirror
    (WORKDAY_ROW, WORKDAY_REST, REQUISITION),
    (WORKDAY_REST, WORKDAY_ROW, WID),
    (WORKDAY_DETAIL, WORKDAY_REST, REQUISITION),
    (WORKDAY_REST, WORKDAY_DETAIL, WID),
]


@pytest.mark.parametrize(("first", "second", "identity"), FORMS)
async def test_a_second_form_of_a_role_is_refused(
    services: BusinessServices, first: Any, second: Any, identity: str
) -> None:
    """In a later batch as in the same one; the reason names the mirror that there is."""
    await integrate(services, provider=WORKDAY, board="")
    assert words(await taken(services, first)) == ["CREATED"]
    later = await taken(services, second)
    assert (words(later), codes(later.outcomes[0].rejections)) == (
        ["REJECTED"],
        ["MIRROR_OF_ANOTHER_FORM"],
    )
    assert identity in later.outcomes[0].rejections[0].message
    assert await open_ids(services) == {identity}


@pytest.mark.parametrize(("first", "second", "identity"), FORMS)
async def test_both_forms_in_one_batch_make_one_mirror(
    services: BusinessServices, first: Any, second: Any, identity: str
) -> None:
    """The first of the two."""
    await integrate(services, provider=WORKDAY, board="")
    reply = await taken(services, first, second)
    assert words(reply) == ["CREATED", "REJECTED"]
    assert await open_ids(services) == {identity}


async def test_row_and_detail_are_one_mirror(services: BusinessServices) -> None:
    """Both name the requisition."""
    await integrate(services, provider=WORKDAY, board="")
    assert words(await taken(services, WORKDAY_ROW)) == ["CREATED"]
    assert words(await taken(services, WORKDAY_DETAIL)) == ["UPDATED"]
    again = await taken(services, WORKDAY_ROW)
    assert not {"jobContent.descriptionHtml", "jobContent.employmentType"} & {
        *again.outcomes[0].changed_fields
    }
    assert await open_ids(services) == {REQUISITION}


async def test_detail_and_rest_are_one_mirror_by_the_posting(services: BusinessServices) -> None:
    """Both have its id; a row has none and is refused."""
    posting = integration_pb2.AtsIntegration.POSTING
    await integrate(services, provider=WORKDAY, board="", workday_identity=posting)
    assert words(await taken(services, WORKDAY_DETAIL)) == ["CREATED"]
    assert words(await taken(services, WORKDAY_REST)) == ["UPDATED"]
    row = await taken(services, WORKDAY_ROW)
    assert codes(row.outcomes[0].rejections) == ["INVALID_ID"]
    assert await open_ids(services) == {WID}


async def test_a_refused_form_keeps_its_role_open(services: BusinessServices) -> None:
    """A whole feed of the other form is no proof that the roles are gone."""
    await integrate(services, provider=WORKDAY, board="")
    await taken(services, WORKDAY_ROW)
    said: dict[str, Any] = {"close_missing": True, "expected_total": 1}
    reply = await taken(services, WORKDAY_REST, **said)
    assert (run_state(reply.run), close_state(reply.run)) == ("COMPLETED", "CLOSED")
    assert (reply.run.close.count, await open_ids(services)) == (0, {REQUISITION})


async def test_postings_of_one_requisition_are_roles_of_their_own(
    services: BusinessServices,
) -> None:
    """They share what the other form would call them, and no form of the other kind is there."""
    await integrate(services, provider=WORKDAY, board="")
    second = changed(WORKDAY_REST, id="0aa1bb22cc33dd44ee55ff6600779999")
    assert words(await taken(services, WORKDAY_REST, second)) == ["CREATED", "CREATED"]
    third = changed(WORKDAY_REST, id="0aa1bb22cc33dd44ee55ff6600778888")
    assert words(await taken(services, third)) == ["CREATED"]
