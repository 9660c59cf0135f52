"""Applications on both engines: taking, showing, forwarding by HTTPS and by agents, erasing."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import select
from standardwebhooks import Webhook
from tests.harness.business_services import (
    EMPLOYER,
    NOW,
    ORGANIZATION,
    BusinessServices,
    key,
    operator,
)
from tests.harness.syncs import greenhouse, integrate, mirror, sync

from xaigh.applications.v1 import application_pb2
from xaigh.applications.v1 import applications_service_pb2 as api
from xaigh.jobs.v1 import job_pb2
from xaigh_server.applications.errors import (
    ApplicationErased,
    ApplicationsNotAccepted,
    AttemptSettled,
)
from xaigh_server.applications.forwarder import LEASE, Forwarder
from xaigh_server.applications.forwarding import ProductionTargets
from xaigh_server.applications.retention import ApplicationRetention
from xaigh_server.applications.tables import application_contents, applications
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.tables import business_journal
from xaigh_server.errors import FieldInvalid, IllegalTransition, NotFound
from xaigh_server.identity.scopes import Role
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.net.http_reply import HttpOutcome, HttpReply, SentOnce
from xaigh_server.net.url_guard import CallbackForbidden, CallbackUrl
from xaigh_server.rpc.errors import EtagMismatch
from xaigh_server.runtime.tables import business_metadata

SERVICE = operator(Role.SERVICE)
FORWARD = job_pb2.ApplicationDestination.APPLICATION_FORWARD
TARGET = "https://ats.northline.example/applications"
STATES = application_pb2.Application.State
CAUSES = application_pb2.Application.Cause
SECRETS_OF_A_PERSON = ("Grace", "Hopper", "grace@example.org", "+1 555 0100", "COBOL and compilers")


@pytest.fixture
def services(business: Database) -> BusinessServices:
    """The services on the engine under test."""
    return BusinessServices(business, open_database("control", Path("nowhere"), control_metadata))


class Target:
    """The client's side: answers as told, and keeps what came."""

    seconds = 1.0

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.asked = asyncio.Event()
        self.answer: SentOnce | Callable[[], Awaitable[SentOnce]] = answered(201, b'{"remoteId":7}')

    async def post_once(self, url: CallbackUrl, body: bytes, headers: dict[str, str]) -> SentOnce:
        self.got.append((str(url), json.loads(body), dict(headers)))
        self.asked.set()
        return self.answer if isinstance(self.answer, SentOnce) else await self.answer()


def answered(status: int, body: bytes = b"") -> SentOnce:
    outcome = HttpOutcome.ACCEPTED if status < 300 else HttpOutcome.REFUSED
    outcome = HttpOutcome.REDIRECTED if 300 <= status < 400 else outcome
    return SentOnce(reply=HttpReply(outcome=outcome, status=status), body=body, begun=True)


def broken(outcome: HttpOutcome, *, begun: bool) -> SentOnce:
    return SentOnce(reply=HttpReply(outcome=outcome), body=b"", begun=begun)


def forwarder(services: BusinessServices, target: Target, **said: Any) -> Forwarder:
    return Forwarder(
        services.database,
        outbound=target,  # type: ignore[arg-type]
        box=services.box,
        targets=services.targets,
        production=services,
        clock=lambda: services.now,
        new_id=lambda prefix: f"{prefix}_{os.urandom(10).hex()}",
        random=lambda: 0.0,
        **said,
    )


async def forward(services: BusinessServices, target: Target) -> None:
    """One round of a forwarder, to its end."""
    worker = forwarder(services, target)
    await worker.poll()
    await worker.stop(20)


async def role(
    services: BusinessServices, number: int = 1, *, secret: bool = True, **settings: Any
) -> Any:
    """An open mirrored role whose applications are forwarded."""
    said = {"apply_mode": FORWARD, "forward_target": TARGET, **settings}
    made = await integrate(services, **said)
    if secret:
        await services.do("RotateForwardSecret", integration_id=made.integration_id)
    await sync(services, [greenhouse(number)])
    return await mirror(services, number)


