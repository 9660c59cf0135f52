"""Normalized jobs, and the results of a normalizer.

A normalizer returns `Normalized` (the job and warnings) or `Rejected` (reasons by field). A
rejected record keeps its external id where that is readable: the record was seen, so its job isn't
missing.

Values that are created for every record are named tuples, the cheapest immutable type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

VERSION = 3
"""Version of the mapping rules. Equal raw hashes mean "unchanged" only within one version."""


class Provider(StrEnum):
    """Applicant tracking systems."""

    WORKDAY = "WORKDAY"
    GREENHOUSE = "GREENHOUSE"
    LEVER = "LEVER"
    ASHBY = "ASHBY"
    ICIMS = "ICIMS"
    CUSTOM = "CUSTOM"


class WorkdayIdentity(StrEnum):
    """Which of Workday's two ids identifies a role: the requisition's, or the posting's."""

    REQUISITION = "REQUISITION"
    POSTING = "POSTING"


class OfferStatus(StrEnum):
    """Whether the client offers the role. UNKNOWN keeps the stored state."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    UNLISTED = "UNLISTED"
    DRAFT = "DRAFT"
    UNKNOWN = "UNKNOWN"


class Employment(StrEnum):
    """Employment type: the kind of contract, or the hours where no kind is stated."""

    FULL_TIME = "FULL_TIME"
    PART_TIME = "PART_TIME"
    CONTRACT = "CONTRACT"
    TEMPORARY = "TEMPORARY"
    INTERN = "INTERN"


class Workplace(StrEnum):
    """Workplace type. "Not stated" is None, never ONSITE."""

    ONSITE = "ONSITE"
    HYBRID = "HYBRID"
    REMOTE = "REMOTE"


class Interval(StrEnum):
    """Pay period of an amount."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    BIWEEK = "BIWEEK"
    SEMIMONTH = "SEMIMONTH"
    MONTH = "MONTH"
    YEAR = "YEAR"
    ONE_TIME = "ONE_TIME"


class PaySource(StrEnum):
    """Source of the amounts, the best first."""

    FIELD = "FIELD"
    MARKUP = "MARKUP"
    TAG = "TAG"
    PROSE = "PROSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """One range of pay, as stated: never annualized, either end may be absent.

    Amounts are minor units of `currency` by ISO 4217; without a currency, hundredths.
    `suggested_interval` is a guess from the size of the amounts, given only when `interval` is
    None.
    """

    min_minor: int | None = None
    max_minor: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    suggested_interval: Interval | None = None
    label: str | None = None
    source: PaySource


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One location. `raw` is the provider's text; the rest is only what that text makes certain.

    `country` is ISO 3166-1 alpha-2, `region` is as the provider writes it (code or name).
    """

    raw: str
    city: str | None = None
    region: str | None = None
    country: str | None = None
    postal: str | None = None
    lat: float | None = None
    lng: float | None = None
    remote: bool = False


class NormalizedJob(NamedTuple):
    """A role as its client states it, in one shape for every provider.

    - Texts are "" or None when the record has none; `title` is never empty.
    - `published_at` is a plain date where the provider gives no time of day; times are UTC.
    - `omitted` names fields that this form of the record cannot carry (a list without
      descriptions, say): they are unknown, not cleared.
    - `boards` is every board or tenant name the record itself gives away, for the check that it
      belongs to the integration; empty when it gives none.
    - `alias` is the id that another form of the same record goes by, where this one gives it away.
    """

    external_job_id: str
    title: str
    description_html: str = ""
    description_text: str = ""
    requirements: tuple[str, ...] = ()
    employment_type: Employment | None = None
    workplace_type: Workplace | None = None
    locations: tuple[Place, ...] = ()
    pay: tuple[Pay, ...] = ()
    apply_url: str | None = None
    canonical_url: str | None = None
    status: OfferStatus = OfferStatus.UNKNOWN
    listed: bool = True
    requisition_id: str | None = None
    department: str | None = None
    team: str | None = None
    language: str | None = None
    published_at: datetime | date | None = None
    updated_at: datetime | None = None
    valid_through: datetime | date | None = None
    prospect: bool = False
    omitted: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    alias: str | None = None


