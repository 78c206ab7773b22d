"""Panels of the stories' page editors."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, Panel

from stories.matching.challenges import challenge_view
from stories.models.adoptions import adoption_of


class FactsElsewherePanel(HelpPanel):
    """On a translation: says that ages, costs and dates are edited on the page first told.

    Shown only there; links to that page's editor, if it is still there.
    """

    def __init__(
        self,
        content: str = "",
        template: str = "stories/panels/facts_elsewhere.html",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("heading", _("Facts of the page first told"))
        super().__init__(content=content, template=template, **kwargs)

    class BoundPanel(HelpPanel.BoundPanel):
        def is_shown(self) -> bool:
            return bool(self.instance.pk and self.instance.is_translation)

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            original = self.instance.page_first_told
            context["original"] = original
            if original is not None:
                context["edit_url"] = reverse("wagtailadmin_pages:edit", args=[original.pk])
            return context


class TakenOverPanel(HelpPanel):
    """On a practice that was taken over: from whom, and where the two are compared."""

    def __init__(
        self, content: str = "", template: str = "stories/panels/taken_over.html", **kwargs: Any
    ) -> None:
        kwargs.setdefault("heading", _("Taken over"))
        super().__init__(content=content, template=template, **kwargs)

    class BoundPanel(HelpPanel.BoundPanel):
        def is_shown(self) -> bool:
            return adoption_of(self.instance) is not None

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["adoption"] = adoption_of(self.instance)
            return context


class ChallengePanel(HelpPanel):
    """On a challenge: where it stands and how it is closed, and the practices that answer it."""

    def __init__(
        self, content: str = "", template: str = "stories/panels/challenge.html", **kwargs: Any
    ) -> None:
        kwargs.setdefault("heading", _("Others have tried this"))
        super().__init__(content=content, template=template, **kwargs)

    class BoundPanel(HelpPanel.BoundPanel):
        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            page = self.instance
            context["page"] = page
            if page.pk:
                context["view"] = challenge_view(page)
                context["standing"] = page.facts
                if page.facts is not None:
                    context["close_url"] = reverse(
                        "wagtailadmin_challenge", args=[page.translation_key]
                    )
            return context


def practice_needs_panels() -> list[Panel]:
    """Return what a practice takes: people, money, time, languages, safety, the place."""
    return [
        FactsElsewherePanel(),
        FieldPanel("roles"),
        FieldPanel("costs"),
        FieldPanel("has_no_cost"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("lead_time_weeks"), FieldPanel("duration_days")]),
                FieldRowPanel([FieldPanel("season"), FieldPanel("rhythm")]),
                FieldRowPanel([FieldPanel("first_run_year"), FieldPanel("is_running")]),
                FieldPanel("last_confirmed_on"),
            ],
            heading=_("When"),
        ),
        MultiFieldPanel(
            [FieldPanel("activity_languages"), FieldPanel("interpretation")],
            heading=_("Languages"),
        ),
        FieldPanel("safeguarding"),
        MultiFieldPanel(
            [FieldPanel("security_need"), FieldPanel("security"), FieldPanel("weather_need")],
            heading=_("What it needs of the place"),
        ),
        FieldPanel("resources"),
    ]
