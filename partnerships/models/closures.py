"""The panic switch: public forms that network staff have closed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.fields import TranslatedField

from .partnerships import Partnership


class FormsClosure(models.Model):
    """That the public forms of one Partnership, or of the whole network, are closed now.

    The row goes when they are opened again; Wagtail's log remembers who did either.
    """

    partnership = models.OneToOneField(
        Partnership,
        verbose_name=_("Partnership"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="forms_closure",
        help_text=_("Empty: the whole network."),
    )
    instead = TranslatedField(
        _("what to do instead"),
        max_length=300,
        multiline=True,
        blank=True,
        help_text=_("For example a telephone number or an address for mail, shown to everybody."),
    )
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("closed public forms")
        verbose_name_plural = _("closed public forms")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(partnership__isnull=True),
                name="partnerships_closure_of_network_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.partnership or _("the whole network"))
