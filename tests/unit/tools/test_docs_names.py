"""Names in backticks, in pages and in docstrings of the server, are names that the tree has.

A file may be named by the end of its path. A name with dots has to stand in code, or be a module;
a member may be named after its class. Any other name has to be a word of the code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = ("server", "client", "generated", "protos", "tests", "tools", "docs", ".ci")
SUFFIXES = {".py", ".proto", ".js", ".ts", ".mjs", ".sh", ".toml", ".yaml", ".json", ".html"}
SKIPPED = {"node_modules", "build", "dist", "__pycache__"}
PAGES = (
    *(page for page in ROOT.glob("*.md") if page.name != "CHANGELOG.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "client" / "docs").glob("*.md"),
    ROOT / "server" / "ARCHITECTURE.md",
    ROOT / "server" / "httprule" / "README.md",
)
SOURCES = (
    *(ROOT / "server" / "xaigh_server").rglob("*.py"),
    *(ROOT / "server" / "httprule" / "src").rglob("*.py"),
)
ELSEWHERE = {
    *("audit/previous_signing_key.pem", "jobPosting.info", "estimatedSalary", "metadata.drill"),
    *("audit/signing_key.pem", "audit/anchors.jsonl", "control/-", "sandbox/-", "203.0.113.0/24"),
    *("application/json", "application/x-ndjson", "text/event-stream", "http.proto", "o/"),
    *("domain/", "services/", "store/", "workers/", "r0102_what.py"),
    *("metadata.integrationIds", "metadata.endpointId", "table.column", "pkg.Colour.RED"),
    *("google.api.HttpRule", "google.rpc.error_details_pb2", "google.rpc.error_details"),
    *("concurrent.futures.ProcessPoolExecutor", "AsyncConnection.run_sync", "tags10"),
    *("Http.fully_decode_reserved_expansion", "OTEL_EXPORTER_OTLP_ENDPOINT", "DEBUG"),
    *("externalDocs", "add_XServicer_to_server", "production/-", "xaigh-audit-anchor/1"),
    *("xaigh_epoch_reading_age_seconds", "xff_num_trusted_hops", "envoy.filters.http.cors"),
    *("request.state.xaigh", "CORSMiddleware"),
}
"""Names of data, of media types, of libraries, of the first release's folders, and examples."""
_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"(?!\.?/)(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|sh|toml|proto)")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_WORD = re.compile(r"[A-Za-z_]\w*")


@cache
def paths() -> frozenset[str]:
    """Files and folders, each behind a slash and by its path in the repository."""
    found = {*ROOT.glob("*"), *(ROOT / folder for folder in FOLDERS)}
    found.update(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    inside = (path.relative_to(ROOT) for path in found)
    return frozenset(f"/{path}" for path in inside if not SKIPPED & set(path.parts))


@cache
def code() -> str:
    """The text of all sources without docstrings, and the modules by their dotted names."""
    files = [ROOT / path[1:] for path in sorted(paths()) if Path(path).suffix in SUFFIXES]
    files = [*files, ROOT / "Makefile"]
    texts = [_split(file)[0] for file in files if file.is_file() and file != Path(__file__)]
    modules = (path.removesuffix(".py").replace("/", ".") for path in paths())
    return "\n".join((*texts, *modules))


@cache
def words() -> frozenset[str]:
    """Each identifier of the code; a setting's name stands for its variable, too."""
    found = set(_WORD.findall(code()))
    return frozenset(found | {f"XAIGH_{word.upper()}" for word in found if word.islower()})


def _split(file: Path) -> tuple[str, str]:
    """A source without its docstrings, and the docstrings."""
    text = file.read_text()
    if file.suffix != ".py":
        return text, ""
    lines, docs = text.splitlines(), list[str]()
    for node in ast.walk(ast.parse(text)):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                docs.append(str(child.value.value))
                end = child.end_lineno or child.lineno
                lines[child.lineno - 1 : end] = [""] * (end - child.lineno + 1)
    return "\n".join(lines), "\n".join(docs)


def _is_known(name: str) -> bool:
    if _FILE.fullmatch(name):
        return any(path.endswith(f"/{name.rstrip('/')}") for path in paths())
    if not _NAME.fullmatch(name):
        return True  # an expression, a command or an example
    if not set(_WORD.findall(name)) <= words():
        return False
    return "." not in name or name in code() or _is_member(name)


def _is_member(name: str) -> bool:
    owner = name.split(".")[-2]
    return bool(re.search(rf"\b(?:class|message|enum|service) {owner}\b", code()))


def _unknown(text: str) -> Iterator[str]:
    for name in _QUOTED.findall(text):
        if name not in ELSEWHERE and not _is_known(name):
            yield name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_names_what_exists(page: Path) -> None:
    """Files, modules, classes, fields, settings and events that a page names are there."""
    assert not list(_unknown(_FENCED.sub("", page.read_text())))


def test_docstrings_name_what_exists() -> None:
    """So are those that docstrings of the server and of httprule name."""
    found = {str(file.relative_to(ROOT)): list(_unknown(_split(file)[1])) for file in SOURCES}
    assert not {file: names for file, names in found.items() if names}


def test_a_name_that_is_gone_is_found() -> None:
    """The check itself: gone files, modules, classes, members and events are unknown."""
    gone = ["ats/intake/", "rpc/time_ranges.py", "services.rights", "RowCash", "normalizer.failed"]
    kept = ["rpc/rights.py", "rpc.rights", "WorkerPool", "WorkerPool.run", "worker.failed"]
    assert list(_unknown(" ".join(f"`{name}`" for name in [*gone, *kept]))) == gone