def content(**said: Any) -> Any:
    """What a worker sends."""
    given, family, email, phone, answer = SECRETS_OF_A_PERSON
    consented = Timestamp()
    consented.FromDatetime(NOW - timedelta(minutes=1))
    return {
        "given_name": given,
        "family_name": family,
        "email": email,
        "phone": phone,
        "resume": {
            "file_name": "hopper.txt",
            "content_type": "text/plain",
            "content": answer.encode(),
        },
        "answers": [{"question": "What do you know?", "answer": answer}],
        "consent": {"text": "Send it to Northline.", "consent_time": consented},
        **said,
    }


async def apply(services: BusinessServices, job: Any, **said: Any) -> Any:
    request = {"job_id": job.job_id, "environment": "sandbox", "content": content(), **said}
    return await services.do("SubmitApplication", SERVICE, **request)


async def read(services: BusinessServices, application: Any, by: Any = None) -> Any:
    named = {"application_id": application.application_id}
    if by is SERVICE:
        named["environment"] = "sandbox"
    return await services.do("GetApplication", by, **named)


async def decide(services: BusinessServices, method: str, application: Any, **said: Any) -> Any:
    return await services.do(
        method,
        SERVICE if method == "EraseApplication" else operator(),
        application_id=application.application_id,
        environment="sandbox",
        reason="We asked the client.",
        **said,
    )


async def events(services: BusinessServices) -> list[str]:
    outbox = business_journal.outbox
    rows = await services.rows(select(outbox.c.event_type).order_by(outbox.c.sequence))
    return [row[0] for row in rows if row[0].startswith("application.")]


async def stored(services: BusinessServices) -> bytes:
    """Everything that the database holds, as bytes."""
    found: list[Any] = []
    for table in business_metadata.sorted_tables:
        found += await services.rows(select(*table.c).limit(1000))
    return repr(found).encode()


def state(application: Any) -> str:
    return STATES.Name(application.state)


def cause(application: Any) -> str:
    return CAUSES.Name(application.cause)


class TestTaking:
    async def test_an_application_is_taken_shown_and_listed_without_personal_data(
        self, services: BusinessServices
    ) -> None:
        """The worker's service, the key of the employer and a list see state and ids alone."""
        job = await role(services)
        made = await apply(services, job)
        assert (state(made), made.job_id, made.external_job_id) == ("RECEIVED", job.job_id, "1")
        assert (made.organization_id, made.employer_user_id) == (ORGANIZATION, EMPLOYER)
        assert made == await read(services, made) == await read(services, made, SERVICE)
        page = await services.do("ListApplications", job_id=job.job_id)
        assert list(page.applications) == [made]
        none = await services.do("ListApplications", job_id=job.job_id, state=STATES.FAILED)
        assert list(none.applications) == []
        shown = str(made)
        assert not [each for each in SECRETS_OF_A_PERSON if each in shown]

    async def test_nothing_stored_holds_personal_data_in_clear(
        self, services: BusinessServices
    ) -> None:
        """Not in the rows, the audit events, the outbox or the idempotency records."""
        await apply(services, await role(services))
        whole = await stored(services)
        assert b"application.received" in whole  # it did look into the audit log
        assert not [each for each in SECRETS_OF_A_PERSON if each.encode() in whole]

    async def test_a_page_goes_on_where_the_last_one_ended(
        self, services: BusinessServices
    ) -> None:
        job = await role(services)
        made = [(await apply(services, job)).application_id for _ in range(5)]
        found: list[str] = []
        token = ""
        for _ in range(3):
            page = await services.do(
                "ListApplications", job_id=job.job_id, page_size=2, page_token=token
            )
            found += [each.application_id for each in page.applications]
            token = page.next_page_token
        assert (found, token) == (made[::-1], "")

    async def test_a_repeat_under_the_same_key_makes_one_application(
        self, services: BusinessServices
    ) -> None:
        job = await role(services)
        said = {"job_id": job.job_id, "environment": "sandbox", "content": content()}
        twice = [
            await services.do("SubmitApplication", SERVICE, idempotency_key="once", **said)
            for _ in range(2)
        ]
        assert twice[0] == twice[1]
        page = await services.do("ListApplications", job_id=job.job_id)
        assert len(page.applications) == 1

    async def test_others_see_no_application(self, services: BusinessServices) -> None:
        """Neither another organization, nor a key without the employer, nor for another job."""
        job = await role(services)
        made = await apply(services, job)
        for other in (key(organization="org_other"), key("employer_2")):
            with pytest.raises(NotFound):
                await read(services, made, other)
            with pytest.raises(NotFound):
                await services.do("ListApplications", other, job_id=job.job_id)
        for method in ("GetApplication", "EraseApplication"):
            with pytest.raises(NotFound):
                said = {} if method == "GetApplication" else {"reason": "x"}
                await services.do(
                    method, SERVICE, application_id="app_0", environment="sandbox", **said
                )
        with pytest.raises(NotFound):
            await services.do("ListApplications", SERVICE, job_id="ats_0", environment="sandbox")

    async def test_a_key_is_of_its_own_environment(self, services: BusinessServices) -> None:
        """It may say so, and can't say otherwise."""
        made = await apply(services, await role(services))
        named = {"application_id": made.application_id}
        assert made == await services.do("GetApplication", **named, environment="sandbox")
        with pytest.raises(FieldInvalid):
            await services.do("GetApplication", **named, environment="production")

    async def test_consent_is_not_of_the_future(self, services: BusinessServices) -> None:
        job = await role(services)
        later = Timestamp()
        later.FromDatetime(NOW + timedelta(hours=1))
        consent = {"text": "Send it.", "consent_time": later}
        with pytest.raises(FieldInvalid) as caught:
            await apply(services, job, content=content(consent=consent))
        assert caught.value.violations[0].path == "content.consent.consentTime"


