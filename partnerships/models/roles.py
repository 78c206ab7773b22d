"""Who may act for a Partnership and a side."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.enums import PARTNERSHIP_ROLES, Role, Side
from partnerships.querysets import RoleAssignmentQuerySet
from portal.fields import TranslatedField

from .partnerships import Partnership


class RoleAssignment(models.Model):
    """A person's role, for one Partnership and side or for the network, within a term.

    Groups and their page rights follow these rows by code (`partnerships.services.roles`); nobody
    edits groups by hand. A Partnership can have several coordinators, titles are free (USERS E7).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="role_assignments",
    )
    role = models.CharField(_("role"), max_length=14, choices=Role.choices)
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="role_assignments",
    )
    side = models.CharField(
        _("side"), max_length=10, choices=Side.choices, blank=True, help_text=_("Empty: both.")
    )
    title = TranslatedField(_("title"), max_length=120, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering: ClassVar[list[str]] = ["partnership", "role", "user"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(partnership__isnull=False)
                | ~models.Q(role__in=sorted(PARTNERSHIP_ROLES)),
                name="partnerships_role_has_its_partnership",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    def clean(self) -> None:
        super().clean()
        if self.role in PARTNERSHIP_ROLES and self.partnership_id is None:
            raise ValidationError(
                {"partnership": _("This role is for one Partnership: choose it.")}
            )
        if self.role == Role.NETWORK_STAFF and self.partnership_id is not None:
            raise ValidationError({"partnership": _("Network staff act for all: leave it empty.")})
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The role ends before it starts.")})


class PartnershipGroup(models.Model):
    """The Django group that stands for one role, of one Partnership or of the network."""

    group = models.OneToOneField(
        "auth.Group", on_delete=models.CASCADE, related_name="partnership_group"
    )
    role = models.CharField(max_length=14, choices=Role.choices)
    partnership = models.ForeignKey(
        Partnership, null=True, on_delete=models.CASCADE, related_name="groups"
    )

    class Meta:
        verbose_name = _("group of a role")
        verbose_name_plural = _("groups of roles")
        constraints = [
            models.UniqueConstraint(fields=["role", "partnership"], name="partnerships_group_once"),
            models.UniqueConstraint(
                fields=["role"],
                condition=models.Q(partnership__isnull=True),
                name="partnerships_group_of_network_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partnership or ''} {self.get_role_display()}".strip()
