"""Every method by every kind of caller: allowed if and only if it is declared.

The table below is written by hand from what the surface promises, not read from the protos, so that
a slip in a rule shows.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from tests.harness.call import BY_NAME, METHODS, NOW, ORIGIN, Directory, End, call

from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.rate_limit.model import MemoryLimiter, Tier, Tiers, Window
from xaigh_server.identity.scopes import ROLE_SCOPES, SHIPPED_FAMILIES, Role
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptor import chain
from xaigh_server.rpc.interceptors.authenticate import Authenticate
from xaigh_server.rpc.interceptors.authorize import Authorize
from xaigh_server.rpc.interceptors.browser_rule import BrowserRule
from xaigh_server.rpc.interceptors.errors import CallFailed, Errors, Failures
from xaigh_server.rpc.interceptors.rate_limit import RateLimit
from xaigh_server.rpc.interceptors.request_id import RequestId
from xaigh_server.rpc.scope_catalogue import read_catalogue

PROMISED = {
    "public": (
        "SubmitAccessRequest GetTicketStatus GetSealedKey AmendAccessRequest "
        "WithdrawAccessRequest ReplyToReview"
    ),
    "self": "WhoAmI GetUsage RevokeSelf",
    "access:review": (
        "ListAccessRequests GetAccessRequest GetDossier StartReview RequestInfo "
        "ApproveAccessRequest DenyAccessRequest ListGrants GetGrant NarrowGrant RevokeGrant "
        "ListOrganizations GetOrganization ListAllIntegrations ActivateIntegration "
        "DeactivateIntegration"
    ),
    "organizations:write": "SuspendOrganization ResumeOrganization",
    "audit:read": "ListAuditEvents ReportUsage",
    "keys:read": "ListKeys GetKey ListScopes",
    "keys:write": "IssueKey RotateKey RevokeKey",
    "keys:verify": "VerifyKey",
    "operations:write": "UpdateOperations",
    "jobs:read": "GetJob ListJobs ListPublishedJobs WatchJobs",
    "jobs:write": "PostJob UpdateJob CloseJob",
    "employer:read": "ListEmployerJobs",
    "workforce:read": "GetWorkforceStatus",
    "ats:read": "GetSyncStatus ListSyncRuns ListSyncEvents ListIntegrations GetIntegration",
    "ats:sync": "SyncJobs SyncFeed CreateIntegration UpdateIntegration",
    "ats:confirm": "ConfirmClose",
    "webhooks:read": "ListEndpoints GetEndpoint ListDeliveries",
    "webhooks:write": (
        "CreateEndpoint UpdateEndpoint DeleteEndpoint RotateSecret SendTest Redeliver"
    ),
}
PUBLISHABLE = {"ListPublishedJobs"}
OPENED_BY = {name: access for access, names in PROMISED.items() for name in names.split()}
FOR_OPERATORS = {
    *("access:review", "organizations:write", "audit:read", "keys:read", "keys:write"),
    *("keys:verify", "operations:write"),
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
    if (caller.kind == "operator") != (opened_by in FOR_OPERATORS):
        return "CREDENTIAL_KIND_REFUSED"
    if caller.kind == "pk" and name not in PUBLISHABLE:
        return "KEY_TYPE_NOT_ALLOWED"
    if opened_by != "self" and opened_by not in caller.scopes:
        return "SCOPE_NOT_GRANTED"
    return "allowed"


ENDLESS = Tier(name="endless", windows=(Window(name="day", calls=10**9, seconds=86400),))


def gate(directory: Directory, end: End):
    """The chain up to where the request would be read, in its order."""
    limiter, numbers = MemoryLimiter(lambda: 0.0), count(1)
    links = (
        RequestId(new_id=lambda: f"req_{next(numbers)}"),
        Errors(Failures(read_reasons())),
        Authenticate(directory, limiter=limiter, clock=lambda: NOW, bad_credentials=ENDLESS),
        BrowserRule(),
        RateLimit(limiter, tiers=Tiers([ENDLESS]), public=ENDLESS),
        Authorize(),
    )
    return chain(links, end)


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
    credential = ""
    if caller.kind == "operator":
        credential = directory.add_operator(*caller.scopes)
    elif caller.kind != "nobody":
        kind = KeyType(caller.kind)
        credential = directory.add_key(
            *caller.scopes, kind=kind, environment=caller.environment, tier="endless"
        )
    found = {name: await outcome(directory, credential, caller, name) for name in OPENED_BY}
    assert found == {name: verdict(caller, name) for name in OPENED_BY}


def test_the_matrix_is_not_empty_on_either_side():
    """Every scope opens something here, or is another product's; nobody is let in everywhere."""
    assert PRODUCTS | set(PROMISED) - {"public", "self"} == FOR_KEYS | FOR_OPERATORS
    for caller in callers():
        verdicts = {verdict(caller, name) for name in OPENED_BY}
        assert verdicts - {"allowed"}