class TestRefusing:
    async def refused(self, services: BusinessServices, job: Any) -> str:
        with pytest.raises(ApplicationsNotAccepted) as caught:
            await apply(services, job)
        return caught.value.message

    async def test_a_direct_job(self, services: BusinessServices) -> None:
        starts = Timestamp(seconds=1_800_000_000)
        job = await services.do(
            "PostJob", employer_user_id=EMPLOYER, title="Crew", slots=1, starts_at=starts
        )
        with pytest.raises(ApplicationsNotAccepted) as caught:
            await apply(services, job)
        assert "in the app" in caught.value.message

    async def test_a_role_whose_integration_redirects(self, services: BusinessServices) -> None:
        job = await role(services, apply_mode=2)
        assert "apply mode" in await self.refused(services, job)

    async def test_a_role_without_a_target(self, services: BusinessServices) -> None:
        job = await role(services, forward_target="")
        assert "no forward target" in await self.refused(services, job)

    async def test_a_role_whose_target_has_no_secret(self, services: BusinessServices) -> None:
        """Without one the client couldn't tell our applications from made-up ones."""
        job = await role(services, secret=False)
        assert "rotateForwardSecret" in await self.refused(services, job)

    async def test_a_closed_role_a_held_one_and_one_of_a_stopped_integration(
        self, services: BusinessServices
    ) -> None:
        job = await role(services)
        held = {"organization_id": ORGANIZATION, "environment": "sandbox", "reason": "Fraud."}
        await services.do("HoldJob", operator(), job_id=job.job_id, **held)
        assert "isn't open" in await self.refused(services, job)
        await services.do("ReleaseJob", operator(), job_id=job.job_id, **held)
        await apply(services, job)
        await services.do(
            "DeactivateIntegration",
            operator(),
            organization_id=ORGANIZATION,
            integration_id=job.ats_link.integration_id,
            environment="sandbox",
            reason="They left.",
            mirrors=1,
        )
        assert "isn't active" in await self.refused(services, job)

    async def test_a_sandbox_role_whose_target_is_one_of_production(
        self, services: BusinessServices
    ) -> None:
        job = await role(services)
        services.production_targets.add(TARGET)
        assert "production" in await self.refused(services, job)

    @pytest.mark.parametrize(
        "target",
        ["adapter", "http://ats.example.org/in", "https://127.0.0.1/in", "https://ats.internal/in"],
    )
    async def test_a_target_that_no_application_may_go_to(
        self, services: BusinessServices, target: str
    ) -> None:
        """Refused where it is set, by the field's name."""
        with pytest.raises(CallbackForbidden) as caught:
            await integrate(services, apply_mode=FORWARD, forward_target=target)
        assert caught.value.violations[0].path == "integration.forwardTarget"


