"""Units, sessions and statements behave alike on both engines."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from tests.contract.conftest import opened

from xaigh_server.db.database import Database
from xaigh_server.db.errors import (
    DatabaseUnavailable,
    IntegrityViolation,
    StoreError,
    UniqueViolation,
)
from xaigh_server.db.metadata import NAMING
from xaigh_server.db.session import Params, Row, Session, insert_ignore, upsert
from xaigh_server.db.triggers import immutable, permanent, refuse_update

metadata = MetaData(naming_convention=NAMING)
things = Table(
    "things",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("realm", Text, nullable=False, server_default="main"),
    Column("count", BigInteger, nullable=False, server_default="0"),
    Column("flag", Boolean),
    Column("data", LargeBinary),
    Column("ended_time", BigInteger),
    UniqueConstraint("realm", "name"),
    CheckConstraint("count >= 0", name="count"),
    Index("one_open_thing", "flag", unique=True, postgresql_where=None),
)
tallies = Table(
    "tallies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("count", BigInteger, nullable=False, server_default="0"),
)
parts = Table(
    "parts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("thing_id", Text, ForeignKey("things.id"), nullable=False),
)
permanent(things, "ended_time")
immutable(things, "realm")
refuse_update(things, "things_shrink", when="NEW.count < OLD.count")

ADD = insert(things)
GET = select(things.c.id, things.c.name, things.c.count, things.c.flag, things.c.data).where(
    things.c.id == bindparam("id")
)
COUNT = select(func.count().label("count")).select_from(things)
RENAME = update(things).where(things.c.id == bindparam("id")).values(name=bindparam("name"))
GROW = update(things).where(things.c.id == bindparam("id")).values(count=things.c.count + 1)
REMOVE = delete(things).where(things.c.id == bindparam("id"))
SOME = (
    select(things.c.id)
    .where(things.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(things.c.id)
)


@pytest.fixture
async def database(location: Path | str) -> AsyncIterator[Database]:
    async with opened(location, metadata) as opened_database:
        yield opened_database


def add(session: Session, id: str, **values: object) -> None:
    session.run(ADD, {"id": id, "name": f"name of {id}", **values})


def all_of(session: Session, ids: list[str]) -> list[Row]:
    return session.all(SOME, ids=ids)


async def count(database: Database) -> int:
    return await database.read(lambda session: session.scalar(COUNT))


async def test_what_was_written_is_read_back_by_name_and_by_place(database: Database) -> None:
    """Rows are tuples with names; booleans, bytes and 64-bit integers come back as they went."""
    await database.write(lambda s: add(s, "a", count=1 << 62, flag=True, data=b"\0\xff"))

    row = await database.read(lambda s: s.one(GET, id="a"))

    assert row is not None
    assert tuple(row) == ("a", "name of a", 1 << 62, True, b"\0\xff")
    assert (row.count, row.flag, row[0]) == (1 << 62, True, "a")
    assert isinstance(row.flag, bool)


async def test_a_point_read_sees_the_same(database: Database) -> None:
    """`point` finds what was committed, and None for what isn't there."""
    await database.write(lambda s: add(s, "a"))
    assert await database.point(lambda s: s.scalar(GET, id="a")) == "a"
    assert await database.point(lambda s: s.one(GET, id="b")) is None


async def test_a_unit_that_raises_leaves_nothing(database: Database) -> None:
    """The error reaches the caller as it was raised, and no row of the unit stays."""

    def unit(session: Session) -> None:
        add(session, "a")
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await database.write(unit)
    assert await count(database) == 0


async def test_a_batch_runs_once_for_each_of_its_rows(database: Database) -> None:
    """An empty batch does nothing; a row that isn't there is no error."""
    await database.write(lambda s: s.run(ADD, [{"id": i, "name": i} for i in "xyz"]))
    await database.write(lambda s: s.run(GROW, [{"id": "x"}, {"id": "zz"}]))
    await database.write(lambda s: s.run(REMOVE, [{"id": "y"}, {"id": "z"}]))
    await database.write(lambda s: s.run(ADD, []))
    rows = await database.read(lambda s: s.all(select(things.c.id, things.c.count)))
    assert [tuple(row) for row in rows] == [("x", 1)]


