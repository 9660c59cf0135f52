"""The texts of direct jobs: safe to show, whatever was posted."""

from __future__ import annotations

import asyncio
import html
from dataclasses import dataclass
from typing import Any

from xaigh_server.errors import FieldInvalid
from xaigh_server.text import sanitize as text
from xaigh_server.worker_pool.isolation import INLINE_BYTES, Quarantine
from xaigh_server.worker_pool.process import Helper

_MODULE = "xaigh_server.jobs.text_worker"
_BREAKS = (
    "Reading it takes more memory or time than a description may. Shorten it, and close each HTML"
    " element in it."
)
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


class DescriptionCleaner:
    """Makes descriptions safe: short ones at once, others in a worker process with limits."""

    def __init__(self) -> None:
        """The worker is started when it is first needed."""
        self._helper = Helper(_MODULE)
        self._quarantine = Quarantine(_MODULE)
        self._asked: set[asyncio.Task[Any]] = set()

    async def clean(self, description: str, field: str) -> JobText:
        """The description, made safe. Raises FieldInvalid, naming the field, where it can't be.

        A description that breaks the worker is tried once more, alone, and nowhere else.
        """
        if len(description) <= INLINE_BYTES:
            return clean_description(description, field)
        answer = await self._ask(description)
        if answer is None:
            async with self._quarantine.worker() as worker:
                answer = await worker.ask(description)
        if answer is None:
            raise FieldInvalid.at(field, _BREAKS)
        if isinstance(answer, str):
            raise FieldInvalid.at(field, answer)
        safe, plain = answer
        return JobText(html=safe, text=plain)

    async def close(self) -> None:
        """Ends the worker."""
        await self._helper.close()

    async def _ask(self, description: str) -> Any:
        """Asks the worker, to the end whatever becomes of the caller: others wait behind it."""
        asked = asyncio.ensure_future(self._helper.ask(description))
        self._asked.add(asked)
        asked.add_done_callback(self._asked.discard)
        return await asyncio.shield(asked)


def _paragraphs(plain: str) -> str:
    blocks = [block.strip() for block in plain.replace("\r\n", "\n").split("\n\n")]
    if len(blocks) == 1 and "\n" not in blocks[0]:
        return blocks[0]
    return "".join(
        f"<p>{html.escape(block, quote=False).replace(chr(10), '<br>')}</p>"
        for block in blocks
        if block
    )
