"""The keys' tables keep what the contract promises, whoever writes to them."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from tests.harness.control_rows import DAY, GRANT, ISSUER, NOW, ORGANIZATION, RING, issue, seed, sql

from xaigh_server.db.database import Database
from xaigh_server.db.errors import ConstraintViolation, IntegrityViolation
from xaigh_server.db.session import Session
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import read_epoch
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.pepper_file import PepperError
from xaigh_server.identity.peppers import Pepper, PepperRing
from xaigh_server.keys.credential_lookup import require_peppers
from xaigh_server.keys.issuing import NewKey, Rotation, revoke
from xaigh_server.keys.model import KeyRecord, KeyState, SealedKey
from xaigh_server.keys.repository import KeyFilter, KeyMarks, Keys


@pytest.fixture(autouse=True)
async def seeded(control: Database) -> None:
    await control.write(seed)


async def _get(control: Database, key_id: str) -> KeyRecord:
    record = await control.read(lambda session: Keys(session).get(key_id))
    assert record is not None
    return record


async def _revoke(control: Database, key: NewKey, at: datetime = NOW) -> KeyRecord:
    record = revoke(key.record, reason="leaked", by="maya", now=at)
    await control.write(lambda session: Keys(session).revoke(record))
    return record


async def _rotate(control: Database, old: KeyRecord, grace: timedelta) -> Rotation:
    def work(session: Session) -> Rotation:
        book = Keys(session)
        done = ISSUER.rotate(
            old,
            GRANT,
            ORGANIZATION,
            book,
            grace=grace,
            clear_reason="",
            etag="",
            operator="maya",
            now=NOW,
        )
        book.add(done.new.record, done.new.digest)
        book.replace(done.old)
        return done

    return await control.write(work)


async def test_what_is_added_is_read(control: Database) -> None:
    """Every member of a record comes back."""
    new = await issue(
        control,
        key_type=KeyType.PUBLISHABLE,
        allowed_origins=["https://app.example.com"],
        allowed_cidrs=["10.0.0.0/8"],
        labels={"team": "ops"},
        expire_time=NOW + DAY,
    )
    record = await _get(control, new.record.key_id)
    assert record == new.record
    assert record.labels == {"team": "ops"}
    assert await control.read(lambda session: Keys(session).get("0000000000")) is None


async def test_the_key_itself_is_nowhere(control: Database) -> None:
    """The row holds a digest, the id and four characters."""
    new = await issue(control)
    row = await control.read(lambda s: s.all(text("SELECT * FROM keys")))
    stored = repr(row[0])
    assert new.clear[8:] not in stored
    assert new.clear[18:50] not in stored
    assert RING.matches(new.clear, new.digest)


async def test_a_revocation_is_for_good(control: Database) -> None:
    """Once only, it moves the epoch, and everything about it stays."""
    new = await issue(control)
    before = await control.read(read_epoch)
    revoked = await _revoke(control, new)
    assert await control.read(read_epoch) == before + 1
    assert await _get(control, new.record.key_id) == revoked
    assert revoked.state_at(NOW) is KeyState.REVOKED
    with pytest.raises(ConcurrentUpdate):
        await _revoke(control, new, NOW + DAY)


def _mark(session: Session, mark: KeyMarks) -> None:
    Keys(session).mark([mark])


def _flag(session: Session, key_id: str, at: datetime) -> None:
    Keys(session).flag(key_id, at)


def _seal(session: Session, sealed: SealedKey) -> None:
    Keys(session).seal(sealed)


def _page(session: Session, before: tuple[int, str] | None) -> list[KeyRecord]:
    return Keys(session).listing(KeyFilter(now=NOW), before=before, limit=1)


ATTACKS = [
    "UPDATE keys SET revoke_time = NULL, revoke_reason = NULL, revoked_by = NULL",
    "UPDATE keys SET revoke_time = 5",
    "UPDATE keys SET revoke_reason = 'nothing'",
    "UPDATE keys SET key_id = '9999999999'",
    "UPDATE keys SET digest = zeroblob(32)",
    "UPDATE keys SET environment = 'production'",
    "UPDATE keys SET organization_id = 'org_1 '",
    "UPDATE keys SET grant_id = 'grt_2'",
    "UPDATE keys SET scopes = '[\"jobs:write\"]'",
    "UPDATE keys SET create_time = 5",
    "DELETE FROM keys",
]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_the_database_refuses_to_undo(control: Database, attack: str) -> None:
    """Plain SQL can't un-revoke, delete or relabel a key."""
    new = await issue(control)
    revoked = await _revoke(control, new)
    statement = attack
    if control.dialect == "postgresql":
        statement = attack.replace("zeroblob(32)", r"decode(repeat('00', 32), 'hex')")
    with pytest.raises(IntegrityViolation):
        await control.write(sql(statement))
    assert await _get(control, new.record.key_id) == revoked


