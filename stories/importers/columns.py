"""The columns of `import_content stories`, and which fields of a page they fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.enums import Direction, Season, Side
from portal.importing.columns import (
    Cell,
    Choice,
    Codes,
    Column,
    Day,
    Flag,
    Language,
    Listed,
    Number,
    Text,
    Whole,
    of_model,
)
from portal.importing.texts import rich_text
from portal.models import PortalPage
from stories.enums import MentorOffer, PracticeOutcome, SecurityNeed, WeatherNeed
from stories.models import ChallengePage, PracticePage, StoryPage

from .lines import COSTS, DIFFICULTIES, RESOURCES, RESULTS, ROLES, STEPS, BlockLines, Currency


class StoryType(models.TextChoices):
    """What a row tells; the values are the API's."""

    PRACTICE = "practice", _("practice")
    CHALLENGE = "challenge", _("challenge")
    SUCCESS = "success", _("story")


PAGE_TYPES: dict[str, type[PracticePage | ChallengePage | StoryPage]] = {
    StoryType.PRACTICE: PracticePage,
    StoryType.CHALLENGE: ChallengePage,
    StoryType.SUCCESS: StoryPage,
}

LONG = Text(multiline=True)
WORDS = Text(255)


@dataclass(frozen=True)
class FieldColumn:
    """A column that fills one field of some page types; `store` makes the field's value."""

    column: Column
    page_types: tuple[type[PortalPage], ...]
    field: str
    store: Callable[[Any], Any] | None = None

    def value(self, cell: Any) -> Any:
        """Return what the field takes for what was read from a cell."""
        return self.store(cell) if self.store else cell


def _practice(
    name: str, cell: Cell, help_text: Any = "", store: Callable[[Any], Any] | None = None
) -> FieldColumn:
    return FieldColumn(Column(name, cell, help_text), (PracticePage,), name, store)


def _lines(name: str, cell: BlockLines, help_text: Any) -> FieldColumn:
    return _practice(name, cell, help_text, cell.blocks)


def _or(default: str) -> Callable[[Any], Any]:
    return lambda value: value or default


def _limit(name: str, model: type[models.Model] = PracticePage) -> Text:
    return Text(of_model(model, name))


_BOTH = (PracticePage, ChallengePage)

REFERENCE = Column(
    "reference",
    Text(of_model(StoryPage, "reference")),
    _("the row's own key: a second import with it updates the same page"),
    required=True,
)
IDENTITY_COLUMNS = (
    REFERENCE,
    Column(
        "partnership",
        Text(),
        _("who tells it: the Partnership's name in any spelling, or its reference"),
        required=True,
    ),
    Column(
        "type",
        Choice(StoryType, aliases=(("story", "success"), ("success story", "success"))),
        _("practice, challenge or success"),
        required=True,
    ),
    Column("language", Language(), _("the language of the row's texts"), required=True),
    Column("title", Text(255), _("at most 100 characters for a practice"), required=True),
    Column("summary", Text(of_model(StoryPage, "summary")), required=True),
    Column(
        "body",
        LONG,
        _("paragraphs parted by blank lines; a line that begins with “# ” is a heading"),
        present=True,
    ),
    Column("translation_of", Text(120), _("reference of the row that this one translates")),
    Column("concepts", Listed(), _("keys, labels or exact synonyms of the vocabulary")),
    Column("tags", Listed(Text(100)), _("free words")),
    Column("program", Text(), _("reference or name of a program of the same Partnership")),
)

FIELD_COLUMNS: tuple[FieldColumn, ...] = (
    FieldColumn(Column("date", Day(), _("when it happened")), (StoryPage,), "happened_on"),
    FieldColumn(Column("told_by", Choice(Side), _("empty: both sides")), (StoryPage,), "told_by"),
    FieldColumn(
        Column("provenance_note", WORDS, _("where the text comes from")),
        (StoryPage,),
        "provenance_note",
    ),
    FieldColumn(Column("problem", LONG), _BOTH, "problem", rich_text),
    FieldColumn(Column("audience", WORDS, _("for whom")), _BOTH, "audience"),
    FieldColumn(Column("age_from", Whole(0, 120)), _BOTH, "age_from"),
    FieldColumn(Column("age_to", Whole(0, 120)), _BOTH, "age_to"),
    FieldColumn(Column("direction", Choice(Direction)), _BOTH, "direction"),
    FieldColumn(Column("season", Choice(Season)), _BOTH, "season"),
    FieldColumn(Column("tried_already", LONG), (ChallengePage,), "tried_already", rich_text),
    FieldColumn(Column("constraints", LONG), (ChallengePage,), "constraints", rich_text),
    FieldColumn(
        Column("budget_amount", Number(0, 99_999_999.99, places=2)),
        (ChallengePage,),
        "budget_amount",
    ),
    FieldColumn(
        Column("budget_currency", Currency()), (ChallengePage,), "budget_currency", _or("")
    ),
    _practice("outcome", Choice(PracticeOutcome), store=_or(PracticeOutcome.WORKED)),
    _practice("context", LONG, store=rich_text),
    _practice("aim", LONG, store=rich_text),
    _practice("group_size", Whole(0, 1_000_000)),
    _lines("steps", STEPS, _("a step a line")),
    _lines("roles", ROLES, _("a role a line")),
    _lines("costs", COSTS, _("a cost a line")),
    _practice("has_no_cost", Flag(), _("yes: it costs nothing")),
    _practice("lead_time_weeks", Whole(0, 520), _("weeks from the decision to the first day")),
    _practice("duration_days", Whole(0, 3660), _("length of a run in days")),
    _practice("first_run_year", Whole(1948, 2100)),
    _practice("rhythm", _limit("rhythm"), _("how often")),
    _practice("is_running", Flag(when_blank=None)),
    _practice("last_confirmed_on", Day()),
    _lines("results", RESULTS, _("a result a line")),
    _lines("difficulties", DIFFICULTIES, _("a difficulty a line")),
    _practice("do_differently", LONG, store=rich_text),
    _practice("when_not", LONG, store=rich_text),
    _practice("must_keep", LONG, store=rich_text),
    _practice("may_change", LONG, store=rich_text),
    _practice("depends_on", LONG, store=rich_text),
    _practice("safeguarding", LONG, store=rich_text),
    _practice("security", LONG, store=rich_text),
    _practice("security_need", Choice(SecurityNeed)),
    _practice("weather_need", Choice(WeatherNeed)),
    _practice("activity_languages", Codes(of_model(PracticePage, "activity_languages"))),
    _practice("interpretation", _limit("interpretation")),
    _lines("resources", RESOURCES, _("a form, letter or guide a line")),
    _practice("mentor_offer", Choice(MentorOffer), store=_or(MentorOffer.NONE)),
    _practice("is_looking_for_partners", Flag()),
    _practice("contact_role", _limit("contact_role"), _("a role, never a person's name")),
    _practice("licence", _limit("licence")),
)

COLUMNS: tuple[Column, ...] = (*IDENTITY_COLUMNS, *[field.column for field in FIELD_COLUMNS])
