"""Fields that vanish from a feed: withheld, held, confirmed, on both engines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from tests.harness.business_services import EMPLOYER, BusinessServices, key
from tests.harness.syncs import (
    authoritative,
    board,
    codes,
    every_job,
    greenhouse,
    history,
    integrate,
    mirror,
    operate,
    run_state,
    sync,
    words,
)

from xaigh.ats.v1 import ats_sync_service_pb2 as pb
from xaigh.ats.v1 import integration_pb2, sync_run_pb2
from xaigh_server.ats.errors import DriftFieldsMismatch, DriftNotPending, IntegrationInactive
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.tables import business_journal
from xaigh_server.errors import DomainError, NotFound
from xaigh_server.identity.environments import Environment
from xaigh_server.jobs.tables import ats_mirrors

PAY = [{"min_cents": 2000, "max_cents": 2500, "currency_type": "USD", "title": "Hourly pay"}]
DOCKS = [{"id": 1, "name": "Docks", "parent_id": None}]
FULL: dict[str, Any] = {
    "pay_input_ranges": PAY,
    "departments": DOCKS,
    "metadata": [
        {"name": "Employment Type", "value": "Full-time"},
        {"name": "Workplace Type", "value": "On-site"},
    ],
}
OUTBOX = business_journal.outbox
WITHHELD = select(ats_mirrors.c.withheld).where(ats_mirrors.c.withheld != 0)


@pytest.fixture
def services(business: Database) -> BusinessServices:
    """The services on the engine under test, as an environment that reviews."""
    control = open_database("control", Path("nowhere"), control_metadata)
    return BusinessServices(business, control, environment=Environment.PRODUCTION)


def full(*numbers: int, **members: Any) -> list[dict[str, Any]]:
    """Records that carry every guarded field."""
    return board(*numbers, **{**FULL, **members})


def drift_state(run: Any) -> str:
    return sync_run_pb2.FieldDrift.State.Name(run.drift.state) if run.HasField("drift") else ""


def held(run: Any) -> dict[str, tuple[int, int]]:
    """Each held field's counts: lost, had."""
    return {field.field: (field.lost_count, field.had_count) for field in run.drift.fields}


async def pays(services: BusinessServices) -> int:
    """How many roles have pay."""
    return sum(bool(job.pay_range.pays) for job in await every_job(services))


async def feed(services: BusinessServices, records: Sequence[dict[str, Any]], **said: Any) -> Any:
    """A complete run of one batch that closes nothing."""
    services.pass_time(minutes=1)
    return await sync(services, records, complete=True, expected_total=len(records), **said)


async def confirm(services: BusinessServices, reply: Any, *fields: str) -> Any:
    run = reply.sync_run_id
    return await services.do("ConfirmDrift", sync_run_id=run, fields=list(fields))


LOSSES = [
    # members of the records that lose it, the guarded field
    ({"pay_input_ranges": []}, "pay"),
    ({"pay_input_ranges": ...}, "pay"),
    ({"location": {"name": ""}}, "locations"),
    ({"departments": []}, "department"),
    ({"content": ""}, "description"),
    ({"absolute_url": None}, "applyUrl"),
    ({"metadata": FULL["metadata"][1:]}, "employmentType"),
    ({"metadata": FULL["metadata"][:1]}, "workplaceType"),
]