async def test_in_takes_a_list_of_any_length(database: Database) -> None:
    """An expanding IN is bound per call; an empty list matches nothing."""
    await database.write(lambda s: s.run(ADD, [{"id": i, "name": i} for i in "abc"]))
    for ids, found in (("acq", ["a", "c"]), ("b", ["b"]), ("", [])):
        rows = await database.read(partial(all_of, ids=list(ids)))
        assert [row.id for row in rows] == found


async def test_returning_gives_rows(database: Database) -> None:
    """A write may return columns of the rows it touched."""
    grow = (
        update(things)
        .where(things.c.id == bindparam("id"))
        .values(count=things.c.count + bindparam("by"))
    )
    await database.write(lambda s: add(s, "a"))
    returned = await database.write(
        lambda s: s.scalar(grow.returning(things.c.count), id="a", by=5)
    )
    assert returned == 5
    inserted = await database.write(
        lambda s: s.one(ADD.returning(things.c.id, things.c.flag), id="b", name="b", flag=False)
    )
    assert inserted is not None
    assert tuple(inserted) == ("b", False)


async def test_upsert_inserts_then_updates(database: Database) -> None:
    """`upsert` takes new values, or computes them from both rows, unless `where` says no."""
    tally = tallies.c
    replace = upsert(tallies, key=["id"], update=["name"])
    grow = upsert(tallies, key=["id"], update=lambda new: {"count": tally.count + new["count"]})
    capped = upsert(
        tallies, key=["id"], update=["count"], where=lambda new: new["count"] > tally.count
    )
    standing = select(tally.name, tally.count)
    for statement, values, touched, expected in (
        (replace, {"id": "a", "name": "one"}, ["a"], ("one", 0)),
        (replace, {"id": "a", "name": "two"}, ["a"], ("two", 0)),
        (grow, {"id": "a", "name": "x", "count": 3}, ["a"], ("two", 3)),
        (capped, {"id": "a", "name": "x", "count": 2}, [], ("two", 3)),
        (capped, {"id": "a", "name": "x", "count": 9}, ["a"], ("two", 9)),
    ):
        touching = statement.returning(tally.id)

        def unit(session: Session, touching: Any = touching, values: Params = values) -> list[str]:
            return [row.id for row in session.all(touching, **values)]

        assert await database.write(unit) == touched
        assert await database.read(lambda s: tuple(s.one(standing) or ())) == expected


async def test_many_rows_go_in_as_tuples_in_their_order(database: Database) -> None:
    """More and fewer than a dozen; an update takes them too, and a refused row loses the unit."""
    names = ("name", "id")
    rename = update(things).where(things.c.id == bindparam("at")).values(name=bindparam("new"))

    def unit(session: Session) -> None:
        session.run_rows(ADD, names, [(f"name {n}", f"{n:03d}") for n in range(31)])
        session.run_rows(rename, ("new", "at"), [("x", "002"), ("y", "030")])
        session.run_rows(ADD, names, [])

    await database.write(unit)
    standing = select(things.c.id, things.c.name)
    named = {row[0]: row[1] for row in await database.read(lambda s: s.all(standing))}
    assert named == {f"{n:03d}": f"name {n}" for n in range(31)} | {"002": "x", "030": "y"}
    again = [("z", f"{n:03d}") for n in range(40, 20, -1)]
    with pytest.raises(UniqueViolation):
        await database.write(lambda s: s.run_rows(ADD, names, again))
    assert await count(database) == 31


async def test_insert_ignore_leaves_the_standing_row(database: Database) -> None:
    """RETURNING gives no row where one was there, and the unit goes on."""
    statement = insert_ignore(parts, key=["id"]).returning(parts.c.id)

    def unit(session: Session) -> list[object]:
        add(session, "a")
        return [session.scalar(statement, id="p", thing_id="a") for _ in range(2)]

    assert await database.write(unit) == ["p", None]


