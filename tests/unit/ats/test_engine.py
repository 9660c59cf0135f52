"""Runs of several batches, leases, rehearsals, and the confirmation of a mass close."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.harness.business_services import EMPLOYER, BusinessServices, key, operator
from tests.harness.syncs import (
    GREENHOUSE,
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
    mirror,
    open_ids,
    run_state,
    sync,
    words,
)

from xaigh_server.ats.errors import (
    CloseNotPending,
    IntegrationAmbiguous,
    IntegrationInactive,
    ProviderMismatch,
    RunClosed,
    RunSuperseded,
)
from xaigh_server.db.metadata import business_metadata
from xaigh_server.db.tables import business_journal
from xaigh_server.errors import AlreadyExists, FieldInvalid, NotFound
from xaigh_server.rpc.errors import IdempotencyKeyMissing, IdempotencyKeyReused

READINGS = ["here", pytest.param("beside", marks=pytest.mark.process)]
pytestmark = pytest.mark.parametrize("reading", READINGS, indirect=True)


async def everything(services: BusinessServices) -> dict[str, Any]:
    """Every row of every table."""
    return {
        table.name: await services.rows(select(*table.c))
        for table in business_metadata.sorted_tables
    }


async def told(services: BusinessServices) -> list[str]:
    """The events for webhooks, in order."""
    return [kind for kind, _ in await told_of(services)]


async def told_of(services: BusinessServices) -> list[tuple[str, dict[str, Any]]]:
    """The events for webhooks, in order, with their payloads."""
    outbox = business_journal.outbox
    rows = await services.rows(
        select(outbox.c.event_type, outbox.c.payload).order_by(outbox.c.sequence)
    )
    found: list[tuple[str, dict[str, Any]]] = []
    for kind, payload in rows:
        parsed = json.loads(payload)
        alike = parsed if isinstance(parsed, list) else [parsed]
        found += [(kind, each) for each in alike]
    return found


class TestBatches:
    async def test_a_run_completes_with_the_last_of_its_batches(
        self, services: BusinessServices
    ) -> None:
        """In any order: the one that says `complete` needn't be the last to come."""
        await integrate(services)
        said: dict[str, Any] = {"sync_run_id": "nightly", "close_missing": True}
        last = await sync(
            services, board(5), **said, batch_index=2, complete=True, expected_total=5
        )
        assert (run_state(last.run), close_state(last.run)) == ("OPEN", "WAITING")
        assert close_reason(last.run) == "COUNT_MISMATCH"
        middle = await sync(services, board(3, 4), **said, batch_index=1)
        assert run_state(middle.run) == "OPEN"
        first = await sync(services, board(1, 2), **said, batch_index=0)
        assert (run_state(first.run), first.run.batch_total) == ("COMPLETED", 3)
        assert first.run.counts.created == 5

    async def test_every_change_is_told(self, services: BusinessServices) -> None:
        """Changes alike share rows, fifty at most, and a change alone has one for itself."""
        await integrate(services)
        made = await sync(services, board(*range(1, 121)))
        ids = [each.job_id for each in made.outcomes]
        assert [payload["jobId"] for _, payload in await told_of(services)] == ids
        assert len(await services.rows(select(business_journal.outbox.c.sequence))) == 3
        assert await told(services) == ["job.created"] * 120

        changed = [greenhouse(1, title="New"), greenhouse(121), greenhouse(2, title="New")]
        await sync(services, changed)
        kinds = [(kind, payload["jobId"]) for kind, payload in (await told_of(services))[120:]]
        assert [kind for kind, _ in kinds] == ["job.created", "job.updated", "job.updated"]
        assert [job_id for _, job_id in kinds[1:]] == ids[:2]

    async def test_an_id_counts_once_however_often_it_comes(
        self, services: BusinessServices
    ) -> None:
        """Also when a partial sync saw it in between."""
        await integrate(services)
        await sync(services, board(1, 2), sync_run_id="nightly", batch_index=0)
        services.pass_time(seconds=1)
        await sync(services, board(1))
        reply = await sync(
            services,
            board(1, 3),
            sync_run_id="nightly",
            batch_index=1,
            complete=True,
            expected_total=3,
        )
        assert (run_state(reply.run), reply.run.seen_total) == ("COMPLETED", 3)

    async def test_more_ids_than_announced_end_a_run_without_closing(
        self, services: BusinessServices
    ) -> None:
        """The count is off, and nobody knows which side is wrong."""
        await integrate(services)
        await authoritative(services, board(1, 2, 3))
        reply = await authoritative(services, board(1, 2), expected_total=1)
        assert (run_state(reply.run), close_reason(reply.run)) == ("INCOMPLETE", "COUNT_MISMATCH")
        assert await open_ids(services) == {"1", "2", "3"}

    async def test_a_finished_run_takes_no_more_batches(self, services: BusinessServices) -> None:
        """But answers those again that it took."""
        await integrate(services)
        said: dict[str, Any] = {"sync_run_id": "nightly", "complete": True, "expected_total": 1}
        await sync(services, board(1), **said, batch_index=0)
        with pytest.raises(RunClosed):
            await sync(services, board(2), sync_run_id="nightly", batch_index=1)
        assert (await sync(services, board(1), **said, batch_index=0)).replayed

    async def test_a_run_id_is_of_one_integration(self, services: BusinessServices) -> None:
        """Another one's run of that id isn't joined."""
        await integrate(services)
        lever = await integrate(services, provider=LEVER)
        await sync(services, board(1), sync_run_id="nightly", batch_index=0)
        with pytest.raises(AlreadyExists):
            await services.do(
                "SyncJobs",
                integration_id=lever.integration_id,
                sync_run_id="nightly",
                batch_index=1,
            )

    @pytest.mark.parametrize(
        ("said", "path"),
        [
            ({"sync_run_id": "a"}, "batchIndex"),
            ({"batch_index": 1}, "batchIndex"),
            ({"sync_run_id": "a", "batch_index": 0, "complete": True}, "expectedTotal"),
            ({"provider": 0}, "provider"),
            ({"employer_user_id": ""}, "employerUserId"),
        ],
    )
    async def test_what_a_batch_says_must_hold_together(
        self, services: BusinessServices, said: dict[str, Any], path: str
    ) -> None:
        """Else it is refused by the field, before anything is read."""
        await integrate(services)
        with pytest.raises(FieldInvalid) as caught:
            await sync(services, board(1), **said)
        assert caught.value.violations[0].path == path

    async def test_a_sync_needs_its_idempotency_key(self, services: BusinessServices) -> None:
        """With the same key the same answer, with another request a refusal."""
        await integrate(services)
        with pytest.raises(IdempotencyKeyMissing):
            await sync(services, board(1), idempotency_key=None)
        first = await sync(services, board(1), idempotency_key="a")
        assert await sync(services, board(1), idempotency_key="a") == first
        with pytest.raises(IdempotencyKeyReused):
            await sync(services, board(2), idempotency_key="a")


