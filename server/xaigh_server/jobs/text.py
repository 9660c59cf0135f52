"""Sanitizer of the texts of direct jobs."""

from __future__ import annotations

import html
from dataclasses import dataclass

from xaigh_server.errors import FieldInvalid
from xaigh_server.text import sanitize as text
from xaigh_server.worker_pool.pool import INLINE_BYTES, TaskFailed, WorkerPool

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

    def __init__(self, pool: WorkerPool | None = None) -> None:
        """The worker starts with the first long description."""
        self._pool = pool or WorkerPool()

    async def clean(self, description: str, field: str) -> JobText:
        """The description, made safe. Raises FieldInvalid, naming the field, where it can't be.

        A description that breaks the worker is tried once more, alone, and nowhere else.
        """
        size = len(description)
        if size <= INLINE_BYTES:
            return clean_description(description, field)
        try:
            answer = await self._pool.run(clean_in_worker, description, size=size)
        except TaskFailed:
            answer = await self._clean_alone(description)
        if isinstance(answer, str):
            raise FieldInvalid.at(field, answer)
        safe, plain = answer
        return JobText(html=safe, text=plain)

    async def close(self) -> None:
        """Ends the worker."""
        await self._pool.close()

    async def _clean_alone(self, description: str) -> tuple[str, str] | str:
        async with self._pool.alone() as worker:
            try:
                return await worker.run(clean_in_worker, description, size=len(description))
            except TaskFailed:
                return _BREAKS


def clean_in_worker(description: str) -> tuple[str, str] | str:
    """The safe HTML and the text drawn from it; or what is wrong with the description."""
    try:
        clean = clean_description(description, "")
    except FieldInvalid as error:
        return error.violations[0].description
    return clean.html, clean.text


def _paragraphs(plain: str) -> str:
    blocks = [block.strip() for block in plain.replace("\r\n", "\n").split("\n\n")]
    if len(blocks) == 1 and "\n" not in blocks[0]:
        return blocks[0]
    return "".join(
        f"<p>{html.escape(block, quote=False).replace(chr(10), '<br>')}</p>"
        for block in blocks
        if block
    )
