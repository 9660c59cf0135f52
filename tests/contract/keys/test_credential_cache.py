"""A hot key costs no read; one that was revoked is never served."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from tests.harness.control_rows import (
    DAY,
    GRANT,
    NOW,
    ORGANIZATION,
    RING,
    TERMS,
    issue,
    randomness,
    seed,
)
from tests.harness.credentials import TAGS, made_up

from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.identity import base62
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import NO_EPOCH, open_epoch
from xaigh_server.identity.errors import (
    GrantExpired,
    GrantRevoked,
    KeyExpired,
    KeyRevoked,
    KeyRotated,
    KeyUnknown,
    OperatorExpired,
    OperatorRevoked,
    OperatorUnknown,
    OrganizationSuspended,
    Unauthenticated,
)
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.operator_repository import Operators
from xaigh_server.identity.operators import Operator, OperatorCredential, replaced
from xaigh_server.identity.peppers import Pepper, PepperRing
from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.identity.scopes import Role
from xaigh_server.keys.credential_cache import CredentialCache
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Grant
from xaigh_server.keys.issuing import NewKey, revoke
from xaigh_server.keys.repository import Keys
from xaigh_server.organizations.model import OrganizationState
from xaigh_server.organizations.repository import Organizations

T = TypeVar("T")


class Counting:
    """A database that counts its look-ups, and can hold one back."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.reads = 0
        self.after_read: Callable[[], object] | None = None

    async def point(self, fn: Callable[[Session], T]) -> T:
        self.reads += 1
        found = await self._inner.point(fn)
        if self.after_read is not None:
            await self.after_read()  # type: ignore[misc]  # a coroutine function
        return found


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def counting(control: Database) -> Counting:
    await control.write(seed)
    return Counting(control)


@pytest.fixture
async def keyring(
    control: Database, counting: Counting, clock: Clock
) -> AsyncIterator[CredentialCache]:
    epoch = open_epoch(control)
    yield CredentialCache(counting, epoch, RING, clock=clock, capacity=3)  # type: ignore[arg-type]
    await epoch.close()


async def _find(keyring: CredentialCache, text: str) -> KeyPrincipal | OperatorPrincipal:
    found = await keyring.cached(text) or await keyring.look_up(keyring.parse(text))
    return found.principal


async def _refused(keyring: CredentialCache, text: str) -> type[Unauthenticated]:
    with pytest.raises(Unauthenticated) as caught:
        await _find(keyring, text)
    return type(caught.value)


async def _revoke(control: Database, key: NewKey) -> None:
    record = revoke(key.record, reason="leaked", by="maya", now=NOW)
    await control.write(lambda session: Keys(session).revoke(record))


async def test_a_principal_holds_what_the_key_may_do(
    control: Database, keyring: CredentialCache
) -> None:
    """The key's own scopes within its grant's, and the grant's facts."""
    new = await issue(
        control,
        key_type=KeyType.PUBLISHABLE,
        allowed_origins=["https://app.example.com"],
        allowed_cidrs=["10.0.0.0/8"],
        expire_time=NOW + DAY,
    )
    found = await _find(keyring, new.clear)
    assert isinstance(found, KeyPrincipal)
    assert (found.key_id, found.environment) == (new.record.key_id, Environment.SANDBOX)
    assert (found.key_type, found.organization_id) == (KeyType.PUBLISHABLE, "org_1")
    assert found.scopes == {"jobs:read"}
    assert found.grant.employer_ids == {"emp_1", "emp_2"}
    assert (found.grant.id, found.grant.revision, found.grant.tier) == ("grt_1", 1, "standard")
    assert found.origins == {"https://app.example.com"}
    assert found.cidrs.allow("10.1.1.1")
    assert not found.cidrs.allow("11.1.1.1")
    assert found.expires_at == NOW + DAY
    assert found.deprecated_at is found.sunset_at is None


async def test_a_hot_key_is_read_once(
    control: Database, counting: Counting, keyring: CredentialCache
) -> None:
    """A hundred calls, one look-up."""
    new = await issue(control)
    for _ in range(100):
        await _find(keyring, new.clear)
    assert counting.reads == 1


