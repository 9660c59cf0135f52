"""Every method by every kind of caller, also as a replay: allowed if and only if it is declared.

The table below is written by hand from what the surface promises, not read from the protos, so that
a slip in a rule shows.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.harness.call import BY_NAME, METHODS, NOW, ORIGIN, Directory, End, call
from tests.harness.rights import FixedRights

from xaigh_server.db import schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.rate_limit.model import MemoryLimiter, Tier, Tiers, Window
from xaigh_server.identity.scopes import ROLE_SCOPES, SHIPPED_FAMILIES, Role
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.handlers import Write
from xaigh_server.rpc.interceptor import chain
from xaigh_server.rpc.interceptors.authenticate import Authenticate
from xaigh_server.rpc.interceptors.authorize import Authorize
from xaigh_server.rpc.interceptors.browser_rule import BrowserRule
from xaigh_server.rpc.interceptors.errors import CallFailed, Errors, Failures
from xaigh_server.rpc.interceptors.invoke_handler import InvokeHandler
from xaigh_server.rpc.interceptors.rate_limit import RateLimit
from xaigh_server.rpc.interceptors.request_id import RequestId
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.scope_catalogue import read_catalogue
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory
from xaigh_server.runtime.tables import business_metadata, control_metadata

PROMISED = {
    "public": (
        "SubmitAccessRequest GetTicketStatus GetSealedKey AmendAccessRequest "
        "WithdrawAccessRequest ReplyToReview ProveDomain ProveCallback ListScopes"
    ),
    "self": (
        "WhoAmI GetUsage RevokeSelf ListDrills RecordDrill ListRequestLogs GetRequestLog "
        "ListOwnAuditEvents ExportOwnAuditEvents"
    ),
    "access:review": (
        "ListAccessRequests GetAccessRequest GetDossier StartReview RequestInfo "
        "ApproveAccessRequest DenyAccessRequest ListGrants GetGrant NarrowGrant RevokeGrant "
        "SimulateGrant ListProposals GetProposal ConfirmProposal DiscardProposal "
        "ListOrganizations GetOrganization GetApprovalPolicy"
    ),
    "organizations:write": (
        "SuspendOrganization ResumeOrganization ActivateIntegration ApplyIntegrationChange "
        "DiscardIntegrationChange DeactivateIntegration DisableEndpoint EnableEndpoint HoldJob "
        "ReleaseJob SetApprovalPolicy ResendApplication SettleApplication"
    ),
    "support:read": (
        "ListOrganizationJobs ListOrganizationIntegrations ListOrganizationRuns "
        "ListOrganizationEvents ListOrganizationEndpoints ListOrganizationDeliveries "
        "ListOrganizationRequestLogs GetOrganizationRequestLog GetKeyIdentity "
        "ListOrganizationApplications"
    ),
    "audit:read": "ListAuditEvents ReportUsage",
    "keys:read": "ListKeys GetKey",
    "keys:write": "IssueKey RotateKey RevokeKey RollbackKey ReleaseHolds",
    "keys:verify": "VerifyKey",
    "operations:write": "UpdateOperations",
    "operations:read": (
        "OperationsService.GetJob OperationsService.ListJobs OperationsService.WatchJobs "
        "OperationsService.ListSyncEvents"
    ),
    "applications:write": "SubmitApplication EraseApplication",
    "applications:read": "",
    "applications:forward": "ReceiveApplications ReportApplication",
    "jobs:read": "GetJob ListJobs ListPublishedJobs WatchJobs GetApplication ListApplications",
    "jobs:write": "PostJob UpdateJob CloseJob",
    "employer:read": "ListEmployers GetEmployer ListEmployerJobs ListCloseouts",
    "employer:approve": "ApprovePosting ReturnPosting",
    "workforce:read": "GetWorkforceStatus",
    "ats:read": "GetSyncStatus ListSyncRuns ListSyncEvents ListIntegrations GetIntegration",
    "ats:sync": (
        "SyncJobs SyncFeed CreateIntegration UpdateIntegration RetireIntegration "
        "RotateForwardSecret"
    ),
    "ats:confirm": "ConfirmClose ConfirmDrift",
    "webhooks:read": ("ListEndpoints GetEndpoint ListDeliveries ListEvents GetEvent WatchEvents"),
    "webhooks:write": (
        "CreateEndpoint UpdateEndpoint DeleteEndpoint RotateSecret SendTest Redeliver "
        "RecoverEndpoint"
    ),
}
OR_BY = {"GetApplication": "applications:read", "ListApplications": "applications:read"}
"""What services and operators need for a method of keys."""
PUBLISHABLE = {"ListPublishedJobs"}
OPENED_BY = {name: access for access, names in PROMISED.items() for name in names.split()}
FOR_OPERATORS = {
    *("access:review", "organizations:write", "audit:read", "keys:read", "keys:write"),
    *("keys:verify", "operations:write", "operations:read", "support:read"),
    *("applications:write", "applications:read"),
}
PRODUCTS = {f"{family.name}:{verb}" for family in SHIPPED_FAMILIES for verb in family.routes}
FOR_KEYS = (set(PROMISED) - FOR_OPERATORS - {"public", "self"}) | PRODUCTS


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody, and what they carry. `kind` is nobody, sk, pk or operator."""

    name: str
    kind: str
    scopes: frozenset[str] = frozenset()
    environment: Environment = Environment.SANDBOX


