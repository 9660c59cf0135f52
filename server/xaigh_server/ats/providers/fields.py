"""Typed reader of a record's members, and the notes (warnings, rejections) that it collects.

An absent or null member is None. A member of the wrong type rejects the record, since the payload
has another form than expected. An unreadable *value* of the right type is a warning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from xaigh_server.ats.mirror_ids import external_id
from xaigh_server.ats.providers.record import (
    Normalized,
    NormalizedJob,
    Note,
    Rejected,
    RejectionReason,
    Result,
    WarningCode,
)
from xaigh_server.text import sanitize as texts

MAX_NOTES = 50
MAX_PAYS = 50
MAX_LOCATIONS = 200


class Notes:
    """Collects warnings and rejections: at most 50 of each, once per field and code."""

    __slots__ = ("external_job_id", "rejections", "warnings")

    def __init__(self) -> None:
        self.warnings: list[Note] = []
        self.rejections: list[Note] = []
        self.external_job_id: str | None = None

    def warn(self, code: WarningCode, field: str, message: str) -> None:
        if len(self.warnings) < MAX_NOTES and not self._has_warned(code, field):
            self.warnings.append(Note(code, field, message))

    def _has_warned(self, code: WarningCode, field: str) -> bool:
        return any(known.code == code and known.field == field for known in self.warnings)

    def reject(self, field: str, reason: RejectionReason, message: str) -> None:
        rejection = Note(reason, field, message)
        if len(self.rejections) < MAX_NOTES and rejection not in self.rejections:
            self.rejections.append(rejection)

    def result(self, job: NormalizedJob) -> Result:
        """Returns the job with its warnings, or the rejection if there is any."""
        if self.rejections:
            return self.rejected()
        if len(job.pay) > MAX_PAYS or len(job.locations) > MAX_LOCATIONS:
            job = self._shortened(job)
        return Normalized(job=job, warnings=tuple(self.warnings))

    def _shortened(self, job: NormalizedJob) -> NormalizedJob:
        message = f"At most {MAX_PAYS} ranges of pay and {MAX_LOCATIONS} places are kept."
        self.warn(WarningCode.TRUNCATED, "", message)
        return job._replace(pay=job.pay[:MAX_PAYS], locations=job.locations[:MAX_LOCATIONS])

    def rejected(self) -> Rejected:
        return Rejected(
            external_job_id=self.external_job_id,
            rejections=tuple(self.rejections),
            warnings=tuple(self.warnings),
        )


Object: TypeAlias = Mapping[str, object]
_EMPTY: Object = {}
OBJECTS = (dict, Mapping)
"""dict comes first: isinstance with an abstract class takes ten times as long."""
_LISTS = (list, tuple)
_NAMES = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


class Fields:
    """One object of a payload. `at` is its path; "" is the top."""

    __slots__ = ("at", "notes", "payload")

    def __init__(self, payload: Object, notes: Notes, at: str = "") -> None:
        self.payload = payload
        self.notes = notes
        self.at = at

    def path(self, key: str) -> str:
        return f"{self.at}.{key}" if self.at else key

    def wrong(self, key: str, due: str, value: object) -> None:
        found = _NAMES.get(type(value), "something else")
        self.notes.reject(
            self.path(key), RejectionReason.WRONG_TYPE, f"Expected {due}, found {found}."
        )

    def line(self, key: str, limit: int = texts.MAX_LINE) -> str | None:
        """Returns a member as one line; numbers become text. None when absent or blank."""
        value = self.payload.get(key)
        if value is None or value == "":
            return None
        if type(value) is not str:
            return self._number_as_line(key, value)
        if value.isprintable() and len(value) <= limit and not ("  " in value or "@" in value):
            return value.strip() or None
        return self.clean_line(value, key, limit)

    def clean_line(self, value: str, key: str, limit: int = texts.MAX_LINE) -> str | None:
        clean, controls, bidi = texts.line(value)
        if "@" in clean:
            clean = self._without_emails(clean, key)
        if controls or bidi or len(clean) > limit:
            clean = self._mend(clean, key, limit, controls=controls, bidi=bidi)
        return None if texts.is_blank(clean) else clean

    def _without_emails(self, clean: str, key: str) -> str:
        kept = texts.without_emails(clean)
        if kept != clean:
            message = "E-mail addresses were taken out."
            self.notes.warn(WarningCode.EMAIL_REMOVED, self.path(key), message)
        return kept

    def _mend(self, clean: str, key: str, limit: int, *, controls: bool, bidi: bool) -> str:
        warn, path = self.notes.warn, self.path(key)
        if controls:
            warn(
                WarningCode.CONTROL_CHARACTERS_REMOVED,
                path,
                "Control or unpaired characters were taken out.",
            )
        if bidi:
            warn(
                WarningCode.BIDI_CONTROLS_REMOVED,
                path,
                "Controls that reorder the text were taken out.",
            )
        if len(clean) > limit:
            warn(WarningCode.TRUNCATED, path, f"Cut to {limit} characters.")
        return clean[:limit]

    def _number_as_line(self, key: str, value: object) -> str | None:
        written = external_id(value)
        if written is None:
            self.wrong(key, "a string", value)
        return written

    def child(self, key: str) -> Fields:
        """Returns a nested object; an empty one when absent or of the wrong type."""
        value = self.payload.get(key)
        if value is None:
            value = _EMPTY
        elif not isinstance(value, OBJECTS):
            self.wrong(key, "an object", value)
            value = _EMPTY
        return Fields(value, self.notes, self.path(key))

    def items(self, key: str) -> Sequence[object]:
        """Returns a list; an empty one when absent or of the wrong type."""
        value = self.payload.get(key)
        if value is None:
            return ()
        if isinstance(value, _LISTS):
            return value
        self.wrong(key, "a list", value)
        return ()

    def children(self, key: str) -> list[Fields]:
        """Returns a list of objects, each with its path; a null entry is nothing."""
        found = []
        for index, value in enumerate(self.items(key)):
            if isinstance(value, OBJECTS):
                found.append(Fields(value, self.notes, f"{self.path(key)}[{index}]"))
            elif value is not None:
                self.wrong(f"{key}[{index}]", "an object", value)
        return found

    def flag(self, key: str) -> bool | None:
        value = self.payload.get(key)
        if value is None or type(value) is bool:
            return value
        if value in ("true", "false"):
            return value == "true"
        self.wrong(key, "a boolean", value)
        return None

    def markup(self, key: str) -> str:
        """Returns unsanitized HTML; "" when absent or too large."""
        value = self.payload.get(key)
        if value is None or value == "":
            return ""
        if type(value) is not str:
            self.wrong(key, "a string", value)
            return ""
        if len(value) > 2 * texts.MAX_MARKUP:
            message = f"A description has at most {texts.MAX_MARKUP} bytes."
            self.notes.reject(self.path(key), RejectionReason.TOO_LARGE, message)
            return ""
        return value

    def required_title(self, key: str) -> str:
        """Returns the title, or "" after a rejection."""
        title = self.line(key)
        if title is None and self.payload.get(key) in (None, ""):
            self.notes.reject(self.path(key), RejectionReason.REQUIRED, "A title is required.")
        elif title is None and type(self.payload[key]) is str:
            self.notes.reject(self.path(key), RejectionReason.REQUIRED, "The title is blank.")
        return title or ""

    def identity(self, key: str) -> str:
        """Returns the external id, or "" after a rejection, and records it as seen."""
        value = self.payload.get(key)
        found = external_id(value)
        if found is not None:
            self.notes.external_job_id = found
            return found
        if value is None or value == "":
            self.notes.reject(self.path(key), RejectionReason.REQUIRED, "An id is required.")
        else:
            self.notes.reject(
                self.path(key),
                RejectionReason.INVALID_ID,
                "An id is a string or a whole number, of at most 255 visible characters.",
            )
        return ""
