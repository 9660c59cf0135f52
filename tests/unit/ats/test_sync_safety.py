"""The accidents that other syncs had, one test each: here they don't happen.

The numbers are those of the list of known pitfalls. Those about one record alone (escaping, pay,
places, links, persons' names) are tested with the normalizers, too; here they go through a sync.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import select
from tests.harness.business_services import EMPLOYER, NOW, BusinessServices, key, operator
from tests.harness.syncs import (
    LEVER,
    authoritative,
    board,
    close_reason,
    close_state,
    codes,
    every_job,
    greenhouse,
    history,
    integrate,
    lever,
    mirror,
    open_ids,
    run_state,
    sync,
    words,
)

from xaigh.jobs.v1 import job_pb2, pay_pb2
from xaigh_server.ats.errors import (
    BatchConflict,
    BatchTooLarge,
    CloseCountMismatch,
    RunInProgress,
    RunOutdated,
)
from xaigh_server.ats.mirror_ids import mirror_id
from xaigh_server.ats.tables import ats_sync_events
from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.scopes import Role
from xaigh_server.jobs.model import AtsIngestRequired
from xaigh_server.jobs.tables import ats_mirrors, job_operations, job_postings

READINGS = ["here", pytest.param("beside", marks=pytest.mark.process)]
pytestmark = pytest.mark.parametrize("reading", READINGS, indirect=True)

OPERATIONS = select(*job_operations.c).order_by(job_operations.c.number)
POSTINGS = select(*job_postings.c).order_by(job_postings.c.number)


def at(time: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


async def test_01_one_page_of_a_feed_never_closes_the_rest(services: BusinessServices) -> None:
    """200 records that say closeMissing must say how many the feed holds; a page closes nothing."""
    await integrate(services)
    await authoritative(services, board(*range(200)), expected_total=200)
    page = board(*range(200))
    with pytest.raises(FieldInvalid) as caught:
        await sync(services, page, close_missing=True)
    assert caught.value.violations[0].path == "expectedTotal"
    reply = await sync(services, board(*range(100)), close_missing=True, expected_total=200)
    assert (run_state(reply.run), close_state(reply.run)) == ("INCOMPLETE", "SKIPPED")
    assert close_reason(reply.run) == "COUNT_MISMATCH"
    assert len(await open_ids(services)) == 200


async def test_02_a_rejected_record_counts_as_seen(services: BusinessServices) -> None:
    """What could not be read isn't gone; and where an id couldn't be read, nothing is closed."""
    await integrate(services)
    await authoritative(services, board(1, 2, 3))
    broken = greenhouse(2, title=None)
    reply = await authoritative(services, [greenhouse(1), broken])
    assert words(reply) == ["UNCHANGED", "REJECTED"]
    assert close_state(reply.run) == "CLOSED"
    assert await open_ids(services) == {"1", "2"}
    nameless = greenhouse(3, id=None)
    reply = await authoritative(services, [greenhouse(1), nameless])
    assert close_reason(reply.run) == "UNREADABLE_RECORDS"
    assert await open_ids(services) == {"1", "2"}


async def test_03_an_empty_feed_closes_nothing_by_itself(services: BusinessServices) -> None:
    """It waits for a person, however few the roles are."""
    await integrate(services)
    await authoritative(services, board(1, 2))
    reply = await authoritative(services, [])
    assert (close_state(reply.run), close_reason(reply.run)) == ("HELD", "EMPTY_FEED")
    assert reply.run.close.count == 2
    assert await open_ids(services) == {"1", "2"}
    await services.do("ConfirmClose", sync_run_id=reply.sync_run_id, close_count=2)
    assert await open_ids(services) == set()


async def test_04_a_mass_close_waits_for_its_exact_count(services: BusinessServices) -> None:
    """Over both figures it is held, lists the roles, and is confirmed once."""
    await integrate(services)
    await authoritative(services, board(*range(40)))
    reply = await authoritative(services, board(*range(29)))
    assert (close_state(reply.run), close_reason(reply.run)) == ("HELD", "MASS_CLOSE")
    assert (reply.run.close.count, reply.run.close.open_count) == (11, 40)
    assert {role.external_job_id for role in reply.run.close.roles} == {
        str(number) for number in range(29, 40)
    }
    assert len(await open_ids(services)) == 40
    with pytest.raises(CloseCountMismatch):
        await services.do("ConfirmClose", sync_run_id=reply.sync_run_id, close_count=12)
    run = await services.do("ConfirmClose", sync_run_id=reply.sync_run_id, close_count=11)
    assert close_state(run) == "CONFIRMED"
    assert len(await open_ids(services)) == 29


@pytest.mark.parametrize(
    ("before", "gone", "held"),
    [(2, 1, False), (40, 10, False), (100, 20, False), (100, 21, True), (52, 11, True)],
)
async def test_04_a_close_within_either_figure_is_done(
    services: BusinessServices, before: int, gone: int, held: bool
) -> None:
    """Ten roles, or a fifth, may go at once: small boards work."""
    await integrate(services)
    await authoritative(services, board(*range(before)))
    reply = await authoritative(services, board(*range(before - gone)))
    assert close_state(reply.run) == ("HELD" if held else "CLOSED")


async def test_05_a_close_stays_within_its_integration(services: BusinessServices) -> None:
    """Another provider's, another board's and local roles are left alone."""
    await integrate(services)
    other = await integrate(services, provider=LEVER)
    by = key(EMPLOYER, "employer_2")
    elsewhere = await integrate(services, employers=["employer_2"], by=by, board="south")
    await authoritative(services, board(1, 2))
    await services.do(
        "SyncJobs", provider=LEVER, employer_user_id=EMPLOYER, jobs=[lever(1)], complete=True
    )
    south = greenhouse(9, absolute_url="https://boards.greenhouse.io/south/jobs/9")
    await services.do(
        "SyncJobs", by, integration_id=elsewhere.integration_id, jobs=[south], complete=True
    )
    await authoritative(services, board(1))
    assert len(await open_ids(services, by)) == 3
    assert other.provider == LEVER


async def test_05_direct_jobs_stay_direct(services: BusinessServices) -> None:
    """Those that exist at the activation are never closed by a sync."""
    direct = await services.do(
        "PostJob", employer_user_id=EMPLOYER, title="Crew", slots=1, starts_at=at(NOW)
    )
    await integrate(services)
    await authoritative(services, board(1, 2))
    await authoritative(services, board(1))
    assert await services.do("GetJob", job_id=direct.job_id) == direct


async def test_06_duplicates_in_a_batch(services: BusinessServices) -> None:
    """The same content again is taken once; other content refuses all of that id; both are seen."""
    await integrate(services)
    twin = greenhouse(2, title="Another title")
    reply = await authoritative(services, [*board(1, 1, 2), twin], expected_total=2)
    assert words(reply) == ["CREATED", "UNCHANGED", "REJECTED", "REJECTED"]
    assert codes(reply.outcomes[1].warnings) == ["DUPLICATE"]
    assert codes(reply.outcomes[2].rejections) == ["DUPLICATE_ID"]
    assert run_state(reply.run) == "COMPLETED"


async def test_07_ids_are_trimmed_keep_their_case_and_know_no_type(
    services: BusinessServices,
) -> None:
    """42 equals "42", `a` isn't `A`, and tuples of parts never collide."""
    await integrate(services)
    same = [greenhouse(42), greenhouse(42, id=" 42 "), greenhouse(42, id="42")]
    reply = await sync(services, same)
    assert words(reply) == ["CREATED", "UNCHANGED", "UNCHANGED"]
    reply = await sync(services, [greenhouse(1, id="r1"), greenhouse(2, id="R1")])
    assert len({outcome.job_id for outcome in reply.outcomes}) == 2
    assert mirror_id("a:b", "GREENHOUSE", "c") != mirror_id("a", "GREENHOUSE", "b:c")
    past = await sync(services, [greenhouse(3, id=float(2**53 + 2))])
    assert codes(past.outcomes[0].rejections) == ["INVALID_ID"]


