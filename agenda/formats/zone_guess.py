"""Finds the zone of a place that a page writes as an abbreviation ("CET") and a country."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files

from agenda.formats.times import zone_named

# Names of countries besides those in IANA's table.
COUNTRIES = {
    **{"uk": "GB", "united kingdom": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "korea": "KR"},
    **{"us": "US", "usa": "US", "united states of america": "US", "south korea": "KR", "the netherlands": "NL"},
    **{"czechia": "CZ", "türkiye": "TR", "republic of ireland": "IE", "uae": "AE"},
}
# What an abbreviation means where the country is not known.
USUAL = dict(
    pair.split("=")
    for pair in """
        CET=Europe/Paris CEST=Europe/Paris EET=Europe/Helsinki EEST=Europe/Helsinki WET=Europe/Lisbon WEST=Europe/Lisbon
        GMT=Europe/London BST=Europe/London UTC=UTC EST=America/New_York EDT=America/New_York CST=America/Chicago
        CDT=America/Chicago MST=America/Denver MDT=America/Denver PST=America/Los_Angeles PDT=America/Los_Angeles
        IST=Asia/Kolkata JST=Asia/Tokyo KST=Asia/Seoul HKT=Asia/Hong_Kong AEST=Australia/Sydney AEDT=Australia/Sydney
        NZST=Pacific/Auckland NZDT=Pacific/Auckland SAST=Africa/Johannesburg
    """.split()
)


def guess(abbreviation: str, country: str, day: datetime, hint: str = "") -> tuple[str, bool]:
    """The zone that has this abbreviation on that day, and True if another zone could be meant; empty if none has it.

    `hint` is preferred, and then the country's zones.
    """
    fitting = [name for name in zones_of_country(country) if _writes(name, abbreviation, day)]
    if _writes(hint, abbreviation, day):
        return hint, False
    if fitting:
        return fitting[0], len(fitting) > 1
    return USUAL.get(abbreviation.upper(), ""), True


def _writes(name: str, abbreviation: str, day: datetime) -> bool:
    zone = zone_named(name)
    return zone is not None and day.replace(tzinfo=zone).tzname() == abbreviation.upper()


def zones_of_country(name: str) -> list[str]:
    """The zones of the country with that English name, the most important first; none for an unknown name."""
    code = COUNTRIES.get(name.casefold()) or _codes().get(name.casefold(), "")
    return [zone for country, zone in _zones() if country == code]


@cache
def _codes() -> dict[str, str]:
    return {name.casefold(): code for code, name in _table("iso3166.tab")}


@cache
def _zones() -> list[tuple[str, str]]:
    return [(country, rest.split("\t")[1]) for country, rest in _table("zone.tab")]


def _table(name: str) -> list[tuple[str, str]]:
    """The rows of a table of IANA's: a country's code, and the rest."""
    text = (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
    rows = [line.partition("\t") for line in text.splitlines() if not line.startswith("#")]
    return [(code, rest) for code, _, rest in rows]