class TestForwarding:
    async def test_the_target_gets_it_once_signed(self, services: BusinessServices) -> None:
        """With the worker's data, under a signature of the integration's secret."""
        made = await integrate(services, apply_mode=FORWARD, forward_target=TARGET)
        secret = await services.do("RotateForwardSecret", integration_id=made.integration_id)
        await sync(services, [greenhouse(1)])
        application = await apply(services, await mirror(services, 1))
        target = Target()
        await forward(services, target)
        await forward(services, target)
        ((url, body, headers),) = target.got
        assert url == TARGET
        assert body["applicant"] == {
            "givenName": "Grace",
            "familyName": "Hopper",
            "email": "grace@example.org",
            "phone": "+1 555 0100",
        }
        assert body["resume"]["content"] == "Q09CT0wgYW5kIGNvbXBpbGVycw=="
        assert (body["externalJobId"], body["environment"]) == ("1", "sandbox")
        assert headers["webhook-id"] == application.application_id == body["applicationId"]
        signed = Webhook(secret.secret)
        stamp = services.now
        assert signed.sign(application.application_id, stamp, _as_sent(body)) in headers[
            "webhook-signature"
        ].split(" ")
        after = await read(services, application)
        assert (state(after), after.remote_id, after.target_status) == ("FORWARDED", "7", 201)
        assert await events(services) == ["application.forwarded"]

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (answered(400), "REFUSED TARGET_REFUSED 400"),
            (answered(404), "REFUSED TARGET_REFUSED 404"),
            (answered(429), "REFUSED TARGET_REFUSED 429"),
            (answered(302), "REFUSED TARGET_REDIRECTED 302"),
            (answered(500), "UNCERTAIN TARGET_FAILED 500"),
            (answered(503), "UNCERTAIN TARGET_FAILED 503"),
            (broken(HttpOutcome.TIMED_OUT, begun=True), "UNCERTAIN NO_ANSWER 0"),
            (broken(HttpOutcome.CONNECTION_FAILED, begun=True), "UNCERTAIN NO_ANSWER 0"),
            (broken(HttpOutcome.PROTOCOL_ERROR, begun=True), "UNCERTAIN NO_ANSWER 0"),
            (broken(HttpOutcome.CONNECTION_FAILED, begun=False), "RECEIVED TARGET_UNREACHABLE 0"),
            (broken(HttpOutcome.NAME_UNRESOLVED, begun=False), "RECEIVED TARGET_UNREACHABLE 0"),
            (broken(HttpOutcome.TLS_FAILED, begun=False), "RECEIVED TARGET_UNREACHABLE 0"),
            (broken(HttpOutcome.TIMED_OUT, begun=False), "RECEIVED TARGET_UNREACHABLE 0"),
            (broken(HttpOutcome.ADDRESS_FORBIDDEN, begun=False), "RECEIVED TARGET_INVALID 0"),
        ],
    )
    async def test_only_what_never_began_is_sent_again(
        self, services: BusinessServices, answer: SentOnce, expected: str
    ) -> None:
        """A day of rounds later, the target has still got one request, or several unbegun ones."""
        application = await apply(services, await role(services))
        target = Target()
        target.answer = answer
        await forward(services, target)
        after = await read(services, application)
        assert f"{state(after)} {cause(after)} {after.target_status}" == expected
        for _ in range(3):
            services.pass_time(minutes=20)
            await forward(services, target)
        assert len(target.got) == (4 if not answer.begun else 1)
        services.pass_time(days=1)
        await forward(services, target)
        last = await read(services, application)
        assert state(last) == ("FAILED" if not answer.begun else state(after))
        if not answer.begun:
            assert cause(last) == cause(after)
            assert await events(services) == ["application.failed"]

    async def test_a_sender_that_is_lost_leaves_it_uncertain(
        self, services: BusinessServices
    ) -> None:
        """Its lease runs first; nobody sends it again, and its late word still counts."""
        application = await apply(services, await role(services))
        target, answer = Target(), asyncio.get_running_loop().create_future()
        target.answer = lambda: answer
        first = forwarder(services, target)
        await first.poll()
        async with asyncio.timeout(20):
            await target.asked.wait()
        await forward(services, other := Target())
        assert state(await read(services, application)) == "SENDING"
        services.pass_time(seconds=LEASE.total_seconds() + 1)
        await forward(services, other)
        lost = await read(services, application)
        assert f"{state(lost)} {cause(lost)}" == "UNCERTAIN SENDER_LOST"
        assert other.got == []
        answer.set_result(answered(200))
        await first.stop(20)
        assert state(await read(services, application)) == "FORWARDED"
        assert await events(services) == ["application.uncertain", "application.forwarded"]

    async def test_two_forwarders_send_each_application_once(
        self, services: BusinessServices
    ) -> None:
        job = await role(services)
        made = {(await apply(services, job)).application_id for _ in range(12)}
        target = Target()
        workers = [forwarder(services, target) for _ in range(2)]
        for _ in range(3):
            await asyncio.gather(*(each.poll() for each in workers))
            await asyncio.gather(*(each.stop(20) for each in workers))
        sent = [body["applicationId"] for _, body, _ in target.got]
        assert (len(sent), set(sent)) == (12, made)

    async def test_a_target_that_became_invalid_gets_nothing(
        self, services: BusinessServices
    ) -> None:
        """It waits for a valid one; a sandbox application never goes to production's."""
        application = await apply(services, await role(services))
        services.production_targets.add(TARGET)
        target = Target()
        await forward(services, target)
        waiting = await read(services, application)
        assert f"{state(waiting)} {cause(waiting)}" == "RECEIVED TARGET_INVALID"
        services.production_targets.clear()
        services.pass_time(minutes=1)
        await forward(services, target)
        assert (state(await read(services, application)), len(target.got)) == ("FORWARDED", 1)

    async def test_the_former_secret_signs_beside_the_new_one_for_a_day(
        self, services: BusinessServices
    ) -> None:
        made = await integrate(services, apply_mode=FORWARD, forward_target=TARGET)
        named = {"integration_id": made.integration_id}
        first = await services.do("RotateForwardSecret", **named)
        second = await services.do("RotateForwardSecret", **named, idempotency_key="again")
        replay = await services.do("RotateForwardSecret", **named, idempotency_key="again")
        assert (replay.secret, first.HasField("previous_expire_time")) == ("", False)
        await sync(services, [greenhouse(1)])
        job = await mirror(services, 1)
        for hours, count in ((0, 2), (25, 1)):
            services.pass_time(hours=hours)
            await apply(services, job)
            target = Target()
            await forward(services, target)
            ((_, body, headers),) = target.got
            signatures = [
                Webhook(each.secret).sign(headers["webhook-id"], services.now, _as_sent(body))
                for each in (second, first)
            ]
            assert headers["webhook-signature"].split(" ") == signatures[:count]