async def test_08_an_older_record_never_overwrites_a_newer_one(services: BusinessServices) -> None:
    """By the provider's time of change."""
    await integrate(services)
    await sync(services, [greenhouse(1, title="New", updated_at="2026-05-02T00:00:00Z")])
    reply = await sync(services, [greenhouse(1, title="Old", updated_at="2026-05-01T00:00:00Z")])
    assert words(reply) == ["STALE_SKIPPED"]
    assert (await mirror(services, 1)).job_content.title == "New"


async def test_08_an_older_reading_never_overwrites_where_records_are_not_dated(
    services: BusinessServices,
) -> None:
    """By generatedAt; and a whole run read before the last completed one is refused."""
    await integrate(services, provider=LEVER)

    async def read_at(hour: int, text: str, **said: Any) -> Any:
        services.pass_time(hours=1)
        return await services.do(
            "SyncJobs",
            provider=LEVER,
            employer_user_id=EMPLOYER,
            jobs=[lever(1, text=text)],
            generated_at=at(NOW - timedelta(hours=10) + timedelta(hours=hour)),
            **said,
        )

    await read_at(5, "Newer", complete=True)
    assert words(await read_at(3, "Older")) == ["STALE_SKIPPED"]
    with pytest.raises(RunOutdated):
        await read_at(4, "Older", close_missing=True)
    assert words(await read_at(6, "Newest")) == ["UPDATED"]


