"""`import_content programs`: programs with their ways to take part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from partnerships.enums import Direction, ProgramStatus, SafeguardingClass, Season, Side, WayKind
from partnerships.lookups import concept_names, partnership_names, the_one
from partnerships.models import (
    Partnership,
    PartnershipPage,
    Program,
    ProgramPage,
    WayToTakePart,
)
from partnerships.public import PublicScope
from portal.fields import language_codes
from portal.importing.columns import (
    Checked,
    Choice,
    Codes,
    Column,
    Day,
    Listed,
    Number,
    Text,
    Whole,
    of_model,
)
from portal.importing.importer import Row
from portal.importing.lines import Lines, Part
from portal.importing.problems import CellRefused
from portal.library import Facet
from portal.models import Concept, ConceptKind
from portal.text import normalize_name

from .cells import REFERENCE, SOURCES
from .facts import FactImporter
from .values import FieldColumn, json_plain, plain, set_value, translated, value_of


def _currency(text: str) -> None:
    if len(text) != 3 or not text.isascii() or not text.isupper():
        raise ValidationError(_("A currency has three capital letters, such as USD."))


CODES = language_codes()
AGE = Whole(0, 120)
YEAR = Whole(1948, 2100)
FIELDS: tuple[FieldColumn, ...] = (
    *translated(Program, "name"),
    *translated(Program, "summary"),
    plain("direction", Choice(Direction)),
    plain("season", Choice(Season)),
    plain("age_from", AGE),
    plain("age_to", AGE),
    plain("participant_cost", Number(0, 9_999_999.99, places=2), aliases=("cost",)),
    plain("currency", Checked((_currency,), 3, "USD")),
    plain("capacity", Whole(0, 1_000_000)),
    plain("languages", Codes(of_model(Program, "languages"))),
    *translated(Program, "accessibility"),
    plain("safeguarding", Choice(SafeguardingClass)),
    plain("started_year", YEAR, aliases=("since",)),
    plain("ended_year", YEAR),
    SOURCES,
)
WAYS = Lines(
    (
        Part("kind", Choice(WayKind), required=True),
        Part("side", Choice(Side)),
        *[Part(f"title_{code}", Text(160)) for code in CODES],
        Part("age_from", AGE),
        Part("age_to", AGE),
        Part("opens_on", Day()),
        Part("deadline", Day()),
        Part("starts_on", Day()),
        Part("ends_on", Day()),
        Part("places", Whole(0, 1_000_000)),
        *[Part(f"asks_{code}", Text(600)) for code in CODES],
    )
)
_WAY_KEYS = {f"{name}_{code}": f"{name}.{code}" for name in ("title", "asks") for code in CODES}


class ProgramImporter(FactImporter):
    """Imports programs; a new one needs a name and its Partnership.

    Ways to take part are known by kind and title: those of the file are added or changed, others
    stay.
    """

    kind: ClassVar[str] = "programs"
    model = Program
    page_model = ProgramPage
    facet: ClassVar[str] = Facet.PARTNERSHIP
    looked_up: ClassVar[tuple[str, ...]] = ("type_id", "status")
    fields: ClassVar[tuple[FieldColumn, ...]] = FIELDS
    columns: ClassVar[tuple[Column, ...]] = (
        REFERENCE,
        Column(
            "partnership",
            Text(),
            gettext_lazy("the Partnership's name in any spelling, or its reference"),
            required=True,
        ),
        Column("type", Text(120), gettext_lazy("key or label of a program type")),
        Column("status", Choice(ProgramStatus)),
        Column("concepts", Listed(), gettext_lazy("topics and audiences: keys or labels")),
        Column("ways", WAYS, gettext_lazy("ways to take part, one a line")),
        *[told.column for told in FIELDS],
    )

    def prepare(self) -> None:
        """Load Partnerships with their pages, and the vocabulary."""
        super().prepare()
        self.partnerships = partnership_names()
        self.partnership_labels = {
            partnership.pk: f"{partnership} ({partnership.reference or partnership.slug})"
            for partnership in Partnership.objects.all()
        }
        self.homes: dict[int, dict[int, Page]] = {}
        for page in PartnershipPage.objects.filter(alias_of=None).defer("body").order_by("-pk"):
            self.homes.setdefault(page.partnership_id, {})[page.locale_id] = page
        self.types = concept_names([ConceptKind.PROGRAM_TYPE])
        self.concepts = concept_names()
        self.concept_keys = {concept.pk: concept.key for concept in Concept.objects.all()}
        self.concept_ids = {key: pk for pk, key in self.concept_keys.items()}

    def _partnership(self, row: Row) -> int | None:
        name = row["partnership"]
        try:
            found = self.partnerships.find(name)
            return the_one(found, name, self.partnerships, self.partnership_labels)
        except CellRefused as error:
            row.refuse("partnership", str(error))
            return None

    def more_wanted(self, row: Row) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if row.get("status"):
            wanted["status"] = row["status"]
        if "type" in row:
            wanted["type_id"] = None
            if row["type"]:
                try:
                    found = self.types.find_whole(row["type"])
                    wanted["type_id"] = the_one(found, row["type"], self.types, self.concept_keys)
                except CellRefused as error:
                    row.refuse("type", str(error))
        if "concepts" in row:
            wanted["concepts"] = self._concepts(row)
        if "ways" in row:
            wanted["ways"] = self._ways(row)
        return wanted

    def _concepts(self, row: Row) -> list[str]:
        keys = []
        for name in row["concepts"]:
            try:
                found = self.concepts.find_whole(name)
                pk = the_one(found, name, self.concepts, self.concept_keys)
                keys.append(self.concept_keys[pk])
            except CellRefused as error:
                row.refuse("concepts", str(error))
        return list(dict.fromkeys(keys))

    def _ways(self, row: Row) -> list[dict[str, Any]]:
        ways = []
        for number, line in enumerate(row["ways"], start=1):
            values = {_WAY_KEYS.get(name, name): value for name, value in line.items()}
            way = WayToTakePart()
            for key, value in values.items():
                set_value(way, key, value)
            try:
                way.full_clean(exclude={"program", "key"}, validate_unique=False)
            except ValidationError as error:
                row.refuse(
                    "ways",
                    _("Line %(number)d: %(reason)s")
                    % {"number": number, "reason": " ".join(error.messages)},
                )
            ways.append(values)
        return ways

    def relations_of(self, fact: Program) -> dict[str, Any]:
        return {"concepts": [concept.key for concept in fact.concepts.all()], "ways": None}

    def adjust(
        self, row: Row, fact: Program, current: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        """Leave the ways alone when the database has all that the file says of them."""
        if "ways" not in wanted:
            return
        ways = {_way_key(way): way for way in fact.ways.all()}
        for told in wanted["ways"]:
            way = ways.get(_told_key(told))
            if way is None or json_plain({key: value_of(way, key) for key in told}) != told:
                return
        current["ways"] = wanted["ways"]

    def write_relations(self, fact: Program, changed: dict[str, Any], *, is_new: bool) -> None:
        if "concepts" in changed:
            fact.concepts.set([self.concept_ids[key] for key in changed["concepts"]])
            fact.concepts.commit()
        if "ways" in changed:
            ways = {} if is_new else {_way_key(way): way for way in fact.ways.all()}
            for position, told in enumerate(changed["ways"]):
                way = ways.get(_told_key(told)) or WayToTakePart(
                    program=fact,
                    reference=f"{fact.reference[:110]}-{position}",
                    sort_order=position,
                    sources=fact.sources,
                )
                for key, value in told.items():
                    set_value(way, key, value)
                way.save()

    def new_fact(self, row: Row) -> Program:
        partnership = self._partnership(row)
        if not any(row.get(told.column.name) for told in FIELDS if told.field == "name"):
            row.refuse("name_en", _("A new program needs a name."))
        if partnership is not None and partnership not in self.homes:
            row.refuse("partnership", _("The Partnership has no page yet."))
        kept: Any = partnership  # None was refused above, and the row is not written
        return Program(partnership_id=kept)

    def check_existing(self, row: Row, fact: Program) -> None:
        partnership = self._partnership(row)
        if partnership is not None and partnership != fact.partnership_id:
            row.refuse(
                "partnership",
                _("The program belongs to another Partnership in the portal (%(name)s).")
                % {"name": self.partnership_labels[fact.partnership_id]},
            )

    def parents(self, fact: Program) -> dict[int, Page]:
        return self.homes.get(fact.partnership_id, {})

    def slug_scope(self, fact: Program) -> int:
        return fact.partnership_id

    def slug_is_taken(self, fact: Program, slug: str) -> bool:
        own = Program.objects.filter(partnership=fact.partnership_id, slug=slug)
        return own.exists() or any(
            home.get_children().filter(slug=slug).exists() for home in self.parents(fact).values()
        )

    def shown_keys(self, scope: PublicScope) -> set[int]:
        return set(scope.programs().values_list("pk", flat=True))

    def facet_key(self, fact: Program) -> str:
        return fact.partnership.slug


def _way_key(way: WayToTakePart) -> tuple[str, str]:
    return way.kind, _first_title(way.title)


def _told_key(told: dict[str, Any]) -> tuple[str, str]:
    return told["kind"], _first_title({code: told.get(f"title.{code}") for code in CODES})


def _first_title(titles: Mapping[str, Any]) -> str:
    return normalize_name(next((titles[code] for code in CODES if titles.get(code)), ""))
