"""Writes the demonstration's texts onto pages of Partnerships and communities, and takes them off.

These pages stand for sourced facts, so they are never invented themselves: only their text is,
and `text_is_demo` says so. A page that somebody has written, or is writing, keeps what it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from home.services.demo import texts
from partnerships.models import CommunityPage, PartnershipPage
from partnerships.models.pages.facts import FactPage
from portal.models import LoadedRow, PortalImage
from portal.services.page_batches import finish, show, start_batch
from portal.services.page_updates import PageUpdates

#: Under this kind it is remembered which texts were written, so that a deleted one stays away.
KIND = "demo text"
_TEXT_FIELDS = ("summary", "body")

#: The picture of a Partnership's page, by its slug.
Heroes = Mapping[str, PortalImage | None]


def write_place_texts(
    partnerships: list[dict[str, Any]],
    communities: Mapping[str, Mapping[str, str]],
    heroes: Heroes,
) -> int:
    """Publish the texts on pages that nobody has written; return on how many."""
    known = set(LoadedRow.objects.filter(kind=KIND).values_list("reference", flat=True))
    batch = start_batch("demonstration: texts of places")
    updates = PageUpdates(batch, action="wagtail.edit", data={})
    first_told: dict[str, list[FactPage]] = {}
    loaded: list[LoadedRow] = []
    for page, language_first, values in [
        *_of_partnerships(partnerships, heroes),
        *_of_communities(communities),
    ]:
        reference = f"{page._meta.model_name}/{page.slug}/{page.language}"
        if reference in known or _is_written(page):
            continue
        updates.add(page, {**values, "text_is_demo": True}, publish=True)
        first_told.setdefault(language_first, []).append(page)
        loaded.append(LoadedRow(kind=KIND, reference=reference, loaded_at=timezone.now()))
    if not loaded:
        batch.delete()
        return 0
    with transaction.atomic():
        _remember_languages(first_told)
        updates.write()
        show(batch)
        LoadedRow.objects.bulk_create(loaded)
    finish(batch)
    return len(loaded)


def _remember_languages(first_told: Mapping[str, Sequence[FactPage]]) -> None:
    """Say in which language each text was told first; a revision never says it."""
    for language, pages in first_told.items():
        for model in {type(page) for page in pages}:
            keys = [page.pk for page in pages if type(page) is model]
            model.objects.filter(pk__in=keys).update(original_language=language)


def _of_partnerships(
    entries: list[dict[str, Any]], heroes: Heroes
) -> Iterator[tuple[FactPage, str, dict[str, Any]]]:
    wanted = {entry["partnership"]: entry for entry in entries}
    pages = PartnershipPage.objects.filter(partnership__slug__in=wanted, alias_of=None)
    for page in pages.select_related("partnership", "locale", "latest_revision"):
        entry = wanted[page.partnership.slug]
        text = entry["text"].get(page.language)
        if text is None:
            continue
        hero = heroes.get(page.partnership.slug)
        yield (
            page,
            entry["language"],
            {
                "summary": text["summary"].strip(),
                "hero_image": hero.pk if hero else None,
                "body": json.dumps(texts.body_blocks(text["body"])),
            },
        )


def _of_communities(
    wanted: Mapping[str, Mapping[str, str]],
) -> Iterator[tuple[FactPage, str, dict[str, Any]]]:
    pages = CommunityPage.objects.filter(community__slug__in=wanted, alias_of=None)
    for page in pages.select_related("community", "locale", "latest_revision"):
        by_language = wanted[page.community.slug]
        if page.language in by_language:
            first = next(iter(by_language))
            body = texts.body_blocks([by_language[page.language]])
            yield page, first, {"body": json.dumps(body)}


def _is_written(page: FactPage) -> bool:
    """Whether somebody wrote the page, or has begun to."""
    has_text = any(getattr(page, name, None) for name in _TEXT_FIELDS)
    return has_text or page.has_unpublished_changes or not page.live


def remove_place_texts() -> dict[str, int]:
    """Leave the pages unwritten again; return how many by model label.

    A draft that waits on such a page stays its newest draft.
    """
    removed: dict[str, int] = {}
    batch = start_batch("demonstration: texts of places taken off")
    updates = PageUpdates(batch, action="wagtail.edit", data={})
    for model in [model for model in apps.get_models() if issubclass(model, FactPage)]:
        pages = model.objects.filter(text_is_demo=True).select_related("locale", "latest_revision")
        for page in pages:
            if page.has_unpublished_changes or not page.live:
                with transaction.atomic():
                    _clear_below_draft(page)
            else:
                updates.add(page, _without_text(page), publish=True)
        if pages:
            removed[model._meta.label] = len(pages)
    if len(updates):
        with transaction.atomic():
            updates.write()
            show(batch)
        finish(batch)
    else:
        batch.delete()
    LoadedRow.objects.filter(kind=KIND).delete()
    return removed


def _without_text(page: FactPage) -> dict[str, Any]:
    """Return the values of the page without the text, and without the picture drawn for it."""
    values: dict[str, Any] = {"text_is_demo": False}
    if hasattr(page, "summary"):
        values["summary"] = ""
    if hasattr(page, "body"):
        values["body"] = "[]"
    image = getattr(page, "hero_image", None)
    if image is not None and image.is_demo:
        values["hero_image"] = None
    return values


def _clear_below_draft(page: FactPage) -> None:
    """Take the text off what the public sees; what an editor has begun stays the newest draft."""
    draft, was_live = page.get_latest_revision_as_object(), page.live
    for name, value in _without_text(page).items():
        setattr(page, name, value)
    revision = page.save_revision()
    if was_live:
        revision.publish()
    else:
        type(page).objects.filter(pk=page.pk).update(text_is_demo=False)
    draft.save_revision()