async def test_09_two_syncs_at_once(services: BusinessServices) -> None:
    """A second run waits for the lease; a role first seen elsewhere meanwhile isn't closed."""
    await integrate(services)
    await authoritative(services, board(1, 2))
    services.pass_time(minutes=1)
    first: dict[str, Any] = {"sync_run_id": "nightly-1", "close_missing": True}
    await sync(services, board(1), **first, batch_index=0)
    with pytest.raises(RunInProgress) as caught:
        await sync(services, board(1), sync_run_id="nightly-2", batch_index=0)
    assert 0 < (caught.value.retry_after or 0) <= 600
    services.pass_time(minutes=1)
    await sync(services, board(3))
    done = await sync(services, board(2), **first, batch_index=1, complete=True, expected_total=2)
    assert run_state(done.run) == "COMPLETED"
    assert await open_ids(services) == {"1", "2", "3"}


async def test_10_the_same_batch_again_is_answered_as_it_was(services: BusinessServices) -> None:
    """With other content it is refused, and nothing is counted twice."""
    await integrate(services)
    said: dict[str, Any] = {"sync_run_id": "nightly", "batch_index": 0}
    first = await sync(services, board(1, 2), **said)
    again = await sync(services, board(1, 2), **said)
    assert again.replayed
    again.replayed = False
    assert again == first
    with pytest.raises(BatchConflict):
        await sync(services, board(1, 3), **said)
    done = await sync(
        services, board(3), sync_run_id="nightly", batch_index=1, complete=True, expected_total=3
    )
    assert (run_state(done.run), done.run.seen_total) == ("COMPLETED", 3)
    assert (await sync(services, board(1, 2), **said)).replayed


async def test_11_a_role_that_comes_back_is_the_same_role(services: BusinessServices) -> None:
    """Reopened under its id, with its settings, and without the reason it was closed for."""
    await integrate(services)
    await authoritative(services, board(1, 2))
    before = await mirror(services, 2)
    await authoritative(services, board(1))
    services.pass_time(hours=1)
    reply = await authoritative(services, board(1, 2))
    assert words(reply) == ["UNCHANGED", "REOPENED"]
    after = await mirror(services, 2)
    assert after.job_id == before.job_id
    assert after.publication_status.close_reason == 0
    assert after.publication_status.reopen_time == at(services.now)
    assert await history(services, job_id=after.job_id) == [
        "CREATED",
        "MISSING_FROM_ATS",
        "CLOSED",
        "REOPENED",
    ]