@pytest.mark.parametrize(("members", "field"), LOSSES)
async def test_a_field_that_most_roles_lose_is_held(
    services: BusinessServices, members: dict[str, Any], field: str
) -> None:
    """The roles keep it, each record says so, and the run has field, counts and examples."""
    await integrate(services)
    await feed(services, full(*range(12)))
    before = {job.job_id: job for job in await every_job(services)}
    reply = await feed(services, [*full(*range(7), **members), *full(*range(7, 12))])
    assert run_state(reply.run) == "COMPLETED"
    assert words(reply) == ["UNCHANGED"] * 12
    warned = [[(n.code, n.field) for n in one.warnings] for one in reply.outcomes]
    assert [("CLEAR_DEFERRED", field) in notes for notes in warned] == [True] * 7 + [False] * 5
    assert (drift_state(reply.run), held(reply.run)) == ("HELD_DRIFT", {field: (7, 12)})
    (drifted,) = reply.run.drift.fields
    assert [role.external_job_id for role in drifted.examples] == [str(n) for n in range(7)]
    assert drifted.examples[0].title == "Picker 0" and drifted.examples[0].job_id in before
    for job in await every_job(services):
        assert job.job_content == before[job.job_id].job_content
        assert job.pay_range == before[job.job_id].pay_range
        assert job.application_destination == before[job.job_id].application_destination


@pytest.mark.parametrize(("members", "field"), LOSSES)
async def test_a_field_that_few_roles_lose_is_cleared(
    services: BusinessServices, members: dict[str, Any], field: str
) -> None:
    """In the transaction that completes the run, as a change of the role."""
    await integrate(services)
    await feed(services, full(*range(12)))
    reply = await feed(services, [*full(0, **members), *full(*range(1, 12))])
    assert (words(reply)[0], drift_state(reply.run)) == ("UNCHANGED", "")
    role = await mirror(services, 0)
    content, application = role.job_content, role.application_destination
    values = {
        "pay": role.pay_range.pays,
        "locations": content.locations,
        "department": content.department or content.team,
        "description": content.description_html or content.description_text,
        "applyUrl": application.apply_url or application.canonical_url or application.applyable,
        "employmentType": content.employment_type,
        "workplaceType": content.workplace_type,
    }
    assert {name for name, value in values.items() if not value} == {field}
    page = await services.do("ListSyncEvents", job_id=role.job_id)
    assert [len(event.changed_fields) > 0 for event in page.events] == [True, False]
    assert await services.rows(WITHHELD) == []
    again = await feed(services, [*full(0, **members), *full(*range(1, 12))])
    assert words(again) == ["UNCHANGED"] * 12
    assert "CLEAR_DEFERRED" not in codes(again.outcomes[0].warnings)


BOUNDS = [
    # roles that had it, roles that lose it, held
    (9, 9, False),
    (10, 5, False),
    (10, 6, True),
    (10, 10, True),
    (21, 10, False),
    (21, 11, True),
]


@pytest.mark.parametrize(("had", "lost", "is_held"), BOUNDS)
async def test_ten_roles_and_more_than_half(
    services: BusinessServices, had: int, lost: int, is_held: bool
) -> None:
    """Roles without pay before count neither way."""
    await integrate(services)
    others = board(*range(100, 130))
    await feed(services, [*full(*range(had)), *others])
    lacking = full(*range(lost), pay_input_ranges=[])
    reply = await feed(services, [*lacking, *full(*range(lost, had)), *others])
    assert held(reply.run) == ({"pay": (lost, had)} if is_held else {})
    assert await pays(services) == (had if is_held else had - lost)


async def test_fields_are_judged_one_by_one(services: BusinessServices) -> None:
    """One is held, another is cleared, and what only changes is written at once."""
    await integrate(services)
    await feed(services, full(*range(12)))
    changed = full(0, pay_input_ranges=[], departments=[], title="Packer")
    reply = await feed(services, [*changed, *full(*range(1, 12), pay_input_ranges=[])])
    assert held(reply.run) == {"pay": (12, 12)}
    assert words(reply) == ["UPDATED", *["UNCHANGED"] * 11]
    role = await mirror(services, 0)
    assert (role.job_content.title, role.job_content.department) == ("Packer", "")
    assert role.pay_range.pays