class WarningCode(StrEnum):
    """Codes of warnings on accepted records. The list may grow."""

    BIDI_CONTROLS_REMOVED = "BIDI_CONTROLS_REMOVED"
    """A line held controls that reorder its letters."""
    CONTROL_CHARACTERS_REMOVED = "CONTROL_CHARACTERS_REMOVED"
    """A line held control characters or unpaired surrogates."""
    COORDINATES_INVALID = "COORDINATES_INVALID"
    """Latitude or longitude is no number in its range: left out."""
    COUNTRY_UNKNOWN = "COUNTRY_UNKNOWN"
    """A country's name or code is not of ISO 3166-1, or means several places: left out."""
    CURRENCY_INFERRED = "CURRENCY_INFERRED"
    """No currency is stated, or a sign of several: the one of the role's country."""
    CURRENCY_UNKNOWN = "CURRENCY_UNKNOWN"
    """No currency can be told: the amounts are hundredths."""
    EMAIL_REMOVED = "EMAIL_REMOVED"
    """An e-mail address stood in a text."""
    EMPLOYMENT_TYPE_UNKNOWN = "EMPLOYMENT_TYPE_UNKNOWN"
    """The words for the employment type are unknown, or a choice."""
    EXPIRED = "EXPIRED"
    """The posting's own closing time is over: it counts as closed."""
    ID_FROM_URL = "ID_FROM_URL"
    """The id could be read from a link only."""
    LOCATION_CONFLICT = "LOCATION_CONFLICT"
    """A place's text, its address and its stated country don't agree.

    A stated country counts; beside an address elsewhere the name counts, without a country.
    """
    LOCATION_INCOMPLETE = "LOCATION_INCOMPLETE"
    """There are more places than the record names, or it says only how many."""
    NOT_CARRIED = "NOT_CARRIED"
    """This form of record should have the member and hasn't: what it would say stays as it is."""
    PAY_AMBIGUOUS = "PAY_AMBIGUOUS"
    """Several figures could be the pay, and nothing tells them apart: none is taken."""
    PAY_AMOUNT_INVALID = "PAY_AMOUNT_INVALID"
    """An amount is no number, negative, or too large: left out."""
    PAY_FIELDS_ASSUMED = "PAY_FIELDS_ASSUMED"
    """Fields of the customer's own were taken for the pay."""
    PAY_FROM_TEXT = "PAY_FROM_TEXT"
    """Pay was read from a tag or from the description."""
    PAY_INTERVAL_IMPLAUSIBLE = "PAY_INTERVAL_IMPLAUSIBLE"
    """The stated period can't be meant for such amounts in their currency: unknown."""
    PAY_INTERVAL_UNKNOWN = "PAY_INTERVAL_UNKNOWN"
    """No period is stated: the amounts are kept."""
    PAY_MIN_OVER_MAX = "PAY_MIN_OVER_MAX"
    """The ends were the wrong way round: put in order, the period unknown."""
    PAY_NOT_BASE = "PAY_NOT_BASE"
    """A range's own label says that it is no base pay (on-target earnings, a bonus): left out."""
    PAY_QUALIFIED = "PAY_QUALIFIED"
    """The amounts aren't gross pay for a period: the label says it (net, per mile)."""
    PAY_ROUNDED = "PAY_ROUNDED"
    """An amount had more decimals than its currency."""
    PAY_ZERO_IGNORED = "PAY_ZERO_IGNORED"
    """An amount of zero is not disclosed, not unpaid."""
    PROSPECT_POST = "PROSPECT_POST"
    """The post collects prospects: there is no role behind it."""
    SEVERAL_POSTS = "SEVERAL_POSTS"
    """The role has several live posts that differ: the first published one counts."""
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    """The status text is unknown: the role keeps the status it has."""
    TIME_INVALID = "TIME_INVALID"
    """A time can't be read: left out."""
    TIME_WITHOUT_ZONE = "TIME_WITHOUT_ZONE"
    """A time has no offset: taken as UTC."""
    TRUNCATED = "TRUNCATED"
    """A line or a list was longer than it may be: cut."""
    URL_INVALID = "URL_INVALID"
    """A link is not https, absolute, public and without credentials: left out."""
    URL_NAMES_ANOTHER_JOB = "URL_NAMES_ANOTHER_JOB"
    """The record's link names another job of its provider."""
    WORKPLACE_TYPE_MIXED = "WORKPLACE_TYPE_MIXED"
    """Some places are remote, others are not: the workplace type is unknown."""
    WORKPLACE_TYPE_UNKNOWN = "WORKPLACE_TYPE_UNKNOWN"
    """The words for the workplace type are unknown."""


