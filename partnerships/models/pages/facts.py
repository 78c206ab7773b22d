"""What pages that point at a fact share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail.query import PageQuerySet

from portal.models import PortalPage


class FactPage(PortalPage):
    """Abstract: a page that stands for one fact, once a language.

    Subclasses name the field in `fact_field`. The title of such a page is the fact's name in the
    page's language unless the editor wrote another.

    `is_demo` says that the whole page is invented; `text_is_demo` that only its text is, while the
    fact comes from sources (see docs/demonstration.md). The second is part of the text: it is
    drafted and published with it, and whoever writes the page anew unticks it.
    """

    text_is_demo = models.BooleanField(
        _("the text is a demonstration"),
        default=False,
        help_text=_(
            "It was written as an example and partly invented. Untick it once your own text"
            " stands here; until then search engines are asked to leave the page out."
        ),
    )

    fact_field: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def fact(self) -> Any:
        """The fact that this page stands for."""
        return getattr(self, self.fact_field)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add whether page or fact is invented (`is_demo`), or only the text (`text_is_demo`)."""
        context = super().get_context(request, *args, **kwargs)
        context["is_demo"] = self.is_demo or self.fact.is_demo
        context["text_is_demo"] = self.text_is_demo
        return context

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages of which neither text nor fact is invented."""
        real = {"text_is_demo": False, f"{cls.fact_field}__is_demo": False}
        return super().for_search_engines().filter(**real)

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


class PartnershipFactPage(FactPage):
    """Abstract: a page below a Partnership's page, for a fact of that same Partnership."""

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        parent = self.get_parent() if self.path else None
        if parent is not None:
            self.check_parent(parent)

    def check_parent(self, parent: Page) -> None:
        """Refuse a fact of another Partnership; one of the whole network may be told by any."""
        super().check_parent(parent)
        owner_id = self.fact.partnership_id if getattr(self, f"{self.fact_field}_id") else None
        parent_id = getattr(parent.specific, "partnership_id", None)
        if owner_id is None or parent_id is None or owner_id == parent_id:
            return
        raise ValidationError(
            {
                self.fact_field: _(
                    "It belongs to another Partnership (%(name)s); its page stands below that"
                    " Partnership’s page."
                )
                % {"name": self.fact.partnership}
            }
        )

    def can_move_to(self, parent: Page) -> bool:
        """Whether the page may be moved below `parent`: not to another Partnership."""
        try:
            self.check_parent(parent)
        except ValidationError:
            return False
        return bool(super().can_move_to(parent))
