"""Lines, markup and the plain text of markup."""

from __future__ import annotations

import html
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.harness.examples import examples
from tests.harness.growth import assert_linear

from xaigh_server.text import sanitize as text

LINES = [
    # text, clean, controls, bidi
    ("Dock Lead", "Dock Lead", False, False),
    ("  Dock   Lead ", "Dock Lead", False, False),
    ("Dock\u00a0Lead\n", "Dock Lead", False, False),
    ("Dock\x00 Lead\x07", "Dock Lead", True, False),
    ("Dock \ud800Lead", "Dock \ufffdLead", True, False),
    ("Dock \u202eLead\u2066", "Dock Lead", False, True),
    ("R&amp;D <Lead> (m/w/d)", "R&amp;D <Lead> (m/w/d)", False, False),
    ("データ基盤 担当", "データ基盤 担当", False, False),
    ("مدير\u200f مستودع", "مدير\u200f مستودع", False, False),
    ("👩\u200d🔧 Mechanic", "👩\u200d🔧 Mechanic", False, False),
]


@pytest.mark.parametrize(("raw", "clean", "controls", "bidi"), LINES)
def test_a_line_keeps_everything_that_can_be_seen(raw, clean, controls, bidi):
    """Spaces collapse and invisible controls go; typos, markup and every script stay."""
    assert text.line(raw) == (clean, controls, bidi)


@pytest.mark.parametrize(
    ("raw", "blank"),
    [
        ("", True),
        ("\u200b", True),
        ("\ufeff \u200b", True),
        ("a", False),
        ("\u200ba", False),
        (" ", True),
        ("\u3164", True),
    ],
)
def test_a_line_of_invisible_characters_is_blank(raw, blank):
    """A zero-width space is no title."""
    assert text.is_blank(raw) is blank


UNESCAPED = [
    ("&lt;p&gt;Tom &amp;amp; Jo&lt;/p&gt;", "<p>Tom &amp; Jo</p>"),
    ("&lt;p&gt;a&amp;nbsp;b&lt;/p&gt;", "<p>a&nbsp;b</p>"),
    ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ("&quot;&#39;", "\"'"),
    ("&lt;p&gt;a&nbsp;b &mdash; c", "<p>a\u00a0b \u2014 c"),
    ("plain", "plain"),
    ("a & b &amp; c", "a & b & c"),
]


@pytest.mark.parametrize(("escaped", "once"), UNESCAPED)
def test_one_level_of_entities_is_undone(escaped, once):
    """What was escaped twice stays escaped once."""
    assert text.unescape_once(escaped) == once


@given(st.text(st.sampled_from("&;ltgampquo#39<>\"' x"), max_size=60))
def test_unescaping_once_is_what_html_says(raw):
    """The fast way and the general way agree, on escaped text and on any other."""
    assert text.unescape_once(html.escape(raw)) == raw
    assert text.unescape_once(raw) == html.unescape(raw)


UNSAFE = [
    ('<p onclick="x()">a</p>', "<p>a</p>"),
    ("<script>alert(1)</script>b", "b"),
    ('<a href="javascript:alert(1)">c</a>', '<a rel="noopener noreferrer nofollow">c</a>'),
    ('<a href="/relative">c</a>', '<a rel="noopener noreferrer nofollow">c</a>'),
    ("<img src=x onerror=alert(1)>d", "d"),
    ("<iframe src='https://x.example.com'></iframe>e", "e"),
    ('<p style="position:fixed">f', "<p>f</p>"),
    ("<svg><script>g</script></svg>h", "h"),
    ("<b><p>i", "<b><p>i</p></b>"),
    ("<form><input name=j></form>k", "k"),
    ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
]


@pytest.mark.parametrize(("raw", "safe"), UNSAFE)
def test_markup_is_made_safe(raw, safe):
    """Scripts, handlers, styles, frames, forms and odd links go; tags are closed."""
    assert text.sanitize(raw) == safe


@pytest.mark.parametrize("markup", ["<div>" * 100_000, "<div>" * 50_000 + "</div>" * 50_000])
def test_markup_that_nests_too_deep_is_refused(markup):
    """A parser would take minutes."""
    with pytest.raises(text.MarkupTooComplex):
        text.sanitize(markup)


def test_markup_that_is_only_long_is_kept():
    """Thousands of paragraphs, items and line breaks nest nowhere."""
    long = "<p>a<br>b<ul><li>c<li>d</ul>" * 3_000
    assert text.sanitize(long).count("<li>") == 6_000


def test_bare_ampersands_are_escaped_however_many():
    """Entities stay what they are."""
    assert text.sanitize("<p>" + "&" * 100_000).count("&amp;") == 100_000
    assert text.sanitize("<p>" + "&eacute;&" * 5_000).count("é&amp;") == 5_000
    assert text.sanitize("<p>" + "&#233;&#xe9;" * 5_000).count("éé") == 5_000
    assert text.sanitize("<p>" + "&none;&#;" * 5_000).count("&amp;none;&amp;#;") == 5_000


PLAIN = [
    ("<p>One</p><p>Two</p>", "One\nTwo"),
    ("<p>One<br>Two</p>", "One\nTwo"),
    ("<ul><li>One</li><li>Two <b>and</b> more</li></ul>", "One\nTwo and more"),
    ("<p>un<b>bro</b>ken</p>", "unbroken"),
    ("<p>a&nbsp;&nbsp;b</p>", "a b"),
    ("<p>a\n   b</p>", "a b"),
    ("<p></p><p> </p>", ""),
    ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ("<p>1 &lt; 2 &amp; &amp;lt;</p>", "1 < 2 & &lt;"),
    ("plain &amp; simple", "plain & simple"),
    ("<ul><li><p>One</p></li></ul>", "One"),
]


