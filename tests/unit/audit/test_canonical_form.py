"""The canonical form of audit events is RFC 8785's: another implementation of it agrees."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from xaigh_client.cli import audit_chain
from xaigh_server.audit.model import canonical_json

# RFC 8785 is defined by what ECMAScript prints for numbers and strings, and sorts by.
_JCS = """
const jcs = (v) =>
  v === null || typeof v !== "object" ? JSON.stringify(v)
  : Array.isArray(v) ? `[${v.map(jcs).join(",")}]`
  : `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${jcs(v[k])}`).join(",")}}`;
const values = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(values.map(jcs)));
"""

_WHOLE = st.integers(1 - 2**53, 2**53 - 1)
_DOUBLES = st.floats(allow_nan=False, allow_infinity=False)


def _documents(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.text() | numbers
    return st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
    )


def _by_node(values: Sequence[object]) -> list[str]:
    done = subprocess.run(
        ["node", "-e", _JCS], input=json.dumps(values), capture_output=True, text=True, check=True
    )
    forms: list[str] = json.loads(done.stdout)
    return forms


@settings(max_examples=15, deadline=None)
@given(st.lists(_documents(_WHOLE), min_size=20, max_size=40))
def test_the_server_writes_the_form_of_rfc_8785(values: list[object]) -> None:
    """Whole numbers, any text, any order of members; the offline verifier writes the same."""
    forms = [canonical_json(value).decode() for value in values]
    assert forms == _by_node(values)
    assert forms == [audit_chain.canonical(value).decode() for value in values]


@settings(max_examples=15, deadline=None)
@given(st.lists(_documents(_DOUBLES), min_size=20, max_size=40))
def test_the_verifier_writes_doubles_as_rfc_8785_does(values: list[object]) -> None:
    """A Struct gives it doubles, whole ones and others."""
    assert [audit_chain.canonical(value).decode() for value in values] == _by_node(values)