async def test_a_revoked_key_is_not_served_again(
    control: Database, keyring: CredentialCache
) -> None:
    """From the commit on, however hot it was; the other keys still work."""
    new, other = await issue(control), await issue(control)
    await _find(keyring, new.clear)
    await _revoke(control, new)
    assert await _refused(keyring, new.clear) is KeyRevoked
    assert (await _find(keyring, other.clear)) is not None


async def test_a_look_up_that_a_revocation_overtook_is_not_kept(
    control: Database, counting: Counting, keyring: CredentialCache
) -> None:
    """What was read before the revocation serves the call that read it, and no later one."""
    new, other = await issue(control), await issue(control)

    async def meanwhile() -> None:
        counting.after_read = None
        await _revoke(control, new)
        await _find(keyring, other.clear)  # moves the ring to the new epoch

    counting.after_read = meanwhile
    await _find(keyring, new.clear)
    assert await _refused(keyring, new.clear) is KeyRevoked


async def test_a_look_up_on_an_older_snapshot_than_the_epoch_is_not_kept(
    control: Database, keyring: CredentialCache
) -> None:
    """SQLite's point reads of one turn of the event loop share a snapshot, whoever began it."""
    if control.path is None:
        return
    new = await issue(control)
    credential = keys.parse(new.clear)
    await asyncio.sleep(0)  # a turn without a snapshot
    await control.point(lambda session: Organizations(session).get(ORGANIZATION.organization_id))
    await_in_thread(_revoke_elsewhere(control, new))  # the turn goes on meanwhile
    found = await keyring.look_up(credential)
    assert found.epoch == NO_EPOCH
    await asyncio.sleep(0)
    assert await _refused(keyring, new.clear) is KeyRevoked


async def _revoke_elsewhere(control: Database, key: NewKey) -> None:
    """Revokes as another process of the server does."""
    assert control.path is not None
    other = SqliteDatabase("control", control.path, control.metadata)
    await other.start()
    await _revoke(other, key)
    await other.close()


def await_in_thread(work: Coroutine[Any, Any, None]) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def test_calls_beside_a_revocation(control: Database, keyring: CredentialCache) -> None:
    """Of many calls at once, none that starts after the revocation's reply succeeds."""
    new = await issue(control)
    revoked = asyncio.Event()

    async def call() -> None:
        after = revoked.is_set()
        try:
            await _find(keyring, new.clear)
        except KeyRevoked:
            return
        assert not after

    async def caller() -> None:
        for _ in range(50):
            await call()
            await asyncio.sleep(0)

    async def revoker() -> None:
        await asyncio.sleep(0)
        await _revoke(control, new)
        revoked.set()

    await asyncio.gather(revoker(), *(caller() for _ in range(10)))
    assert await _refused(keyring, new.clear) is KeyRevoked


async def test_a_made_up_credential_costs_no_look_up(
    counting: Counting, keyring: CredentialCache
) -> None:
    """Its tag tells it from one of ours."""
    key = keys.mint(Environment.SANDBOX, KeyType.SECRET, randomness, made_up)
    assert await _refused(keyring, key.text) is KeyUnknown
    operator = keys.mint_operator(randomness, made_up)
    assert await _refused(keyring, operator.text) is OperatorUnknown
    assert counting.reads == 0


async def test_a_key_tried_before_it_existed_works_at_once(
    control: Database, keyring: CredentialCache
) -> None:
    """Refusals aren't kept."""
    minted = keys.mint(Environment.SANDBOX, KeyType.SECRET, randomness, TAGS.make)
    assert await _refused(keyring, minted.text) is KeyUnknown
    new = await issue(control)
    record = replace(new.record, key_id=minted.id, last_four=minted.last4)
    await control.write(lambda session: Keys(session).add(record, RING.digest(minted.text)))
    assert (await _find(keyring, minted.text)) is not None


