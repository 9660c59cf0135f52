"""Guards: triggers, on both engines, for rules that a CHECK constraint can't express.

A guard is declared beside its table and registered on the table's metadata; migrations and
`schema.create` make its triggers. A statement that breaks one fails with
`IntegrityViolation(guard.name)`.

SQLite's `INSERT OR REPLACE` removes the old row without firing UPDATE or DELETE triggers, so every
guard has a BEFORE INSERT half there, which refuses the row as the primary key would have. The
insert half of an upsert meets it too: insert into guarded tables plainly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData, Table

UNIQUE = "UNIQUE "  # prefix of a trigger's error where it replaces a unique constraint


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRule:
    """One rule: its name, its table, and the DDL that keeps it on each engine, in order."""

    name: str
    table: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]

    def ddl(self, dialect: str) -> tuple[str, ...]:
        """The statements for the engine that SQLAlchemy calls `dialect`."""
        return {"sqlite": self.sqlite, "postgresql": self.postgresql}[dialect]


def guards_of(metadata: MetaData) -> tuple[TriggerRule, ...]:
    """The guards of one schema, in the order of their names."""
    return tuple(sorted(metadata.info.get("guards", {}).values(), key=lambda guard: guard.name))


def register(table: Table, guard: TriggerRule) -> TriggerRule:
    """Adds a guard to its table's schema. A second one of the same name is a mistake."""
    known: dict[str, TriggerRule] = table.metadata.info.setdefault("guards", {})
    if guard.name in known:
        raise ValueError(f"guard {guard.name} is declared twice")
    known[guard.name] = guard
    return guard


def append_only(table: Table) -> TriggerRule:
    """No row of `table` is ever changed, replaced or deleted. Name: `<table>_append_only`."""
    name = f"{table.name}_append_only"
    return register(
        table,
        TriggerRule(
            name=name,
            table=table.name,
            sqlite=(
                _sqlite(f"{name}_update", name, f"BEFORE UPDATE ON {table.name}"),
                _sqlite(f"{name}_delete", name, f"BEFORE DELETE ON {table.name}"),
                _sqlite_no_replace(name, table),
            ),
            postgresql=(
                _function(name, "true"),
                _trigger(name, table, "BEFORE UPDATE OR DELETE", "ROW"),
                _trigger(f"{name}_truncate", table, "BEFORE TRUNCATE", "STATEMENT", name),
            ),
        ),
    )


def immutable(table: Table, *columns: str, name: str | None = None) -> TriggerRule:
    """The named columns of a row never change. Name: `<table>_immutable` unless given."""
    changed = "\n  OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
    return _update_guard(
        table,
        name or f"{table.name}_immutable",
        sqlite_when="\n  OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns),
        sqlite_replaced="\n  OR ".join(f"NEW.{column} IS NOT {column}" for column in columns),
        postgresql_when=changed,
    )


def permanent(table: Table, column: str, *, name: str | None = None) -> TriggerRule:
    """Once `column` holds a value it keeps that value, and its row stays.

    "Revoked stays revoked": neither UPDATE, DELETE nor a replacing INSERT takes it back.
    Name: `<table>_<column>_permanent` unless given.
    """
    guard_name = name or f"{table.name}_{column}_permanent"
    held = f"OLD.{column} IS NOT NULL"
    return register(
        table,
        TriggerRule(
            name=guard_name,
            table=table.name,
            sqlite=(
                _sqlite(
                    f"{guard_name}_update",
                    guard_name,
                    f"BEFORE UPDATE ON {table.name} "
                    f"WHEN {held} AND NEW.{column} IS NOT OLD.{column}",
                ),
                _sqlite(
                    f"{guard_name}_delete",
                    guard_name,
                    f"BEFORE DELETE ON {table.name} WHEN {held}",
                ),
                _sqlite_no_replace(guard_name, table, f"{column} IS NOT NULL"),
            ),
            postgresql=(
                _function(
                    guard_name,
                    f"{held} AND (TG_OP = 'DELETE' OR NEW.{column} IS DISTINCT FROM OLD.{column})",
                ),
                _trigger(guard_name, table, "BEFORE UPDATE OR DELETE", "ROW"),
            ),
        ),
    )


