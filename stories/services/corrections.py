"""Puts right what was recorded wrongly of practices that travel: a source, a title kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from partnerships.permissions import standing_of
from portal.fields import Translated
from portal.models import User
from portal.visibility import hidden_prefixes, is_under
from stories.models import (
    Adoption,
    AdoptionSource,
    LineageEntry,
    LineageLock,
    PracticePage,
    StopAgreement,
)
from stories.permissions import actor_for, require_actor, require_staff
from stories.services.adoptions import AdoptionRefused, ends_of
from stories.services.evidence import evidence_changed

# A wrong source -------------------------------------------------------------------------------


def remove_source(user: User, adoption: Adoption, source_id: int) -> None:
    """Say that `adoption` was not made from one of its sources after all.

    Its people undo what they named further; the one whose words were copied, and any once an
    outcome was reported (it counts for that practice), are the network staff's to undo. The last
    one stays: another is named first.
    """
    require_actor(user, adoption.partnership_id)
    with transaction.atomic():
        LineageLock.hold()
        row = Adoption.objects.select_for_update().get(pk=adoption.pk)
        source = row.sources.select_related("parent").filter(pk=source_id).first()
        if source is None:
            raise AdoptionRefused(_("It is not named as a source any more."))
        if why := _why_they_stay(user, row, [source]).get(source.pk):
            raise AdoptionRefused(why)
        parent = source.parent
        source.delete()
        ends = [end.pk for end in ends_of(row)]
        StopAgreement.objects.filter(adoption=row).exclude(partnership__in=ends).delete()
        log(row, "wagtail.edit", user=user, data={"source_removed": str(parent.pk)})
        evidence_changed([parent.pk])
        _forget_if_it_stayed_at_home(parent)


def removable(user: User, adoption: Adoption, sources: Sequence[AdoptionSource]) -> set[int]:
    """Return which of the sources of an adoption `user` may take away; as many queries for many."""
    if actor_for(user, adoption.partnership_id) is None:
        return set()
    return {source.pk for source in sources} - _why_they_stay(user, adoption, sources).keys()


def _why_they_stay(
    user: User, adoption: Adoption, sources: Sequence[AdoptionSource]
) -> dict[int, str]:
    """Return why `user` may not take sources away; those that the person may are left out."""
    if adoption.sources.count() < 2:
        only = _("It is the only source. Name the right one first, on that practice's page.")
        return {source.pk: only for source in sources}
    if standing_of(user).acts_for_all:
        return {}
    why = {}
    if adoption.outcomes.exists():
        counts = _(
            "What you reported counts for this practice, too. If it was not made from it, ask the"
            " network's staff."
        )
        why = {source.pk: counts for source in sources}
    copied = _("Your version was copied from it. If that is wrong, ask the network's staff.")
    copies = {source.pk: copied for source in sources if source.parent_id == adoption.copied_from}
    return {**why, **copies}


def _forget_if_it_stayed_at_home(entry: LineageEntry) -> None:
    """Drop the entry of a practice that neither was taken over nor took over another."""
    travelled = entry.taken_by.exists() or Adoption.objects.filter(pk=entry.pk).exists()
    if not travelled and not entry.material_edits.exists():
        entry.delete()


# A title that had to go -----------------------------------------------------------------------


def erase_title(user: User, entry: LineageEntry) -> None:
    """Put neutral words where a title of a practice is kept that had to go (network staff only).

    What is public now keeps its title: it is changed on its page. Titles of other languages, and
    those under which it was taken over, go. Raises AdoptionRefused when nothing kept is left.
    """
    require_staff(user)
    with transaction.atomic():
        kept = LineageEntry.objects.select_for_update().get(pk=entry.pk)
        public = _public_titles(kept.pk)
        titles = Translated(public or _neutral_titles())
        sources = AdoptionSource.objects.filter(parent=kept)
        wanted = {source.pk: _title_for(source, titles) for source in sources}
        if kept.titles == titles and all(source.title == wanted[source.pk] for source in sources):
            raise AdoptionRefused(_("No title is kept here but that of the public page."))
        kept.titles = titles
        kept.title_erased_at = timezone.now()
        kept.save(update_fields=["titles", "title_erased_at"])
        for source in sources:
            source.title = wanted[source.pk]
        AdoptionSource.objects.bulk_update(sources, ["title"])
        log(kept, "wagtail.edit", user=user, data={"title_erased": True})
    entry.refresh_from_db()


def _title_for(source: AdoptionSource, titles: Translated) -> str:
    return str(titles.get(source.language) or next(iter(titles.values())))


def _public_titles(key: uuid.UUID) -> dict[str, str]:
    hidden = hidden_prefixes()
    pages = PracticePage.objects.live().filter(translation_key=key, alias_of=None)
    return {
        page.language: page.title
        for page in pages.select_related("locale")
        if not is_under(page.path, hidden)
    }


def _neutral_titles() -> dict[str, str]:
    titles = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            titles[language] = _("A practice whose title was taken away")
    return titles