async def test_a_revoked_key_is_not_replaced(control: Database) -> None:
    """Neither by REPLACE on SQLite, nor by an upsert or TRUNCATE on PostgreSQL."""
    new = await issue(control)
    revoked = await _revoke(control, new)
    rows = await control.read(lambda session: session.all(text("SELECT * FROM keys")))
    columns = [name for name in rows[0]._fields if not name.startswith("revoke")]
    listed = ", ".join(columns)
    attacks = [f"REPLACE INTO keys ({listed}) SELECT {listed} FROM keys"]
    if control.dialect == "postgresql":
        attacks = [
            f"INSERT INTO keys ({listed}) SELECT {listed} FROM keys"
            " ON CONFLICT (key_id) DO UPDATE SET revoke_time = NULL, revoke_reason = NULL,"
            " revoked_by = NULL",
            "TRUNCATE keys CASCADE",
        ]
    for attack in attacks:
        with pytest.raises(ConstraintViolation):
            await control.write(sql(attack))
    assert await _get(control, new.record.key_id) == revoked


async def test_keys_that_nobody_revoked_are_kept_as_well(control: Database) -> None:
    """The allowance is counted from the rows, so none may go."""
    await issue(control)
    with pytest.raises(IntegrityViolation):
        await control.write(sql("DELETE FROM keys"))


async def test_a_key_never_lives_longer(control: Database) -> None:
    """Its end can come nearer, never move away or vanish."""
    await issue(control, expire_time=NOW + DAY)
    for value in ("NULL", "expire_time + 1"):
        with pytest.raises(IntegrityViolation):
            await control.write(sql(f"UPDATE keys SET expire_time = {value}"))
    await control.write(sql("UPDATE keys SET expire_time = expire_time - 1"))


async def test_the_keys_of_one_rotation_are_found_from_each(control: Database) -> None:
    """However many there are; a key that was never rotated is alone."""
    first = await issue(control)
    alone = await issue(control)
    second = await _rotate(control, first.record, timedelta())
    third = await _rotate(control, second.new.record, timedelta(hours=1))
    keys = [first.record.key_id, second.new.record.key_id, third.new.record.key_id]
    name = alone.record.key_id
    found = await control.read(
        lambda session: [Keys(session).rotation_of(each) for each in (*keys, name)]
    )
    assert found == [frozenset(keys)] * 3 + [frozenset({name})]


async def test_a_rotation_is_written_once(control: Database) -> None:
    """The old key points at the new one; a second rotation of it loses."""
    new = await issue(control)
    before = await control.read(read_epoch)
    done = await _rotate(control, new.record, timedelta(hours=1))
    assert await control.read(read_epoch) == before + 1
    old = await _get(control, new.record.key_id)
    assert old == done.old
    assert (old.replaced_by, old.state_at(NOW)) == (done.new.record.key_id, KeyState.GRACE)
    assert old.state_at(NOW + timedelta(hours=1)) is KeyState.ROTATED
    with pytest.raises(ConcurrentUpdate):
        await control.write(lambda session: Keys(session).replace(done.old))
    with pytest.raises(IntegrityViolation):
        await control.write(sql("UPDATE keys SET replaced_by = NULL, replace_time = NULL"))


async def test_issued_keys_are_counted(control: Database) -> None:
    """Revoked ones count, rotations don't."""
    first = await issue(control)
    second = await issue(control)
    await _revoke(control, first)
    await _rotate(control, second.record, timedelta())
    assert await control.read(lambda session: Keys(session).issued_from("grt_1")) == 2
    assert await control.read(lambda session: Keys(session).issued_from("grt_2")) == 0


async def test_keys_of_a_grant(control: Database) -> None:
    """Those that nobody has revoked, to be revoked with it."""
    first, second = await issue(control), await issue(control)
    await _revoke(control, first)
    left = await control.read(lambda session: Keys(session).unrevoked_of("grt_1"))
    assert [record.key_id for record in left] == [second.record.key_id]


