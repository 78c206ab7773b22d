"""Blocks of a practice's recipe: steps, roles, costs, results, resources."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from portal.blocks import ParagraphBlock
from portal.fields import language_choices
from stories.enums import CURRENCIES, CostCategory, CostPayer, StepSide
from stories.sections import section_choices


def current_year() -> int:
    """Return this year; a named function, since migrations can't hold a lambda."""
    return timezone.localdate().year


class StepBlock(blocks.StructBlock):
    """One step of how it works: who does what, when, with what."""

    title = blocks.CharBlock(label=_("step"))
    text = ParagraphBlock(required=False, label=_("what happens"))
    side = blocks.ChoiceBlock(choices=StepSide.choices, default="both", label=_("who"))
    weeks_before = blocks.IntegerBlock(
        required=False,
        label=_("weeks before the first day"),
        help_text=_("0 is the first day; a negative number is afterwards."),
    )
    duration = blocks.CharBlock(required=False, label=_("how long"))
    materials = blocks.CharBlock(required=False, label=_("with what"))
    tip = blocks.CharBlock(required=False, label=_("tip"))

    class Meta:
        icon = "tasks"
        label = _("Step")
        description = _("One step: who does what, when and with what.")
        template = "blocks/practice_step.html"
        preview_value = {
            "title": "Match the families",
            "text": "<p>Match by the age of the children first, by languages second.</p>",
            "side": "both",
            "weeks_before": 8,
            "duration": "two evenings",
            "materials": "the questionnaire",
            "tip": "Call each family once before you write to them.",
        }


class RoleBlock(blocks.StructBlock):
    """Who is needed on a side, and for how many hours."""

    side = blocks.ChoiceBlock(choices=StepSide.choices, default="both", label=_("side"))
    role = blocks.CharBlock(label=_("role"))
    people = blocks.IntegerBlock(required=False, min_value=0, label=_("how many people"), default=1)
    hours = blocks.IntegerBlock(required=False, min_value=0, label=_("hours in all, each"))
    is_volunteer = blocks.BooleanBlock(required=False, label=_("volunteer"))
    skills = blocks.CharBlock(required=False, label=_("skills and training"))

    class Meta:
        icon = "user"
        label = _("Role")
        description = _("Who is needed on a side, and for how long.")
        template = "blocks/practice_role.html"
        preview_value = {
            "side": "diaspora",
            "role": "coordinator of host families",
            "people": 1,
            "hours": 40,
            "is_volunteer": True,
            "skills": "knows the families",
        }


class CostBlock(blocks.StructBlock):
    """One line of the cost table."""

    category = blocks.ChoiceBlock(choices=CostCategory.choices, label=_("what for"))
    item = blocks.CharBlock(required=False, label=_("in words"))
    payer = blocks.ChoiceBlock(choices=CostPayer.choices, label=_("who pays"))
    amount = blocks.DecimalBlock(min_value=0, max_digits=10, decimal_places=2, label=_("amount"))
    currency = blocks.ChoiceBlock(choices=CURRENCIES, default="USD", label=_("currency"))
    year = blocks.IntegerBlock(
        label=_("prices of the year"),
        validators=[MinValueValidator(1990), MaxValueValidator(2100)],
        default=current_year,
    )
    is_each_run = blocks.BooleanBlock(
        required=False, default=True, label=_("each run"), help_text=_("Not ticked: once.")
    )
    is_in_kind = blocks.BooleanBlock(required=False, label=_("in kind"))

    class Meta:
        icon = "decimal"
        label = _("Cost")
        description = _("One line of the cost table.")
        template = "blocks/practice_cost.html"
        preview_value = {
            "category": "travel",
            "item": "flights for two counsellors",
            "payer": "diaspora",
            "amount": Decimal("2400.00"),
            "currency": "USD",
            "year": 2025,
            "is_each_run": True,
            "is_in_kind": False,
        }


