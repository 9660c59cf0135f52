"""Fingerprints of records: they show that a record is unchanged without normalizing it.

A fingerprint is the raw hash of a record and the ids of the mirrors that it may belong to. The *raw
hash* is SHA-256 over the canonical JSON of the provider's record: sorted members, no spaces, whole
numbers as integers, so that 42.0 and 42 give the same hash.

The hash leaves out two kinds of members. Volatile ones change on every read. Personal ones are
dropped before the server hashes or stores anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from xaigh_server.ats.mirror_ids import exact_integer, external_id, mirror_id
from xaigh_server.ats.providers.record import Provider
from xaigh_server.ats.providers.text.vocabulary import words
from xaigh_server.ats.records import plain
from xaigh_server.text.sanitize import without_emails

CACHED_FINGERPRINTS = 60_000
"""Fingerprints that a worker process keeps; one takes some 500 bytes."""

_ID_MEMBERS = (
    "id",
    "externalJobId",
    "external_job_id",
    "jobReqId",
    "slug",
    "req_id",
    "jobid",
    "identifier",
)
_INNER = ("data", "jobPostingInfo", "job")
_NOTHING: frozenset[str] = frozenset()
VOLATILE: dict[Provider, frozenset[str]] = {
    Provider.GREENHOUSE: words(
        "data_compliance questions demographic_questions location_questions compliance"
        " ai_disclaimer include_ai_disclaimer ai_opt_out_request_url"
    ),
    Provider.WORKDAY: words(
        "postedOn similarJobs userAuthenticated questionnaireId secondaryQuestionnaireId"
        " includeResumeParsing facets"
    ),
    Provider.ICIMS: words(
        "opensearch elasticsearch mongo openingjobs googlejobs questionservice import_id last_mod"
        " date_updated revision_int ats_job_hash config_keys hit_score"
    ),
    Provider.CUSTOM: frozenset({"lastBuildDate", "lastactivitydate"}),
}
"""Members, at any depth, whose change alone says nothing about the job.

The provider's time of change isn't among them: the order of two versions hangs on it.
"""

_PERSON_WORDS = (
    "hiring manager|hiring managers|recruiter|recruiters|primary recruiter|recruiting coordinator"
    "|creator|created by|updated by|last updated by|author|owner|posting owner|requisition owner"
    "|coordinator|coordinators|sourcer|sourcers|hiring team|followers|interviewers|interviewer"
    "|contact|contacts|contact name|contact email|contact person|application contact|email|emails"
    "|e mail|email address|phone|phone number|telephone|fax number|manager name|supervisor"
    "|supervisor name|user|users|first name|last name|full name|assigned to|approver|approvers"
)


def _spellings(words: str) -> set[str]:
    """One name in the ways that systems write it: hiring_manager, hiringManager, Hiring Manager."""
    parts = words.split(" ")
    titled = [part.capitalize() for part in parts]
    camel = parts[0] + "".join(titled[1:])
    return {
        *("".join(parts), "_".join(parts), "-".join(parts), " ".join(parts), camel),
        *("".join(titled), "_".join(titled), " ".join(titled), "_".join(parts).upper()),
    }


PERSONAL = frozenset(name for words in _PERSON_WORDS.split("|") for name in _spellings(words))
"""Members that hold people, in every provider's spelling, at any depth."""

_UNHASHED = {provider: VOLATILE.get(provider, _NOTHING) | PERSONAL for provider in Provider}
# `tools/codegen/raw_hash.py` publishes these lists, for everybody who computes the hash again.
LABELS = ("name", "fieldLabel", "label")
VALUES = frozenset({"value", "valueLabel", "values"})
PERSON_LABEL = words(
    "manager managers recruiter recruiters sourcer coordinator interviewer contact email e-mail"
    " phone telephone supervisor"
)
DEPTH = 40
"""How deep objects and lists are hashed; what lies deeper counts as null."""
_PLAIN = frozenset({str, int, bool, type(None)})


class Fingerprint(NamedTuple):
    """A record's raw hash, and the ids of the mirrors that it may belong to.

    `breaks` is the reason, for the client, why the record can't be normalized; empty if it can.
    """

    raw_hash: str
    job_ids: Sequence[str]
    breaks: str = ""


class Fingerprinter:
    """Makes the fingerprints of records of one provider, for one organization."""

    def __init__(self, organization_id: str, provider: str) -> None:
        self.scope = f"{organization_id}/{provider}/".encode()
        """Within what the text of a record alone decides its fingerprint."""
        self._organization_id = organization_id
        self._provider = Provider(provider)
        self._job_ids: dict[str, str] = {}

    def of(self, record: Any, text: bytes | None = None) -> Fingerprint:
        """The fingerprint of a record. `text` is its canonical text, if the caller has it."""
        job_ids = [self.job_id(found) for found in likely_ids(record)]
        return Fingerprint(raw_hash(self._provider, record, text), job_ids)

    def job_id(self, external: str) -> str:
        """The id of the mirror of an external id."""
        found = self._job_ids.get(external)
        if found is None:
            found = mirror_id(self._organization_id, self._provider, external)
            self._job_ids[external] = found
        return found


