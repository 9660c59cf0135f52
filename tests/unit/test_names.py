"""Class names of the server and of httprule: a public name has one meaning."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "server" / "xaigh_server", ROOT / "server" / "httprule" / "src" / "httprule")

ALLOWED: dict[str, str] = {}
"""Names that several classes may have, each with the reason."""


def test_a_public_class_name_has_one_meaning() -> None:
    """The client is left out: no file imports both the client and the server."""
    places = defaultdict(list)
    for name, place in public_classes():
        places[name].append(place)
    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in shared.items() if name not in ALLOWED} == {}
    assert set(ALLOWED) <= set(shared), "a name that is allowed to be shared isn't"


def public_classes() -> Iterator[tuple[str, str]]:
    """Every class whose name has no leading underscore, with its file and line."""
    for source in SOURCES:
        for path in sorted(source.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield node.name, f"{path.relative_to(ROOT)}:{node.lineno}"