class TestDeciding:
    async def uncertain(self, services: BusinessServices) -> tuple[Any, Target]:
        application = await apply(services, await role(services))
        target = Target()
        target.answer = broken(HttpOutcome.TIMED_OUT, begun=True)
        await forward(services, target)
        return await read(services, application), target

    async def test_an_operator_sends_an_uncertain_one_again(
        self, services: BusinessServices
    ) -> None:
        """Under the etag that was read, with the reason kept."""
        application, target = await self.uncertain(services)
        with pytest.raises(EtagMismatch):
            await decide(services, "ResendApplication", application, etag="older")
        resent = await decide(services, "ResendApplication", application, etag=application.etag)
        assert (state(resent), resent.note) == ("RECEIVED", "We asked the client.")
        target.answer = answered(200)
        await forward(services, target)
        done = await read(services, application)
        assert (state(done), done.attempt_count, len(target.got)) == ("FORWARDED", 2, 2)
        with pytest.raises(IllegalTransition):
            await decide(services, "ResendApplication", done, etag=done.etag)

    @pytest.mark.parametrize("ending", ["FORWARDED", "REFUSED", "FAILED"])
    async def test_an_operator_settles_an_uncertain_one(
        self, services: BusinessServices, ending: str
    ) -> None:
        application, target = await self.uncertain(services)
        said = {"etag": application.etag, "state": STATES.Value(ending)}
        if ending != "FORWARDED":
            with pytest.raises(FieldInvalid):
                await decide(services, "SettleApplication", application, **said, remote_id="9")
        settled = await decide(services, "SettleApplication", application, **said)
        assert f"{state(settled)} {cause(settled)}" == f"{ending} SETTLED"
        assert (await events(services))[-1] == f"application.{ending.lower()}"
        await forward(services, target)
        assert len(target.got) == 1

    async def test_erased_data_is_gone(self, services: BusinessServices) -> None:
        """The row of the data goes; the application can't be sent again, nor erased twice."""
        application, _ = await self.uncertain(services)
        erased = await decide(services, "EraseApplication", application)
        assert erased.HasField("erase_time")
        assert await services.rows(select(application_contents.c.number)) == []
        assert erased == await decide(services, "EraseApplication", application)
        with pytest.raises(ApplicationErased):
            await decide(services, "ResendApplication", erased, etag=erased.etag)

    async def test_what_waits_is_failed_once_it_is_erased(self, services: BusinessServices) -> None:
        application = await apply(services, await role(services))
        erased = await decide(services, "EraseApplication", application)
        assert f"{state(erased)} {cause(erased)}" == "FAILED ERASED"
        target = Target()
        await forward(services, target)
        assert (target.got, await events(services)) == ([], ["application.failed"])

    async def test_operators_list_what_is_uncertain(self, services: BusinessServices) -> None:
        application, _ = await self.uncertain(services)
        page = await services.do(
            "ListOrganizationApplications",
            operator(),
            organization_id=ORGANIZATION,
            environment="sandbox",
            state=STATES.UNCERTAIN,
        )
        assert list(page.applications) == [application]