class TestLeases:
    async def test_a_newer_run_takes_over_once_the_lease_is_over(
        self, services: BusinessServices
    ) -> None:
        """The older one is refused from then on, and has closed nothing."""
        await integrate(services)
        await authoritative(services, board(1, 2))
        await sync(services, board(1), sync_run_id="old", batch_index=0, close_missing=True)
        services.pass_time(minutes=10)
        reply = await authoritative(
            services, board(1, 2), sync_run_id="new", batch_index=0, complete=True
        )
        assert run_state(reply.run) == "COMPLETED"
        with pytest.raises(RunSuperseded):
            await sync(
                services, [], sync_run_id="old", batch_index=1, complete=True, expected_total=1
            )
        runs = (await services.do("ListSyncRuns")).runs
        assert [run_state(run) for run in runs] == ["COMPLETED", "SUPERSEDED", "COMPLETED"]
        assert close_reason(runs[1]) == "NOT_COMPLETED"

    async def test_a_run_whose_lease_is_over_goes_on_if_nobody_took_over(
        self, services: BusinessServices
    ) -> None:
        """A client that was down for hours resumes; after a day it begins anew."""
        await integrate(services)
        await sync(services, board(1), sync_run_id="nightly", batch_index=0)
        services.pass_time(hours=23)
        reply = await sync(services, board(2), sync_run_id="nightly", batch_index=1)
        assert run_state(reply.run) == "OPEN"
        services.pass_time(hours=24)
        with pytest.raises(RunClosed):
            await sync(services, board(3), sync_run_id="nightly", batch_index=2)
        assert run_state((await services.do("ListSyncRuns")).runs[0]) == "EXPIRED"

    async def test_a_run_that_said_all_came_and_is_short_blocks_nobody(
        self, services: BusinessServices
    ) -> None:
        """The next run may begin at once."""
        await integrate(services)
        said: dict[str, Any] = {"complete": True, "expected_total": 2}
        await sync(services, board(1), sync_run_id="short", batch_index=0, **said)
        reply = await sync(services, board(1), sync_run_id="next", batch_index=0, **said)
        assert run_state(reply.run) == "OPEN"

    async def test_a_partial_sync_needs_no_lease(self, services: BusinessServices) -> None:
        """Changes flow while a whole run is under way."""
        await integrate(services)
        await sync(services, board(1), sync_run_id="nightly", batch_index=0)
        reply = await sync(services, board(2))
        assert run_state(reply.run) == "PARTIAL"
        assert not reply.run.HasField("lease_expire_time")


