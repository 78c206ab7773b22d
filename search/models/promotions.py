"""What editors put above the results of certain searches."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from search.analysis import index_terms

MAX_KEY = 255


def phrase_key(text: str) -> str:
    """Return what a phrase is compared by: its terms in order; empty when it has none."""
    key = index_terms(text)
    return key if len(key) <= MAX_KEY else ""


class PromotedResultQuerySet(models.QuerySet):
    """Recommendations by time and phrase."""

    def recommended(self, text: str, day: datetime.date) -> Any:
        """Return those in force on a day for what a reader typed."""
        key = phrase_key(text)
        if not key:
            return self.none()
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        not_over = Q(ends_on=None) | Q(ends_on__gte=day)
        return self.filter(begun, not_over, phrases__key=key).distinct()


class PromotedResult(ClusterableModel):
    """Pages that editors recommend to whoever searches for one of these phrases."""

    name = models.CharField(
        _("name"), max_length=120, help_text=_("For this list only; readers don't see it.")
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = PromotedResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering: ClassVar[list[str]] = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an end before the beginning."""
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The end is before the beginning.")})


class PromotionPhrase(Orderable):
    """Words that a reader may search for, in any language and any form of them."""

    promotion = ParentalKey(PromotedResult, on_delete=models.CASCADE, related_name="phrases")
    text = models.CharField(_("words"), max_length=120)
    key = models.CharField(max_length=MAX_KEY, editable=False, db_index=True)

    class Meta(Orderable.Meta):
        verbose_name = _("search phrase")
        verbose_name_plural = _("search phrases")

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """Refuse a phrase of signs only."""
        super().clean()
        if not phrase_key(self.text):
            raise ValidationError({"text": _("Give at least one word.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store what the phrase is compared by, too."""
        self.key = phrase_key(self.text)
        super().save(*args, **kwargs)


class PromotedPage(Orderable):
    """A page that is recommended; readers get it in their language where it is told in it."""

    promotion = ParentalKey(PromotedResult, on_delete=models.CASCADE, related_name="pages")
    page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("page"),
        on_delete=models.CASCADE,
        related_name="+",
    )

    class Meta(Orderable.Meta):
        verbose_name = _("recommended page")
        verbose_name_plural = _("recommended pages")

    def __str__(self) -> str:
        return str(self.page)
