"""Dated exchange rates, by which costs told in many currencies are compared."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExchangeRate(models.Model):
    """What one euro was worth in a currency on a day; the latest of each currency is in force."""

    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[RegexValidator("^[A-Z]{3}$", _("Three capital letters, for example USD."))],
    )
    per_euro = models.DecimalField(
        _("worth of one euro"),
        max_digits=14,
        decimal_places=6,
        validators=[MinValueValidator(Decimal("0.000001"))],
        help_text=_("As the European Central Bank gives it: 3.7457 for ILS."),
    )
    as_of = models.DateField(_("as of"))
    source = models.CharField(
        _("source"), max_length=200, help_text=_("Who says so; it is shown with the date.")
    )

    is_example = models.BooleanField(
        _("only an example"),
        default=False,
        help_text=_("Nobody has compared it with the source; pages say so."),
    )

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering: ClassVar[list[str]] = ["currency", "-as_of"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "as_of"], name="search_rate_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(per_euro__gt=0), name="search_rate_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"1 EUR = {self.per_euro.normalize():f} {self.currency} ({self.as_of})"

    def clean(self) -> None:
        super().clean()
        if self.currency == "EUR":
            raise ValidationError({"currency": _("All rates are against the euro.")})
        if self.as_of and self.as_of > timezone.localdate():
            raise ValidationError({"as_of": _("A rate of a day to come can't be known.")})
