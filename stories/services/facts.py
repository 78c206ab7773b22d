"""Writes the language-neutral facts when the page first told goes live, and hands them on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from partnerships.models import PartnershipPage
from search.services.writer import write_pages
from stories.evidence import evaluation_digest, told_by_page
from stories.models import (
    ChallengeFacts,
    ChallengePage,
    PracticeCost,
    PracticeFacts,
    PracticePage,
)
from stories.services.evidence import evidence_changed

FactsPage = PracticePage | ChallengePage

COST_FIELDS = (
    "category",
    "item",
    "payer",
    "amount",
    "currency",
    "year",
    "is_each_run",
    "is_in_kind",
)


def fact_fields(facts: type[models.Model], page_type: type[FactsPage]) -> list[str]:
    """Return the fields that a page type and its facts have under the same name."""
    known = {field.name for field in facts._meta.concrete_fields}
    return [*[name for name in page_type.neutral_fields if name in known], "is_demo"]


def costs_of(page: PracticePage) -> list[PracticeCost]:
    """Return the page's cost lines as unsaved rows of its facts."""
    return [
        PracticeCost(
            practice_id=page.translation_key,
            sort_order=position,
            **{
                name: block.value[name] for name in COST_FIELDS if block.value.get(name) is not None
            },
        )
        for position, block in enumerate(page.costs)
    ]


def record_facts(pages: Iterable[FactsPage], unseen: bool = False) -> None:
    """Copy what is true in every language from the originals that are live; idempotent.

    Call it inside the transaction that saves the pages, so that facts and pages agree. Pages of
    one call share their queries. Translations, aliases and pages outside a Partnership are left
    alone, and drafts are unless `unseen`: new pages that are to go live without being saved.
    """
    wanted = [
        page
        for page in pages
        if (page.live or unseen) and not page.is_translation and not page.alias_of_id
    ]
    practices = [page for page in wanted if isinstance(page, PracticePage)]
    if practices:
        rows = PracticeFacts.objects.filter(pk__in=[page.translation_key for page in practices])
        former = {row["pk"]: row for row in rows.values("pk", "network_parts", "evaluation_digest")}
        recorded = _upsert(PracticeFacts, practices)
        keys = [page.translation_key for page in recorded]
        PracticeCost.objects.filter(practice__in=keys).delete()
        PracticeCost.objects.bulk_create(row for page in recorded for row in costs_of(page))
        _close_translations(recorded, former)
        review_anew(
            page.translation_key
            for page in recorded
            if (known := former.get(page.translation_key))
            and known["evaluation_digest"] != evaluation_digest(page)
        )
    challenges = [page for page in wanted if isinstance(page, ChallengePage)]
    if challenges:
        keys = [page.translation_key for page in _upsert(ChallengeFacts, challenges)]
        told = ChallengeFacts.objects.filter(pk__in=keys)
        told.update(news_on=timezone.localdate(), warned_on=None)


def _close_translations(
    recorded: Sequence[PracticePage], before: Mapping[uuid.UUID, Mapping[str, Any]]
) -> None:
    """Let the library's rows of the translations follow at once when parts close or open.

    What is for the network from now on must not be found in another language until the worker
    comes by.
    """
    changed = [
        page.translation_key
        for page in recorded
        if set(before.get(page.translation_key, {}).get("network_parts", ()))
        != set(page.network_parts)
    ]
    if changed:
        pages = PracticePage.objects.live().filter(translation_key__in=changed)
        write_pages(pages.exclude(pk__in=[page.pk for page in recorded]))


def review_anew(keys: Iterable[uuid.UUID]) -> None:
    """Let practices wait for the network's review again: what was reviewed is not there any more.

    Call it in the transaction of the change.
    """
    changed = list(keys)
    if not changed:
        return
    PracticeFacts.objects.filter(pk__in=changed).update(
        accepted_at=None,
        accepted_by=None,
        sent_back_at=None,
        sent_back_by=None,
        sent_back_reason="",
    )
    evidence_changed(changed)


