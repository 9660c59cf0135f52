"""Sender of applications to Greenhouse's job board API, with the client's own API key.

The API answers 200 once it has an application, and names no id. It doesn't check that required
questions are answered, so answers are matched to questions by their words; what matches none goes
into the cover letter.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from xaigh.applications.v1.application_pb2 import ApplicationContent
from xaigh_client.cli.boards.board_http import BoardHttp, check_url
from xaigh_client.cli.boards.greenhouse import API
from xaigh_client.cli.boards.model import BoardUnreadable

_SECONDS = 60.0
_TEXT = ("input_text", "textarea")
_CHOICE = "multi_value_single_select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of an application: an outcome of ReportApplication, and the HTTP status."""

    outcome: str
    status: int = 0
    why: str = ""


class GreenhouseApplications:
    """Posts applications to one Greenhouse account, each once."""

    def __init__(self, api_key: str, *, url: str = "", http: BoardHttp | None = None) -> None:
        """`url` is the base of the API, empty for Greenhouse's own."""
        self._base = (url or API).rstrip("/")
        check_url(self._base)
        token = base64.b64encode(f"{api_key}:".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "xaigh-agent",
        }
        self._http = http or BoardHttp()

    def send(self, board: str, job_id: str, content: ApplicationContent) -> Sent:
        """Posts an application. Until the request begins a failure is NOT_SENT, then UNCERTAIN."""
        path = f"/v1/boards/{quote(board, safe='')}/jobs/{quote(job_id, safe='')}"
        try:
            form = _form(content, self._questions(path))
        except BoardUnreadable as unreadable:
            return Sent(outcome="NOT_SENT", why=f"the job's questions can't be read: {unreadable}")
        return self._post(path, json.dumps(form).encode())

    def _questions(self, path: str) -> list[Any]:
        job = self._http.get(f"{self._base}{path}?questions=true")
        found = job.get("questions") if isinstance(job, Mapping) else None
        return found if isinstance(found, list) else []

    def _post(self, path: str, body: bytes) -> Sent:
        connection = self._connection()
        try:
            try:
                connection.connect()
            except OSError as failed:
                return Sent(outcome="NOT_SENT", why=str(failed))
            try:
                prefix = urlsplit(self._base).path
                connection.request("POST", f"{prefix}{path}", body, self._headers)
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException) as failed:
                return Sent(outcome="UNCERTAIN", why=str(failed) or type(failed).__name__)
        finally:
            connection.close()
        return Sent(outcome=_outcome(status), status=status)

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._base)
        assert parts.hostname is not None  # check_url asks for one
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=_SECONDS)
        return http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=_SECONDS, context=ssl.create_default_context()
        )


def _outcome(status: int) -> str:
    if 200 <= status < 300:
        return "FORWARDED"
    return "REFUSED" if 300 <= status < 500 else "UNCERTAIN"


def _form(content: ApplicationContent, questions: list[Any]) -> dict[str, Any]:
    """The body of a submission."""
    form: dict[str, Any] = {
        "first_name": content.given_name,
        "last_name": content.family_name,
        "email": content.email,
    }
    if content.phone:
        form["phone"] = content.phone
    if content.HasField("resume"):
        form["resume_content"] = base64.b64encode(content.resume.content).decode()
        form["resume_content_filename"] = content.resume.file_name
    letter = []
    by_words = {_words(each.get("label")): each for each in questions if isinstance(each, Mapping)}
    for each in content.answers:
        found = _answer(by_words.get(_words(each.question)), each.answer)
        form.update(found)
        if not found and each.answer:
            letter.append(f"{each.question}\n{each.answer}")
    if letter:
        form["cover_letter_text"] = "\n\n".join(letter)
    return form


def _answer(question: Mapping[str, Any] | None, answer: str) -> dict[str, Any]:
    """The member of an answer; empty where the question takes no text, or not this one."""
    fields = question.get("fields") if question else None
    for field in fields if isinstance(fields, list) else ():
        name, kind = field.get("name"), field.get("type")
        if not isinstance(name, str) or not name.startswith("question_"):
            continue
        if kind in _TEXT:
            return {name: answer}
        if kind == _CHOICE:
            for value in field.get("values") or ():
                if _words(value.get("label")) == _words(answer):
                    return {name: value.get("value")}
    return {}


def _words(text: Any) -> str:
    """A question or an answer without the differences that mean nothing."""
    return " ".join(str(text or "").split()).casefold().rstrip("*?: ")
