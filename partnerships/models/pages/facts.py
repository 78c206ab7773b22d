"""What pages that point at a fact share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.models import PortalPage


class FactPage(PortalPage):
    """Abstract: a page that stands for one fact, once a language.

    Subclasses name the field in `fact_field`. The title of such a page is the fact's name in the
    page's language unless the editor wrote another.
    """

    fact_field: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def fact(self) -> Any:
        """The fact that this page stands for."""
        return getattr(self, self.fact_field)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add whether page or fact is invented (`is_demo`)."""
        context = super().get_context(request, *args, **kwargs)
        context["is_demo"] = self.is_demo or self.fact.is_demo
        return context

    def skeleton_values(self, language: str) -> dict[str, Any]:
        """Return the fact and its name in `language`."""
        return {"title": self.fact.name.in_language(language), self.fact_field: self.fact}

    def clean(self) -> None:
        super().clean()
        fact_id = getattr(self, f"{self.fact_field}_id")
        if fact_id is None or self.locale_id is None:
            return
        twins = type(self)._default_manager.filter(
            locale_id=self.locale_id, **{f"{self.fact_field}_id": fact_id}
        )
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError({self.fact_field: _("It has a page in this language already.")})
