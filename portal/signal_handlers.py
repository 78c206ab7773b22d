"""Signal handlers of the leaf app; each has one effect and may run twice."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import Locale
from wagtail.users.models import UserProfile

from portal.library import library_changed, pages_written
from portal.models import (
    Concept,
    ConceptSynonym,
    PortalImage,
    PortalPage,
    User,
    WriteBatch,
)
from portal.renditions import make_renditions
from portal.services import language_tree
from portal.tasks import enqueue_on_commit

#: The same thing under the account's name and under Wagtail's.
_SAME = {"preferred_language": "preferred_language", "time_zone": "current_time_zone"}


def _is_about(names: Any, update_fields: Any) -> bool:
    """Whether a save touched one of the fields `names` (all, when it does not say)."""
    return update_fields is None or bool(set(names) & set(update_fields))


@receiver(post_save, sender=User)
def tell_wagtail_the_language(
    sender: Any, instance: User, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Give the admin the account's language and time zone."""
    if raw or not _is_about(_SAME, update_fields):
        return
    wanted = {theirs: getattr(instance, ours) for ours, theirs in _SAME.items()}
    _profile, created = UserProfile.objects.get_or_create(user=instance, defaults=wanted)
    if not created:
        UserProfile.objects.filter(user=instance).exclude(**wanted).update(**wanted)


@receiver(post_save, sender=UserProfile)
def take_the_language_from_wagtail(
    sender: Any, instance: UserProfile, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Keep what a person chose in the admin's account screen: mails come in it too."""
    if raw or not _is_about(_SAME.values(), update_fields):
        return
    chosen = {
        ours: getattr(instance, theirs)
        for ours, theirs in _SAME.items()
        if getattr(instance, theirs)
    }
    if chosen:
        User.objects.filter(pk=instance.user_id).exclude(**chosen).update(**chosen)


@receiver(post_save, sender=User)
def forget_former_addresses(
    sender: Any, instance: User, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Let only the account's own address open the door; allauth keeps copies of others."""
    if not raw and _is_about(["email"], update_fields):
        EmailAddress.objects.filter(user=instance).exclude(email__iexact=instance.email).delete()


@receiver([post_save, post_delete], sender=Concept)
def tell_library_of_concept(
    sender: Any, instance: Concept, raw: bool = False, **kwargs: Any
) -> None:
    """Let the library take up a concept's new labels."""
    if not raw:
        library_changed.send(sender, facet=instance.kind, keys=[instance.key])


@receiver([post_save, post_delete], sender=ConceptSynonym)
def tell_library_of_synonym(
    sender: Any, instance: ConceptSynonym, raw: bool = False, **kwargs: Any
) -> None:
    """Let the library take up another word for a concept."""
    if not raw:
        concept = instance.concept
        library_changed.send(sender, facet=concept.kind, keys=[concept.key])


@receiver(post_save, sender=Locale)
def give_a_language_its_tree(
    sender: Any, instance: Locale, created: bool = False, raw: bool = False, **kwargs: Any
) -> None:
    """Make the skeleton pages of a new language."""
    if created and not raw and not language_tree.is_paused():
        language_tree.ensure_language_tree(instance)


@receiver(post_save)
def give_a_skeleton_page_its_twins(
    sender: Any, instance: Any, created: bool = False, raw: bool = False, **kwargs: Any
) -> None:
    """Make the same page in the other languages; let drafts nobody touched go live with it."""
    if raw or not isinstance(instance, PortalPage) or not instance.is_skeleton:
        return
    if language_tree.is_paused() or instance.alias_of_id:
        return
    if created:
        language_tree.ensure_twins([instance])
    elif instance.live:
        language_tree.publish_untouched_twins(instance)


@receiver(pages_written)
def give_written_pages_their_twins(
    sender: Any, pages: list[PortalPage], batch: WriteBatch | None = None, **kwargs: Any
) -> None:
    """Do the same for pages that the bulk writer made; unseen ones get unseen twins."""
    if not language_tree.is_paused():
        language_tree.ensure_twins(pages, batch)


@receiver(post_save, sender=PortalImage)
def make_its_sizes(
    sender: Any, instance: PortalImage, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Let the worker make the sizes of a new or changed picture."""
    about = ["file", "focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height"]
    if not raw and _is_about(about, update_fields):
        enqueue_on_commit(make_renditions, instance.pk)
