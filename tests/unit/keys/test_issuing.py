"""What may be issued, rotated and revoked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyrage
import pytest
from tests.harness.control_rows import (
    CATALOGUE,
    DAY,
    GRANT,
    NOW,
    ORGANIZATION,
    RING,
    TERMS,
    randomness,
)

from xaigh_server.errors import DomainError, FieldInvalid
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import ScopeNotMintable, ScopeUnknown
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.sealing import AgeSealer
from xaigh_server.keys.errors import (
    AllowanceSpent,
    GrantExceeded,
    GrantInactive,
    KeyInactive,
    KeyRotationOpen,
    ReasonRequired,
)
from xaigh_server.keys.grants import Grant, GrantState
from xaigh_server.keys.issuing import IssueOrder, Issuer, NewKey, Rotation, revoke
from xaigh_server.keys.model import KeyRecord, KeyState
from xaigh_server.organizations.errors import OrganizationInactive
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.rpc.errors import EtagMismatch

ORIGIN = "https://app.example.com"


class Shelf:
    """Keys in a dict."""

    def __init__(self) -> None:
        self.records: dict[str, KeyRecord] = {}

    def get(self, key_id: str) -> KeyRecord | None:
        return self.records.get(key_id)

    def issued_from(self, grant_id: str) -> int:
        return sum(r.grant_id == grant_id and not r.replaces for r in self.records.values())

    def put(self, *records: KeyRecord) -> None:
        self.records.update({record.key_id: record for record in records})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def _issuer(random: Callable[[int], bytes] = randomness) -> Issuer:
    return Issuer(
        catalogue=CATALOGUE,
        peppers=RING,
        sealer=AgeSealer(),
        random=random,
        max_grace=timedelta(days=7),
    )


def _issue(
    shelf: Shelf,
    grant: Grant = GRANT,
    organization: Organization = ORGANIZATION,
    **members: object,
) -> NewKey:
    order = replace(IssueOrder(name="till"), **members)  # type: ignore[arg-type]
    new = _issuer().issue(order, grant, organization, shelf, operator="maya", now=NOW)
    shelf.put(new.record)
    return new


def _rotate(
    shelf: Shelf,
    old: KeyRecord,
    grant: Grant = GRANT,
    organization: Organization = ORGANIZATION,
    *,
    grace: timedelta = timedelta(),
    etag: str = "",
) -> Rotation:
    done = _issuer().rotate(
        old,
        grant,
        organization,
        shelf,
        grace=grace,
        clear_reason="",
        etag=etag,
        operator="ada",
        now=NOW,
    )
    shelf.put(done.old, done.new.record)
    return done


def _sealing_grant() -> tuple[Grant, pyrage.x25519.Identity]:
    identity = pyrage.x25519.Identity.generate()
    return replace(GRANT, seal_to=str(identity.to_public())), identity


def test_a_key_has_all_that_its_type_can_hold(shelf: Shelf) -> None:
    """Without scopes asked for, and always of the grant's environment."""
    new = _issue(shelf)
    parsed = keys.parse(new.clear)
    assert (parsed.environment, parsed.key_type) == (Environment.SANDBOX, KeyType.SECRET)
    assert new.record.scopes == ("ats:read", "jobs:read", "jobs:write")
    assert RING.matches(new.clear, new.digest)
    assert new.clear[8:] not in repr(new)
    live = _issue(shelf, replace(GRANT, grant_id="grt_2", environment=Environment.PRODUCTION))
    assert live.clear.startswith("live_sk_")


def test_a_publishable_key_has_publishable_scopes(shelf: Shelf) -> None:
    """And at least one origin, spelled as browsers do."""
    new = _issue(
        shelf, key_type=KeyType.PUBLISHABLE, allowed_origins=["https://App.Example.com:443"]
    )
    assert new.record.scopes == ("jobs:read",)
    assert new.record.allowed_origins == (ORIGIN,)


