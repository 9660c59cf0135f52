"""Writer of the names of countries in further languages, from the CLDR data of Babel.

Run it with Babel installed. A name that is a city's or a state's too ("Granada"), or that two
countries have, is left out, unless it is listed here as one that in a place means the country.
"""

from __future__ import annotations

import importlib
import unicodedata
from collections import defaultdict

from xaigh_server.ats.providers.places.cities import HOMES
from xaigh_server.ats.providers.places.countries import ALPHA_2, COUNTRY_NAMES, NAMES, STATE_NAMES
from xaigh_server.ats.providers.places.names import folded
from xaigh_server.ats.providers.text.vocabulary import words

_LANGUAGES = words("en de fr es pt it nl pl sv da nb fi cs hu ro tr ja zh ko ru")
_MEANT = words("frança líbano libano colômbia tailandia tailândia singapur albânia armênia włochy")
_NEVER = words("granada man norfolk salvador guadalupe gana fas tai gine inde viro monaco")


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def main() -> None:
    """Writes the table."""
    codes = sorted(set(ALPHA_2.values()))
    names: dict[str, set[str]] = defaultdict(set)
    locale = importlib.import_module("babel").Locale
    for language in sorted(_LANGUAGES):
        territories = locale.parse(language).territories
        for code in codes:
            if code in territories:
                names[territories[code].casefold()].add(code)
    kept: dict[str, set[str]] = defaultdict(set)
    for name, of in names.items():
        for form in (name, plain) if (plain := _plain(name)).isascii() else (name,):
            elsewhere = folded(form) in HOMES or form in STATE_NAMES or form in _NEVER
            if (
                len(of) == 1
                and (len(form) > 2 or not form.isascii())
                and (form in _MEANT or not elsewhere)
            ):
                (code,) = of
                if COUNTRY_NAMES.get(form) in (None, code):
                    kept[code].add(form)
    rows = [f"{code}\t{';'.join(sorted(forms))}" for code, forms in sorted(kept.items())]
    NAMES.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
