"""Output of commands: tables, fact sheets and JSON. Into a pipe, tab-separated text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table
from rich.text import Text

from xaigh_client.cli import times
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import one_line, plain, words

_STATES_BY_COLOUR = {
    "green": "ACTIVE APPROVED COMPLETED CONFIRMED CREATED DONE ENABLED GRANTED OPEN REOPENED SHOWN "
    "SUCCEEDED",
    "red": "DENIED DISABLED EXPIRED FAILED INCOMPLETE REFUSED REJECTED REVOKED SUSPENDED",
    "yellow": "CLOSED GRACE HELD IN_REVIEW NEEDS_INFO PENDING PROPOSED SUBMITTED WAITING",
}
_STYLES = {name: style for style, names in _STATES_BY_COLOUR.items() for name in names.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    title: str
    keep: int = 0
    """A narrow terminal drops columns with the highest number first; a column with 0 stays."""
    right: bool = False
    wraps: bool = False
    """True for prose, which is shortened where the terminal is narrow."""


Cell = str | Text


def emit_json(session: Session, value: Any) -> None:
    """Prints a value as JSON with the API's names; coloured on a terminal."""
    text = json.dumps(_jsonable(value), indent=2, ensure_ascii=False)
    if session.out.is_terminal:
        session.out.print_json(text, ensure_ascii=False)
    else:
        session.out.file.write(text + "\n")


def emit_line(session: Session, message: Message) -> None:
    """Prints a message as one line of JSON, and flushes."""
    text = json.dumps(_jsonable(message), ensure_ascii=False)
    session.out.file.write(text + "\n")
    session.out.file.flush()


def table(
    session: Session, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, empty: str
) -> None:
    """Prints a table that fits the terminal; into a pipe, all of it as tab-separated text."""
    found = [[_cell(cell) for cell in row] for row in rows]
    if not session.out.is_terminal:
        lines = [[column.title for column in columns], *([c.plain for c in row] for row in found)]
        for line in lines:
            session.out.file.write("\t".join(map(one_line, line)) + "\n")
        return
    if not found:
        session.out.print(empty, style="dim")
        return
    natural = [
        max([len(column.title), *(row[at].cell_len for row in found)])
        for at, column in enumerate(columns)
    ]
    shown = _fitting(columns, natural, session.out.width)
    widths = _widths(columns, natural, shown, session.out.width)
    sheet = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for at in shown:
        column = columns[at]
        sheet.add_column(
            column.title.upper(),
            justify="right" if column.right else "left",
            no_wrap=True,
            overflow="ellipsis",
            width=widths[at],
        )
    for row in found:
        sheet.add_row(*(row[at] for at in shown))
    session.out.print(sheet)


def facts(session: Session, title: str, pairs: Iterable[tuple[str, Cell]]) -> None:
    """Prints a sheet of named facts, without the empty ones."""
    found = [(name, _cell(value)) for name, value in pairs if len(_cell(value))]
    if not session.out.is_terminal:
        for name, value in found:
            session.out.file.write(f"{name}\t{one_line(value.plain)}\n")
        return
    if title:
        session.out.print(Text(plain(title), style="bold"))
    sheet = Table.grid(padding=(0, 2, 0, 0))
    sheet.add_column(style="dim", no_wrap=True)
    sheet.add_column(overflow="fold")
    for name, value in found:
        sheet.add_row(f"  {name}", value)
    session.out.print(sheet)


def state(name: str) -> Text:
    """Formats a state as lower-case words in its colour."""
    return Text(words(name), style=_STYLES.get(name, ""))


def enum_name(message: Message, field: str) -> str:
    """The name of an enum field's value; empty where the field isn't set."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    number = getattr(message, field)
    value = descriptor.enum_type.values_by_number.get(number) if descriptor.enum_type else None
    return "" if not number or value is None else value.name


def when(session: Session, message: Message, field: str) -> str:
    """Formats a time for a table: relative to now; exactly with `--exact` or into a pipe."""
    if not message.HasField(field):
        return ""
    time: Timestamp = getattr(message, field)
    if session.exact or not session.out.is_terminal:
        return times.exact(time)
    return times.relative(time, session.now())


def when_both(session: Session, message: Message, field: str) -> str:
    """Formats a time for a sheet of facts: relative to now, and exactly."""
    if not message.HasField(field):
        return ""
    time: Timestamp = getattr(message, field)
    relative, exact = times.relative(time, session.now()), times.exact(time)
    return exact if session.exact else f"{relative} ({exact})"


def _cell(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(plain(cell))


def _jsonable(value: Any) -> Any:
    if isinstance(value, Message):
        return MessageToDict(value)
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return value


def _fitting(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """The indexes of the columns that fit the width: drops the highest `keep` first."""
    shown = list(range(len(columns)))

    def needed(at: int) -> int:
        return (min(natural[at], 20) if columns[at].wraps else natural[at]) + 2

    while sum(map(needed, shown)) > width:
        droppable = [at for at in shown if columns[at].keep]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda at: (columns[at].keep, at)))
    return shown


def _widths(
    columns: Sequence[Column], natural: Sequence[int], shown: Sequence[int], width: int
) -> dict[int, int]:
    """The width of each shown column: its natural one; prose shares the rest equally."""
    fixed = {at: natural[at] for at in shown if not columns[at].wraps}
    prose = sorted((at for at in shown if columns[at].wraps), key=lambda at: natural[at])
    left = width - sum(fixed.values()) - 2 * len(shown)
    for done, at in enumerate(prose):
        fixed[at] = max(8, min(natural[at], left // (len(prose) - done)))
        left -= fixed[at]
    return fixed