class RejectionReason(StrEnum):
    """Codes of rejections."""

    REQUIRED = "REQUIRED"
    """The member is missing or blank."""
    WRONG_TYPE = "WRONG_TYPE"
    """Another kind of value is due: an object, a list, a text, a boolean."""
    WRONG_PROVIDER = "WRONG_PROVIDER"
    """The record is another provider's. Its id doesn't count as seen."""
    INVALID_ID = "INVALID_ID"
    """The id is empty, too long, or holds what can't be seen."""
    TOO_LARGE = "TOO_LARGE"
    """The description is larger than a mebibyte."""
    MARKUP_TOO_COMPLEX = "MARKUP_TOO_COMPLEX"
    """A text's HTML would make a parser build far more than it says: close each element."""
    FIELD_MAP_REQUIRED = "FIELD_MAP_REQUIRED"
    """The members are the client's own: the integration needs a field map."""
    RECORD_UNREADABLE = "RECORD_UNREADABLE"
    """Reading the record took more memory or time than any record may."""
    NOT_A_ROLE = "NOT_A_ROLE"
    """The record is a template of jobs."""
    UNKNOWN_FORM = "UNKNOWN_FORM"
    """The record is of a form that holds no job."""


class SyncWarning(StrEnum):
    """Codes of warnings that come of a record's place in a sync, not of what it says."""

    CLEAR_DEFERRED = "CLEAR_DEFERRED"
    """The record lacks a field that its role has: the role keeps it until the run completes."""
    DUPLICATE = "DUPLICATE"
    """Another record of the batch has the same id and the same content: it counts once."""
    DUPLICATE_IN_RUN = "DUPLICATE_IN_RUN"
    """An earlier batch of the run held the role with other content: the later one counts."""
    HELD_LOCALLY = "HELD_LOCALLY"
    """The role is held back here and stays closed."""
    NOT_APPLYABLE = "NOT_APPLYABLE"
    """Nobody can apply: the record has no link, and nothing forwards applications."""
    TIME_IN_FUTURE = "TIME_IN_FUTURE"
    """The provider's time of change is in the future: taken as now."""


class SyncRejection(StrEnum):
    """Codes of rejections that come of a record's place in a sync, not of what it says."""

    BOARD_MISMATCH = "BOARD_MISMATCH"
    """The record's own links name another board or tenant than the integration's."""
    DUPLICATE_ID = "DUPLICATE_ID"
    """Records of the batch have one id and different content: all of them are refused."""
    EMPLOYER_MISMATCH = "EMPLOYER_MISMATCH"
    """The role belongs to another employer of the integration."""
    MIRROR_OF_ANOTHER_FORM = "MIRROR_OF_ANOTHER_FORM"
    """The role is mirrored from another form of record, under another id: send one form."""
    MIRROR_OF_ANOTHER_INTEGRATION = "MIRROR_OF_ANOTHER_INTEGRATION"
    """Another integration keeps the role's mirror."""


@dataclass(frozen=True, slots=True)
class Note:
    """One warning about a record, or one reason for which it was rejected.

    `code` is a WarningCode, a RejectionReason or a code of the sync. `field` is a path in the
    record; "" stands for the whole record.
    """

    code: str
    field: str
    message: str


class Normalized(NamedTuple):
    """Result of a readable record."""

    job: NormalizedJob
    warnings: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Result of an unreadable record. With an `external_job_id` it counts as seen."""

    external_job_id: str | None
    rejections: tuple[Note, ...]
    warnings: tuple[Note, ...] = ()


Result: TypeAlias = Normalized | Rejected
