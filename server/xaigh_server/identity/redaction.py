"""Redaction: removes credentials from text before the server logs, stores or returns it.

A credential is recognized by its shape, anywhere in the text:

- a known prefix in any case and 16 characters or more behind it, so that cut and mistyped ones
  count as well;
- a run of 38 letters and digits or more that holds digits and letters of both cases, after any
  text: a key under an unknown prefix, or written twice. Every checksum begins with a
  digit, and one real key in ten billion lacks a case; hashes in hex always lack one;
- 43 characters of base64 that hold letters of both cases, and `=`: the form of a webhook secret, of
  which one in 1,500 has no digit.

Percent-encoding is undone first, also where it was applied several times. Escapes of JSON, such
as `\\n`, stay whole, so a line of JSON stays valid.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_SHORTEST_RUN = 38  # a status token without its prefix; keys have 48
_ENCODINGS = 4
"""How often over a credential may be percent-encoded."""

_SEPARATOR = r"(?:_|%(?:25)*5[Ff])"
_PREFIX = (
    rf"(?i:(?:test|live){_SEPARATOR}[ps]k{_SEPARATOR}"
    rf"|(?:xop|xst|whsec){_SEPARATOR})"
)
_CANDIDATE = re.compile(
    rf"(?P<escape>\\(?:u[0-9A-Fa-f]{{4}}|.))"
    rf"|(?P<prefix>{_PREFIX})[0-9A-Za-z+/=%]{{16,}}"
    r"|(?P<base64>[0-9A-Za-z+/]{43}=)"
    rf"|(?P<run>(?:[0-9A-Za-z]|%[0-9A-Fa-f]{{2}}){{{_SHORTEST_RUN},}})",
    re.ASCII | re.DOTALL,
)
_WORTH_A_LOOK = re.compile(r"[0-9A-Za-z+/%]{16}", re.ASCII)
_WORD = re.compile(rf"[0-9A-Za-z]{{{_SHORTEST_RUN},}}", re.ASCII)
_DIGIT, _UPPER, _LOWER = (re.compile(each, re.ASCII) for each in ("[0-9]", "[A-Z]", "[a-z]"))

_MARKS = (b"_sk_", b"_pk_", b"xop_", b"xst_", b"whsec_", b"%")
_LONG = b"a" * _SHORTEST_RUN
_FLAT = bytes(ord("a") if chr(each).isalnum() or each in b"+/" else each for each in range(128))
_FLAT += bytes(range(128, 256))


def redact(text: str) -> str:
    """The text with `…` in place of each credential, behind its prefix where that is known."""
    # One plain search spares nearly every text the expression.
    return _CANDIDATE.sub(_cut, text) if _WORTH_A_LOOK.search(text) else text


def redact_bytes(line: bytes) -> bytes:
    """The same for bytes of UTF-8, at about a microsecond for a line that holds nothing."""
    lowered = line.lower()
    if _LONG not in line.translate(_FLAT) and not any(mark in lowered for mark in _MARKS):
        return line
    return redact(line.decode("utf-8", "replace")).encode()


def _cut(found: re.Match[str]) -> str:
    text = found[0]
    kind = found.lastgroup
    if kind == "prefix":
        return found["prefix"] + "…"
    if kind == "base64":
        return "…" if _has_both_cases(text) else text
    if kind == "run" and _holds_credential(_plain(text)):
        return "…"
    return text


def _plain(text: str) -> str:
    """The text without percent-encoding, of which there may be several layers."""
    for _ in range(_ENCODINGS):
        if "%" not in text:
            break
        text = unquote(text, errors="replace")
    return text


def _holds_credential(text: str) -> bool:
    return any(_is_mixed(word) for word in _WORD.findall(text))


def _is_mixed(word: str) -> bool:
    """Whether there are digits and letters of both cases."""
    return _DIGIT.search(word) is not None and _has_both_cases(word)


def _has_both_cases(word: str) -> bool:
    return _UPPER.search(word) is not None and _LOWER.search(word) is not None