def refuse_update(
    table: Table, name: str, *, when: str, sqlite_when: str | None = None
) -> TriggerRule:
    """An UPDATE for which `when` (SQL over NEW and OLD) holds fails.

    `sqlite_when` is the same condition where SQLite words it otherwise (`IS NOT` for
    `IS DISTINCT FROM`).
    """
    on_sqlite = sqlite_when or when
    replaced = on_sqlite.replace("OLD.", f"{table.name}.")
    return _update_guard(table, name, on_sqlite, replaced, when)


def no_truncate(table: Table) -> TriggerRule:
    """Refuses TRUNCATE, which fires no row triggers. Name: `<table>_no_truncate`."""
    name = f"{table.name}_no_truncate"
    return register(
        table,
        TriggerRule(
            name=name,
            table=table.name,
            sqlite=(),
            postgresql=(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$\n"
                f"BEGIN\n"
                f"  RAISE EXCEPTION '{name}'\n"
                f"    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}';\n"
                f"END $guard$",
                f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table.name}\n"
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
            ),
        ),
    )


def numbered_by_transaction(table: Table, column: str) -> TriggerRule:
    """On PostgreSQL each new row has the id of its transaction in `column`.

    Rows whose id is below `pg_snapshot_xmin` are then all there: no earlier one commits later.
    SQLite has one writer, so the column keeps its default. Name: `<table>_<column>`.
    """
    name = f"{table.name}_{column}"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$\n"
        f"BEGIN\n"
        f"  NEW.{column} = pg_current_xact_id()::text::bigint;\n"
        f"  RETURN NEW;\n"
        f"END $guard$"
    )
    return register(
        table,
        TriggerRule(
            name=name,
            table=table.name,
            sqlite=(),
            postgresql=(function, _trigger(name, table, "BEFORE INSERT", "ROW")),
        ),
    )


def _update_guard(
    table: Table, name: str, sqlite_when: str, sqlite_replaced: str, postgresql_when: str
) -> TriggerRule:
    return register(
        table,
        TriggerRule(
            name=name,
            table=table.name,
            sqlite=(
                _sqlite(
                    f"{name}_update", name, f"BEFORE UPDATE ON {table.name} WHEN {sqlite_when}"
                ),
                _sqlite_no_replace(name, table, sqlite_replaced),
            ),
            postgresql=(
                _function(name, postgresql_when),
                _trigger(name, table, "BEFORE UPDATE", "ROW"),
            ),
        ),
    )


def _sqlite(trigger: str, message: str, event: str) -> str:
    return f"CREATE TRIGGER {trigger} {event}\nBEGIN SELECT RAISE(ABORT, '{message}'); END"


def _sqlite_no_replace(name: str, table: Table, condition: str = "1") -> str:
    """Refuses an INSERT over a standing row for which `condition` holds, lest it be replaced."""
    same = " AND ".join(f"{column.name} = NEW.{column.name}" for column in table.primary_key)
    return _sqlite(
        f"{name}_replace",
        f"{UNIQUE}{table.primary_key.name}",
        f"BEFORE INSERT ON {table.name}\n"
        f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {same} AND ({condition}))",
    )


def _function(name: str, when: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$\n"
        f"BEGIN\n"
        f"  IF {when} THEN\n"
        f"    RAISE EXCEPTION '{name}'\n"
        f"      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}';\n"
        f"  END IF;\n"
        f"  RETURN COALESCE(NEW, OLD);\n"
        f"END $guard$"
    )


def _trigger(name: str, table: Table, event: str, scope: str, function: str | None = None) -> str:
    return (
        f"CREATE TRIGGER {name} {event} ON {table.name}\n"
        f"FOR EACH {scope} EXECUTE FUNCTION {function or name}()"
    )


def trigger_names(guards: Sequence[TriggerRule], dialect: str) -> set[str]:
    """The names of the triggers that the guards make on an engine."""
    statements = (statement for guard in guards for statement in guard.ddl(dialect))
    return {text.split()[2] for text in statements if text.startswith("CREATE TRIGGER")}