class TestRehearsals:
    async def test_a_rehearsal_answers_as_the_sync_would_and_writes_nothing(
        self, services: BusinessServices
    ) -> None:
        """The same outcomes and the same close, and not a row differs."""
        await integrate(services)
        await authoritative(services, board(1, 2, 3))
        services.pass_time(hours=1)
        feed = [greenhouse(1), greenhouse(2, title="New"), greenhouse(4), greenhouse(5, title="")]
        before = await everything(services)
        said: dict[str, Any] = {"close_missing": True, "expected_total": 4}
        rehearsed = await sync(services, feed, validate_only=True, idempotency_key=None, **said)
        assert await everything(services) == before
        done = await sync(services, feed, **said)
        assert rehearsed.validate_only
        assert rehearsed.outcomes == done.outcomes
        assert rehearsed.counts == done.counts
        assert rehearsed.run.close == done.run.close
        assert close_state(done.run) == "CLOSED"
        assert done.run.close.count == 1

    async def test_a_rehearsal_leaves_its_key_to_the_real_call(
        self, services: BusinessServices
    ) -> None:
        """Not even an idempotency record is written."""
        await integrate(services)
        before = await everything(services)
        await sync(services, board(1), validate_only=True, idempotency_key="a")
        assert await everything(services) == before
        assert words(await sync(services, board(1), idempotency_key="a")) == ["CREATED"]

    async def test_a_pending_integration_can_be_rehearsed_with(
        self, production: BusinessServices
    ) -> None:
        """So that an operator sees what an activation would bring."""
        await integrate(production, activate=False)
        with pytest.raises(IntegrationInactive):
            await sync(production, board(1))
        reply = await sync(production, board(1), validate_only=True, idempotency_key=None)
        assert words(reply) == ["CREATED"]
        assert await every_job(production) == []


async def test_a_batch_replayed_by_run_and_index_is_a_replay(services: BusinessServices) -> None:
    """Under another idempotency key, too: the meter counts it once."""
    await integrate(services)
    batch: dict[str, Any] = {
        "provider": GREENHOUSE,
        "employer_user_id": EMPLOYER,
        "sync_run_id": "r",
        "batch_index": 0,
        "jobs": board(1),
    }
    seen = []
    for _ in range(2):
        call = services.call("SyncJobs")
        await services.answer(call.method.request_type(**batch), call)
        seen.append(call.replayed)
    assert seen == [False, True]