class ResultBlock(blocks.StructBlock):
    """One result: what changed, from what to what, and how it was counted."""

    indicator = blocks.CharBlock(label=_("what changed"))
    baseline = blocks.CharBlock(required=False, label=_("before"))
    after = blocks.CharBlock(label=_("after"))
    people = blocks.IntegerBlock(required=False, min_value=0, label=_("of how many people"))
    method = blocks.CharBlock(
        label=_("how it was counted"), help_text=_("For example “form after the last evening”.")
    )
    period = blocks.CharBlock(required=False, label=_("when"))

    class Meta:
        icon = "order-up"
        label = _("Result")
        description = _("What changed, from what to what, and how it was counted.")
        template = "blocks/practice_result.html"
        preview_value = {
            "indicator": "families still in touch after a year",
            "baseline": "4 of 20",
            "after": "13 of 20",
            "people": 20,
            "method": "telephone calls by the coordinator",
            "period": "2023–24",
        }


class DifficultyBlock(blocks.StructBlock):
    """A difficulty met on the way, and what was done."""

    difficulty = blocks.CharBlock(label=_("what was hard"))
    answer = ParagraphBlock(label=_("what we did"))

    class Meta:
        icon = "warning"
        label = _("Difficulty")
        description = _("What was hard, and what was done about it.")
        template = "blocks/practice_difficulty.html"
        preview_value = {
            "difficulty": "Half of the teens stopped writing after a month",
            "answer": "<p>We gave each pair a task with a date, and a person to ask.</p>",
        }


class ResourceBlock(blocks.StructBlock):
    """A form, letter or guide that helps to repeat it."""

    title = blocks.CharBlock(label=_("title"))
    document = DocumentChooserBlock(required=False, label=_("file"))
    address = blocks.URLBlock(required=False, label=_("or address"))
    language = blocks.ChoiceBlock(choices=language_choices, required=False, label=_("language"))
    licence = blocks.CharBlock(required=False, label=_("licence"))
    note = blocks.CharBlock(required=False, label=_("where to get it, when it is not online"))

    class Meta:
        icon = "doc-full"
        label = _("Resource")
        description = _("A form, letter or guide that helps to repeat it.")
        template = "blocks/practice_resource.html"
        preview_value = {
            "title": "Letter to host families",
            "language": "en",
            "licence": "free to adapt",
            "note": "from the contact below",
        }


class EvaluationBlock(ResourceBlock):
    """An evaluation or survey; one that others made weighs more once the network reviewed it."""

    evaluator = blocks.CharBlock(
        required=False,
        max_length=255,
        label=_("who evaluated it, if not you"),
        help_text=_("An office or an institute; never a person’s name. Give the file or address."),
    )

    class Meta:
        icon = "doc-full"
        label = _("Evaluation or survey")
        description = _("An evaluation or survey, your own or one that others made.")
        template = "blocks/practice_resource.html"
        preview_value = {
            "title": "Survey of host families",
            "language": "en",
            "note": "from the contact below",
            "evaluator": "an institute of the region",
        }


class AdaptationValue(blocks.StructValue):
    """A change, with its part by name."""

    @property
    def section_label(self) -> str:
        """The part's name, as a heading."""
        return str(dict(section_choices()).get(self.get("section"), ""))


class AdaptationBlock(blocks.StructBlock):
    """What a Partnership changed in one part of a practice that it took over, and why."""

    section = blocks.ChoiceBlock(choices=section_choices, label=_("part"))
    text = ParagraphBlock(
        required=False,
        label=_("what we changed and why"),
        help_text=_("Leave it empty where you changed nothing."),
    )

    class Meta:
        icon = "edit"
        label = _("Change")
        description = _("What you changed in one part of it, and why.")
        template = "blocks/practice_adaptation.html"
        value_class = AdaptationValue
        preview_value = {
            "section": "how",
            "text": "<p>Eight evenings in place of twelve: our school year is shorter.</p>",
        }
