"""Signal handlers of the stories; each has one effect and may run twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import copy_for_translation_done, post_page_move

from portal.library import pages_shown, pages_updated, pages_written
from portal.models import PortalDocument
from search.services.writer import write_pages
from stories.models import (
    ChallengePage,
    LineageEntry,
    PracticeAnnouncement,
    PracticePage,
    ResourcePage,
)
from stories.services.copies import keep_closed
from stories.services.facts import FactsPage, follow_document, hand_facts_on, record_facts
from stories.services.lineage import keep_entry
from stories.tasks import announce_soon


@receiver(post_save, sender=PracticePage)
@receiver(post_save, sender=ChallengePage)
def keep_facts(sender: Any, instance: FactsPage, raw: bool = False, **kwargs: Any) -> None:
    """Write the language-neutral facts when the original is saved live.

    Saving a draft of a live page saves a few columns of an instance that holds the draft's
    values: those must not become facts.
    """
    fields = kwargs.get("update_fields")
    is_draft_only = fields is not None and not {"live", *instance.neutral_fields} & set(fields)
    if not raw and not is_draft_only:
        record_facts([instance])


@receiver(post_save, sender=PracticePage)
def announce_practice(
    sender: Any, instance: PracticePage, raw: bool = False, **kwargs: Any
) -> None:
    """Let the owners of open challenges hear of a practice that is public for the first time."""
    if raw or not instance.live or instance.alias_of_id:
        return
    known = PracticeAnnouncement.objects.filter(pk=instance.translation_key)
    if not known.exists():
        announce_soon()


@receiver([post_save, post_delete], sender=PortalDocument)
def review_changed_evaluations(
    sender: Any, instance: PortalDocument, created: bool = False, raw: bool = False, **kwargs: Any
) -> None:
    """Let the network review an evaluation anew whose file is another now, or gone."""
    if not raw and not created:
        follow_document(instance.pk)


@receiver(pages_shown)
def announce_practices_shown(sender: Any, page_ids: Any, **kwargs: Any) -> None:
    """Let them hear of practices that went live together: one mail a challenge, not one each."""
    if PracticePage.objects.filter(pk__in=page_ids).exists():
        announce_soon()


@receiver(post_save, sender=ResourcePage)
def close_twins(sender: Any, instance: ResourcePage, raw: bool = False, **kwargs: Any) -> None:
    """Take the words of a file out of the other languages' rows once it is for the network."""
    if not raw and instance.live and instance.is_for_network:
        twins = ResourcePage.objects.live().filter(translation_key=instance.translation_key)
        write_pages(twins.exclude(pk=instance.pk))


@receiver(pages_written)
def keep_facts_of_many(sender: Any, pages: Sequence[Page], **kwargs: Any) -> None:
    """Write the facts of pages that the bulk writer made, which sends no `post_save`.

    It writes pages unseen and switches them live later: their facts wait with them.
    """
    record_facts((page for page in pages if isinstance(page, FactsPage)), unseen=True)


@receiver(pages_updated)
def keep_facts_of_updated(sender: Any, page_ids: Sequence[int], **kwargs: Any) -> None:
    """Write the facts of live pages that got new texts together, inside that transaction."""
    for model in (PracticePage, ChallengePage):
        for start in range(0, len(page_ids), 500):
            record_facts(model.objects.filter(pk__in=page_ids[start : start + 500]))


@receiver(post_page_move)
def keep_facts_with_their_partnership(sender: Any, instance: Page, **kwargs: Any) -> None:
    """Let the facts follow a page that is moved to another Partnership."""
    page = instance.specific
    if isinstance(page, FactsPage):
        record_facts([page])
    if isinstance(page, PracticePage) and not page.is_translation:
        entry = LineageEntry.objects.filter(pk=page.translation_key)
        if owner := page.partnership:
            entry.update(partnership=owner, partnership_name=owner.name)


@receiver(post_delete, sender=PracticePage)
@receiver(post_delete, sender=ChallengePage)
def hand_facts_on_after_deletion(sender: Any, instance: FactsPage, **kwargs: Any) -> None:
    """Let a translation hold the facts when the page first told is deleted."""
    hand_facts_on(sender, instance.translation_key)


@receiver(post_save, sender=PracticePage)
def remember_what_travels(
    sender: Any, instance: PracticePage, raw: bool = False, **kwargs: Any
) -> None:
    """Let the lineage know the title of a practice that travels, as long as it is public."""
    fields = kwargs.get("update_fields")
    if not raw and (fields is None or {"live", "title"} & set(fields)) and instance.live:
        keep_entry(instance)


@receiver(pages_updated)
def remember_updated_that_travel(sender: Any, page_ids: Sequence[int], **kwargs: Any) -> None:
    """Do the same for pages that got new texts together."""
    travelling = LineageEntry.objects.values("pk")
    for start in range(0, len(page_ids), 500):
        for page in PracticePage.objects.live().filter(
            pk__in=page_ids[start : start + 500], translation_key__in=travelling
        ):
            keep_entry(page)


@receiver(copy_for_translation_done)
def keep_translation_closed(sender: Any, source_obj: Any, target_obj: Any, **kwargs: Any) -> None:
    """Let a translation of a practice begin for the readers of its original, not for everybody."""
    if isinstance(source_obj, PracticePage) and not target_obj.alias_of_id:
        keep_closed(target_obj, source_obj)


@receiver(post_save, sender=PageViewRestriction)
@receiver(post_delete, sender=PageViewRestriction)
def remember_what_opens(sender: Any, instance: PageViewRestriction, **kwargs: Any) -> None:
    """Let the lineage know of practices that everybody may read from now on, unsaved."""
    if kwargs.get("raw") or kwargs.get("created"):
        return
    unknown = LineageEntry.objects.filter(was_public=False).values("pk")
    for page in PracticePage.objects.live().filter(
        path__startswith=instance.page.path, translation_key__in=unknown
    ):
        keep_entry(page)
