"""Output of commands: tables, fact sheets and JSON. Into a pipe, tab-separated text.

A table shows every column at every width: what a narrow terminal has no room for goes onto a second
line below the row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xaigh_client.cli import times
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import one_line, plain, words

_STATES_BY_COLOUR = {
    "green": "ACTIVE APPROVED COMPLETED CONFIRMED CREATED DONE ENABLED GRANTED OPEN PROVEN "
    "REOPENED SHOWN SUCCEEDED",
    "red": "DENIED DISABLED EXPIRED FAILED IMPOSSIBLE INCOMPLETE LAPSED REFUSED REJECTED REVOKED "
    "SUSPENDED",
    "yellow": "CLOSED GRACE HELD IN_REVIEW NEEDS_INFO PENDING PROPOSED SUBMITTED UNPROVEN WAITING",
}
_STYLES = {name: style for style, names in _STATES_BY_COLOUR.items() for name in names.split()}


_GAP = 2
"""Spaces behind a column."""
_PROSE = 26
"""The width at which prose can still be read; a terminal with less moves a column down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    title: str
    keep: int = 0
    """Where the terminal is narrow, columns with the highest number go to the second line first."""
    right: bool = False
    wraps: bool = False
    """True for prose, which is broken over lines where the terminal is narrow."""


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
    layout = _layout(columns, found, session.out.width)
    session.out.print(_line(layout, [Text(c.title.upper(), style="dim") for c in columns]))
    for row in found:
        session.out.print(_line(layout, row))
        if rest := _rest(columns, layout, row):
            session.out.print(Padding(rest, (0, 0, 0, 2)))


def members(message: Message) -> dict[str, Any]:
    """A message as JSON, with the API's names."""
    return MessageToDict(message)


def facts(
    session: Session, title: str, pairs: Iterable[tuple[str, Cell]], *, to: Console | None = None
) -> None:
    """Prints a sheet of named facts, without the empty ones; on stdout unless `to` is given."""
    console = to or session.out
    found = [(name, _cell(value)) for name, value in pairs if len(_cell(value))]
    if not console.is_terminal:
        for name, value in found:
            console.file.write(f"{name}\t{one_line(value.plain)}\n")
        return
    if title:
        console.print(Text(plain(title), style="bold"))
    sheet = Table.grid(padding=(0, 2, 0, 0))
    sheet.add_column(style="dim", no_wrap=True)
    sheet.add_column(overflow="fold")
    for name, value in found:
        sheet.add_row(f"  {name}", value)
    console.print(sheet)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """The columns of the first line with their widths, and the indexes of those below it."""

    columns: Sequence[Column]
    widths: Mapping[int, int]
    below: Sequence[int]


def _layout(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int) -> _Layout:
    natural = [
        max([len(column.title), *(_width(row[at]) for row in rows)])
        for at, column in enumerate(columns)
    ]
    shown = _fitting(columns, natural, width)
    below = [at for at in range(len(columns)) if at not in shown]
    return _Layout(columns=columns, widths=_widths(columns, natural, shown, width), below=below)


def _width(cell: Text) -> int:
    return max((line.cell_len for line in cell.split("\n")), default=0)


def _line(layout: _Layout, row: Sequence[Text]) -> Table:
    sheet = Table.grid(padding=(0, _GAP, 0, 0))
    for at, width in layout.widths.items():
        column = layout.columns[at]
        sheet.add_column(
            justify="right" if column.right else "left", overflow="fold", width=max(width, 1)
        )
    sheet.add_row(*(row[at] for at in layout.widths))
    return sheet


def _rest(columns: Sequence[Column], layout: _Layout, row: Sequence[Text]) -> Text:
    """The cells below the first line, each with its title; empty ones are left out."""
    parts = [
        Text(f"{columns[at].title.lower()} ", style="dim").append_text(row[at])
        for at in layout.below
        if row[at].plain
    ]
    return Text(" · ", style="dim").join(parts)


def _fitting(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """The indexes of the columns for the first line: the highest `keep` leaves it first.

    The first column always stays.
    """
    shown = list(range(len(columns)))

    def needed(at: int) -> int:
        return (min(natural[at], _PROSE) if columns[at].wraps else natural[at]) + _GAP

    while sum(map(needed, shown)) - _GAP > width and len(shown) > 1:
        shown.remove(max(shown[1:], key=lambda at: (columns[at].keep, at)))
    return shown


def _widths(
    columns: Sequence[Column], natural: Sequence[int], shown: Sequence[int], width: int
) -> dict[int, int]:
    """The width of each shown column: its natural one; prose shares the rest equally."""
    fixed = {at: natural[at] for at in shown if not columns[at].wraps}
    prose = sorted((at for at in shown if columns[at].wraps), key=lambda at: natural[at])
    left = width - sum(fixed.values()) - _GAP * (len(shown) - 1)
    for done, at in enumerate(prose):
        fixed[at] = min(natural[at], max(1, left // (len(prose) - done)))
        left -= fixed[at]
    return {at: min(fixed[at], width) for at in shown}
