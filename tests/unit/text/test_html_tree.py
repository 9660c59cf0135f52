"""The bound of what an HTML parser builds: never below the truth, far above what people write."""

from __future__ import annotations

import re

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bench.normalizing import prose
from tests.harness.growth import assert_linear

from xaigh_server.text.html_tree import is_flat, is_too_complex, most_nodes, most_steps, tree_size

_INLINE = ("a", "b", "i", "em", "strong", "font", "nobr", "span", "sub")
_BLOCKS = ("p", "div", "ul", "li", "dl", "dd", "h1", "h2", "form", "section", "pre")
_TABLES = ("table", "tbody", "tr", "td", "th", "caption", "colgroup")
_ODD = ("svg", "math", "select", "option", "template", "button", "object", "ruby", "rt", "path")
_VOID = ("br", "hr", "img", "input")
_RAW = ("style", "script", "textarea", "title", "iframe", "xmp")
_SHOWN = {*_INLINE, *_BLOCKS, *_TABLES, *_ODD, *_VOID}
_PARSER = nh3.Cleaner(
    tags=_SHOWN, clean_content_tags=set(), attributes={"*": {"a", "b"}}, link_rel=None
)
_PIECES = st.one_of(
    st.builds(
        "<{}{}>".format,
        st.sampled_from((*_INLINE, *_BLOCKS, *_TABLES, *_ODD, *_VOID, *_RAW)),
        st.sampled_from(("", "", " a=1", " a=2", ' a=">"', " a='<b>'", " b", "/")),
    ),
    st.builds("</{}>".format, st.sampled_from((*_INLINE, *_BLOCKS, *_TABLES, *_ODD, *_RAW))),
    st.sampled_from(
        ("x", " ", "&", "<!--", "-->", "--!>", "<!-->", "<?", "</", "<", "<b", "<![CDATA[", '"')
    ),
)


@settings(max_examples=1_500)
@given(st.lists(_PIECES, max_size=40), st.integers(1, 5))
def test_no_tree_has_more_elements_than_the_bound(pieces, times):
    """However tags are misplaced, repeated or hidden in comments, scripts and attributes."""
    markup = "".join(pieces) * times
    assert len(re.findall("<[a-z]", _PARSER.clean(markup))) <= tree_size(markup).nodes


_NESTED = st.recursive(
    st.sampled_from(("x", " ", "&amp;", "<br>", "<img a='1'/>", "</p>", "<b>", "<p a=1 b>")),
    lambda inner: st.builds(
        lambda name, attributes, parts: f"<{name}{attributes}>{''.join(parts)}</{name}>",
        st.sampled_from((*_INLINE, *_BLOCKS)),
        st.sampled_from(("", "", " a=1", " a='2'", ' a="3"', ' a=b"c d="e', " b")),
        st.lists(inner, max_size=4),
    ),
    max_leaves=30,
)


@settings(max_examples=1_500)
@given(st.lists(_NESTED, max_size=6), st.integers(1, 5))
def test_flat_markup_has_no_more_elements_than_characters(pieces, times):
    """So that nothing more has to be known of it."""
    markup = "".join(pieces) * times
    if is_flat(markup):
        assert len(re.findall("<[a-z]", _PARSER.clean(markup))) <= len(markup)
        assert not _exceeds(markup)


def _exceeds(markup: str) -> bool:
    size = tree_size(markup)
    return size.nodes > most_nodes(len(markup)) or size.steps > most_steps(len(markup))


def test_what_most_editors_write_is_flat():
    """Known by one look; what isn't closed, or hides in an attribute, goes the long way."""
    assert is_flat(prose(20_000, 3))
    assert not is_flat("<p>x")
    assert not is_flat("<b><i>x</b></i>")
    assert not is_flat('<b a=b"c d="e>x</b>')
    assert not is_flat("<div>" * 9 + "</div>" * 9)


def _bomb(elements: int, blocks: int) -> str:
    opened = "".join(f"<b a={number}>" for number in range(elements))
    return f"<p>{opened}</p>" + "<p>x</p>" * blocks


