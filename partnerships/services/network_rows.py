"""Reads the network's data files into plain rows (see `partnerships/data`); writes nothing."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from partnerships.enums import DatePrecision, PartnershipStatus, Side, Verification
from portal.models import VariantKind

DATA_DIR = Path(__file__).resolve().parent.parent / "data"
LONGEST_ABBREVIATION = 5

#: Name in English and country: what tells whether two entries are the same place.
Place = tuple[str, str]


@dataclass(slots=True)
class NetworkRows:
    """Everything the files say, by reference, as plain values for `portal.services.loading`."""

    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)
    communities: dict[str, dict[str, Any]] = field(default_factory=dict)
    partnerships: dict[str, dict[str, Any]] = field(default_factory=dict)
    memberships: dict[str, dict[str, Any]] = field(default_factory=dict)


def read_network(folder: Path = DATA_DIR) -> NetworkRows:
    """Read `partnerships.json` and `network.json` in `folder`.

    Raises ValueError when an entry of `network.json` names something that is not there.
    """
    entries = json.loads((folder / "partnerships.json").read_text(encoding="utf-8"))
    more = json.loads((folder / "network.json").read_text(encoding="utf-8"))
    rows = NetworkRows(kinds={kind["key"]: kind for kind in more["kinds"]})
    former = {
        (item["name"], item["country_code"]): set(item["former"]) for item in more["former_names"]
    }
    slugs: dict[Place, str] = {}
    for entry in entries:
        for side, item in _members(entry):
            _add_community(rows, slugs, item, former, entry["source"], side)
    for item in more["communities"]:
        _add_community(rows, slugs, item, former, item["sources"], Side.DIASPORA)
    for entry in entries:
        rows.partnerships[entry["reference"]] = _partnership(entry, more["statuses"])
        for position, (side, item) in enumerate(_members(entry)):
            slug = slugs[_place(item)]
            rows.memberships[_membership_key(entry["reference"], slug)] = _membership(
                entry, slug, side, position
            )
    for change in more["memberships"]:
        _apply_change(rows, slugs, change)
    for item in more["regions"]:
        place = item["community"], item["country_code"]
        if place not in slugs:
            raise ValueError(f"network.json: no {item['community']}")
        rows.communities[slugs[place]]["region_code"] = item["region_code"]
    unknown = more["statuses"].keys() - rows.partnerships.keys()
    if unknown:
        raise ValueError(f"network.json: no Partnership {', '.join(sorted(unknown))}")
    return rows


def variant_rows(texts: list[str], names: set[str], former: set[str]) -> list[dict[str, str]]:
    """Return other names with their kind; those that are the name itself are left out."""
    rows = []
    for text in dict.fromkeys(texts):
        if text in names:
            continue
        kind = VariantKind.SPELLING
        if text in former:
            kind = VariantKind.FORMER
        elif text.isupper() and len(text) <= LONGEST_ABBREVIATION:
            kind = VariantKind.ABBREVIATION
        rows.append({"text": text, "kind": kind.value})
    return rows


def _members(entry: dict[str, Any]) -> list[tuple[Side, dict[str, Any]]]:
    return [
        *((Side.ISRAEL, item) for item in entry["israel_places"]),
        *((Side.DIASPORA, item) for item in entry["diaspora_communities"]),
    ]


def _place(item: dict[str, Any]) -> Place:
    return item["name"], item.get("country_code", "IL")


def _add_community(
    rows: NetworkRows,
    slugs: dict[Place, str],
    item: dict[str, Any],
    former: dict[Place, set[str]],
    sources: list[str],
    side: Side,
) -> None:
    """Add a place, or what this entry says beyond the first about a place that is there."""
    place = _place(item)
    variants = variant_rows(
        item["variants"], {item["name"], item["name_he"]}, former.get(place, set())
    )
    known = rows.communities.get(slugs.get(place, ""))
    if known is not None:
        known["variants"] += [row for row in variants if row not in known["variants"]]
        known["sources"] = "\n".join(dict.fromkeys([*known["sources"].splitlines(), *sources]))
        return
    slug = slugify(item["name"])
    if slug in rows.communities:
        slug = f"{slug}-{place[1].lower()}"
    slugs[place] = slug
    rows.communities[slug] = {
        "name": {"en": item["name"], "he": item["name_he"]},
        "country_code": place[1],
        "region_code": "",
        "latitude": item["lat"],
        "longitude": item["lon"],
        "time_zone": item["time_zone"],
        "sources": "\n".join(sources),
        "variants": variants,
    }


def _partnership(entry: dict[str, Any], statuses: dict[str, str]) -> dict[str, Any]:
    name = {"en": entry["name"], "he": entry["name_he"]}
    status = PartnershipStatus.UNKNOWN if entry["uncertain"] else PartnershipStatus.ACTIVE
    is_region = entry["kind"] == "region-to-region"
    return {
        "name": name,
        "kind": entry["kind"],
        "region_name": _first_parts(name) if is_region else {},
        "status": statuses.get(entry["reference"], status.value),
        "verification": Verification(entry["status"]).value,
        "founded_year": entry["since"],
        "sources": "\n".join(entry["source"]),
        "notes": entry["notes"],
        "variants": variant_rows(entry["variants"], set(name.values()), set()),
    }


def _first_parts(name: dict[str, str]) -> dict[str, str]:
    return {language: text.split(" - ")[0] for language, text in name.items()}


def _membership_key(partnership: str, community: str) -> str:
    return f"{partnership}:{community}"


def _membership(entry: dict[str, Any], slug: str, side: Side, position: int) -> dict[str, Any]:
    """Return a member's row; the date of the tie is its own only where its side has one member."""
    alone = len(entry["israel_places" if side == Side.ISRAEL else "diaspora_communities"]) == 1
    since = entry["since"] if alone else None
    return {
        "partnership": entry["reference"],
        "community": slug,
        "side": side.value,
        "sort_order": position,
        "joined_on": datetime.date(since, 1, 1).isoformat() if since else None,
        "joined_precision": DatePrecision.YEAR.value,
        "left_on": None,
        "left_precision": DatePrecision.YEAR.value,
        "leaving_reason": {},
        "sources": "\n".join(entry["source"]),
    }


