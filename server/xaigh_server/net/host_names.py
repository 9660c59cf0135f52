"""International host names: taken as they are written, or refused.

IDNA's mapping (UTS 46) repairs a name before it encodes it: it turns full-width and enclosed
letters into plain ones and drops characters of no width. Then two names that look different are one
host, and either may be meant to get past a check or a reader. So the mapping may change case and
nothing else.

Letters of different scripts in one label look alike (`аpple` with a Cyrillic а), so a label has one
script, or those written together in Japanese, Korean or Chinese: "highly restrictive" in UTS 39.
"""

from __future__ import annotations

import unicodedata

_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)

_REPAIRED = "Write the host in plain letters: none full-width, enclosed or hidden."
_MIXED = (
    "A part of the host mixes several scripts; if it is named so, give its form in ASCII (xn--…)."
)


class HostNameInvalid(ValueError):
    """The name isn't one that is taken. The text is a sentence, safe to show."""


def to_ascii(host: str) -> str:
    """The name in ASCII (`xn--…`), lower-case. Raises HostNameInvalid."""
    import idna  # 8 ms, and only for hosts that aren't ASCII

    try:
        mapped = idna.uts46_remap(host, std3_rules=True)
        if mapped != unicodedata.normalize("NFC", host.lower()) or any(map(_poses, host)):
            raise HostNameInvalid(_REPAIRED)
        if any(_is_mixed(label) for label in mapped.split(".")):
            raise HostNameInvalid(_MIXED)
        return idna.encode(mapped, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        if isinstance(error, HostNameInvalid):
            raise
        raise HostNameInvalid("The host isn't a valid international name.") from None


def _poses(character: str) -> bool:
    """Whether a character becomes ASCII by its case alone, as the sign of Kelvin does."""
    return not character.isascii() and character.lower().isascii()


def _is_mixed(label: str) -> bool:
    scripts = {_script(character) for character in label if character.isalpha()}
    return len(scripts) > 1 and not any(scripts <= group for group in _TOGETHER)


def _script(letter: str) -> str:
    """The script by the first word of the letter's name, which Unicode never changes."""
    return unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