class FingerprintCache:
    """The last fingerprints of canonical texts, in two halves: the older goes as a whole.

    A feed repeats most of its records from one run to the next, byte for byte. A hit doesn't renew
    an entry: a feed longer than a half, and asked for in turn, would evict itself. For one thread.
    """

    def __init__(self, most: int = CACHED_FINGERPRINTS) -> None:
        self._half = most // 2
        self._newer: dict[bytes, Fingerprint] = {}
        self._older: dict[bytes, Fingerprint] = {}

    def of(self, fingerprinter: Fingerprinter, text: bytes) -> Fingerprint:
        """The fingerprint of a canonical text, which is parsed only where it is new."""
        key = b"%b%b" % (fingerprinter.scope, hashlib.sha256(text).digest())
        found = self._newer.get(key) or self._older.get(key)
        if found is None:
            found = fingerprinter.of(plain(text), text)
            if len(self._newer) >= self._half:
                self._older, self._newer = self._newer, {}
            self._newer[key] = found
        return found


def likely_ids(payload: Any) -> list[str]:
    """The external ids that a record may have, by the names of its members; likeliest first."""
    if not isinstance(payload, dict):
        return []
    holders = [payload, *(payload[name] for name in _INNER if name in payload)]
    return [
        found
        for holder in holders
        if isinstance(holder, dict)
        for name in _ID_MEMBERS
        if name in holder and (found := external_id(holder[name])) is not None
    ]


def raw_hash(provider: Provider, payload: object, text: bytes | None = None) -> str:
    """SHA-256, in hex, of a record without volatile members and personal data.

    `text` is the canonical JSON of the whole payload, if the caller has it; it is hashed as it is
    if no member has to be removed. Never raises: a payload that isn't an object, or holds what JSON
    can't, has a hash too.
    """
    kept = _kept(payload, _UNHASHED[provider], 0)
    if text is not None and kept is payload:
        written = text
    else:
        try:
            written = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
        except (TypeError, ValueError, RecursionError):
            written = _written_slowly(kept)
    if b"@" in written:
        without = without_emails(written.decode("utf-8", "replace"))
        written = without.encode("utf-8", "replace")
    return hashlib.sha256(written).hexdigest()


def without_personal(payload: object) -> object:
    """A copy of the payload without the members that hold people."""
    return _kept(payload, PERSONAL, 0)


def _kept(value: object, dropped: frozenset[str], depth: int) -> object:
    """The value without the dropped members; the very same object where nothing had to go."""
    if depth <= DEPTH:
        if type(value) is dict:
            return _kept_members(value, dropped, depth + 1)
        if type(value) is list:
            return _kept_items(value, dropped, depth + 1)
    return _kept_of_rare(value, dropped, depth)


def _kept_of_rare(value: object, dropped: frozenset[str], depth: int) -> object:
    """The same for what isn't exactly an object or a list, and for what lies too deep."""
    if isinstance(value, float):
        whole = exact_integer(value)
        return value if whole is None else whole
    if depth > DEPTH:
        return None
    if isinstance(value, Mapping):
        return _kept_members(value, dropped, depth + 1)
    if isinstance(value, list | tuple):
        return _kept_items(value, dropped, depth + 1)
    return value if type(value) in _PLAIN else str(type(value))


def _kept_items(items: Sequence[object], dropped: frozenset[str], depth: int) -> Sequence[object]:
    kept: list[object] | None = None
    for at, item in enumerate(items):
        if type(item) not in _PLAIN:
            new = _kept(item, dropped, depth)
            if new is not item:
                kept = kept or list(items)
                kept[at] = new
    return kept or items


def _kept_members(
    members: Mapping[str, object], dropped: frozenset[str], depth: int
) -> Mapping[str, object]:
    kept = members
    if not dropped.isdisjoint(members):
        kept = {name: value for name, value in members.items() if name not in dropped}
    if ("value" in kept or "valueLabel" in kept or "values" in kept) and _labels_a_person(kept):
        kept = {name: value for name, value in kept.items() if name not in VALUES}
    changed = {}
    for name, value in kept.items():
        if type(value) not in _PLAIN:
            new = _kept(value, dropped, depth)
            if new is not value:
                changed[name] = new
    return {**kept, **changed} if changed else kept


def _labels_a_person(members: Mapping[str, object]) -> bool:
    """Whether it is a custom field, {name, value}, whose name says that a person is its value."""
    for key in LABELS:
        label = members.get(key)
        if type(label) is str and not PERSON_LABEL.isdisjoint(label.casefold().split()):
            return True
    return False


def _written_slowly(value: object) -> bytes:
    """For what the fast writer refuses: integers past 64 bits and unpaired surrogates."""
    text = json.dumps(_with_text_names(value), sort_keys=True, separators=(",", ":"), default=str)
    return text.encode("utf-8", "surrogatepass")


def _with_text_names(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _with_text_names(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_text_names(item) for item in value]
    return value
