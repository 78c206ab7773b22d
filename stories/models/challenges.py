"""The challenge: a problem for which a Partnership seeks what others did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField

from partnerships.enums import Direction, Season
from portal.blocks import plain_text, searchable_text
from portal.blocks.text import RICH_TEXT_BASIC
from portal.library import Facet, LibraryType
from stories.enums import ChallengeStatus
from stories.forms import FactsPageForm
from stories.library_facts import age_numbers, whom_and_when
from stories.matching.challenges import challenge_view
from stories.panels import ChallengePanel, FactsElsewherePanel

from .base import PartnershipLibraryPage, tabs
from .facts import ChallengeFacts


class ChallengePage(PartnershipLibraryPage):
    """A problem told by the Partnership that has it: who, what was tried, within which limits."""

    problem = RichTextField(_("the problem"), features=RICH_TEXT_BASIC)
    audience = models.CharField(_("whom it concerns"), max_length=255, blank=True)
    tried_already = RichTextField(_("what we tried"), blank=True, features=RICH_TEXT_BASIC)
    age_from = models.PositiveSmallIntegerField(_("age from"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("age to"), null=True, blank=True)
    direction = models.CharField(
        _("direction"), max_length=12, choices=Direction.choices, blank=True
    )
    season = models.CharField(_("season"), max_length=8, choices=Season.choices, blank=True)
    budget_amount = models.DecimalField(
        _("budget at most"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    budget_currency = models.CharField(_("currency"), max_length=3, blank=True)
    without_travel = models.BooleanField(
        _("nobody can travel"), default=False, help_text=_("For security or any other reason.")
    )
    languages = models.CharField(
        _("languages"),
        max_length=60,
        blank=True,
        help_text=_("In which it has to work; codes, for example en, he."),
    )
    constraints = RichTextField(
        _("limits"),
        blank=True,
        features=RICH_TEXT_BASIC,
        help_text=_("Security, languages, the calendar, people."),
    )

    page_description = _("A problem for which you look for what others did.")
    library_type: ClassVar[LibraryType] = LibraryType.CHALLENGE
    neutral_fields: ClassVar[tuple[str, ...]] = (
        "direction",
        "season",
        "age_from",
        "age_to",
        "budget_amount",
        "budget_currency",
        "without_travel",
        "languages",
    )
    base_form_class = FactsPageForm
    template = "stories/challenge_page.html"
    edit_handler = tabs(
        [
            FactsElsewherePanel(),
            ChallengePanel(),
            *PartnershipLibraryPage.content_panels,
            *PartnershipLibraryPage.text_panels[:1],
            FieldPanel("problem"),
            FieldPanel("audience"),
            FieldPanel("tried_already"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("age_from"), FieldPanel("age_to")]),
                    FieldRowPanel([FieldPanel("budget_amount"), FieldPanel("budget_currency")]),
                    FieldRowPanel([FieldPanel("direction"), FieldPanel("season")]),
                    FieldRowPanel([FieldPanel("without_travel"), FieldPanel("languages")]),
                    FieldPanel("constraints"),
                ],
                heading=_("Within which limits"),
            ),
            *PartnershipLibraryPage.text_panels[1:],
        ],
        PartnershipLibraryPage.about_panels,
    )

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")

    @cached_property
    def facts(self) -> ChallengeFacts | None:
        """The facts in force for the public, if the challenge has ever been live."""
        return ChallengeFacts.objects.filter(pk=self.translation_key).first()

    @property
    def standing(self) -> ChallengeFacts:
        """The facts, or those that it begins with."""
        return self.facts or ChallengeFacts(status=ChallengeStatus.OPEN)

    @property
    def neutral(self) -> ChallengePage | ChallengeFacts:
        """What has no language: this page's own on the page first told, else the facts."""
        return (self.facts if self.is_translation else None) or self

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the facts, and where the challenge stands."""
        context = super().get_context(request, *args, **kwargs)
        facts = self.standing
        context["neutral"] = self.neutral
        context["standing"] = facts
        context["head_chips"] = [(facts.get_status_display(), "open" if facts.is_open else "quiet")]
        context["view"] = challenge_view(self)
        return context

    def library_text(self) -> str:
        """Return all words of the challenge."""
        rich = [self.problem, self.tried_already, self.constraints]
        words = [self.audience, *[plain_text(html) for html in rich if html]]
        return "\n".join([*[text for text in words if text], searchable_text(self.body)])

    def library_facets(self) -> dict[str, list[str]]:
        """Return the facets, with ages, direction, season and where it stands."""
        return {
            **super().library_facets(),
            **whom_and_when(self.neutral),
            Facet.STATUS: [self.standing.status],
        }

    @classmethod
    def prepare_for_library(cls, pages: Sequence[PartnershipLibraryPage]) -> None:
        """Read the facts once for all."""
        super().prepare_for_library(pages)
        facts = ChallengeFacts.objects.in_bulk({page.translation_key for page in pages})
        for page in pages:
            page.__dict__["facts"] = facts.get(page.translation_key)

    def library_numbers(self) -> dict[str, float | None]:
        """Return the ages."""
        return age_numbers(self.neutral.age_from, self.neutral.age_to)