async def test_11_a_role_held_back_here_is_not_reopened_silently(
    services: BusinessServices,
) -> None:
    """The client may close and reopen it: the hold stays, and the record is warned about."""
    await integrate(services)
    await authoritative(services, board(1, 2))
    job = await mirror(services, 2)
    await services.do(
        "UpdateOperations",
        operator(Role.SERVICE),
        job_id=job.job_id,
        operations={"matching": {"state": 1, "hold": {"reason": "fraud"}}},
        environment="sandbox",
    )
    await authoritative(services, board(1))
    reply = await authoritative(services, board(1, 2))
    assert words(reply) == ["UNCHANGED", "UPDATED"]
    assert codes(reply.outcomes[1].warnings) == ["HELD_LOCALLY"]
    status = (await mirror(services, 2)).publication_status
    assert status.close_reason == job_pb2.PublicationStatus.LOCAL_HOLD


async def test_12_a_status_closes_with_its_own_reason(services: BusinessServices) -> None:
    """Absence is another one; a text that nobody knows keeps the status, and warns."""
    await integrate(services, provider=6, board="")
    custom = {"externalJobId": "1", "title": "Picker", "applyUrl": "https://jobs.example.com/1"}

    async def say(status: str) -> Any:
        reply = await services.do(
            "SyncJobs", provider=6, employer_user_id=EMPLOYER, jobs=[{**custom, "status": status}]
        )
        return reply.outcomes[0], (await mirror(services, 1)).publication_status

    await say("OPEN")
    outcome, status = await say("CLOSED")
    assert (outcome.outcome, status.close_reason) == (
        outcome.CLOSED,
        job_pb2.PublicationStatus.ATS_CLOSED,
    )
    outcome, status = await say("Qwertz")
    assert codes(outcome.warnings) == ["STATUS_UNKNOWN"]
    assert status.state == job_pb2.PublicationStatus.CLOSED
    outcome, status = await say("OPEN")
    assert outcome.outcome == outcome.REOPENED


async def test_13_local_controls_survive_everything(services: BusinessServices) -> None:
    """Not a byte of them changes by an update, a close or a reopening, whatever a record holds."""
    await integrate(services)
    await authoritative(services, board(1, 2))
    job = await mirror(services, 2)
    await services.do(
        "UpdateJob",
        job={
            "job_id": job.job_id,
            "operations": {
                "auto_offer": {"enabled": True, "max_open_offers": 3},
                "geofence": {"latitude": 39.5, "longitude": -119.8, "radius_meters": 200},
                "documents": {"required": ["i9"]},
                "readiness": {"checks": ["safety"]},
                "worker_audience": {"pool_ids": ["a"]},
            },
        },
    )
    before = await services.rows(OPERATIONS)
    hostile = {"operations": {"autoOffer": {"enabled": False}}, "geofence": None, "autoOffer": {}}
    await authoritative(services, [greenhouse(1), greenhouse(2, title="New", **hostile)])
    await authoritative(services, board(1))
    await authoritative(services, board(1, 2))
    assert await services.rows(OPERATIONS) == before


@pytest.mark.parametrize(
    ("paths", "fields"),
    [
        (["job_content.title"], ["jobContent.title"]),
        (["job_content.title", "operations.auto_offer"], ["jobContent.title"]),
        (["pay_range", "publication_status.state"], ["payRange", "publicationStatus.state"]),
        (
            ["*"],
            ["jobContent", "publicationStatus", "payRange", "applicationDestination"],
        ),
    ],
)
async def test_14_direct_writes_of_the_clients_fields_are_refused_whole(
    services: BusinessServices, paths: list[str], fields: list[str]
) -> None:
    """By name, also with the same value; what else the request says isn't done either."""
    await integrate(services)
    await sync(services, board(1))
    job = await mirror(services, 1)
    with pytest.raises(AtsIngestRequired) as caught:
        await services.do(
            "UpdateJob",
            job={"job_id": job.job_id, "job_content": {"title": job.job_content.title}},
            update_mask={"paths": paths},
        )
    assert caught.value.metadata["fields"].split(",") == fields
    with pytest.raises(AtsIngestRequired):
        await services.do("CloseJob", job_id=job.job_id)
    with pytest.raises(AtsIngestRequired) as caught:
        await services.do(
            "PostJob", employer_user_id=EMPLOYER, title="Crew", slots=1, starts_at=at(NOW)
        )
    assert caught.value.metadata["fields"] == "title,slots,startsAt"
    assert await mirror(services, 1) == job