class TestConfirming:
    async def held(self, services: BusinessServices) -> Any:
        await integrate(services)
        await authoritative(services, board(*range(30)))
        return await authoritative(services, board(*range(10)))

    async def test_a_close_is_confirmed_once(self, services: BusinessServices) -> None:
        """The second time nothing waits any more."""
        reply = await self.held(services)
        assert (await told(services))[-2:] == ["ats.run.completed", "ats.run.held"]
        confirm: dict[str, Any] = {"sync_run_id": reply.sync_run_id, "close_count": 20}
        await services.do("ConfirmClose", **confirm)
        with pytest.raises(CloseNotPending):
            await services.do("ConfirmClose", **confirm)
        assert len(await open_ids(services)) == 10
        events = await history(services, sync_run_id=reply.sync_run_id)
        assert events == ["MISSING_FROM_ATS"] * 20 + ["CLOSED"] * 20

    async def test_roles_that_came_back_stay_open(self, services: BusinessServices) -> None:
        """The count confirmed is the one held; what is closed is what is still gone."""
        reply = await self.held(services)
        await sync(services, board(12))
        run = await services.do("ConfirmClose", sync_run_id=reply.sync_run_id, close_count=20)
        assert run.close.count == 19
        assert "12" in await open_ids(services)

    async def test_a_confirmation_is_possible_for_a_day(self, services: BusinessServices) -> None:
        """At exactly a day it is over."""
        reply = await self.held(services)
        services.pass_time(days=1)
        with pytest.raises(CloseNotPending) as caught:
            await services.do("ConfirmClose", sync_run_id=reply.sync_run_id, close_count=20)
        assert caught.value.metadata["closeState"] == "LAPSED"
        status = (await services.do("GetSyncStatus")).integrations[0]
        assert not status.HasField("pending_close")

    async def test_a_later_completed_run_ends_the_wait(self, services: BusinessServices) -> None:
        """Its own word counts: held anew, or nothing to hold."""
        first = await self.held(services)
        second = await authoritative(services, board(*range(10)))
        assert close_state(second.run) == "HELD"
        with pytest.raises(CloseNotPending):
            await services.do("ConfirmClose", sync_run_id=first.sync_run_id, close_count=20)
        status = (await services.do("GetSyncStatus")).integrations[0]
        assert status.pending_close.sync_run_id == second.sync_run_id
        assert (await history(services)).count("MISSING_FROM_ATS") == 20

    async def test_a_foreign_run_is_not_there(self, services: BusinessServices) -> None:
        """For another organization, and for a key without all of the employers."""
        reply = await self.held(services)
        for principal in (key(organization="org_x"), key("employer_2")):
            with pytest.raises(NotFound):
                await services.do(
                    "ConfirmClose", principal, sync_run_id=reply.sync_run_id, close_count=20
                )


class TestClosing:
    async def test_a_close_is_one_transaction_with_all_that_is_told_of_it(
        self, services: BusinessServices
    ) -> None:
        """Both events, the log of changes and the webhooks; the role stops matching at once."""
        await integrate(services)
        await authoritative(services, board(1, 2))
        job = await mirror(services, 2)
        await services.do(
            "UpdateOperations",
            operator(),
            job_id=job.job_id,
            operations={"matching": {"state": 1}},
            environment="sandbox",
        )
        assert (await mirror(services, 2)).operations.matching.active
        await authoritative(services, board(1))
        closed = await mirror(services, 2)
        assert not closed.operations.matching.active
        missing = closed.publication_status.ATS_MISSING_FROM_AUTHORITATIVE_SYNC
        assert closed.publication_status.close_reason == missing
        assert (await history(services))[-2:] == ["MISSING_FROM_ATS", "CLOSED"]
        assert (await told(services))[-2:] == ["job.closed", "ats.run.completed"]

    async def test_a_run_that_is_not_asked_to_close_says_what_is_missing(
        self, services: BusinessServices
    ) -> None:
        """Once, until the role is seen again."""
        await integrate(services)
        await sync(services, board(1, 2), complete=True)
        for _ in range(2):
            reply = await sync(services, board(1), complete=True)
            assert close_state(reply.run) == "NOT_REQUESTED"
        assert (await history(services)).count("MISSING_FROM_ATS") == 1
        assert await open_ids(services) == {"1", "2"}

    async def test_a_complete_run_speaks_for_employers_that_no_batch_named(
        self, services: BusinessServices
    ) -> None:
        """An employer whose last role is gone is closed like any other."""
        by = key(EMPLOYER, "employer_2")
        made = await integrate(services, employers=[EMPLOYER, "employer_2"], by=by)
        said: dict[str, Any] = {"integration_id": made.integration_id, "close_missing": True}
        run = {"sync_run_id": "first", "complete": False}
        await sync(services, board(1, 2), by, **said, **run, batch_index=0)
        second = {"integration_id": made.integration_id, "employer_user_id": "employer_2"}
        last = {"batch_index": 1, "complete": True, "expected_total": 3}
        await sync(services, board(3), by, sync_run_id="first", **second, **last)
        reply = await sync(services, board(1), by, **said)
        assert (close_state(reply.run), reply.run.close.count) == ("CLOSED", 2)
        assert await open_ids(services, by) == {"1"}
        moved = await sync(services, board(3), by, integration_id=made.integration_id)
        assert codes(moved.outcomes[0].rejections) == ["EMPLOYER_MISMATCH"]

    async def test_the_guard_stands_before_employers_that_no_batch_named(
        self, services: BusinessServices
    ) -> None:
        """A feed that lost an employer closes nothing by itself."""
        by = key(EMPLOYER, "employer_2")
        made = await integrate(services, employers=[EMPLOYER, "employer_2"], by=by)
        second = {"integration_id": made.integration_id, "employer_user_id": "employer_2"}
        await sync(services, board(*range(11)), by, **second)
        reply = await authoritative(services, board(20), by, integration_id=made.integration_id)
        assert (close_state(reply.run), reply.run.close.count) == ("HELD", 11)
        assert len(await open_ids(services, by)) == 12