async def test_a_feed_that_really_dropped_its_pay_is_confirmed(
    services: BusinessServices,
) -> None:
    """Once: then the roles have none, and the next run finds nothing amiss."""
    await integrate(services)
    await feed(services, full(*range(12)))
    records = full(*range(12), pay_input_ranges=[])
    reply = await feed(services, records)
    (status,) = (await services.do("GetSyncStatus")).integrations
    assert status.pending_drift.sync_run_id == reply.sync_run_id
    assert [field.field for field in status.pending_drift.fields] == ["pay"]
    with pytest.raises(DriftFieldsMismatch) as caught:
        await confirm(services, reply, "department")
    assert caught.value.metadata["heldFields"] == "pay"
    assert await pays(services) == 12
    run = await confirm(services, reply, "pay")
    assert (drift_state(run), run.drift.fields[0].confirmed) == ("CONFIRMED", True)
    assert await pays(services) == 0
    with pytest.raises(DriftNotPending):
        await confirm(services, reply, "pay")
    (status,) = (await services.do("GetSyncStatus")).integrations
    assert not status.HasField("pending_drift")
    assert (await history(services))[-12:] == ["UPDATED"] * 12
    after = await feed(services, records)
    assert words(after) == ["UNCHANGED"] * 12
    assert drift_state(after.run) == "" and not codes(after.outcomes[0].warnings)


async def test_a_confirmation_takes_some_fields_and_leaves_the_others(
    services: BusinessServices,
) -> None:
    """Those stay, and are judged again by the next run."""
    await integrate(services)
    await feed(services, full(*range(12)))
    records = full(*range(12), pay_input_ranges=[], departments=[])
    reply = await feed(services, records)
    assert held(reply.run) == {"pay": (12, 12), "department": (12, 12)}
    run = await confirm(services, reply, "pay")
    assert {field.field: field.confirmed for field in run.drift.fields} == {
        "pay": True,
        "department": False,
    }
    assert (await mirror(services, 3)).job_content.department == "Docks"
    assert held((await feed(services, records)).run) == {"department": (12, 12)}


async def test_roles_that_have_the_field_again_keep_it(services: BusinessServices) -> None:
    """The confirmation clears those whose records still lack it."""
    await integrate(services)
    await feed(services, full(*range(12)))
    reply = await feed(services, full(*range(12), pay_input_ranges=[]))
    back = await sync(services, full(3))
    assert words(back) == ["UNCHANGED"] and not codes(back.outcomes[0].warnings)
    await confirm(services, reply, "pay")
    assert await pays(services) == 1


async def test_a_later_run_replaces_a_hold(services: BusinessServices) -> None:
    """Confirming the older one is refused; the same feed is held anew, a mended one is not."""
    await integrate(services)
    await feed(services, full(*range(12)))
    records = full(*range(12), pay_input_ranges=[])
    first = await feed(services, records)
    second = await feed(services, records)
    assert (words(second), held(second.run)) == (["UNCHANGED"] * 12, {"pay": (12, 12)})
    assert codes(second.outcomes[0].warnings) == ["CLEAR_DEFERRED"]
    with pytest.raises(DriftNotPending) as caught:
        await confirm(services, first, "pay")
    assert caught.value.metadata["driftState"] == "SUPERSEDED"
    third = await feed(services, full(*range(12)))
    assert (words(third), drift_state(third.run)) == (["UNCHANGED"] * 12, "")
    with pytest.raises(DriftNotPending):
        await confirm(services, second, "pay")
    assert await pays(services) == 12 and await services.rows(WITHHELD) == []


async def test_a_hold_lapses_after_a_day(services: BusinessServices) -> None:
    """The roles keep the field."""
    await integrate(services)
    await feed(services, full(*range(12)))
    reply = await feed(services, full(*range(12), pay_input_ranges=[]))
    services.pass_time(days=1)
    with pytest.raises(DriftNotPending) as caught:
        await confirm(services, reply, "pay")
    assert caught.value.metadata["driftState"] == "LAPSED"
    run = (await services.do("ListSyncRuns", page_size=1)).runs[0]
    assert drift_state(run) == "LAPSED" and not run.drift.HasField("confirm_by_time")
    assert await pays(services) == 12


