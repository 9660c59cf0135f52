"""Normalizer of Harvest v3: a job together with the resources that belong to it.

Version 3 gives bare ids where version 1 gave objects. So a record wraps the job and the resources
that the client fetched for it: `{job, posts, locations, offices, departments, pay}`. An absent
resource is *not carried*: what it would say stays as it is, and a warning names it. An empty list
is carried, and says that there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.greenhouse import custom_fields
from xaigh_server.ats.providers.greenhouse.harvest import STATUSES, reject_template
from xaigh_server.ats.providers.greenhouse.pay import pay_of_role
from xaigh_server.ats.providers.greenhouse.post_locations import PostLocations
from xaigh_server.ats.providers.greenhouse.shared import departments
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import all_remote, is_prospect_title, link
from xaigh_server.ats.providers.record import (
    NormalizedJob,
    OfferStatus,
    Pay,
    Place,
    Result,
    WarningCode,
    Workplace,
)
from xaigh_server.ats.providers.text import times, urls
from xaigh_server.ats.providers.text.description import describe
from xaigh_server.ats.providers.text.vocabulary import words

_BARE = words("office_ids department_id")
_RESOURCES = words("offices departments")


def is_role(payload: Object) -> bool:
    """Whether a record is a wrapper, or a job of version 3 alone."""
    return isinstance(payload.get("job"), Mapping) or not _BARE.isdisjoint(payload)


def normalize(payload: Object, notes: Notes) -> Result:
    """One role, by the id of its job."""
    holder = Fields(payload, notes)
    job = holder.child("job") if isinstance(payload.get("job"), Mapping) else holder
    embedded = {name: job.payload[name] for name in _RESOURCES if name in job.payload}
    if embedded and job is not holder:  # what a job of version 1 has inside
        holder = Fields({**embedded, **payload}, notes)
    identity = job.identity("id")
    reject_template(job)
    return _Role(holder, job, identity).result()


@dataclass(slots=True)
class _Role:
    """One record under way. `omitted` collects what it doesn't carry."""

    holder: Fields
    job: Fields
    identity: str
    omitted: list[str] = field(default_factory=list)

    def result(self) -> Result:
        job, notes = self.job, self.job.notes
        posts = self._posts()
        offered = [post for post in posts or () if _is_offered(post)]
        main = _first(offered or [post for post in posts or () if post.flag("live")] or posts or ())
        if len({post.line("title") for post in offered}) > 1:
            message = "The live posts have several titles: those of the first published count."
            notes.warn(WarningCode.SEVERAL_POSTS, "posts", message)
        internal_name = job.required_title("name" if "name" in job.payload else "title")
        title = (main.line("title") if main else None) or internal_name
        markup = self._markup(main)
        described = describe(markup, "posts.content", notes)
        where = self._places(offered or ([main] if main else []))
        url = self._link(main)
        department, team = self._departments()
        status = self._status(posts, offered)
        return notes.result(
            NormalizedJob(
                external_job_id=self.identity,
                title=title,
                description_html=described.html,
                description_text=described.text,
                requirements=described.requirements,
                employment_type=self._employment(),
                workplace_type=self._workplace(where),
                locations=where,
                pay=self._pay(offered or ([main] if main else []), markup, described.text, where),
                apply_url=url,
                canonical_url=urls.canonical(url) if url else None,
                status=status,
                listed=status is not OfferStatus.UNLISTED,
                requisition_id=job.line("requisition_id", 255),
                department=department,
                team=team,
                language=main.line("language", 35) if main else None,
                published_at=times.moment(*_published(job, main), notes),
                updated_at=_newest([job, *offered]),
                prospect=is_prospect_title(title, notes),
                omitted=tuple(dict.fromkeys(self.omitted)),
                boards=boards.of_greenhouse(url),
            )
        )

    def _lacks(self, member: str, *fields: str, why: str = "") -> None:
        """Notes that a member which the form could have isn't there, so fields stay as they are."""
        self.omitted += fields
        message = why or f"The record doesn't carry `{member}`: what it would say stays as it is."
        self.job.notes.warn(WarningCode.NOT_CARRIED, member, message)

    def _resource(self, name: str) -> list[Fields] | None:
        """The entries of a resource; None where the record doesn't carry it."""
        return None if self.holder.payload.get(name) is None else self.holder.children(name)

    def _posts(self) -> list[Fields] | None:
        """The posts of this job. An entry without a `job_id` was fetched for it."""
        found = self._resource("posts")
        if found is None:
            self._lacks("posts", "description", "requirements", "apply_url", "canonical_url")
            self.omitted += ("language",)
            return None
        return [post for post in found if _belongs(post, "job_id", {self.identity})]

    def _markup(self, main: Fields | None) -> str:
        if main is None:
            return ""
        if "content" not in main.payload:
            self._lacks("posts.content", "description", "requirements")
        return main.markup("content")

    def _link(self, main: Fields | None) -> str | None:
        if main is None:
            return None
        key = "public_url" if "public_url" in main.payload else "absolute_url"
        if key not in main.payload:
            self._lacks("posts.public_url", "apply_url", "canonical_url")
        return link(main, key)

    def _status(self, posts: Sequence[Fields] | None, offered: Sequence[Fields]) -> OfferStatus:
        """The job's; an open job is listed only where it isn't confidential and has a live post."""
        status = STATUSES.get((self.job.line("status", 40) or "").casefold(), OfferStatus.UNKNOWN)
        if status is OfferStatus.UNKNOWN:
            message = "This status is not known: the role keeps the one it has."
            self.job.notes.warn(WarningCode.STATUS_UNKNOWN, self.job.path("status"), message)
        if status is not OfferStatus.OPEN:
            return status
        hidden = self.job.flag("confidential") is True or (posts is not None and not offered)
        return OfferStatus.UNLISTED if hidden else OfferStatus.OPEN

    def _departments(self) -> tuple[str | None, str | None]:
        """The root of the job's department, and the department itself where it isn't the root."""
        stated = self.job.payload.get("department_id")
        known = self._resource("departments")
        if stated is None and ("department_id" in self.job.payload or known == []):
            return None, None
        if stated is None and known:
            return departments(self.holder)
        by_id = {_key(entry): entry for entry in known or ()}
        leaf = root = by_id.get(str(stated))
        if leaf is None:
            self._lacks("departments", "department", "team")
            return None, None
        for _ in range(20):  # a chain that loops ends, too
            parent = by_id.get(str(root.payload.get("parent_id"))) if root else None
            root = parent or root
        first, last = root.line("name") if root else None, leaf.line("name")
        return first, last if last != first else None

    def _places(self, posts: Sequence[Fields]) -> tuple[Place, ...]:
        """The places of the posts; without those, of the job's offices."""
        offices = self._offices()
        reader = PostLocations(self.holder, offices or [])
        stated = reader.of([_key(post) for post in posts]) if posts else None
        if stated is None:
            stated = reader.named([post.child("location").line("name") for post in posts])
        if stated is None:
            stated = reader.at_offices()
            if offices is not None and posts:
                why = "The posts' locations aren't carried: the offices stand in."
                self.job.notes.warn(WarningCode.NOT_CARRIED, "locations", why)
            elif offices is None:
                self._lacks("locations")
        if not stated and (offices is None or reader.is_incomplete):
            self.omitted.append("locations")
        return stated

    def _offices(self) -> list[Fields] | None:
        """The offices that the job names by id; None where it names some that aren't carried."""
        known = self._resource("offices")
        stated = self.job.payload.get("office_ids")
        ids = [str(each) for each in stated] if isinstance(stated, list) else None
        if known is None:
            if ids:
                self._lacks("offices")
            return [] if ids == [] else None
        if ids is None:
            return known
        found = [office for office in known if _key(office) in ids]
        if len({_key(office) for office in found}) < len(set(ids)):
            self._lacks("offices", why="Some of the job's offices aren't carried.")
            return found or None
        return found

    def _employment(self) -> custom_fields.Employment | None:
        if (
            "custom_fields" not in self.job.payload
            and "keyed_custom_fields" not in self.job.payload
        ):
            self._lacks("custom_fields", "employment_type")
        return custom_fields.employment(self.job)

    def _workplace(self, where: Sequence[Place]) -> Workplace | None:
        """Of a custom field; else remote where every place is, or hybrid where a place says so."""
        found = custom_fields.workplace(self.job)
        if found:
            return found
        stated = {places.workplace_word(place.raw) for place in where}
        if Workplace.REMOTE in stated or any(place.remote for place in where):
            return all_remote(where, "locations", self.job.notes)
        if "locations" in self.omitted:
            self.omitted.append("workplace_type")
        return stated.pop() if len(stated) == 1 else None

    def _pay(
        self, posts: Sequence[Fields], markup: str, text: str, where: Sequence[Place]
    ) -> tuple[Pay, ...]:
        """The posts' ranges; else the job's salary range; else what the description says."""
        ranges = self._resource("pay")
        inside = [post for post in posts if post.payload.get("pay_input_ranges") is not None]
        if ranges is None and inside:
            ranges = [each for post in inside for each in post.children("pay_input_ranges")]
        ids = {_key(post) for post in posts}
        own = [each for each in ranges or () if not ids or _belongs(each, "job_post_id", ids)]
        found = pay_of_role(self.job, own, self._resource("pay_inputs") or [], markup, text, where)
        if ranges is None:
            self._lacks("pay", *(() if found else ("pay",)))
        return found