class TestKeeping:
    def retention(self, services: BusinessServices, box: SecretBox) -> ApplicationRetention:
        return ApplicationRetention(
            [services.database],
            box=box,
            clock=lambda: services.now,
            keep=timedelta(days=30),
        )

    async def test_personal_data_goes_in_time(self, services: BusinessServices) -> None:
        """Thirty days after the final state; what isn't final stays."""
        job = await role(services)
        done = await apply(services, job)
        await forward(services, Target())
        services.pass_time(days=29)
        retention = self.retention(services, services.box)
        assert await retention.run() == 0
        waiting = await apply(services, job)
        services.pass_time(days=1)
        assert await retention.run() == 1
        assert (await read(services, done)).HasField("erase_time")
        assert not (await read(services, waiting)).HasField("erase_time")
        kept = await services.rows(select(application_contents.c.number))
        numbers = await services.rows(
            select(applications.c.number).where(
                applications.c.application_id == waiting.application_id
            )
        )
        assert kept == numbers

    async def test_a_new_key_takes_over_what_the_older_one_encrypted(
        self, services: BusinessServices
    ) -> None:
        """Data and signing secrets; then the older key may go, and it is still forwarded."""
        application = await apply(services, await role(services))
        keys = b"n" * 32, b"a" * 32
        await self.retention(services, SecretBox(keys, os.urandom)).run()
        services.box = SecretBox(keys[:1], os.urandom)
        await forward(services, Target())
        assert state(await read(services, application)) == "FORWARDED"

    async def test_without_its_key_nothing_is_sent_and_it_waits(
        self, services: BusinessServices
    ) -> None:
        application = await apply(services, await role(services))
        services.box = SecretBox([b"o" * 32], os.urandom)
        target = Target()
        await forward(services, target)
        await self.retention(services, services.box).run()
        assert (state(await read(services, application)), target.got) == ("RECEIVED", [])