def _apply_change(rows: NetworkRows, slugs: dict[Place, str], change: dict[str, Any]) -> None:
    reference, place = change["partnership"], (change["community"], change["country_code"])
    if reference not in rows.partnerships or place not in slugs:
        raise ValueError(f"network.json: no {change['community']} or no Partnership {reference}")
    key = _membership_key(reference, slugs[place])
    if key not in rows.memberships:  # a community that left is no member in partnerships.json
        rows.memberships[key] = {
            **_membership({**_NO_DATES, "reference": reference}, slugs[place], Side.DIASPORA, 99),
        }
    row = rows.memberships[key]
    for name, field_name in (("joined", "joined"), ("left", "left")):
        if name in change:
            day, precision = _day(change[name])
            row[f"{field_name}_on"], row[f"{field_name}_precision"] = day, precision
    row["leaving_reason"] = change.get("reason", {})
    row["sources"] = "\n".join(change["sources"])


_NO_DATES: dict[str, Any] = {
    "since": None,
    "source": [],
    "israel_places": [],
    "diaspora_communities": [],
}


def _day(text: str) -> tuple[str, str]:
    """Return the first day and the precision of "2015", "2015-06" or "2015-06-30"."""
    parts = text.split("-")
    precision = (DatePrecision.YEAR, DatePrecision.MONTH, DatePrecision.DAY)[len(parts) - 1]
    year, month, day = (int(part) for part in [*parts, "1", "1"][:3])
    return datetime.date(year, month, day).isoformat(), precision.value
