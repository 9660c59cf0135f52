"""Checks that migrations only expand: `python tools/check_migrations.py`.

While servers are updated one after the other, the release before runs on the newer schema. So a
revision adds tables, indexes, and columns that are nullable or have a server default. What takes
away or tightens stands in a later release, in a revision that states the oldest revision whose
programs it leaves unharmed: `oldest = "0102"`, which is the revision since which none uses it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from xaigh_server.db.migrations import INITIAL, folder, revisions

EXPANDS = frozenset({"create_table", "create_index", "add_column", "get_bind", "f"})
"""Operations of Alembic that programs before don't notice. `execute` may do anything: of what it
runs, making triggers and filling columns pass."""

_HARMLESS_SQL = re.compile(
    r"\s*(CREATE (OR REPLACE )?(TRIGGER|FUNCTION|INDEX)|UPDATE|INSERT)\b", re.I
)


def main() -> int:
    """Prints each operation that contracts without a statement. Returns 1 where there is one."""
    found = [
        f"{schema}/{file.name}:{line}: {what}"
        for schema in ("control", "business")
        for file in sorted(folder(schema).glob("r[0-9]*_*.py"))
        for line, what in contractions(file.read_text(), revisions(schema))
    ]
    for each in found:
        print(each)
    return 1 if found else 0


def contractions(source: str, known: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yields line and text for each operation of a revision that may harm the release before."""
    module = ast.parse(source)
    stated = _constants(module)
    if stated["revision"] == INITIAL:
        return
    if "oldest" in stated:
        if stated["oldest"] not in known or stated["oldest"] >= stated["revision"]:
            yield 1, f'oldest = "{stated["oldest"]}" is no revision before this one'
        return
    for call in _operations(module):
        if why := _harm(call):
            yield call.lineno, f"{why}; programs of {stated['down_revision']} run beside this"


def _constants(module: ast.Module) -> dict[str, str]:
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def _operations(module: ast.Module) -> Iterator[ast.Call]:
    """The calls of `op`, and those of a batch for SQLite."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in ("op", "batch_op"):
                yield node


def _harm(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    name = call.func.attr
    if name == "batch_alter_table":
        return ""  # its own calls are looked at
    if name == "execute":
        return _harm_of_sql(call)
    if name not in EXPANDS:
        return f"{name} takes away or tightens"
    if name == "create_index" and any(
        word.arg == "unique" and getattr(word.value, "value", False) for word in call.keywords
    ):
        return f"{ast.unparse(call.args[0])} is unique: that tightens"
    return _harm_of_column(call) if name == "add_column" else ""


def _harm_of_column(call: ast.Call) -> str:
    (column,) = [each for each in call.args if isinstance(each, ast.Call)]
    words = {word.arg: word.value for word in column.keywords}
    nullable = words.get("nullable")
    must = isinstance(nullable, ast.Constant) and nullable.value is False
    return (
        "add_column NOT NULL needs a server_default"
        if must and "server_default" not in words
        else ""
    )


def _harm_of_sql(call: ast.Call) -> str:
    texts = [each.value for each in ast.walk(call) if isinstance(each, ast.Constant)]
    statements = [each for each in texts if isinstance(each, str) and " " in each]
    harmful = [each for each in statements if not _HARMLESS_SQL.match(each)]
    return f"execute runs {harmful[0].split()[0]}" if harmful else ""


if __name__ == "__main__":
    sys.exit(main())
