"""Reader of a Harvest v3 post's locations, each a resource of its own.

A location is a free text, an office by its id, an entry of the board's own list by its id, or the
geocoded form with city, region and country as members.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.greenhouse.shared import office_location, place_at_office
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.record import Place, WarningCode
from xaigh_server.ats.providers.text.vocabulary import words

_GEOCODED = words("city country_short_name country_long_name latitude")


class PostLocations:
    """The locations of one record. `is_incomplete` says that one of them couldn't be resolved."""

    def __init__(self, holder: Fields, offices: Sequence[Fields]) -> None:
        """`offices` are those of the job; the record may carry more, for its posts."""
        self._holder = holder
        self._own = offices
        known = holder.children("offices") if holder.payload.get("offices") else []
        self._offices = {str(each.payload.get("id")): each for each in known}
        listed = holder.payload.get("custom_locations")
        customs = holder.children("custom_locations") if listed else []
        self._customs = {str(each.payload.get("id")): each for each in customs}
        self.is_incomplete = False

    def of(self, post_ids: Collection[str]) -> tuple[Place, ...] | None:
        """The places of these posts; None where the record carries no locations."""
        if self._holder.payload.get("locations") is None:
            return None
        found: list[Place] = []
        for index, entry in enumerate(self._holder.items("locations")):
            key = f"locations[{index}]"
            if isinstance(entry, str):
                found += self._of_text(entry, key)
            elif isinstance(entry, Mapping):
                found += self._of(Fields(entry, self._holder.notes, key), post_ids)
            elif entry is not None:
                self._holder.wrong(key, "an object", entry)
        return places.merge(found)

    def named(self, names: Sequence[str | None]) -> tuple[Place, ...] | None:
        """The places that posts of version 1 name; None where none does."""
        found = [self._of_text(name, "location.name") for name in names if name]
        return places.merge(place for part in found for place in part) if found else None

    def at_offices(self) -> tuple[Place, ...]:
        """The places of the job's offices."""
        found = [self._of_office(office) for office in self._own]
        return places.merge(place for place in found if place)

    def _of(self, entry: Fields, post_ids: Collection[str]) -> list[Place]:
        post = entry.payload.get("job_post_id")
        if post is not None and str(post) not in post_ids:
            return []
        if not _GEOCODED.isdisjoint(entry.payload):
            return [self._geocoded(entry)]
        text = entry.line("plain_text_location") or entry.line("value") or entry.line("name")
        if text:
            return self._of_text(text, entry.at)
        office = self._offices.get(str(entry.payload.get("office_id")))
        custom = self._customs.get(str(entry.payload.get("custom_location_id")))
        place = self._of_office(office) if office else None
        found = [place] if place else []
        if custom and (value := custom.line("value")):
            found = self._of_text(value, entry.at)
        if not found:
            self.is_incomplete = True
            message = "The location is an id whose office or list entry the record doesn't carry."
            entry.notes.warn(WarningCode.LOCATION_INCOMPLETE, "locations", message)
        return found

    def _of_text(self, text: str, key: str) -> list[Place]:
        parts = places.split_locations(self._holder.clean_line(text, key) or "")
        return [place_at_office(part, self._own, self._holder, len(parts)) for part in parts]

    def _of_office(self, office: Fields) -> Place | None:
        """Where an office says it is; else its name, where that is a place."""
        text = office_location(office)
        if text:
            return places.noted(text, "offices", self._holder.notes)
        name = office.line("name")
        place = places.parse(name) if name else None
        if place is not None and (place.city or place.country or place.remote):
            return place
        self.is_incomplete = True
        return None

    def _geocoded(self, entry: Fields) -> Place:
        short, long = entry.line("country_short_name"), entry.line("country_long_name")
        path = entry.path("country_short_name")
        country = places.stated_country([short or long], path, entry.notes).country
        city = entry.line("city", 200)
        region = entry.line("region_short_name", 200) or entry.line("region_long_name", 200)
        parts = (city, entry.line("region_long_name", 200) or region, long or short)
        raw = entry.line("location") or ", ".join(part for part in parts if part)
        pair = places.coordinates(entry.payload.get("latitude"), entry.payload.get("longitude"))
        lat, lng = pair if isinstance(pair, tuple) else (None, None)
        return Place(
            raw=raw,
            city=city,
            region=region,
            country=country,
            postal=entry.line("postal_code", 40),
            lat=lat,
            lng=lng,
        )
