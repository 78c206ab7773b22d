"""Signal handlers of the Partnerships; each has one effect and may run twice."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from partnerships.models import Partnership, PartnershipGroup, PartnershipPage, RoleAssignment
from partnerships.services.roles import (
    sync_page_groups,
    sync_partnership_groups,
    sync_user_groups,
)
from portal.library import pages_written
from portal.models import User

_FORMER_HOLDER = "_former_holder_id"


@receiver(post_save, sender=Partnership)
def make_groups_of_partnership(
    sender: Any, instance: Partnership, raw: bool = False, **kwargs: Any
) -> None:
    """Give each Partnership its groups and collection, named after it."""
    if not raw:
        sync_partnership_groups(instance)


@receiver(post_save, sender=PartnershipPage)
def give_rights_on_page(
    sender: Any, instance: PartnershipPage, raw: bool = False, **kwargs: Any
) -> None:
    """Let the Partnership's people work on its page, in each language."""
    if not raw:
        sync_page_groups([instance])


@receiver(pages_written)
def give_rights_on_written_pages(sender: Any, pages: Any, **kwargs: Any) -> None:
    """Do the same for pages that the bulk writer made; they send no `post_save`."""
    own = [page for page in pages if isinstance(page, PartnershipPage)]
    if own:
        sync_page_groups(own)


@receiver(pre_save, sender=RoleAssignment)
def remember_former_holder(sender: Any, instance: RoleAssignment, **kwargs: Any) -> None:
    """Keep who held the role, should the row go over to another person."""
    former = RoleAssignment.objects.filter(pk=instance.pk).values_list("user_id", flat=True)
    setattr(instance, _FORMER_HOLDER, former.first() if instance.pk else None)


@receiver(post_save, sender=RoleAssignment)
def put_person_into_groups(
    sender: Any, instance: RoleAssignment, raw: bool = False, **kwargs: Any
) -> None:
    """Let a person's groups follow a role that was given, changed or passed on."""
    if raw:
        return
    holders: set[Any] = {instance.user_id, getattr(instance, _FORMER_HOLDER, None)}
    for user in User.objects.filter(pk__in=holders - {None}):
        sync_user_groups(user)


@receiver(post_delete, sender=RoleAssignment)
def take_person_out_of_groups(sender: Any, instance: RoleAssignment, **kwargs: Any) -> None:
    """Take the groups of a role that was deleted."""
    for user in User.objects.filter(pk=instance.user_id):
        sync_user_groups(user)


@receiver(post_delete, sender=PartnershipGroup)
def remove_group(sender: Any, instance: PartnershipGroup, **kwargs: Any) -> None:
    """Remove a group with what it stood for; else its members would keep their access."""
    instance.group.__class__.objects.filter(pk=instance.group_id).delete()