async def test_writes_return_nothing(database: Database) -> None:
    """A write gives no count, alone or as a batch; RETURNING through a read gives every row."""
    removed = delete(things).where(things.c.id != "b").returning(things.c.id)

    def unit(session: Session) -> tuple[list[object], list[str]]:
        nothing: list[object] = [
            session.run(ADD, {"id": "a", "name": "a"}),  # type: ignore[func-returns-value]  # that
            session.run(ADD, [{"id": each, "name": each} for each in "bc"]),  # type: ignore[func-returns-value]  # that
            session.run_rows(ADD, ("id", "name"), [("d", "d")]),  # type: ignore[func-returns-value]  # that
        ]
        return nothing, sorted(row.id for row in session.all(removed))

    assert await database.write(unit) == ([None, None, None], ["a", "c", "d"])
    assert await count(database) == 1


async def test_one_row_of_returning_leaves_the_whole_statement_done(database: Database) -> None:
    """`one` and `scalar` take the first row; the statement still changes every row, and commits."""
    removed = delete(things).where(things.c.id != "b").returning(things.c.id)

    def unit(session: Session) -> bool:
        session.run(ADD, [{"id": each, "name": each} for each in "abcd"])
        return session.one(removed) is not None

    assert await database.write(unit)
    assert await count(database) == 1


@pytest.mark.parametrize(
    ("values", "violation", "constraint"),
    [
        ({"id": "a", "name": "b"}, UniqueViolation, "pk_things"),
        ({"id": "b", "name": "name of a"}, UniqueViolation, "uq_things_realm_name"),
        ({"id": "b", "name": "b", "flag": True}, UniqueViolation, "one_open_thing"),
        ({"id": "b", "name": "b", "count": -1}, IntegrityViolation, "ck_things_count"),
        ({"id": "b", "name": None}, IntegrityViolation, "nn_things_name"),
    ],
)
async def test_a_violation_says_its_constraint(
    database: Database, values: dict[str, object], violation: type[StoreError], constraint: str
) -> None:
    """Each refused row comes back under the constraint's name from the table's definition."""
    await database.write(lambda s: add(s, "a", flag=True))
    with pytest.raises(violation) as caught:
        await database.write(lambda s: s.run(ADD, values))
    assert caught.value.constraint == constraint  # type: ignore[attr-defined]  # both have it
    assert await count(database) == 1


async def test_a_foreign_key_has_one_name(database: Database) -> None:
    """SQLite can't say which foreign key failed, so neither engine does."""
    with pytest.raises(IntegrityViolation, match="foreign_key"):
        await database.write(lambda s: s.run(insert(parts), id="p", thing_id="nobody"))


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"ended_time": 6}, "things_ended_time_permanent"),
        ({"ended_time": None}, "things_ended_time_permanent"),
        ({"realm": "other"}, "things_immutable"),
        ({"count": 1}, "things_shrink"),
        (None, "things_ended_time_permanent"),
    ],
)
async def test_guards_refuse_by_name(
    database: Database, change: dict[str, object] | None, guard: str
) -> None:
    """What has ended stays so, what is immutable stays, and a count doesn't shrink."""
    await database.write(lambda s: add(s, "a", ended_time=5, count=7))
    statement = (
        delete(things).where(things.c.id == "a")
        if change is None
        else update(things).where(things.c.id == "a").values(**change)
    )
    with pytest.raises(IntegrityViolation) as caught:
        await database.write(lambda s: s.run(statement))
    assert caught.value.constraint == guard
    harmless = update(things).where(things.c.id == "a").values(name="n", count=8)
    assert await database.write(lambda s: s.scalar(harmless.returning(things.c.id))) == "a"


async def test_a_violation_ends_the_unit(database: Database) -> None:
    """Every further statement repeats it, and swallowing it doesn't commit."""

    def unit(session: Session) -> str:
        add(session, "a")
        for _ in range(2):
            with pytest.raises(UniqueViolation, match="pk_things"):
                add(session, "a", name="other")
                session.scalar(COUNT)  # on PostgreSQL the write above is only queued
        return "swallowed"

    with pytest.raises(UniqueViolation, match="pk_things"):
        await database.write(unit)
    assert await count(database) == 0