async def test_another_secret_under_a_known_id_is_unknown(
    control: Database, keyring: CredentialCache
) -> None:
    """The id is public: it opens nothing, and tells nothing about the key's state."""
    new = await issue(control)
    await _revoke(control, new)
    forged = keys.mint(
        Environment.SANDBOX,
        KeyType.SECRET,
        lambda n: bytes(base62.ALPHABET.index(c) for c in new.record.key_id).ljust(n, b"\7"),
        TAGS.make,
    )
    assert forged.id == new.record.key_id
    assert await _refused(keyring, forged.text) is KeyUnknown


async def test_a_key_expires_while_hot(
    control: Database, keyring: CredentialCache, clock: Clock
) -> None:
    """Nothing is committed when time passes, so the clock is asked as well."""
    new = await issue(control, expire_time=NOW + DAY)
    await _find(keyring, new.clear)
    clock.now = NOW + DAY
    assert await _refused(keyring, new.clear) is KeyExpired


async def test_a_rotated_key_works_through_its_grace(
    control: Database, keyring: CredentialCache, clock: Clock
) -> None:
    """Meanwhile it says since when it is deprecated and when it ends."""
    new = await issue(control)
    await _find(keyring, new.clear)
    ends = NOW + timedelta(hours=1)
    old = replace(new.record, replaced_by="0000000000", replace_time=NOW, expire_time=ends)
    await control.write(lambda session: Keys(session).replace(old))
    found = await _find(keyring, new.clear)
    assert isinstance(found, KeyPrincipal)
    assert (found.deprecated_at, found.sunset_at) == (NOW, ends)
    clock.now = ends
    assert await _refused(keyring, new.clear) is KeyRotated


async def test_narrowing_reaches_hot_keys(control: Database, keyring: CredentialCache) -> None:
    """The next call has the scopes, employers and tier that are left."""
    new = await issue(control)
    await _find(keyring, new.clear)
    terms = replace(TERMS, scopes=("jobs:read",), employer_user_ids=("emp_2",), tier="starter")
    narrowed = replace(GRANT, revision=2, terms=terms)
    await control.write(lambda session: Grants(session).supersede(GRANT, narrowed))
    found = await _find(keyring, new.clear)
    assert isinstance(found, KeyPrincipal)
    assert found.scopes == {"jobs:read"}
    assert (found.grant.revision, found.grant.tier) == (2, "starter")
    assert found.grant.employer_ids == {"emp_2"}


@pytest.mark.parametrize("then", ["revoke grant", "narrow type", "expire grant", "suspend"])
async def test_what_ends_above_a_key_ends_the_key(
    control: Database, keyring: CredentialCache, clock: Clock, then: str
) -> None:
    """The grant's end and the organization's suspension reach hot keys, each with its reason."""
    expiring = replace(GRANT, grant_id="grt_2", terms=replace(TERMS, expire_time=NOW + DAY))
    await control.write(lambda session: Grants(session).add(expiring))
    new = await issue(control, expiring)
    await _find(keyring, new.clear)
    if then == "expire grant":
        clock.now = NOW + DAY
    else:
        await control.write(lambda session: _end(session, then, expiring))
    reasons = {"expire grant": GrantExpired, "suspend": OrganizationSuspended}
    assert await _refused(keyring, new.clear) is reasons.get(then, GrantRevoked)


def _end(session: Session, how: str, grant: Grant) -> None:
    if how == "revoke grant":
        Grants(session).revoke(grant, now=NOW, reason="over")
    elif how == "narrow type":
        terms = replace(grant.terms, key_types=("pk",))
        Grants(session).supersede(grant, replace(grant, revision=2, terms=terms))
    else:
        suspended = replace(ORGANIZATION, state=OrganizationState.SUSPENDED)
        Organizations(session).save(suspended)


async def test_resuming_brings_keys_back(control: Database, keyring: CredentialCache) -> None:
    """But not those that were revoked meanwhile."""
    new, revoked = await issue(control), await issue(control)
    await control.write(lambda session: _end(session, "suspend", GRANT))
    assert await _refused(keyring, new.clear) is OrganizationSuspended
    await _revoke(control, revoked)
    await control.write(lambda session: Organizations(session).save(ORGANIZATION))
    assert (await _find(keyring, new.clear)) is not None
    assert await _refused(keyring, revoked.clear) is KeyRevoked


