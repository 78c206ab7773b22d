"""The practice: what another community needs in order to repeat it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField

from partnerships.enums import Direction, Season
from portal.blocks import plain_text, searchable_text
from portal.blocks.text import RICH_TEXT_BASIC
from portal.gate import PublicationProblem
from portal.library import LibraryType
from portal.panels import summary_panel
from search.services.rates import Rates, current_rates
from stories.blocks import (
    AdaptationBlock,
    CostBlock,
    DifficultyBlock,
    EvaluationBlock,
    ResourceBlock,
    ResultBlock,
    RoleBlock,
    StepBlock,
)
from stories.costs import CostLine, cost_lines, cost_tables
from stories.enums import (
    MentorOffer,
    NetworkPart,
    PracticeOutcome,
    SecurityNeed,
    WeatherNeed,
)
from stories.evidence import Evidence
from stories.evidence_reading import elsewhere, evidence_of_page
from stories.fit.address import FitAddressMixin
from stories.forms import PracticePageForm
from stories.library_facts import practice_facets, practice_numbers
from stories.network_parts import NetworkPartsMixin, default_network_parts
from stories.panels import FactsElsewherePanel, TakenOverPanel, practice_needs_panels
from stories.practice_gate import practice_problems
from stories.presentation import (
    cards_of,
    cost_glance,
    practice_chips,
    practice_sections,
    roles_by_side,
)
from stories.similar import similar_practices
from stories.travel_note import travel_context

from .base import PartnershipLibraryPage, tabs
from .facts import PracticeFacts


def _rich(label: Any, help_text: Any = "") -> RichTextField:
    return RichTextField(label, blank=True, features=RICH_TEXT_BASIC, help_text=help_text)


class PracticePage(FitAddressMixin, NetworkPartsMixin, PartnershipLibraryPage):
    """A recipe that others can use; twelve fields decide whether it may be public as one.

    The language-neutral fields (ages, costs, dates …) are edited on the page first told and shown
    from `PracticeFacts` everywhere else; `neutral` reads them in either place.
    """

    outcome = models.CharField(
        _("how it went"),
        max_length=6,
        choices=PracticeOutcome.choices,
        default=PracticeOutcome.WORKED,
        help_text=_("An attempt that failed helps others as much; say so here."),
    )
    problem = _rich(_("the problem"), _("What was missing or hard, for whom?"))
    context = _rich(_("the setting"), _("Both communities: size, what there was before."))
    aim = _rich(_("the aim"))
    audience = models.CharField(_("for whom"), max_length=255, blank=True)
    age_from = models.PositiveSmallIntegerField(_("age from"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("age to"), null=True, blank=True)
    group_size = models.PositiveIntegerField(
        _("how many people, both sides"), null=True, blank=True
    )
    direction = models.CharField(
        _("direction"), max_length=12, choices=Direction.choices, blank=True
    )
    steps = StreamField([("step", StepBlock())], verbose_name=_("how it works"), blank=True)
    roles = StreamField([("role", RoleBlock())], verbose_name=_("who is needed"), blank=True)
    costs = StreamField([("cost", CostBlock())], verbose_name=_("what it costs"), blank=True)
    has_no_cost = models.BooleanField(_("it costs nothing"), default=False)
    lead_time_weeks = models.PositiveSmallIntegerField(
        _("weeks from the decision to the first day"), null=True, blank=True
    )
    duration_days = models.PositiveSmallIntegerField(
        _("length of a run (days)"), null=True, blank=True
    )
    first_run_year = models.PositiveSmallIntegerField(_("first run in"), null=True, blank=True)
    season = models.CharField(_("season"), max_length=8, choices=Season.choices, blank=True)
    rhythm = models.CharField(
        _("how often"), max_length=120, blank=True, help_text=_("For example “every summer”.")
    )
    is_running = models.BooleanField(_("still running"), null=True, blank=True)
    last_confirmed_on = models.DateField(_("last confirmed on"), null=True, blank=True)
    results = StreamField([("result", ResultBlock())], verbose_name=_("results"), blank=True)
    difficulties = StreamField(
        [("difficulty", DifficultyBlock())], verbose_name=_("difficulties and answers"), blank=True
    )
    do_differently = _rich(_("what we would do differently"))
    when_not = _rich(_("when not to do it"))
    must_keep = _rich(_("what must stay"), _("Without this it is another program."))
    may_change = _rich(_("what may change"))
    depends_on = _rich(_("what it depends on"))
    safeguarding = _rich(
        _("safeguarding and consent"), _("Care for minors, photos, hosts; “adults only” counts.")
    )
    security = _rich(_("security"))
    security_need = models.CharField(
        _("what it needs of security"), max_length=7, choices=SecurityNeed.choices, blank=True
    )
    weather_need = models.CharField(
        _("what weather it needs"), max_length=4, choices=WeatherNeed.choices, blank=True
    )
    activity_languages = models.CharField(
        _("languages used"), max_length=60, blank=True, help_text=_("Codes, for example en, he.")
    )
    interpretation = models.CharField(_("interpretation"), max_length=255, blank=True)
    resources = StreamField(
        [("resource", ResourceBlock())], verbose_name=_("forms, letters, guides"), blank=True
    )
    evidence = StreamField(
        [("resource", EvaluationBlock())], verbose_name=_("evaluations and surveys"), blank=True
    )
    adaptations = StreamField(
        [("adaptation", AdaptationBlock())],
        verbose_name=_("what we changed and why"),
        blank=True,
    )
    mentor_offer = models.CharField(
        _("mentoring"), max_length=4, choices=MentorOffer.choices, default=MentorOffer.NONE
    )
    is_looking_for_partners = models.BooleanField(_("looking for partners"), default=False)
    contact_role = models.CharField(
        _("contact"),
        max_length=160,
        blank=True,
        help_text=_("A role, such as “coordinator of school twinning”; the form hides addresses."),
    )
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    network_parts = models.JSONField(
        _("for the network only"),
        default=default_network_parts,
        blank=True,
        help_text=_(
            "The public sees that these parts exist, what it costs each side in all, and how to"
            " ask for the rest."
        ),
    )

    page_description = _("The recipe others can use.")
    library_type: ClassVar[LibraryType] = LibraryType.PRACTICE
    neutral_fields: ClassVar[tuple[str, ...]] = (
        "outcome",
        "direction",
        "season",
        "age_from",
        "age_to",
        "group_size",
        "lead_time_weeks",
        "duration_days",
        "first_run_year",
        "is_running",
        "last_confirmed_on",
        "activity_languages",
        "security_need",
        "weather_need",
        "mentor_offer",
        "is_looking_for_partners",
        "costs",
        "has_no_cost",
        "network_parts",
    )
    part_fields: ClassVar[Mapping[str, Sequence[str]]] = {
        NetworkPart.BUDGET: ("costs",),
        NetworkPart.CONTACT: ("contact_role",),
        NetworkPart.FORMS: ("resources",),
        NetworkPart.EVALUATIONS: ("evidence",),
    }
    base_form_class = PracticePageForm
    template = "stories/practice_page.html"
    edit_handler = tabs(
        [
            FactsElsewherePanel(),
            TakenOverPanel(),
            *PartnershipLibraryPage.content_panels,
            summary_panel(),
            FieldPanel("outcome"),
            FieldPanel("hero_image"),
            MultiFieldPanel(
                [FieldPanel("problem"), FieldPanel("context"), FieldPanel("aim")],
                heading=_("Why"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("audience"),
                    FieldRowPanel(
                        [FieldPanel("age_from"), FieldPanel("age_to"), FieldPanel("group_size")]
                    ),
                    FieldPanel("direction"),
                ],
                heading=_("For whom"),
            ),
            FieldPanel("steps"),
            FieldPanel("body", heading=_("more text")),
        ],
        [
            *PartnershipLibraryPage.about_panels,
            MultiFieldPanel(
                [
                    FieldPanel("mentor_offer"),
                    FieldPanel("is_looking_for_partners"),
                    FieldPanel("contact_role"),
                    FieldPanel("licence"),
                ],
                heading=_("For those who want to repeat it"),
            ),
            FactsElsewherePanel(),
            FieldPanel("network_parts"),
        ],
        needs=(_("What it takes"), practice_needs_panels()),
        learned=(
            _("What came of it"),
            [
                FieldPanel("results"),
                FieldPanel("evidence"),
                FieldPanel("difficulties"),
                FieldPanel("do_differently"),
                FieldPanel("when_not"),
                MultiFieldPanel(
                    [
                        FieldPanel("must_keep"),
                        FieldPanel("may_change"),
                        FieldPanel("depends_on"),
                    ],
                    heading=_("For another place"),
                ),
                FieldPanel("adaptations"),
            ],
        ),
    )

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")

    @cached_property
    def facts(self) -> PracticeFacts | None:
        """The facts in force for the public, if the practice has ever been live."""
        return PracticeFacts.objects.filter(pk=self.translation_key).first()

    @property
    def neutral(self) -> PracticePage | PracticeFacts:
        """What has no language: this page's own on the page first told, else the facts.

        A translation of a practice that was never public shows what it was copied with.
        """
        return (self.facts if self.is_translation else None) or self

    @cached_property
    def cost_lines(self) -> list[CostLine]:
        """The lines of the cost table; unfinished ones of a draft are left out."""
        neutral = self.neutral
        if isinstance(neutral, PracticeFacts):
            return cost_lines(neutral.costs.all())
        return cost_lines(block.value for block in self.costs)

    @cached_property
    def tested(self) -> Evidence:
        """How well tested it is, and why."""
        return evidence_of_page(self)

    @property
    def is_free(self) -> bool:
        """Whether its owners say that it costs nothing (facts without a cost say so)."""
        neutral = self.neutral
        return not self.cost_lines and getattr(neutral, "has_no_cost", True)

    @property
    def closed_parts(self) -> frozenset[str]:
        """The parts that are for the network, in every language of the practice."""
        return frozenset(self.neutral.network_parts) & frozenset(NetworkPart.values)

    def has_part(self, part: str) -> bool:
        """Whether there is anything in a part; costs are those of the page first told."""
        return bool(self.cost_lines) if part == NetworkPart.BUDGET else super().has_part(part)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the recipe's parts are made of."""
        context = super().get_context(request, *args, **kwargs)
        scope = context["scope"]
        tables = cost_tables(self.cost_lines, self.neutral.group_size)
        context["sections"] = practice_sections(self)
        context["neutral"] = self.neutral
        context["asked_for"] = request.GET.get("for", "")[:120] if request else ""
        context["head_chips"] = practice_chips(self)
        context |= travel_context(self, scope, request)
        context["cost_tables"] = tables
        context["cost_glance"] = cost_glance(tables)
        context["roles_by_side"] = roles_by_side(self)
        context["similar"] = similar_practices(self)
        context["told"] = [
            card
            for name in ("stories", "resource_pages")
            for card in cards_of(
                self._meta.get_field(name).related_model.objects.filter(
                    practice__translation_key=self.translation_key
                ),
                self.language,
                scope,
                request,
            )
        ]
        return context

    def own_publication_problems(self) -> list[PublicationProblem]:
        """Return which of the twelve fields are missing, and why each matters."""
        return practice_problems(self)

    def library_text(self) -> str:
        """Return all words of the recipe that are for everybody."""
        closed = self.network_fields()
        rich = [
            self.problem,
            self.context,
            self.aim,
            self.do_differently,
            self.when_not,
            self.must_keep,
            self.may_change,
            self.depends_on,
            self.safeguarding,
            self.security,
        ]
        plain = [self.audience, self.rhythm]
        plain += [] if "contact_role" in closed else [self.contact_role]
        streams = {
            "steps": self.steps,
            "roles": self.roles,
            "costs": self.costs,
            "results": self.results,
            "difficulties": self.difficulties,
            "resources": self.resources,
            "body": self.body,
        }
        return "\n".join(
            [
                *[text for text in plain if text],
                *[plain_text(html) for html in rich if html],
                searchable_text(*[text for name, text in streams.items() if name not in closed]),
            ]
        )

    def library_facets(self) -> dict[str, list[str]]:
        """Return the facets, with what the facts tell."""
        return {**super().library_facets(), **practice_facets(self, self.rates)}

    def library_numbers(self) -> dict[str, float | None]:
        """Return ages, length, lead time and costs."""
        return practice_numbers(self, self.rates)

    @cached_property
    def rates(self) -> Rates:
        """The exchange rates in force, by which its costs are compared with others'."""
        return current_rates()

    @classmethod
    def prepare_for_library(cls, pages: Sequence[PartnershipLibraryPage]) -> None:
        """Read the rates, the facts and what others recorded, once for all."""
        super().prepare_for_library(pages)
        rates = current_rates()
        keys = {page.translation_key for page in pages}
        facts = PracticeFacts.objects.prefetch_related("costs").in_bulk(keys)
        others = elsewhere(keys)
        for page in pages:
            page.__dict__["rates"] = rates
            page.__dict__["facts"] = facts.get(page.translation_key)
            page.__dict__["elsewhere"] = others[page.translation_key]
            page.__dict__.pop("tested", None)