async def test_15_what_is_cleared_at_the_source_is_cleared_here(services: BusinessServices) -> None:
    """Null and absent alike, for the client's fields; what a form can't carry is kept."""
    await integrate(services)
    await sync(services, [greenhouse(1, requisition_id="R1")])
    reply = await sync(services, [greenhouse(1, requisition_id=None)])
    assert list(reply.outcomes[0].changed_fields) == ["jobContent.requisitionId"]
    listed = greenhouse(1, content=..., departments=..., offices=...)
    reply = await sync(services, [listed])
    assert words(reply) == ["UNCHANGED"]
    assert (await mirror(services, 1)).job_content.description_text == "Lift and carry."


async def test_16_only_a_completed_run_freshens(services: BusinessServices) -> None:
    """Attempts that fail or stay partial don't; at exactly the limit it is stale."""
    await integrate(services)
    await authoritative(services, board(1, 2))
    completed = services.now
    services.pass_time(hours=23)
    await sync(services, board(1))
    await sync(services, board(1), close_missing=True, expected_total=9)
    await sync(services, board(1), sync_run_id="cut-off", batch_index=0)
    services.pass_time(minutes=59, seconds=59, microseconds=999_999)
    assert not (await services.do("GetSyncStatus")).integrations[0].stale
    services.pass_time(microseconds=1)
    status = (await services.do("GetSyncStatus")).integrations[0]
    assert status.stale
    assert status.stale_since_time == at(completed + timedelta(days=1))
    assert status.last_completed_time == at(completed)
    assert status.last_sync_run_id == "cut-off"


async def test_17_a_wrong_clock_does_not_freeze_a_role(services: BusinessServices) -> None:
    """A time in the future counts as now, with a warning; later changes get through."""
    await integrate(services)
    reply = await sync(services, [greenhouse(1, updated_at="2031-01-01T00:00:00Z")])
    assert "TIME_IN_FUTURE" in codes(reply.outcomes[0].warnings)
    services.pass_time(days=1)
    later = (services.now - timedelta(hours=1)).isoformat()
    reply = await sync(services, [greenhouse(1, title="Fixed", updated_at=later)])
    assert words(reply) == ["UPDATED"]
    future = at(services.now + timedelta(days=400))
    await sync(services, [greenhouse(1, title="Ahead", updated_at=...)], generated_at=future)
    services.pass_time(hours=1)
    reply = await sync(services, [greenhouse(1, title="Again", updated_at=...)])
    assert words(reply) == ["UPDATED"]


async def test_18_pay_is_kept_as_stated(services: BusinessServices) -> None:
    """Amounts in minor units; a period that nobody states is unknown, with a suggestion."""
    await integrate(services)
    ranges = [{"min_cents": 5000, "max_cents": 7000, "currency_type": "USD", "title": "Pay range"}]
    await sync(services, [greenhouse(1, pay_input_ranges=ranges)])
    pay = (await mirror(services, 1)).pay_range.pays[0]
    assert (pay.min_minor, pay.max_minor, pay.currency) == (5000, 7000, "USD")
    assert pay.interval == pay_pb2.Pay.INTERVAL_UNSPECIFIED
    assert pay.suggested_interval == pay_pb2.Pay.HOUR