def callers() -> list[Caller]:
    made = [Caller(name="nobody", kind="nobody")]
    for kind, scopes in (("sk", FOR_KEYS), ("pk", FOR_KEYS), ("operator", FOR_OPERATORS)):
        made.append(Caller(name=f"{kind} of nothing", kind=kind))
        made.append(Caller(name=f"{kind} of all", kind=kind, scopes=frozenset(scopes)))
        for scope in sorted(scopes):
            made.append(Caller(name=f"{kind} of {scope}", kind=kind, scopes=frozenset({scope})))
    for role in Role:
        made.append(Caller(name=f"{role}", kind="operator", scopes=ROLE_SCOPES[role]))
    live = Environment.PRODUCTION
    made.append(Caller(name="live", kind="sk", scopes=frozenset(FOR_KEYS), environment=live))
    # A credential that carries what it never could: its kind alone keeps it out.
    made.append(Caller(name="odd key", kind="sk", scopes=frozenset(FOR_OPERATORS)))
    made.append(Caller(name="odd operator", kind="operator", scopes=frozenset(FOR_KEYS)))
    return made


def verdict(caller: Caller, name: str) -> str:
    """What must come out, by the table alone."""
    opened_by = OPENED_BY[name]
    if opened_by == "public":
        return "KEY_TYPE_NOT_ALLOWED" if caller.kind == "pk" else "allowed"
    if caller.kind == "nobody":
        return "CREDENTIALS_MISSING"
    if caller.kind == "pk" and name not in PUBLISHABLE:
        return "KEY_TYPE_NOT_ALLOWED"
    if name == "WhoAmI":
        return "allowed"
    if caller.kind == "operator":
        opened_by = OR_BY.get(name, opened_by)
    if (caller.kind == "operator") != (opened_by in FOR_OPERATORS):
        return "CREDENTIAL_KIND_REFUSED"
    if opened_by != "self" and opened_by not in caller.scopes:
        return "SCOPE_NOT_GRANTED"
    return "allowed"


ENDLESS = Tier(name="endless", windows=(Window(name="day", calls=10**9, seconds=86400),))


def gate(directory: Directory, end: Any) -> Any:
    """The chain up to where the request would be read, in its order."""
    limiter, numbers = MemoryLimiter(lambda: 0.0), count(1)
    links = (
        RequestId(new_id=lambda: f"req_{next(numbers)}"),
        Errors(Failures(read_reasons(), DocsLinks("/docs"))),
        Authenticate(directory, limiter=limiter, clock=lambda: NOW, bad_credentials=ENDLESS),
        BrowserRule(),
        RateLimit(limiter, tiers=Tiers([ENDLESS]), public=ENDLESS),
        Authorize(),
    )
    return chain(links, end)


def credential_of(caller: Caller, directory: Directory) -> str:
    """A new credential for the caller; all keys are of one organization, all operators are one."""
    if caller.kind == "nobody":
        return ""
    if caller.kind == "operator":
        return directory.add_operator(*caller.scopes)
    return directory.add_key(
        *caller.scopes,
        kind=KeyType(caller.kind),
        environment=caller.environment,
        tier="endless",
    )


async def outcome(directory: Directory, credential: str, caller: Caller, name: str) -> str:
    headers: dict[str, Any] = {"key": credential} if credential else {}
    if caller.kind == "pk":
        headers["origin"] = ORIGIN
    end, made = End(), call(name, **headers)
    try:
        await gate(directory, end)("request", made)
    except CallFailed as failed:
        assert not end.ran
        return failed.reason
    assert end.ran
    return "allowed"


def test_the_table_names_every_method_and_every_scope():
    """A new method or scope has to be decided on here, too."""
    assert set(OPENED_BY) == set(BY_NAME)
    catalogue = read_catalogue(METHODS, SHIPPED_FAMILIES)
    assert {scope.name for scope in catalogue.all()} == FOR_KEYS | FOR_OPERATORS
    assert sum(len(names.split()) for names in PROMISED.values()) == len(BY_NAME)