@pytest.mark.parametrize(("markup", "expected"), PLAIN)
def test_blocks_become_lines_and_inline_tags_leave_no_trace(markup, expected):
    """Drawn from sanitized markup, as a reader would read it aloud."""
    assert text.plain(text.sanitize(markup)) == expected


EMAILS = [
    ("write to jo.doe+jobs@mail.example.com now", "write to [e-mail removed] now"),
    ("a@b.co", "[e-mail removed]"),
    ("two a@b.co, c@d.org.", "two [e-mail removed], [e-mail removed]."),
    ("@handle and 5 @ 3", "@handle and 5 @ 3"),
    ("only@host", "only@host"),
    ("@ example.com", "@ example.com"),
    ("none", "none"),
]


@pytest.mark.parametrize(("raw", "kept"), EMAILS)
def test_addresses_are_taken_out(raw, kept):
    """An e-mail address goes; a handle or a lone sign is none."""
    assert text.without_emails(raw) == kept


MARKUP = (
    *("&", "&a;", "&#", "&amp", "&eacute;", "<", ">", "<p>x", "<li>x", "<b>x</b>", "<td>x</td>"),
    *("<p>x</p>", "<strong>", "<br> ", "<ul><li>x</li></ul>", "&lt;p&gt;", "a@", "@a", "a@b.c "),
    *("\x00", "\ud800", "<a href='https://x.example/'>y</a>", "<?", "<!-->", "]]>", "<p/>", "\r\n"),
)


def _cleaned(markup: str) -> None:
    with suppress(text.MarkupTooComplex):
        safe = text.sanitize(text.well_formed(text.unescape_once(markup)))
        text.plain(text.without_emails(safe))


@pytest.mark.parametrize("filler", MARKUP)
def test_markup_is_cleaned_or_refused_in_linear_time(filler):
    """Whatever it is full of."""
    assert_linear(_cleaned, lambda size: f"<i>x</i>{filler * (size // len(filler))}")


def test_looking_for_addresses_takes_linear_time():
    """A long run of letters, or of signs, is passed over once."""
    assert text.without_emails("a" * 200_000 + "@") == "a" * 200_000 + "@"
    assert text.without_emails("@" * 50_000) == "@" * 50_000


def test_marks_never_come_from_the_text_itself():
    """The characters that mark lists are taken out of what is read."""
    assert text.lines_of("<p>a\x1eb\x1dc\x1c</p>") == ["abc"]


_TAGS = ("p", "h1", "h4", "ul", "ol", "li", "strong", "b", "em", "i", "br", "div", "a", "td", "pre")
_PIECES = st.sampled_from(
    [
        *(f"<{tag}>" for tag in _TAGS),
        *(f"</{tag}>" for tag in _TAGS),
        *(
            "<script>",
            "</script>",
            "<svg>",
            "<p class=x>",
            "<P>",
            "<p/>",
            "</p >",
            "<!-- x -->",
            "<",
        ),
        *("&", "&amp;", "&amp", "&lt;", "&gt;", "&nbsp;", "&copy;", "&#60;", "&quot;"),
        *("\n", "\r", "\r\n", "\t", "\x0b", "\x0c", "\x00", "\x1c", "\x85", "\xa0", "\ufeff"),
        *("a", "b c", " ", ">", "\u2028", "\ufffd", "\u202e", "\U0001f600", "'", '"', "`", "{{"),
    ]
) | st.text(st.characters(codec="utf-8"), max_size=2)
_CLOSED = st.recursive(
    _PIECES,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(_TAGS),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)


@settings(max_examples=examples(1_500))
@given(st.lists(_CLOSED, max_size=5).map("".join))
def test_clean_markup_is_what_the_sanitizer_gives_back(markup):
    """Whatever is spared the sanitizer would have come out of it byte for byte."""
    if text.is_clean(markup):
        assert text._CLEANER.clean(markup) == markup
    elif "<" in markup or "&" in markup:
        assert text.sanitize(markup) == text._CLEANER.clean(markup).strip()


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Lift &amp; carry.</p><ul>\n<li>A <b>licence</b></li>\n</ul>",
        "One<br>two <em>three</em>&nbsp;",
        "<h2>About</h2>",
    ],
)
def test_ordinary_descriptions_are_known_to_be_clean(markup):
    """What most boards send needs no sanitizer."""
    assert text.is_clean(markup)


@pytest.mark.parametrize(
    "markup",
    [
        '<p onclick="x()">a</p>',
        "<p><script>x</script></p>",
        "<p>a",
        "<p><p>a</p></p>",
        "<ul>a</ul></ul>",
        "<b><b>a</b></b>",
        "<p>a & b</p>",
        "<p>&copy;</p>",
        "<ul>\r</ul>",
        "<p>\xa0</p>",
        "a > b <br>",
        "<p>\ud800</p>",
        '<a href="https://x.example">x</a>',
    ],
)
def test_what_might_change_goes_to_the_sanitizer(markup):
    """Attributes, other tags, what isn't closed or nests, and what a parser rewrites."""
    assert not text.is_clean(markup)