async def test_a_revoked_grant_is_the_reason_of_its_keys(
    control: Database, keyring: CredentialCache
) -> None:
    """Unless a key was revoked before, by itself."""
    alone, along = await issue(control), await issue(control)
    await _revoke(control, alone)
    later = NOW + DAY

    def end(session: Session) -> None:
        Grants(session).revoke(GRANT, now=later, reason="over")
        for record in Keys(session).unrevoked_of("grt_1"):
            Keys(session).revoke(revoke(record, reason="grant", by="maya", now=later))

    await control.write(end)
    assert await _refused(keyring, alone.clear) is KeyRevoked
    assert await _refused(keyring, along.clear) is GrantRevoked


async def test_memory_is_bounded(
    control: Database, counting: Counting, keyring: CredentialCache
) -> None:
    """The oldest entry makes room; it is looked up again."""
    wide = replace(GRANT, grant_id="grt_w", terms=replace(TERMS, key_allowance=10))
    await control.write(lambda session: Grants(session).add(wide))
    issued = [await issue(control, wide) for _ in range(4)]
    for each in issued:
        await _find(keyring, each.clear)
    assert len(keyring._entries) == 3
    await _find(keyring, issued[-1].clear)
    assert counting.reads == 4
    await _find(keyring, issued[0].clear)
    assert counting.reads == 5


async def test_a_pepper_is_rotated(control: Database, counting: Counting) -> None:
    """Old keys work while the old pepper is active, and no longer."""
    new = await issue(control)
    fresh = Pepper(secret=b"\x09" * 32)
    epoch = open_epoch(control)
    for ring, works in ((PepperRing([fresh, *RING.peppers]), True), (PepperRing([fresh]), False)):
        keyring = CredentialCache(counting, epoch, ring, clock=lambda: NOW)  # type: ignore[arg-type]
        if works:
            assert await _find(keyring, new.clear) == await _find(keyring, new.clear)
        else:
            assert await _refused(keyring, new.clear) is KeyUnknown
    await epoch.close()


async def test_operators(control: Database, keyring: CredentialCache, clock: Clock) -> None:
    """A credential is found, rotated, expired and revoked like a key."""
    operator = Operator(
        operator_id="opr_1", name="maya", person="maya", role=Role.AUDITOR, create_time=NOW
    )
    first, second = (keys.mint_operator(randomness, TAGS.make) for _ in range(2))
    old = OperatorCredential(
        credential_id=first.id, operator_id="opr_1", last_four=first.last4, create_time=NOW
    )
    new = replace(old, credential_id=second.id, expire_time=NOW + 2 * DAY)

    def add(session: Session) -> None:
        book = Operators(session)
        book.add(operator)
        book.add_credential(old, RING.digest(first.text))
        book.add_credential(new, RING.digest(second.text))

    assert await _refused(keyring, first.text) is OperatorUnknown
    await control.write(add)
    found = await _find(keyring, first.text)
    assert isinstance(found, OperatorPrincipal)
    assert (found.name, found.role) == ("maya", Role.AUDITOR)
    assert found.scopes == {"audit:read", "keys:read"}

    gone = replaced(old, by=second.id, ends=NOW + DAY, now=NOW)
    await control.write(lambda session: Operators(session).replace_credential(gone))
    assert (await _find(keyring, first.text)) is not None
    clock.now = NOW + DAY
    assert await _refused(keyring, first.text) is OperatorRevoked
    assert (await _find(keyring, second.text)) is not None
    clock.now = NOW + 2 * DAY
    assert await _refused(keyring, second.text) is OperatorExpired
    clock.now = NOW
    await control.write(lambda session: Operators(session).revoke("opr_1", at=NOW, reason="left"))
    assert await _refused(keyring, second.text) is OperatorRevoked
