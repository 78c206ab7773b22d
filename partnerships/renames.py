"""Tells the library when facts changed that its rows were built from (`portal.library`).

Only what really changed is told: saving a Partnership saves all its child rows, and each message
raises the versions of hundreds of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from partnerships.models import (
    Community,
    CommunityVariant,
    Membership,
    Partnership,
    PartnershipVariant,
    Program,
    WayToTakePart,
)
from portal.library import Facet, library_changed

Keys = Mapping[str, str]

_STORED = "_stored_for_library"


def _of_partnership(row: Partnership) -> Keys:
    return {Facet.PARTNERSHIP: row.slug}


def _of_community(row: Community) -> Keys:
    return {Facet.COMMUNITY: row.slug}


#: By model: the fields that descriptions read, and which rows they concern.
WATCHED: dict[type[Model], tuple[tuple[str, ...], Callable[[Any], Keys]]] = {
    Partnership: (("name", "region_name", "slug"), _of_partnership),
    PartnershipVariant: (("text",), lambda row: _of_partnership(row.partnership)),
    Community: (("name", "slug", "country_code", "introduction"), _of_community),
    CommunityVariant: (("text",), lambda row: _of_community(row.community)),
    Membership: (
        ("partnership_id", "community_id", "side", "joined_on", "left_on"),
        lambda row: {**_of_partnership(row.partnership), **_of_community(row.community)},
    ),
    Program: (
        (
            "name",
            "summary",
            "type_id",
            "direction",
            "partnership_id",
            "status",
            "season",
            "age_from",
            "age_to",
            "participant_cost",
            "currency",
        ),
        lambda row: _of_partnership(row.partnership),
    ),
    WayToTakePart: (
        (
            "title",
            "program_id",
            "kind",
            "age_from",
            "age_to",
            "opens_on",
            "deadline",
            "starts_on",
            "places_left",
            "is_closed",
        ),
        lambda row: _of_partnership(row.program.partnership),
    ),
}


def _tell(sender: Any, *keys: Keys) -> None:
    """Send one message a facet."""
    by_facet: dict[str, set[str]] = {}
    for each in keys:
        for facet, key in each.items():
            by_facet.setdefault(facet, set()).add(key)
    for facet, values in by_facet.items():
        library_changed.send(sender, facet=facet, keys=sorted(values))


def remember_stored(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Keep the row as it stands in the database, to compare with after the save."""
    stored = None
    if instance.pk and not raw:
        stored = sender._default_manager.filter(pk=instance.pk).first()
    setattr(instance, _STORED, stored)


def tell_what_changed(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Tell the library of a row that is new, or differs from what was stored."""
    if raw:
        return
    fields, keys_of = WATCHED[sender]
    stored = instance.__dict__.pop(_STORED, None)
    if stored is None:
        _tell(sender, keys_of(instance))
    elif any(getattr(stored, name) != getattr(instance, name) for name in fields):
        _tell(sender, keys_of(stored), keys_of(instance))


def tell_of_deletion(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Tell the library of a row that is gone."""
    _fields, keys_of = WATCHED[sender]
    _tell(sender, keys_of(instance))


def tell_of_concepts(
    sender: Any, instance: Any, action: str, reverse: bool = False, **kwargs: Any
) -> None:
    """Tell the library of concepts that a Partnership or program took up or dropped."""
    if action in ("post_add", "post_remove", "post_clear") and not reverse:
        _fields, keys_of = WATCHED[type(instance)]
        _tell(sender, keys_of(instance))


for model in WATCHED:
    pre_save.connect(remember_stored, sender=model, dispatch_uid=f"stored {model.__name__}")
    post_save.connect(tell_what_changed, sender=model, dispatch_uid=f"changed {model.__name__}")
    post_delete.connect(tell_of_deletion, sender=model, dispatch_uid=f"gone {model.__name__}")
for through in (Partnership.themes.through, Program.concepts.through):
    m2m_changed.connect(tell_of_concepts, sender=through, dispatch_uid=f"concepts {through}")