class TestStatus:
    async def test_the_status_tells_it_all(self, services: BusinessServices) -> None:
        """Roles, attempts, staleness, waiting closes and owners, summed by provider and in all."""
        await integrate(services)
        await integrate(services, provider=LEVER)
        await authoritative(services, board(*range(30)))
        await authoritative(services, board(*range(10)))
        services.pass_time(hours=1)
        await sync(services, board(1), close_missing=True, expected_total=7)
        status = await services.do("GetSyncStatus")
        assert status.provider_count == 2
        assert (status.totals.managed, status.totals.open, status.totals.closed) == (30, 30, 0)
        greenhouse_status = status.providers[0]
        assert greenhouse_status.pending_close_count == 20
        one = status.integrations[0]
        assert one.last_completed_time.seconds + 3600 == one.last_attempt_time.seconds
        assert one.pending_close.close_count == 20
        owners = {each.field: each.Writer.Name(each.writer) for each in status.field_ownership}
        assert owners["jobContent"] == "CLIENT_ATS"
        assert owners["operations.geofence"] == "INTEGRATOR"
        assert owners["operations.payrollHandoff"] == "SERVICE"

    async def test_filters_and_confinement(self, services: BusinessServices) -> None:
        """By provider and by employer; others' integrations don't show."""
        await integrate(services)
        assert (await services.do("GetSyncStatus", provider=LEVER)).provider_count == 0
        assert (await services.do("GetSyncStatus", employer_user_id=EMPLOYER)).provider_count == 1
        assert not (await services.do("GetSyncStatus", key("employer_2"))).integrations
        assert not (
            await services.do("GetSyncStatus", key("employer_2"), employer_user_id=EMPLOYER)
        ).integrations


class TestFinding:
    async def test_the_integration_of_a_batch(self, services: BusinessServices) -> None:
        """By its id, or as the only one of the provider and the employer."""
        made = await integrate(services)
        assert words(
            await sync(
                services,
                board(1),
                provider=0,
                employer_user_id="",
                integration_id=made.integration_id,
            )
        ) == ["CREATED"]
        with pytest.raises(ProviderMismatch):
            await sync(services, [], provider=LEVER, integration_id=made.integration_id)
        with pytest.raises(NotFound):
            await sync(services, [], provider=LEVER)
        with pytest.raises(NotFound):
            await sync(services, [], employer_user_id="employer_2")
        await integrate(services, board="south")
        with pytest.raises(IntegrationAmbiguous):
            await sync(services, [])

    async def test_lists_of_runs_and_events_page(self, services: BusinessServices) -> None:
        """Newest first, without a gap."""
        await integrate(services)
        for number in range(5):
            await sync(services, board(number))
        runs, events = [], []
        token = ""
        while True:
            page = await services.do("ListSyncRuns", page_size=2, page_token=token)
            runs += [run.sync_run_id for run in page.runs]
            token = page.next_page_token
            if not token:
                break
        while True:
            listed = await services.do("ListSyncEvents", page_size=2, page_token=token)
            events += [event.external_job_id for event in listed.events]
            ids = {(event.request_id, event.client_request_id) for event in listed.events}
            assert ids == {("req_1", "theirs-1")}
            token = listed.next_page_token
            if not token:
                break
        assert len(set(runs)) == 5
        assert events == ["4", "3", "2", "1", "0"]
        count = await services.rows(
            select(func.count()).select_from(business_metadata.tables["ats_runs"])
        )
        assert count == [(5,)]