async def test_19_a_moved_posting_moves_no_geofence(services: BusinessServices) -> None:
    """Places are the client's; where workers check in is ours."""
    await integrate(services)
    await sync(services, board(1))
    job = await mirror(services, 1)
    fence = {"latitude": 39.5, "longitude": -119.8, "radius_meters": 200}
    await services.do("UpdateJob", job={"job_id": job.job_id, "operations": {"geofence": fence}})
    before = await services.rows(OPERATIONS)
    reply = await sync(services, [greenhouse(1, location={"name": "Austin, TX"})])
    assert list(reply.outcomes[0].changed_fields) == ["jobContent.locations"]
    assert await services.rows(OPERATIONS) == before


async def test_20_hostile_content_is_harmless(services: BusinessServices) -> None:
    """Scripts and handlers are gone; what is too large refuses its record, and no other."""
    await integrate(services)
    script = "&lt;p onclick=&quot;x()&quot;&gt;Hi&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;"
    huge = greenhouse(2, content="x" * 5_000_000)
    bidi = greenhouse(3, title="Pic\u202eker\x00")
    reply = await sync(services, [greenhouse(1, content=script), huge, bidi])
    assert words(reply) == ["CREATED", "REJECTED", "CREATED"]
    assert codes(reply.outcomes[1].rejections) == ["TOO_LARGE"]
    assert (await mirror(services, 1)).job_content.description_html == "<p>Hi</p>"
    assert (await mirror(services, 3)).job_content.title == "Picker"


async def test_21_only_what_matters_is_a_change(services: BusinessServices) -> None:
    """Volatile members don't change the raw hash, and a raw hash alone is no update."""
    await integrate(services)
    await sync(services, board(1))
    first = (await mirror(services, 1)).ats_link
    reply = await sync(services, [greenhouse(1, data_compliance=[{"type": "gdpr"}])])
    assert words(reply) == ["UNCHANGED"]
    assert (await mirror(services, 1)).ats_link.raw_hash == first.raw_hash
    reply = await sync(services, [greenhouse(1, something_new="x")])
    assert words(reply) == ["UNCHANGED"]
    link = (await mirror(services, 1)).ats_link
    assert link.raw_hash != first.raw_hash
    assert link.content_hash == first.content_hash
    assert await history(services) == ["CREATED"]


async def test_22_people_are_not_kept(services: BusinessServices) -> None:
    """Neither names nor e-mail addresses reach a table or a hash."""
    await integrate(services)
    people = {
        "recruiter": {"name": "Robin Roe", "email": "robin@example.com"},
        "hiring_manager": "Sam Poe",
    }
    await sync(services, [greenhouse(1, **people)])
    first = (await mirror(services, 1)).ats_link.raw_hash
    people["hiring_manager"] = "Kim Doe"
    reply = await sync(services, [greenhouse(1, **people)])
    assert words(reply) == ["UNCHANGED"]
    assert (await mirror(services, 1)).ats_link.raw_hash == first
    kept = repr([await services.rows(POSTINGS), await services.rows(select(*ats_mirrors.c))])
    assert not any(word in kept for word in ("Robin", "robin", "Poe", "Doe"))


async def test_23_only_web_links_are_kept(services: BusinessServices) -> None:
    """Without one, or anything to forward to, nobody can apply."""
    await integrate(services)
    bad = [greenhouse(1, absolute_url="javascript:x()"), greenhouse(2, absolute_url="/jobs/2")]
    reply = await sync(services, bad)
    for number, outcome in zip((1, 2), reply.outcomes, strict=True):
        assert set(codes(outcome.warnings)) == {"URL_INVALID", "NOT_APPLYABLE"}
        way = (await mirror(services, number)).application_destination
        assert (way.apply_url, way.applyable) == ("", False)


async def test_24_prospect_posts_are_marked(services: BusinessServices) -> None:
    """They are mirrored, and no role that could be offered."""
    await integrate(services)
    reply = await sync(services, [greenhouse(1, internal_job_id=None)])
    assert codes(reply.outcomes[0].warnings) == ["PROSPECT_POST"]
    assert (await mirror(services, 1)).job_content.prospect