async def test_an_incomplete_run_drops_its_marks(services: BusinessServices) -> None:
    """Few roles lost their pay, and nothing is cleared until a complete run says so."""
    await integrate(services)
    await feed(services, full(*range(12)))
    records = [*full(0, pay_input_ranges=[]), *full(*range(1, 12))]
    services.pass_time(minutes=1)
    reply = await sync(services, records, complete=True, expected_total=13)
    assert (run_state(reply.run), drift_state(reply.run)) == ("INCOMPLETE", "")
    assert await pays(services) == 12
    await feed(services, records)
    assert await pays(services) == 11


async def test_a_superseded_run_drops_its_marks(services: BusinessServices) -> None:
    """The run that took over decides by its own records."""
    await integrate(services)
    await feed(services, full(*range(12)))
    services.pass_time(minutes=1)
    lacking = full(*range(12), pay_input_ranges=[])
    await sync(services, lacking, sync_run_id="cut-off", batch_index=0)
    services.pass_time(minutes=11)
    reply = await feed(services, full(*range(6)))
    assert drift_state(reply.run) == "" and await pays(services) == 12


async def test_a_run_of_several_batches_is_judged_at_its_end(services: BusinessServices) -> None:
    """Before that, nothing is cleared or held."""
    await integrate(services)
    await feed(services, full(*range(24)))
    lacking = full(*range(13), pay_input_ranges=[])
    said: dict[str, Any] = {"sync_run_id": "nightly"}
    first = await sync(services, lacking, **said, batch_index=0)
    assert (drift_state(first.run), await pays(services)) == ("", 24)
    last = await sync(
        *(services, full(*range(13, 24))), **said, batch_index=1, complete=True, expected_total=24
    )
    assert held(last.run) == {"pay": (13, 24)}


async def test_a_batch_without_a_run_is_a_run_of_one(services: BusinessServices) -> None:
    """Fewer than ten roles clear at once; ten or more are held, and can be confirmed."""
    await integrate(services)
    await feed(services, full(*range(12)))
    single = await sync(services, full(0, pay_input_ranges=[]))
    assert (words(single), codes(single.outcomes[0].warnings)) == (
        ["UNCHANGED"],
        ["CLEAR_DEFERRED"],
    )
    assert await pays(services) == 11
    many = await sync(services, full(*range(1, 12), pay_input_ranges=[]))
    assert (run_state(many.run), held(many.run)) == ("PARTIAL", {"pay": (11, 11)})
    one = await sync(services, full(1, pay_input_ranges=[], departments=[]))
    assert drift_state(one.run) == ""
    assert await pays(services) == 10  # by itself the one is a run of one as well
    await confirm(services, many, "pay")
    assert await pays(services) == 0


async def test_a_dry_run_says_what_would_be_held(services: BusinessServices) -> None:
    """And writes nothing."""
    await integrate(services)
    await feed(services, full(*range(12)))
    records = full(*range(12), pay_input_ranges=[])
    services.pass_time(minutes=1)
    said: dict[str, Any] = {"complete": True, "expected_total": 12}
    would = await sync(services, records, validate_only=True, **said)
    assert held(would.run) == {"pay": (12, 12)}
    assert await services.rows(WITHHELD) == []
    did = await sync(services, records, **said)
    assert (words(would), held(did.run)) == (words(did), held(would.run))
    again = await sync(services, records, validate_only=True, **said)
    assert held(again.run) == {"pay": (12, 12)}