class TestAgent:
    async def received(self, services: BusinessServices, by: Any = None) -> Any:
        """The first application of a stream, and the stream."""
        stream = await services.stream("ReceiveApplications", by)
        async with asyncio.timeout(20):
            async for message in stream:
                if message.HasField("application"):
                    return message, stream
        raise AssertionError("the stream ended")

    async def report(
        self, services: BusinessServices, message: Any, outcome: int, **said: Any
    ) -> Any:
        return await services.do(
            "ReportApplication",
            said.pop("by", None),
            application_id=message.application.application_id,
            attempt=said.pop("attempt", message.attempt),
            outcome=outcome,
            **said,
        )

    async def test_the_agent_gets_it_once_and_reports(self, services: BusinessServices) -> None:
        """It is SENDING before it leaves; forwarders leave it alone."""
        job = await role(services, forward_target="agent", secret=False)
        application = await apply(services, job)
        target = Target()
        await forward(services, target)
        message, stream = await self.received(services)
        assert (message.content.given_name, message.board) == ("Grace", "northline")
        assert state(message.application) == state(await read(services, application)) == "SENDING"
        done = await self.report(
            services, message, api.ReportApplicationRequest.FORWARDED, remote_id="gh-1"
        )
        assert (state(done), done.remote_id, target.got) == ("FORWARDED", "gh-1", [])
        with pytest.raises(AttemptSettled):
            await self.report(services, message, api.ReportApplicationRequest.FORWARDED)
        await stream.aclose()

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            (api.ReportApplicationRequest.REFUSED, "REFUSED"),
            (api.ReportApplicationRequest.UNCERTAIN, "UNCERTAIN"),
            (api.ReportApplicationRequest.NOT_SENT, "RECEIVED"),
        ],
    )
    async def test_what_an_agent_may_report(
        self, services: BusinessServices, outcome: int, expected: str
    ) -> None:
        await apply(services, await role(services, forward_target="agent"))
        message, stream = await self.received(services)
        await stream.aclose()
        with pytest.raises(FieldInvalid):
            await self.report(services, message, outcome, remote_id="7")
        reported = await self.report(services, message, outcome, target_status=422)
        assert (state(reported), reported.target_status) == (expected, 422)
        if expected == "RECEIVED":
            services.pass_time(minutes=1)
            again, stream = await self.received(services)
            await stream.aclose()
            assert again.attempt == 2
            with pytest.raises(AttemptSettled):
                await self.report(services, message, api.ReportApplicationRequest.FORWARDED)

    async def test_an_agent_that_never_reports_leaves_it_uncertain(
        self, services: BusinessServices
    ) -> None:
        application = await apply(services, await role(services, forward_target="agent"))
        _, stream = await self.received(services)
        await stream.aclose()
        services.pass_time(minutes=11)
        await forward(services, Target())
        lost = await read(services, application)
        assert f"{state(lost)} {cause(lost)}" == "UNCERTAIN SENDER_LOST"

    async def test_others_get_nothing(self, services: BusinessServices) -> None:
        """Neither another organization's agent, nor one without the employer."""
        job = await role(services, forward_target="agent")
        others = []
        for other in (key(organization="org_other"), key("employer_2")):
            stream = await services.stream("ReceiveApplications", other)
            first = await anext(stream)
            assert not first.HasField("application")
            others.append(asyncio.ensure_future(anext(stream)))
        await apply(services, job)
        message, stream = await self.received(services)  # nobody took it before
        await stream.aclose()
        assert not any(each.done() for each in others)
        for each in others:
            each.cancel()
        with pytest.raises(NotFound):
            await self.report(services, message, 1, by=key(organization="org_other"))


async def test_production_targets_are_known_in_any_spelling(business: Database) -> None:
    """The host's case and the scheme's own port make no other target."""
    services = BusinessServices(
        business, open_database("control", Path("nowhere"), control_metadata)
    )
    await integrate(services, apply_mode=FORWARD, forward_target=TARGET)
    known = ProductionTargets(business, ForwardTargets())
    assert await known.include("https://ATS.northline.example:443/applications")
    assert not await known.include("https://ats.northline.example/others")
    assert not await known.include("agent")


def _as_sent(body: dict[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