@pytest.mark.parametrize("caller", callers(), ids=lambda caller: caller.name)
async def test_allowed_if_and_only_if_declared(caller: Caller):
    """Each caller at each method: let in, or refused for the one right reason."""
    directory = Directory()
    credential = credential_of(caller, directory)
    found = {name: await outcome(directory, credential, caller, name) for name in OPENED_BY}
    assert found == {name: verdict(caller, name) for name in OPENED_BY}


def test_the_matrix_is_not_empty_on_either_side():
    """Every scope opens something here, or is another product's; nobody is let in everywhere."""
    assert PRODUCTS | set(PROMISED) - {"public", "self"} == FOR_KEYS | FOR_OPERATORS
    for caller in callers():
        verdicts = {verdict(caller, name) for name in OPENED_BY}
        assert verdicts - {"allowed"}


class Replays:
    """All methods that take an idempotency key, each with a handler that only counts."""

    def __init__(self, databases: dict[str, Database]) -> None:
        self.ran = 0
        self.proved = 0
        self._numbers = count(1)
        self._units = UnitOfWorkFactory(
            control=databases["control"],
            business={each: databases[each.value] for each in Environment},
            rights=FixedRights(),
            clock=lambda: NOW,
            new_id=lambda prefix: f"{prefix}_{next(self._numbers)}",
        )

    async def outcome(self, directory: Directory, caller: Caller, name: str) -> str:
        """What comes of a call of the method under the one idempotency key."""
        method = BY_NAME[name]
        headers: dict[str, Any] = {"idempotency_key": "again"}
        if credential := credential_of(caller, directory):
            headers["key"] = credential
        if caller.kind == "pk":
            headers["origin"] = ORIGIN
        request = method.request_type()
        if method.rule.database == "business" and method.names_environment:
            request.environment = "sandbox"
        end = InvokeHandler(
            {method.path: self._handler(method)}, units=self._units, keep_replies=timedelta(days=1)
        )
        made = call(name, **headers)
        try:
            await gate(directory, end)(request, made)
        except CallFailed as failed:
            return failed.reason
        return "replayed" if made.replayed else "allowed"

    def _handler(self, method: Method) -> Write:
        def run(request: Any, unit: Any) -> Any:
            self.ran += 1
            return method.reply_type()

        def prove(request: Any, reply: Any, unit: Any) -> None:
            self.proved += 1

        rule = method.rule
        return Write(
            run=run,
            prove=None if rule.replay == "caller" else prove,
            owner=_organization if rule.partition == "object" else None,
        )


def _organization(*_: Any) -> str:
    return "org_1"


@pytest.fixture
async def replays(tmp_path: Path) -> AsyncIterator[Replays]:
    databases: dict[str, Database] = {}
    for name in ("control", *(each.value for each in Environment)):
        metadata = control_metadata if name == "control" else business_metadata
        database = databases[name] = open_database(name, tmp_path / f"{name}.db", metadata)
        await database.start()
        await database.write(partial(schema.create, metadata=metadata))
    yield Replays(databases)
    for database in databases.values():
        await database.close()


def rightful(name: str) -> Caller:
    """A caller who may call the method, and has."""
    opened_by = OPENED_BY[name]
    if opened_by == "public":
        return Caller(name="nobody", kind="nobody")
    kind = "operator" if opened_by in FOR_OPERATORS else "sk"
    return Caller(name="rightful", kind=kind, scopes=frozenset({opened_by}))


def owner_of(caller: Caller) -> str:
    """Whose idempotency keys a caller's are."""
    return f"{caller.environment}" if caller.kind in ("sk", "pk") else caller.kind


REPEATABLE = sorted(
    name for name, each in BY_NAME.items() if each.rule.idempotency != "none" and not each.streaming
)


@pytest.mark.parametrize("name", REPEATABLE)
async def test_a_replay_opens_nothing_that_a_call_would_not(replays: Replays, name: str):
    """A stored reply is given to those who may call, proven as declared, and to nobody else."""
    directory, first = Directory(), rightful(name)
    assert await replays.outcome(directory, first, name) == "allowed"
    known, given = {owner_of(first)}, 0
    for caller in callers():
        ran, proved, wanted = replays.ran, replays.proved, verdict(caller, name)
        if wanted == "allowed" and owner_of(caller) in known:
            wanted = "replayed"
            given += 1
        assert await replays.outcome(directory, caller, name) == wanted, caller
        assert replays.ran - ran == (wanted == "allowed")
        proves = wanted == "replayed" and BY_NAME[name].rule.replay != "caller"
        assert replays.proved - proved == proves
        if wanted == "allowed":
            known.add(owner_of(caller))
    assert given
