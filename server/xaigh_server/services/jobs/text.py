"""The texts of direct jobs: safe to show, whatever was posted."""

from __future__ import annotations

import asyncio
import html
from dataclasses import dataclass

from xaigh_server.ats import text
from xaigh_server.domain.errors import FieldInvalid

_WORTH_A_THREAD = 20_000
_NO_MARKUP = frozenset("<&")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobText:
    """A description as sanitized HTML, and the text drawn from it."""

    html: str
    text: str


def clean_title(title: str) -> str:
    """The title as one line without invisible controls."""
    return text.line(title)[0]


def clean_description(description: str, field: str) -> JobText:
    """Plain text keeps its paragraphs and lines; HTML is sanitized.

    Raises FieldInvalid, naming the field, for HTML that is out of proportion.
    """
    sound = text.well_formed(description)
    markup = sound if _NO_MARKUP & set(sound) else _paragraphs(sound)
    try:
        safe = text.sanitize(markup)
    except text.MarkupTooComplex as error:
        raise FieldInvalid.at(field, str(error)) from error
    return JobText(html=safe, text=text.plain(safe))


async def prepare_description(description: str, field: str) -> JobText:
    """Like `clean_description`, with a long one out of the event loop's way."""
    if len(description) < _WORTH_A_THREAD:
        return clean_description(description, field)
    return await asyncio.to_thread(clean_description, description, field)


def _paragraphs(plain: str) -> str:
    blocks = [block.strip() for block in plain.replace("\r\n", "\n").split("\n\n")]
    if len(blocks) == 1 and "\n" not in blocks[0]:
        return blocks[0]
    return "".join(
        f"<p>{html.escape(block, quote=False).replace(chr(10), '<br>')}</p>"
        for block in blocks
        if block
    )