async def test_a_session_is_useless_after_its_transaction(database: Database) -> None:
    """A session that was kept raises instead of writing outside of any transaction."""
    kept = await database.write(lambda session: session)
    with pytest.raises(StoreError, match="ended"):
        add(kept, "a")


@pytest.mark.parametrize(
    ("params", "message"),
    [({"id": "a", "nme": "x"}, "no such parameters: nme"), ({"id": "a"}, "missing.*name")],
)
async def test_parameters_must_fit_the_statement(
    database: Database, params: dict[str, object], message: str
) -> None:
    """A misspelt or missing parameter is a TypeError, never a NULL."""
    with pytest.raises(TypeError, match=message):
        await database.write(lambda s: s.run(RENAME, params))


async def test_python_side_defaults_are_refused(database: Database) -> None:
    """They wouldn't run: the statement says so instead of writing NULL."""
    other = Table("things", MetaData(), Column("id", Text), Column("name", Text, default="x"))
    with pytest.raises(TypeError, match="server default"):
        await database.write(lambda s: s.run(insert(other), id="a"))


async def test_a_read_can_not_write(database: Database) -> None:
    """Neither kind of read leaves a row."""
    for read in (database.read, database.point):
        with pytest.raises(DatabaseUnavailable):
            await read(lambda s: add(s, "a"))
    assert await count(database) == 0


async def test_a_read_sees_one_snapshot(database: Database) -> None:
    """What is committed while a read runs doesn't show in it."""
    await database.write(lambda s: add(s, "a"))
    loop = asyncio.get_running_loop()
    first_done, go_on = asyncio.Event(), asyncio.Event()

    def pause() -> None:
        loop.call_soon_threadsafe(first_done.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)

    def twice(session: Session) -> tuple[int, int]:
        before = session.scalar(COUNT)
        pause()
        return before, session.scalar(COUNT)

    reading = asyncio.create_task(database.read(twice))
    await first_done.wait()
    await database.write(lambda s: add(s, "b"))
    go_on.set()
    assert await reading == (1, 1)
    assert await count(database) == 2


async def test_parallel_read_then_write_is_exact(database: Database) -> None:
    """50 units that each read a counter and write it plus one lose no step."""
    read = select(things.c.count).where(things.c.id == "a")
    store = update(things).where(things.c.id == "a").values(count=bindparam("new"))
    await database.write(lambda s: add(s, "a"))

    def step(session: Session) -> None:
        session.run(store, new=session.scalar(read) + 1)

    await asyncio.gather(*(database.write(step) for _ in range(50)))
    assert await database.read(lambda s: s.scalar(read)) == 50


async def test_units_that_share_a_commit_fail_alone(database: Database) -> None:
    """Of many units at once, those that raise are undone and the others are kept."""

    def unit(session: Session, number: int) -> int:
        add(session, f"t{number}")
        if number % 3 == 0:
            raise LookupError(number)
        return number

    results: list[object] = await asyncio.gather(
        *(database.write(partial(unit, number=n)) for n in range(30)), return_exceptions=True
    )
    for number, result in enumerate(results):
        if number % 3 == 0:
            assert isinstance(result, LookupError)
        else:
            assert result == number
    assert await count(database) == 20


async def test_a_cancelled_write_runs_to_its_end(database: Database) -> None:
    """Its caller gets CancelledError; its rows are kept, and the next write works."""
    writing = asyncio.create_task(database.write(lambda s: add(s, "a")))
    await asyncio.sleep(0)  # it has been submitted
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await database.write(lambda s: add(s, "b"))
    assert await count(database) == 2


async def test_a_closed_database_is_unavailable(database: Database) -> None:
    """After `close`, and a second `close`, every call is refused at once."""
    await database.close()
    await database.close()
    for call in (database.write, database.read, database.point):
        with pytest.raises(DatabaseUnavailable):
            await call(lambda session: None)
    with pytest.raises(DatabaseUnavailable):
        await database.ready()