def follow_document(document_id: int) -> None:
    """Let the practices be reviewed anew whose evaluation is a file that changed, or is gone."""
    reviewed = PracticeFacts.objects.exclude(accepted_at=None, sent_back_at=None).exclude(
        evaluation_digest=""
    )
    pages = PracticePage.objects.filter(
        translation_key__in=reviewed.values("pk"), live=True, alias_of=None
    )
    attaching = [
        page
        for page in pages.select_related("locale")
        if not page.is_translation
        and any(block["value"].get("document") == document_id for block in page.evidence.raw_data)
    ]
    with transaction.atomic():
        changed = []
        for page in attaching:
            digest = evaluation_digest(page)
            former = PracticeFacts.objects.filter(pk=page.translation_key)
            if former.exclude(evaluation_digest=digest).update(evaluation_digest=digest):
                changed.append(page.translation_key)
        review_anew(changed)


def _upsert(facts: type[Any], pages: Sequence[Any]) -> list[Any]:
    """Write one row of `facts` a page and return the pages that have a Partnership."""
    names = fact_fields(facts, type(pages[0]))
    parents = {page.path[: -page.steplen] for page in pages}
    partnerships = dict(
        PartnershipPage.objects.filter(path__in=parents).values_list("path", "partnership_id")
    )
    told = [page for page in pages if page.path[: -page.steplen] in partnerships]
    more = {page.pk: told_by_page(page) for page in told if isinstance(page, PracticePage)}
    rows = [
        facts(
            translation_key=page.translation_key,
            partnership_id=partnerships[page.path[: -page.steplen]],
            original_language=page.original_language,
            **{name: getattr(page, name) for name in names},
            **more.get(page.pk, {}),
        )
        for page in told
    ]
    facts.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["translation_key"],
        update_fields=["partnership", "original_language", *names, *next(iter(more.values()), ())],
    )
    for page in told:
        page.__dict__.pop("facts", None)
    return told


def hand_facts_on(page_type: type[FactsPage], translation_key: uuid.UUID) -> None:
    """Let the oldest translation hold the facts once the page first told is deleted.

    The facts stay as they were. The heir's fields, and those of its revisions that may still be
    published, are filled from them, so that the next publication changes nothing by accident, and
    its editor offers them. When no page is left, the facts go too.
    """
    facts_type: type[Any] = PracticeFacts if page_type is PracticePage else ChallengeFacts
    pages = list(
        page_type._default_manager.filter(translation_key=translation_key, alias_of=None)
        .select_related("locale", "latest_revision")
        .order_by("pk")
    )
    facts = facts_type.objects.filter(pk=translation_key).first()
    if not pages:
        if facts is not None:
            facts.delete()
        return
    if any(not page.is_translation for page in pages):
        return
    heir = pages[0]
    with transaction.atomic():
        page_type._default_manager.filter(pk__in=[page.pk for page in pages]).update(
            original_language=heir.language
        )
        if facts is None:
            return
        facts_type.objects.filter(pk=facts.pk).update(original_language=heir.language)
        values = {name: getattr(facts, name) for name in fact_fields(facts_type, page_type)}
        if isinstance(facts, PracticeFacts):
            lines = list(facts.costs.all())
            values["has_no_cost"] = not lines
            values["costs"] = [
                ("cost", {name: getattr(line, name) for name in COST_FIELDS}) for line in lines
            ]
        heir.refresh_from_db(fields=["original_language"])
        _fill(heir, values)
        page_type._default_manager.filter(pk=heir.pk).update(
            **{name: getattr(heir, name) for name in values}
        )
        for revision in heir.revisions.filter(
            models.Q(pk=heir.latest_revision_id) | models.Q(approved_go_live_at__isnull=False)
        ):
            draft = revision.as_object()
            _fill(draft, values)
            revision.content = draft.serializable_data()
            revision.save(update_fields=["content"])


def _fill(page: FactsPage, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(page, name, value)
