"""Writes the network's facts from its data files; a second run keeps what people changed.

Pages are not made here: `home.services.network` hangs them in the trees of all languages.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from partnerships.models import (
    Community,
    CommunityVariant,
    Figure,
    Membership,
    Partnership,
    PartnershipKind,
    PartnershipVariant,
)
from partnerships.services.network_rows import NetworkRows
from portal.library import Facet, library_changed
from portal.models import AbstractNameVariant
from portal.services.loading import LoadReport, RowLoader
from portal.text import language_of_script, normalize_name

Say = Callable[[str], None]
Rows = Mapping[str, dict[str, Any]]

CHUNK = 20
COMMUNITY_FIELDS = (
    "name",
    "country_code",
    "region_code",
    "latitude",
    "longitude",
    "time_zone",
    "sources",
)
PARTNERSHIP_FIELDS = (
    "name",
    "region_name",
    "status",
    "verification",
    "founded_year",
    "sources",
    "notes",
)
MEMBERSHIP_FIELDS = (
    "side",
    "sort_order",
    "joined_on",
    "joined_precision",
    "left_on",
    "left_precision",
    "leaving_reason",
    "sources",
)
FIGURE_FIELDS = (
    "value",
    "kind",
    "is_at_least",
    "label",
    "definition",
    "as_of_is_approximate",
    "is_headline",
    "sort_order",
    "sources",
)


def load_network_facts(rows: NetworkRows, say: Say = lambda text: None) -> None:
    """Load kinds, communities, Partnerships and memberships, in short transactions.

    `say` gets a line a kind of row. Raises ValidationError when a row does not fit its model.
    """
    say(f"kinds of Partnership: {load_kinds(rows.kinds)}")
    say(f"communities: {load_communities(rows.communities)}")
    say(f"Partnerships: {load_partnerships(rows.partnerships)}")
    say(f"memberships: {load_memberships(rows.memberships)}")


def load_kinds(rows: Rows) -> LoadReport:
    """Load the vocabulary of kinds."""
    loader = RowLoader("partnership_kind")
    found = {kind.key: kind for kind in PartnershipKind.objects.all()}
    with transaction.atomic():
        for key, row in rows.items():
            kind = found.get(key)
            wanted = {"label": row["label"], "is_counted": row["is_counted"]}
            changes = loader.changes(key, wanted, _current(kind, tuple(wanted)))
            if changes:
                _save(kind or PartnershipKind(key=key), changes)
        loader.save()
    return loader.report


def load_communities(rows: Rows) -> LoadReport:
    """Load communities of both sides with their other names."""
    loader = RowLoader("community")
    found = {
        community.slug: community for community in Community.objects.prefetch_related("variants")
    }
    for chunk in _chunks(rows):
        with transaction.atomic():
            for slug, row in chunk:
                community = found.get(slug)
                current = _current(community, COMMUNITY_FIELDS)
                if current is not None and community is not None:
                    current["variants"] = _variants_of(community.variants.all())
                changes = loader.changes(slug, row, current)
                if changes:
                    community = community or Community(slug=slug, reference=slug)
                    _save(community, changes, COMMUNITY_FIELDS)
                    _write_variants(CommunityVariant, "community", community, changes)
            loader.save()
    _tell_library(Facet.COMMUNITY, loader, rows)
    return loader.report


def load_partnerships(rows: Rows) -> LoadReport:
    """Load Partnerships with their other names; their groups and collections follow by signal."""
    loader = RowLoader("partnership")
    kinds = {kind.key: kind for kind in PartnershipKind.objects.all()}
    found = {
        partnership.slug: partnership
        for partnership in Partnership.objects.select_related("kind").prefetch_related("variants")
    }
    for chunk in _chunks(rows):
        with transaction.atomic():
            for slug, row in chunk:
                partnership = found.get(slug)
                current = _current(partnership, PARTNERSHIP_FIELDS)
                if current is not None and partnership is not None:
                    current["kind"] = partnership.kind.key
                    current["variants"] = _variants_of(partnership.variants.all())
                changes = loader.changes(slug, row, current)
                if changes:
                    partnership = partnership or Partnership(slug=slug, reference=slug)
                    if "kind" in changes:
                        partnership.kind = kinds[changes["kind"]]
                    _save(partnership, changes, PARTNERSHIP_FIELDS)
                    _write_variants(PartnershipVariant, "partnership", partnership, changes)
            loader.save()
    _tell_library(Facet.PARTNERSHIP, loader, rows)
    return loader.report


def load_memberships(rows: Rows) -> LoadReport:
    """Load who belongs to which Partnership, on which side, since and until when.

    Rows whose Partnership or community people took away are left out.
    """
    loader = RowLoader("membership")
    partnerships = Partnership.objects.in_bulk(field_name="slug")
    communities = Community.objects.in_bulk(field_name="slug")
    found: dict[str, Membership] = {}
    for membership in Membership.objects.select_related("partnership", "community").order_by("pk"):
        key = f"{membership.partnership.slug}:{membership.community.slug}"
        found.setdefault(key, membership)
    for chunk in _chunks(rows):
        with transaction.atomic():
            for key, row in chunk:
                partnership = partnerships.get(row["partnership"])
                community = communities.get(row["community"])
                if partnership is None or community is None:
                    continue
                known = found.get(key)
                wanted = {name: row[name] for name in MEMBERSHIP_FIELDS}
                changes = loader.changes(key, wanted, _current(known, MEMBERSHIP_FIELDS))
                if changes:
                    new = Membership(partnership=partnership, community=community)
                    _save(known or new, changes)
            loader.save()
    return loader.report


def load_figures(rows: Sequence[Mapping[str, Any]]) -> LoadReport:
    """Load quoted figures of the whole network.

    A row: `key`, `value`, `as_of` (a date), `label` and `definition` by language, `sources`, and
    the flags of `Figure`.
    """
    loader = RowLoader("figure")
    found = {
        (figure.key, figure.as_of): figure
        for figure in Figure.objects.filter(partnership__isnull=True)
    }
    with transaction.atomic():
        for row in rows:
            figure = found.get((row["key"], row["as_of"]))
            wanted = {name: row[name] for name in FIGURE_FIELDS if name in row}
            wanted["value"] = f"{row['value']:.2f}"
            changes = loader.changes(
                f"{row['key']}:{row['as_of']}", wanted, _current(figure, tuple(wanted))
            )
            if changes:
                _save(figure or Figure(key=row["key"], as_of=row["as_of"]), changes)
        loader.save()
    return loader.report


def _chunks(rows: Rows) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Cut the rows so that each transaction stays short."""
    waiting = iter(rows.items())
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _current(instance: Any, fields: Sequence[str]) -> dict[str, Any] | None:
    if instance is None:
        return None
    return {name: getattr(instance, name) for name in fields}


