"""Form of an access request: its options, its questions, and its JSON.

One table names every field with its option and its question; submitting and amending share it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from xaigh.options.v1 import options_pb2
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.questions import Question, listed
from xaigh_client.cli.session import Session
from xaigh_client.types import SubmitAccessRequestRequest

_INTEGRATOR = options_pb2.ScopeSpec.INTEGRATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the form by its JSON name, with its option and its question."""

    name: str
    option: str
    asks: str
    hints: tuple[str, ...] = ()
    many: bool = False
    required: bool = False


def catalogue() -> dict[str, str]:
    """The scopes that an integrator can ask for, each with what it allows.

    Scopes of products that live elsewhere are settings of a server, and aren't among them.
    """
    specs = (
        value.GetOptions().Extensions[options_pb2.scope_spec]
        for value in options_pb2.Scope.DESCRIPTOR.values
    )
    return {spec.name: spec.summary for spec in specs if spec.audience == _INTEGRATOR}


FIELDS = (
    Field(name="companyName", option="company", asks="Company", required=True),
    Field(name="contactName", option="contact", asks="Your name", required=True),
    Field(name="contactEmail", option="email", asks="Your address at the company", required=True),
    Field(
        name="useCase",
        option="use-case",
        asks="What is the access for?",
        hints=("Which product or system calls, what it does, and for whom.",),
        required=True,
    ),
    Field(
        name="requestedScopes",
        option="scope",
        asks="Scopes, with commas",
        hints=tuple(f"{name:17} {summary}" for name, summary in catalogue().items()),
        many=True,
        required=True,
    ),
    Field(
        name="monthlyVolumeEstimate",
        option="monthly-volume",
        asks="Calls a month, as a guess",
        hints=("It caps nothing.",),
        required=True,
    ),
    Field(
        name="callbackUrl",
        option="callback",
        asks="Address for events",
        hints=("https, on a public address.",),
        required=True,
    ),
    Field(
        name="failureMode",
        option="failure-mode",
        asks="What must operators cover when your integration fails?",
        hints=("Production needs it.",),
    ),
    Field(
        name="dataClasses",
        option="data-class",
        asks="Kinds of data that it touches, with commas",
        many=True,
    ),
    Field(
        name="environments",
        option="environment",
        asks="sandbox, production, or both",
        hints=("Nothing: both.",),
        many=True,
    ),
    Field(
        name="keyTypes",
        option="key-type",
        asks="Key types: sk for servers, pk for browsers",
        hints=("Nothing: sk.",),
        many=True,
    ),
    Field(
        name="employerUserIds",
        option="employer",
        asks="Employers that you speak for, by id, with commas",
        many=True,
    ),
    Field(
        name="sandboxCallbackUrl",
        option="sandbox-callback",
        asks="Another address for events of the sandbox",
    ),
)
OPTION_NAMES = {
    "form": "the form",
    "sealTo": "--seal-with",
    **{field.name: f"--{field.option}" for field in FIELDS},
}
"""For errors: the option by the field that the server names."""


def questions() -> list[Question]:
    """The questions of the form, in its order."""
    return [
        Question(
            name=field.option,
            asks=field.asks,
            hints=field.hints,
            required=field.required,
            problem=_volume if field.name == "monthlyVolumeEstimate" else lambda text: "",
        )
        for field in FIELDS
    ]


def answers(members: Mapping[str, Any]) -> dict[str, str]:
    """The answers that a form in JSON gives, by the names of the options."""
    return {
        field.option: ", ".join(value) if isinstance(value, list) else str(value)
        for field in FIELDS
        if (value := members.get(field.name))
    }


def members(given: Mapping[str, str]) -> dict[str, Any]:
    """The form in JSON, from answers. Raises UsageProblem for a volume that is no number."""
    return dict(_members(given))


def read(session: Session, file: str) -> dict[str, Any]:
    """Reads a form from a file of JSON, stdin for `-`. Raises UsageProblem."""
    text = session.stdin.read() if file == "-" else Path(file).read_text()
    try:
        found = json.loads(text)
        message(found)
    except (json.JSONDecodeError, AttributeError) as error:
        raise UsageProblem(f"{file} holds no form in JSON: {error}") from None
    return dict(found)


def message(form: Mapping[str, Any]) -> SubmitAccessRequestRequest:
    """The request that a form in JSON is. Raises UsageProblem for a member that is none."""
    try:
        return json_format.ParseDict(dict(form), SubmitAccessRequestRequest())
    except json_format.ParseError as error:
        raise UsageProblem(f"this is no access request: {error}") from None


def _members(given: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for field in FIELDS:
        text = given.get(field.option, "")
        if not text:
            continue
        if field.name == "dataClasses":
            yield field.name, [part.strip() for part in text.split(",") if part.strip()]
        elif field.many:
            yield field.name, listed(text)
        elif field.name == "monthlyVolumeEstimate":
            if wrong := _volume(text):
                raise UsageProblem(f"--monthly-volume: {wrong}")
            yield field.name, int(text.replace(",", ""))
        else:
            yield field.name, text


def _volume(text: str) -> str:
    return "" if text.replace(",", "").isdecimal() else "Give a whole number, as 25000."
