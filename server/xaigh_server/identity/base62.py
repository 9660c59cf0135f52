"""Base62: digits, upper case, lower case, in ASCII order, the most significant digit first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import product

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

RandomBytes = Callable[[int], bytes]
"""Gives so many unpredictable bytes, like `secrets.token_bytes`."""

# The largest multiple of 62 in a byte. Bytes from it on are thrown away, so that no character
# is likelier than another.
_FAIR = 62 * (256 // 62)
_CHARACTERS = bytes(ord(ALPHABET[byte % 62]) for byte in range(256))
_UNFAIR = bytes(range(_FAIR, 256))


def encode(number: int, width: int) -> str:
    """`number` in exactly `width` characters, with leading zeros. Raises OverflowError."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    if number:
        raise OverflowError(f"the number needs more than {width} characters")
    return "".join(reversed(digits))


def derive(origin: bytes) -> str:
    """20 characters that follow from `origin`: 112 bits of its SHA-256."""
    return encode(int.from_bytes(hashlib.sha256(origin).digest()[:14], "big"), 20)


def numbered(name: str) -> Iterator[str]:
    """Names that follow from one, in order: `name` and three characters more, 62 ** 3 of them.

    They lie side by side in an index: rows that are made together then touch a few pages of it,
    where names drawn one by one would touch one each.
    """
    return (name + "".join(digits) for digits in product(ALPHABET, repeat=3))


def name_of(name: str, number: int) -> str:
    """The one of `numbered(name)` with this number, from 0 on."""
    return name + encode(number, 3)


def number_of(name: str) -> tuple[str, int]:
    """The name that a numbered one follows from, and its number; -1 where it isn't numbered."""
    digits = name[-3:]
    if len(digits) < 3 or not all(digit in ALPHABET for digit in digits):
        return name, -1
    number = 0
    for digit in digits:
        number = number * 62 + ALPHABET.index(digit)
    return name[:-3], number


def in_gulps(random: RandomBytes, size: int = 4096) -> RandomBytes:
    """The same bytes, fetched `size` at a time: a system call for hundreds of ids.

    For names, not for secrets: what will be given out lies in memory until then, and a process
    that forks gives it out twice.
    """
    held, at = b"", 0

    def take(length: int) -> bytes:
        nonlocal held, at
        if at + length > len(held):
            held, at = random(max(size, length)), 0
        at += length
        return held[at - length : at]

    return take


def draw(length: int, random: RandomBytes) -> str:
    """`length` characters, each drawn evenly: 5.95 bits apiece."""
    drawn = b""
    while len(drawn) < length:
        drawn += random(length - len(drawn)).translate(_CHARACTERS, _UNFAIR)
    return drawn.decode("ascii")