def _save(instance: Any, changes: Mapping[str, Any], fields: Sequence[str] | None = None) -> None:
    for name, value in changes.items():
        if fields is None or name in fields:
            if name.endswith("_on") and value:
                value = datetime.date.fromisoformat(value)
            setattr(instance, name, value)
    instance.full_clean()
    instance.save()


def _variants_of(variants: Any) -> list[dict[str, str]]:
    return [{"text": variant.text, "kind": variant.kind} for variant in variants]


def _write_variants(
    model: type[AbstractNameVariant], owner_field: str, owner: Any, changes: Mapping[str, Any]
) -> None:
    """Let the other names be those of `changes`; rows that stay are not touched."""
    if "variants" not in changes:
        return
    wanted = {row["text"]: row["kind"] for row in changes["variants"]}
    rows = model._default_manager.filter(**{owner_field: owner})
    rows.exclude(text__in=wanted).delete()
    there = set(rows.values_list("text", flat=True))
    for text in there:
        rows.filter(text=text).exclude(kind=wanted[text]).update(kind=wanted[text])
    model._default_manager.bulk_create(
        model(
            text=text,
            kind=kind,
            language=language_of_script(text),
            normalized=normalize_name(text),
            **{owner_field: owner},
        )
        for text, kind in wanted.items()
        if text not in there
    )


def _tell_library(facet: str, loader: RowLoader, rows: Rows) -> None:
    """Let the library take up other names, which are written without signals."""
    if loader.report.created or loader.report.updated:
        library_changed.send(RowLoader, facet=facet, keys=list(rows))
