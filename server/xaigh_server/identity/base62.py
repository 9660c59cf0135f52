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
    """Returns 20 characters that encode 112 bits of the SHA-256 of `origin`."""
    return encode(int.from_bytes(hashlib.sha256(origin).digest()[:14], "big"), 20)


def sequential_ids(name: str) -> Iterator[str]:
    """Yields ids in order: `name` and three more characters, 62 ** 3 ids.

    They are adjacent in an index: rows that are inserted together touch a few of its pages, where
    random ids would touch one each.
    """
    return (name + "".join(digits) for digits in product(ALPHABET, repeat=3))


def name_of(name: str, number: int) -> str:
    """Returns the id of `sequential_ids(name)` at `number`, counted from 0."""
    return name + encode(number, 3)


def number_of(name: str) -> tuple[str, int]:
    """Returns the first id of a sequence and the number of `name` in it; -1 for any other id."""
    digits = name[-3:]
    if len(digits) < 3 or not all(digit in ALPHABET for digit in digits):
        return name, -1
    number = 0
    for digit in digits:
        number = number * 62 + ALPHABET.index(digit)
    return name[:-3], number


def buffered_random(random: RandomBytes, size: int = 4096) -> RandomBytes:
    """Buffers a source of random bytes: one system call of `size` bytes serves hundreds of ids.

    For ids, not for secrets: bytes that aren't used yet stay in memory, and both processes of a
    fork would use them.
    """
    held, at = b"", 0

    def take(length: int) -> bytes:
        nonlocal held, at
        if at + length > len(held):
            held, at = random(max(size, length)), 0
        at += length
        return held[at - length : at]

    return take


def random_string(length: int, random: RandomBytes) -> str:
    """Returns `length` uniformly random characters, 5.95 bits each."""
    drawn = b""
    while len(drawn) < length:
        drawn += random(length - len(drawn)).translate(_CHARACTERS, _UNFAIR)
    return drawn.decode("ascii")
