"""Every log line of the server has a name of the catalogue, its level and its fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import xaigh_server
from xaigh_server.log_events import LogEvent

_SERVER = Path(xaigh_server.__file__).parent
_LEVELS = {
    "debug": "debug", "info": "info", "warning": "warning", "error": "error",
    "exception": "error", "critical": "critical",
}  # fmt: skip
_RENDERED = {"exc_info": "exception"}


@dataclass(frozen=True)
class _LogCall:
    where: str
    level: str
    first: ast.expr
    fields: frozenset[str]

    @property
    def event(self) -> LogEvent:
        """The member that the call names. AssertionError: it names none."""
        assert (
            isinstance(self.first, ast.Attribute)
            and isinstance(self.first.value, ast.Name)
            and self.first.value.id == "LogEvent"
        ), f"{self.where}: a log call starts with a member of LogEvent"
        return LogEvent[self.first.attr]


def _logs(function: ast.expr) -> str:
    """The level of a call on a logger, or "" for any other call."""
    if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS:
        return ""
    target = function.value
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return _LEVELS[function.attr] if name.lstrip("_").endswith("log") else ""


def _calls() -> Iterator[_LogCall]:
    for path in sorted(_SERVER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (level := _logs(node.func)):
                fields = {_RENDERED.get(each.arg, each.arg) for each in node.keywords if each.arg}
                where = f"{path.relative_to(_SERVER)}:{node.lineno}"
                yield _LogCall(where, level, node.args[0], frozenset(fields))


def test_every_log_call_names_a_member_with_its_level_and_fields() -> None:
    """A line at another level, or with a field that the catalogue lacks, is a fault."""
    found = list(_calls())
    assert len(found) > 15
    for call in found:
        event = call.event
        assert call.level == event.level, f"{call.where}: {event} is declared as {event.level}"
        assert call.fields <= set(event.fields), f"{call.where}: {call.fields - set(event.fields)}"


def test_every_member_is_logged_somewhere() -> None:
    """The catalogue has no event that the server never writes."""
    logged = {call.event for call in _calls()} | {LogEvent.CALL_ENDED, LogEvent.LIBRARY_LOG}
    assert logged == set(LogEvent)


def test_no_module_has_a_logger_of_another_kind() -> None:
    """Loggers of the standard library would write prose; their names end in `log` everywhere."""
    for path in sorted(_SERVER.rglob("*.py")):
        text = path.read_text()
        if path.parent.name == "logs":
            continue  # this folder sets the loggers up, those of libraries included
        assert "logging.getLogger" not in text, path
        for name in re.findall(r"(\w+)\s*=\s*structlog\.get_logger", text):
            assert name.endswith("log"), (path, name)


def test_names_are_dotted_and_members_say_what_they_are() -> None:
    """`area.what_happened`, the member's own name in lower case; a meaning in whole sentences."""
    for event in LogEvent:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", event), event
        assert event.name == event.replace(".", "_").upper()
        assert event.fields and len(set(event.fields)) == len(event.fields)
        assert event.meaning[0].isupper() and event.meaning.endswith(".")


def test_the_catalogue_is_in_alphabetical_order() -> None:
    """A reader finds an event by its name."""
    assert list(LogEvent) == sorted(LogEvent)