async def test_a_deactivated_integration_cancels_its_hold(services: BusinessServices) -> None:
    """Nobody can confirm it any more."""
    made = await integrate(services)
    await feed(services, full(*range(12)))
    reply = await feed(services, full(*range(12), pay_input_ranges=[]))
    keep = pb.DeactivateIntegrationRequest.KEEP
    gone = await operate(services, "DeactivateIntegration", made, mirrors=keep, reason="moved")
    assert gone.state == integration_pb2.AtsIntegration.INACTIVE
    with pytest.raises(DomainError) as caught:
        await confirm(services, reply, "pay")
    assert isinstance(caught.value, DriftNotPending | IntegrationInactive)
    run = (await services.do("ListSyncRuns", page_size=1)).runs[0]
    assert drift_state(run) == "CANCELLED" and await pays(services) == 12


async def test_only_who_reaches_the_integration_may_confirm(services: BusinessServices) -> None:
    """To others the run isn't there."""
    await integrate(services)
    await feed(services, full(*range(12)))
    reply = await feed(services, full(*range(12), pay_input_ranges=[]))
    stranger = key("employer_of_others", environment="production")
    with pytest.raises(NotFound):
        await services.do("ConfirmDrift", stranger, sync_run_id=reply.sync_run_id, fields=["pay"])
    assert await pays(services) == 12


async def test_a_hold_is_announced(services: BusinessServices) -> None:
    """By one event, which names run and fields."""
    await integrate(services)
    await feed(services, full(*range(12)))
    reply = await feed(services, full(*range(12), pay_input_ranges=[]))
    told = select(OUTBOX.c.payload).where(OUTBOX.c.event_type == "ats.run.drifted")
    ((payload,),) = await services.rows(told)
    facts = orjson.loads(payload)
    assert (facts["syncRunId"], facts["heldFields"]) == (reply.sync_run_id, ["pay"])


async def test_not_carried_is_not_cleared(services: BusinessServices) -> None:
    """A board's list without content has no place for pay; then the full form says it is gone."""
    await integrate(services)
    await feed(services, full(*range(12)))
    thin = board(*range(12), content=..., departments=..., offices=..., metadata=FULL["metadata"])
    reply = await feed(services, thin)
    assert drift_state(reply.run) == "" and await pays(services) == 12
    lacking = full(*range(12), pay_input_ranges=[])
    assert held((await feed(services, lacking)).run) == {"pay": (12, 12)}


def harvest_v1(number: int) -> dict[str, Any]:
    """A job of Harvest v1."""
    return {
        "id": number,
        "name": f"Picker {number}",
        "status": "open",
        "confidential": False,
        "opened_at": "2026-05-01T13:00:00Z",
        "updated_at": "2026-05-04T13:12:44Z",
        "departments": DOCKS,
        "offices": [{"id": 2, "name": "Reno", "location": {"name": "Reno, Nevada, USA"}}],
        "openings": [{"id": 1, "status": "open"}],
        "keyed_custom_fields": {
            "salary_range": {"value": {"min_value": "52000", "max_value": "61500", "unit": "USD"}},
            "employment_type": {"value": "Full-time"},
        },
    }


def harvest_v3(number: int) -> dict[str, Any]:
    """The same job of Harvest v3: bare ids, and pay in another resource."""
    return {
        "id": number,
        "name": f"Picker {number}",
        "status": "open",
        "confidential": False,
        "opened_at": "2026-05-01T13:00:00Z",
        "updated_at": "2026-05-04T13:12:44Z",
        "department_id": 1,
        "office_ids": [2],
        "custom_fields": {"employment_type": {"value": "Full-time"}},
    }


