"""The grammar of path templates, by tables."""

from __future__ import annotations

import pytest

from httprule.errors import TemplateError
from httprule.template import parse

VALID = [
    ("/", (), None, []),
    ("/v1/jobs", ("v1", "jobs"), None, []),
    ("/v1/jobs:watch", ("v1", "jobs"), "watch", []),
    ("/v1/{job_id}", ("v1", "*"), None, [("job_id", 1, ("*",), False)]),
    ("/{a=*}/{b.c=x/*}", ("*", "x", "*"), None,
     [("a", 0, ("*",), False), ("b.c", 1, ("x", "*"), True)]),
    ("/{rest=**}:go", ("**",), "go", [("rest", 0, ("**",), True)]),
    ("/{rest=a/**}", ("a", "**"), None, [("rest", 0, ("a", "**"), True)]),
    ("/a/**/b", ("a", "**", "b"), None, []),
    ("/{fixed=100}", ("100",), None, [("fixed", 0, ("100",), False)]),
    ("/a%2Fb/~._-!$&'()+,;=@", ("a%2Fb", "~._-!$&'()+,;=@"), None, []),
]  # fmt: skip

INVALID = [
    ("", 1, "starts with '/'"),
    ("v1", 1, "starts with '/'"),
    ("//a", 2, "expected a segment"),
    ("/a/", 4, "expected a segment"),
    ("/a//b", 4, "expected a segment"),
    ("/:go", 2, "expected a segment"),
    ("/a:", 4, "expected a verb"),
    ("/a:b:c", 5, "unexpected ':'"),
    ("/a:b/c", 5, "unexpected '/'"),
    ("/a*", 3, "unexpected '*'"),
    ("/a{b}", 3, "unexpected '{'"),
    ("/{b}a", 5, "unexpected 'a'"),
    ("/***", 4, "unexpected '*'"),
    ("/**/*", 5, "only literals"),
    ("/**/{a}", 7, "only literals"),
    ("/{a=**}/**", 9, "only literals"),
    ("/{}", 3, "expected a field name"),
    ("/{a.}", 5, "expected a field name"),
    ("/{.a}", 3, "expected a field name"),
    ("/{1a}", 3, "'1a' is not a field name"),
    ("/{a-b}", 4, "expected '}'"),
    ("/{a", 4, "expected '}'"),
    ("/{a=}", 5, "expected a segment"),
    ("/{a=/b}", 5, "expected a segment"),
    ("/{a=b/}", 7, "expected a segment"),
    ("/{a={b}}", 5, "cannot be nested"),
    ("/{a=b:c}", 6, "expected '}'"),
    ("/{a}/{a}", 6, "'a' occurs twice"),
    ("/a b", 3, "unexpected ' '"),
    ("/a?b", 3, "unexpected '?'"),
    ("/a#b", 3, "unexpected '#'"),
    ("/%", 2, "two hexadecimal digits"),
    ("/a%2", 3, "unexpected '%'"),
    ("/é", 2, "expected a segment"),
]


@pytest.mark.parametrize(("source", "segments", "verb", "variables"), VALID)
def test_valid(source, segments, verb, variables):
    """A template gives its segments with variables expanded in place."""
    template = parse(source)
    assert template.segments == segments
    assert template.verb == verb
    assert [
        (".".join(v.field_path), v.start, v.segments, v.is_multi) for v in template.variables
    ] == variables
    assert str(template) == source


@pytest.mark.parametrize(("source", "column", "problem"), INVALID)
def test_invalid(source, column, problem):
    """A fault is reported at its column."""
    with pytest.raises(TemplateError) as refused:
        parse(source)
    assert refused.value.column == column
    assert problem in refused.value.problem
    assert f"column {column}" in str(refused.value)