async def test_25_one_bad_record_fails_no_other(services: BusinessServices) -> None:
    """Answers come in the order of the request; 201 records are refused before any is written."""
    await integrate(services)
    batch = [greenhouse(n, title=None) if n % 7 == 0 else greenhouse(n) for n in range(200)]
    reply = await sync(services, batch)
    assert [outcome.index for outcome in reply.outcomes] == list(range(200))
    assert [outcome.external_job_id for outcome in reply.outcomes] == [str(n) for n in range(200)]
    assert all((word == "REJECTED") == (n % 7 == 0) for n, word in enumerate(words(reply)))
    with pytest.raises(BatchTooLarge):
        await sync(services, board(*range(1000, 1201)))
    assert len(await every_job(services)) == sum(n % 7 != 0 for n in range(200))


async def test_26_a_switch_of_providers_closes_nothing_at_once(services: BusinessServices) -> None:
    """The old provider's roles stay until its feed is declared empty and somebody confirms."""
    old = await integrate(services)
    await authoritative(services, board(*range(20)))
    await integrate(services, provider=LEVER)
    await services.do(
        "SyncJobs",
        provider=LEVER,
        employer_user_id=EMPLOYER,
        jobs=[lever(n) for n in range(20)],
        close_missing=True,
    )
    assert len(await open_ids(services)) == 40
    reply = await authoritative(services, [], integration_id=old.integration_id)
    assert close_state(reply.run) == "HELD"
    await services.do("ConfirmClose", sync_run_id=reply.sync_run_id, close_count=20)
    assert len(await open_ids(services)) == 20


async def test_27_records_of_another_board_are_refused(services: BusinessServices) -> None:
    """And a mirror of another integration isn't taken over."""
    await integrate(services)
    await integrate(services, board="south")
    reply = await services.do("ListIntegrations", provider=2)
    north, south = (each.integration_id for each in reply.integrations)
    foreign = greenhouse(1, absolute_url="https://boards.greenhouse.io/other/jobs/1")
    refused = await sync(services, [foreign], integration_id=north)
    assert codes(refused.outcomes[0].rejections) == ["BOARD_MISMATCH"]
    own_site = greenhouse(2, absolute_url="https://northline.example.com/jobs/2")
    assert words(await sync(services, [own_site], integration_id=north)) == ["CREATED"]
    taken = await sync(services, [own_site], integration_id=south)
    assert codes(taken.outcomes[0].rejections) == ["MIRROR_OF_ANOTHER_INTEGRATION"]
    assert (await mirror(services, 2)).ats_link.integration_id == north
    events = select(ats_sync_events.c.type)
    assert len(await services.rows(events)) == 1


async def test_28_a_prospect_is_neither_published_nor_matched(services: BusinessServices) -> None:
    """Not when it is mirrored first, and not when a role turns into one, or back."""
    await integrate(services)
    await authoritative(services, [greenhouse(1), greenhouse(2, internal_job_id=None)])
    running: dict[str, Any] = {
        "operations": {"matching": {"state": 1}},
        "environment": "sandbox",
    }
    for job in await every_job(services):
        await services.do("UpdateOperations", operator(Role.SERVICE), job_id=job.job_id, **running)

    async def offered() -> set[str]:
        """The titles of published jobs, which are those that workers are sought for."""
        published = {job.job_content.title for job in (await services.do("ListPublishedJobs")).jobs}
        jobs = await every_job(services)
        assert published == {j.job_content.title for j in jobs if j.operations.matching.active}
        return published

    assert await offered() == {"Picker 1"}
    services.pass_time(hours=1)
    later = {"updated_at": "2026-05-02T10:00:00-04:00"}
    turned = greenhouse(1, internal_job_id=None, **later)
    await authoritative(services, [turned, greenhouse(2, **later)])
    assert await offered() == {"Picker 2"}