async def test_a_cut_over_from_harvest_v1_to_v3_loses_nothing(services: BusinessServices) -> None:
    """Bare jobs carry neither places nor pay; with their resources they are read in full."""
    await integrate(services, board="")
    await feed(services, [harvest_v1(number) for number in range(12)])
    before = await mirror(services, 5)
    assert before.pay_range.pays and before.job_content.locations
    bare = await feed(services, [harvest_v3(number) for number in range(12)])
    assert drift_state(bare.run) == "" and "NOT_CARRIED" in codes(bare.outcomes[0].warnings)
    kept = await mirror(services, 5)
    assert kept.job_content.locations == before.job_content.locations
    assert (kept.job_content.department, kept.pay_range) == ("Docks", before.pay_range)
    whole = [
        {
            "job": harvest_v3(number),
            "posts": [{"id": 900 + number, "job_id": number, "title": "P", "live": True}],
            "locations": [{"job_post_id": 900 + number, "plain_text_location": "Erie, PA, USA"}],
            "offices": [{"id": 2, "name": "Reno", "location": "Reno, Nevada, USA"}],
            "departments": DOCKS,
            "pay": [{"job_post_id": 900 + number, **PAY[0]}],
        }
        for number in range(12)
    ]
    read = await feed(services, whole)
    assert (words(read), drift_state(read.run)) == (["UPDATED"] * 12, "")
    after = await mirror(services, 5)
    assert after.job_id == before.job_id
    assert [place.city for place in after.job_content.locations] == ["Erie"]
    assert after.pay_range.pays[0].min_minor == 2000


async def test_a_form_that_nobody_knows_yet_is_held(services: BusinessServices) -> None:
    """Members have other names overnight: every field that vanished with them is held."""
    await integrate(services, board="")
    await feed(services, [harvest_v1(number) for number in range(12)])
    renamed = []
    for number in range(12):
        record = harvest_v1(number)
        for name in ("departments", "offices", "keyed_custom_fields"):
            record[f"{name}_v9"] = record.pop(name)
        renamed.append(record)
    reply = await feed(services, renamed)
    assert held(reply.run) == dict.fromkeys(
        ("locations", "pay", "department", "employmentType"), (12, 12)
    )
    role = await mirror(services, 5)
    assert role.job_content.locations and role.pay_range.pays


async def test_a_complete_run_speaks_for_every_employer(services: BusinessServices) -> None:
    """The roles of all of them are judged together, whichever batch named which."""
    by = key(EMPLOYER, "employer_456", environment="production")
    await integrate(services, employers=(EMPLOYER, "employer_456"), by=by)
    said: dict[str, Any] = {"sync_run_id": "one"}
    await sync(services, full(*range(8)), by, **said, batch_index=0)
    rest = {"employer_user_id": "employer_456", "complete": True, "expected_total": 16}
    await sync(services, full(*range(8, 16)), by, **said, batch_index=1, **rest)
    services.pass_time(minutes=1)
    said = {"sync_run_id": "two"}
    await sync(services, full(*range(8), pay_input_ranges=[]), by, **said, batch_index=0)
    lacking = [*full(8, pay_input_ranges=[]), *full(*range(9, 16))]
    reply = await sync(services, lacking, by, **said, batch_index=1, **rest)
    assert held(reply.run) == {"pay": (9, 16)}


async def test_a_link_that_is_not_carried_keeps_a_role_applyable(
    services: BusinessServices,
) -> None:
    """A form without links says nothing about applying."""
    await integrate(services, board="")
    record = {**greenhouse(1), "live": True, "job_id": 4}
    await feed(services, [record])
    assert (await mirror(services, 1)).application_destination.applyable
    del record["absolute_url"]
    await feed(services, [record])
    role = await mirror(services, 1)
    assert role.application_destination.apply_url and role.application_destination.applyable


async def test_a_close_and_a_drift_are_held_side_by_side(services: BusinessServices) -> None:
    """Each waits for its own confirmation."""
    await integrate(services)
    await authoritative(services, full(*range(40)))
    services.pass_time(minutes=1)
    reply = await authoritative(services, full(*range(12), pay_input_ranges=[]))
    assert (reply.run.close.count, held(reply.run)) == (28, {"pay": (12, 12)})
    await services.do("ConfirmClose", sync_run_id=reply.sync_run_id, close_count=28)
    await confirm(services, reply, "pay")
    assert await pays(services) == 28