@pytest.mark.parametrize(
    ("members", "error", "where"),
    [
        ({"name": " "}, FieldInvalid, "name"),
        ({"scopes": ["jobs:delete"]}, ScopeUnknown, "scopes"),
        ({"scopes": ["payroll:read"]}, ScopeNotMintable, ""),
        ({"scopes": ["keys:read"]}, ScopeNotMintable, ""),
        ({"scopes": ["nature:read"]}, GrantExceeded, "scopes"),
        ({"expire_time": NOW}, FieldInvalid, "expireTime"),
        ({"expire_time": NOW + 31 * DAY}, GrantExceeded, "expireTime"),
        ({"allowed_origins": [ORIGIN]}, FieldInvalid, "allowedOrigins"),
        ({"key_type": KeyType.PUBLISHABLE}, FieldInvalid, "allowedOrigins"),
        (
            {"key_type": KeyType.PUBLISHABLE, "allowed_origins": ["*"]},
            FieldInvalid,
            "allowedOrigins[0]",
        ),
        (
            {
                "key_type": KeyType.PUBLISHABLE,
                "allowed_origins": [ORIGIN],
                "scopes": ["jobs:read", "jobs:write"],
            },
            FieldInvalid,
            "scopes[1]",
        ),
        ({"allowed_cidrs": ["10.0.0.1/8"]}, FieldInvalid, "allowedCidrs[0]"),
    ],
)
def test_never_wider_than_the_grant(
    shelf: Shelf, members: dict[str, Any], error: type[DomainError], where: str
) -> None:
    """Each excess is refused and named."""
    grant = replace(GRANT, terms=replace(TERMS, expire_time=NOW + 30 * DAY))
    with pytest.raises(error) as caught:
        _issue(shelf, grant, **members)
    named = [v.path for v in caught.value.violations]
    named += [unmet.subject for unmet in caught.value.preconditions]
    assert named == ([where] if where else [])
    assert shelf.records == {}


def test_a_type_that_the_grant_is_not_for(shelf: Shelf) -> None:
    """Also where the scopes would fit."""
    grant = replace(GRANT, terms=replace(TERMS, key_types=("sk",)))
    with pytest.raises(GrantExceeded):
        _issue(shelf, grant, key_type=KeyType.PUBLISHABLE, allowed_origins=[ORIGIN])


def test_a_grant_without_publishable_scopes(shelf: Shelf) -> None:
    """A key that could call nothing isn't made."""
    grant = replace(GRANT, terms=replace(TERMS, scopes=("jobs:write",)))
    with pytest.raises(FieldInvalid):
        _issue(shelf, grant, key_type=KeyType.PUBLISHABLE, allowed_origins=[ORIGIN])


@pytest.mark.parametrize("state", [GrantState.REVOKED, GrantState.SUPERSEDED, GrantState.EXPIRED])
def test_inactive_grants_give_nothing(shelf: Shelf, state: GrantState) -> None:
    """Neither a new key nor a rotated one."""
    old = _issue(shelf).record
    ended = replace(GRANT, terms=replace(TERMS, expire_time=NOW))
    grant = ended if state is GrantState.EXPIRED else replace(GRANT, state=state)
    with pytest.raises(GrantInactive):
        _issue(shelf, grant)
    with pytest.raises(GrantInactive):
        _rotate(shelf, old, grant)


def test_suspended_organizations_get_nothing(shelf: Shelf) -> None:
    """Neither a new key nor a rotated one."""
    old = _issue(shelf).record
    suspended = replace(ORGANIZATION, state=OrganizationState.SUSPENDED)
    with pytest.raises(OrganizationInactive):
        _issue(shelf, organization=suspended)
    with pytest.raises(OrganizationInactive):
        _rotate(shelf, old, organization=suspended)


def test_the_allowance_is_spent_for_good(shelf: Shelf) -> None:
    """A revocation refunds nothing; a rotation costs nothing."""
    first, second, _ = (_issue(shelf).record for _ in range(3))
    shelf.put(revoke(first, reason="x", by="maya", now=NOW))
    _rotate(shelf, second)
    with pytest.raises(AllowanceSpent) as caught:
        _issue(shelf)
    assert caught.value.metadata == {"grantId": "grt_1", "allowance": "3"}


def test_an_id_is_given_once(shelf: Shelf) -> None:
    """Should chance repeat an id, another is drawn."""
    draws = iter([b"\x01" * 42, b"\x01" * 42, b"\x02" * 42])
    issuer = _issuer(lambda n: next(draws))
    order = IssueOrder(name="a")
    issued = []
    for _ in range(2):
        new = issuer.issue(order, GRANT, ORGANIZATION, shelf, operator="maya", now=NOW)
        shelf.put(new.record)
        issued.append(new.record.key_id)
    assert issued == ["1" * 10, "2" * 10]


def test_a_known_recipient_gets_the_key_sealed(shelf: Shelf) -> None:
    """The operator's reply holds no key; the applicant opens the file."""
    grant, identity = _sealing_grant()
    new = _issue(shelf, grant)
    assert new.clear == ""
    assert new.sealed is not None
    assert (new.sealed.key_id, new.sealed.ticket_id) == (new.record.key_id, "tkt_1")
    opened = pyrage.decrypt(new.sealed.text.encode(), [identity]).decode()
    assert keys.parse(opened).id == new.record.key_id
    assert RING.matches(opened, new.digest)


def test_issuing_in_clear_needs_a_reason(shelf: Shelf) -> None:
    """A blank one is none."""
    grant, _ = _sealing_grant()
    new = _issue(shelf, grant, clear_reason="The applicant lost the identity.")
    assert new.clear
    assert new.sealed is None
    with pytest.raises(ReasonRequired):
        _issue(shelf, grant, clear_reason="  ")