def _is_offered(post: Fields) -> bool:
    """Whether candidates can see a post: it is live, and not for insiders alone."""
    external = post.flag("external")
    if external is None:
        external = post.flag("internal") is not True
    return post.flag("live") is True and external


def _first(posts: Sequence[Fields]) -> Fields | None:
    """The post that was published first; of those that weren't, the one with the least id."""

    def order(post: Fields) -> tuple[str, str]:
        return str(post.payload.get("first_published_at") or "9999"), _key(post).zfill(30)

    return min(posts, key=order, default=None)


def _key(entry: Fields) -> str:
    return str(entry.payload.get("id"))


def _belongs(entry: Fields, member: str, ids: set[str]) -> bool:
    value = entry.payload.get(member)
    return value is None or str(value) in ids


def _published(job: Fields, main: Fields | None) -> tuple[object, str]:
    if main is not None and main.payload.get("first_published_at"):
        return main.payload["first_published_at"], "posts.first_published_at"
    return job.payload.get("opened_at"), job.path("opened_at")


def _newest(entries: Sequence[Fields]) -> datetime | None:
    """The latest of the times of change, since a post changes without its job."""
    return max(_updates(entries), default=None)


def _updates(entries: Sequence[Fields]) -> Iterator[datetime]:
    for entry in entries:
        path = entry.path("updated_at")
        found = times.instant(entry.payload.get("updated_at"), path, entry.notes)
        if found is not None:
            yield found