async def test_lists_are_filtered_and_paged(control: Database) -> None:
    """Newest first; each state is what the clock says."""
    plain = await issue(control)
    short = await issue(control, now=NOW + timedelta(seconds=1), expire_time=NOW + DAY)
    rotated = await issue(control, now=NOW + timedelta(seconds=2))
    done = await _rotate(control, rotated.record, timedelta(hours=1))
    await _revoke(control, plain)
    later = NOW + 2 * DAY

    async def ids(**wanted: object) -> list[str]:
        found = KeyFilter(**{"now": NOW, **wanted})  # type: ignore[arg-type]  # members of it
        records = await control.read(
            lambda session: Keys(session).listing(found, before=None, limit=10)
        )
        return [record.key_id for record in records]

    names = [each.record.key_id for each in (rotated, short)]
    assert (await ids())[:2] == names
    assert await ids(state=KeyState.REVOKED) == [plain.record.key_id]
    assert await ids(state=KeyState.GRACE) == [rotated.record.key_id]
    assert await ids(state=KeyState.ROTATED) == []
    assert await ids(state=KeyState.ROTATED, now=later) == [rotated.record.key_id]
    assert await ids(state=KeyState.EXPIRED, now=later) == [short.record.key_id]
    assert await ids(state=KeyState.ACTIVE, now=later) == [done.new.record.key_id]
    assert await ids(environment="production") == await ids(key_type="pk") == []
    assert len(await ids(organization_id="org_1", grant_id="grt_1")) == 4

    walked: list[str] = []
    before: tuple[int, str] | None = None
    for _ in range(4):
        page = await control.read(partial(_page, before=before))
        walked.append(page[0].key_id)
        before = (int(page[0].create_time.timestamp() * 1_000_000), page[0].key_id)
    assert walked == await ids()


async def test_marks_never_go_back(control: Database) -> None:
    """Two processes may report late and out of order; the epoch doesn't move."""
    key_id = (await issue(control)).record.key_id
    epoch = await control.read(read_epoch)
    for used, refused in ((2, None), (1, 3), (None, 2), (None, None)):
        mark = KeyMarks(
            key_id=key_id,
            used=None if used is None else NOW + used * DAY,
            refused=None if refused is None else NOW + refused * DAY,
        )
        await control.write(partial(_mark, mark=mark))
    record = await _get(control, key_id)
    assert (record.last_used_time, record.last_refused_time) == (NOW + 2 * DAY, NOW + 3 * DAY)
    assert await control.read(read_epoch) == epoch


async def test_the_first_flag_stays(control: Database) -> None:
    """When a key leaked is when it was first seen; marks don't wipe it out."""
    key_id = (await issue(control)).record.key_id
    for at in (NOW, NOW + DAY):
        await control.write(partial(_flag, key_id=key_id, at=at))
    mark = KeyMarks(key_id=key_id, used=NOW)
    await control.write(partial(_mark, mark=mark))
    record = await _get(control, key_id)
    assert (record.flag_time, record.last_used_time) == (NOW, NOW)


async def test_sealed_keys_wait_for_their_ticket(control: Database) -> None:
    """Newest first, and never changed."""
    sealed = []
    for days in (0, 1):
        new = await issue(control)
        sealed.append(
            SealedKey(
                key_id=new.record.key_id,
                ticket_id="tkt_1",
                environment=Environment.SANDBOX,
                text="-----BEGIN AGE ENCRYPTED FILE-----",
                create_time=NOW + days * DAY,
            )
        )
    for each in sealed:
        await control.write(partial(_seal, sealed=each))
    found = await control.read(lambda session: Keys(session).sealed_for("tkt_1"))
    assert found == sealed[::-1]
    assert await control.read(lambda session: Keys(session).sealed_for("tkt_2")) == []
    with pytest.raises(IntegrityViolation):
        await control.write(sql("UPDATE sealed_keys SET text = ''"))


async def test_peppers_in_use(control: Database) -> None:
    """Those without which a key that works would stop."""

    async def in_use(now: datetime = NOW) -> set[str]:
        return await control.read(lambda session: Keys(session).peppers_in_use(now))

    new = await issue(control, expire_time=NOW + DAY)
    assert await in_use() == {RING.peppers[0].id}
    assert await in_use(NOW + DAY) == set()
    await control.read(lambda session: require_peppers(session, RING, NOW))
    other = PepperRing([Pepper(secret=b"\x05" * 32)])
    with pytest.raises(PepperError, match=RING.peppers[0].id):
        await control.read(lambda session: require_peppers(session, other, NOW))
    await _revoke(control, new)
    assert await in_use() == set()


async def test_records_differ_by_etag(control: Database) -> None:
    """A revocation, a rotation and a nearer end change it; use doesn't."""
    record = (await issue(control)).record
    changed = [
        revoke(record, reason="x", by="maya", now=NOW),
        replace(record, expire_time=NOW),
        replace(record, replace_time=NOW, replaced_by="x", expire_time=NOW),
    ]
    assert len({record.etag, *(each.etag for each in changed)}) == 4
    assert replace(record, last_used_time=NOW).etag == record.etag