def test_a_rotation_keeps_what_the_key_was(shelf: Shelf) -> None:
    """Name, powers and end; the old key ends at once without a grace."""
    ends = NOW + 30 * DAY
    old = _issue(shelf, expire_time=ends, allowed_cidrs=["10.0.0.0/8"], labels={"a": "b"}).record
    done = _rotate(shelf, old, etag=old.etag)
    new = done.new.record
    assert new.key_id != old.key_id
    assert (new.name, new.scopes, new.allowed_cidrs, new.labels, new.expire_time) == (
        old.name,
        old.scopes,
        old.allowed_cidrs,
        old.labels,
        ends,
    )
    assert (new.replaces, new.created_by, new.last_four) == (old.key_id, "ada", done.new.clear[-4:])
    assert (done.old.replaced_by, done.old.replace_time) == (new.key_id, NOW)
    assert done.old.state_at(NOW) is KeyState.ROTATED


@pytest.mark.parametrize(
    ("own_end", "grace", "ends"),
    [(None, DAY, DAY), (2 * DAY, DAY, DAY), (DAY, 2 * DAY, DAY), (None, 7 * DAY, 7 * DAY)],
)
def test_the_old_key_ends_at_the_earlier_of_both(
    shelf: Shelf, own_end: timedelta | None, grace: timedelta, ends: timedelta
) -> None:
    """A grace never prolongs a key."""
    old = _issue(shelf, expire_time=own_end and NOW + own_end).record
    done = _rotate(shelf, old, grace=grace)
    assert done.old.expire_time == NOW + ends
    assert done.old.state_at(NOW) is KeyState.GRACE


def test_a_grace_is_capped(shelf: Shelf) -> None:
    """More than the setting is refused, not cut in silence."""
    old = _issue(shelf).record
    with pytest.raises(FieldInvalid):
        _rotate(shelf, old, grace=timedelta(days=7, seconds=1))


def test_ended_keys_are_not_rotated(shelf: Shelf) -> None:
    """Expired, revoked and rotated away."""
    old = _issue(shelf).record
    gone = {"replaced_by": "x", "replace_time": NOW - DAY, "expire_time": NOW}
    for ended, state in (
        (replace(old, expire_time=NOW), "EXPIRED"),
        (revoke(old, reason="x", by="maya", now=NOW), "REVOKED"),
        (replace(old, **gone), "ROTATED"),  # type: ignore[arg-type]  # members of KeyRecord
    ):
        with pytest.raises(KeyInactive) as caught:
            _rotate(shelf, ended)
        assert caught.value.metadata["state"] == state


def test_two_secrets_live_at_most(shelf: Shelf) -> None:
    """Neither the old nor the new key is rotated again while both work."""
    done = _rotate(shelf, _issue(shelf).record, grace=DAY)
    for key in (done.old, done.new.record):
        with pytest.raises(KeyRotationOpen):
            _rotate(shelf, key)
    shelf.put(revoke(done.old, reason="x", by="maya", now=NOW))
    assert _rotate(shelf, done.new.record).new.record.replaces == done.new.record.key_id


def test_rotating_what_changed_is_refused(shelf: Shelf) -> None:
    """The etag is that of the key that was looked at."""
    old = _issue(shelf).record
    with pytest.raises(EtagMismatch):
        _rotate(shelf, replace(old, expire_time=NOW + DAY), etag=old.etag)


def test_a_rotation_brings_nothing_back(shelf: Shelf) -> None:
    """What the grant lost since then, the new key doesn't get."""
    old = _issue(shelf).record
    narrowed = replace(GRANT, revision=2, terms=replace(TERMS, scopes=("jobs:read",)))
    assert _rotate(shelf, old, narrowed).new.record.scopes == ("jobs:read",)
    for terms in (replace(TERMS, scopes=("nature:read",)), replace(TERMS, key_types=("pk",))):
        with pytest.raises(GrantExceeded):
            _rotate(shelf, _issue(Shelf()).record, replace(GRANT, terms=terms))


def test_a_rotated_key_is_sealed_as_well(shelf: Shelf) -> None:
    """The recipient is the grant's."""
    grant, identity = _sealing_grant()
    done = _rotate(shelf, _issue(shelf).record, grant)
    assert done.new.clear == ""
    assert done.new.sealed is not None
    assert pyrage.decrypt(done.new.sealed.text.encode(), [identity]).startswith(b"test_sk_")


def test_the_first_revocation_counts(shelf: Shelf) -> None:
    """A second one changes neither time nor reason."""
    record = _issue(shelf).record
    first = revoke(record, reason="leaked", by="maya", now=NOW)
    assert revoke(first, reason="other", by="ada", now=NOW + DAY) is first
    assert (first.revoke_time, first.revoke_reason, first.revoked_by) == (NOW, "leaked", "maya")