BOMBS = {
    "formatting elements reopened in each paragraph": _bomb(480, 2_000),
    "the same in a few thousand characters": _bomb(300, 100),
    "closed in a comment only": _bomb(300, 1) + "<!--</b>-->" * 300 + "<p>x" * 1_000,
    "closed in an attribute only": _bomb(300, 1) + '<i title="</b>">x</i>' * 300 + "<p>x" * 1_000,
    "closed in a style only": f"{_bomb(300, 1)}<style>{'</b>' * 300}</style>" + "<p>x" * 1_000,
    "closed behind a table": f"{_bomb(300, 1)}<table>{'</b>' * 300}" + "<tr><td><p>x" * 1_000,
    "closed in a script that isn't over": f"<script><!--<script></script>{_bomb(300, 1_000)}",
    "behind a picture": f"<svg>{_bomb(300, 1_000)}",
    "deep blocks": "<div>" * 20_000,
    "deep blocks that other tags seem to close": "<div></q>" * 20_000,
    "deep blocks that spans seem to close": "<span><div></span>" * 20_000,
    "deep lists": "<ul><li>" * 20_000,
    "different formatting elements": "".join(f"<font a={n}>" for n in range(5_000)),
    "blocks in formatting elements": "<b><div></b>" * 20_000,
    "put before a table": "<table>" + "<br>" * 200_000,
    "many attributes": "<p " + " ".join(f"a{n}" for n in range(150_000)) + ">",
}


@pytest.mark.parametrize("markup", BOMBS.values(), ids=BOMBS)
def test_markup_out_of_proportion_is_refused(markup):
    """What costs a parser memory or time by the square of its length."""
    assert is_too_complex(markup)


LINE = "We keep every order moving from dock to door, safely, on time and in all weathers. "
WORD = (
    '<p class=MsoNormal style="margin:0in;line-height:115%"><b><span style="font-size:11pt">'
    f"{LINE}</span></b><o:p></o:p></p><!--[if !supportLists]--><p class=MsoList>"
    f'<span style="font-family:Symbol">·<span>&nbsp;</span></span><!--[endif]--><i>{LINE}</i></p>'
)
NEVER_CLOSED = f"<font face=Arial size=2><b>Duties<p>{LINE}<li>{LINE}<li>Lift<br><i>Note: x"
MISPLACED = f"<b><i>Shift</b></i> <p>{LINE}<strong>Nights<p>Days</strong></p>"
TABLE = (
    f"<tr><td><p><strong>Shift</strong></p><td>{LINE}<ul><li>Nights<li><em>Days</em></ul></td></tr>"
)
LAYOUT = (
    f'<table><tr><td><a href="https://x.example/a">{LINE}</a></td></tr></table>'
    f"<p>{LINE}</p><div><span><br></span></div>"
)
WRITTEN = {
    "of an editor": prose(250_000, 7),
    "of a word processor": WORD * 1_000,
    "with elements never closed": NEVER_CLOSED * 60,
    "with misplaced end tags": MISPLACED * 300,
    "a table": f"<table><tbody>{TABLE * 2_000}</tbody></table>",
    "laid out in tables": f"<table><tr><td><b>{LAYOUT * 800}</table>",
    "short lines": "Lift.<br>" * 20_000,
    "a list without end tags": f"<ul>{'<li>Lift' * 20_000}</ul>",
    "with a picture": f"<p>{LINE}</p><svg><path d='M0 0'/></svg><p><b>{LINE}</b></p>" * 20,
    "with a script": f"<script>if (a<b) show('<b>')</script><p>{LINE}</p>" * 200,
}


@pytest.mark.parametrize("markup", WRITTEN.values(), ids=WRITTEN)
def test_what_people_and_editors_write_is_kept(markup):
    """Long, untidy, old: with room to spare."""
    assert not is_too_complex(markup)
    assert tree_size(markup).nodes < 0.75 * most_nodes(len(markup))


FILLERS = (
    *("<", "<b>", "<b ", "<p>", "</p>", "<br>", "<!--", "<!---->", "<?", "<script>", "<style>"),
    *('<p a="', "<p a='x'", "<p a =", "<p / ", "<title>x</title>", "<svg>", "<table><td>", "</b>"),
    *("<script><!--</script>", "<ul><li>", "<b><i></b></i>", "<textarea>", "<a href=x>y"),
)


@pytest.mark.parametrize("filler", FILLERS)
def test_the_bound_is_found_in_linear_time(filler):
    """Also of what is never closed."""
    assert_linear(is_too_complex, lambda size: filler * (size // len(filler)))
