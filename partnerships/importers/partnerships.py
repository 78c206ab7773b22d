"""`import_content partnerships`: Partnerships with their members on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from partnerships.enums import PartnershipStatus, Side, Verification
from partnerships.lookups import community_names, concept_names, the_one
from partnerships.models import (
    Community,
    Membership,
    Partnership,
    PartnershipIndexPage,
    PartnershipKind,
    PartnershipPage,
    PartnershipVariant,
)
from partnerships.public import PublicScope
from partnerships.services.roles import sync_partnership_groups
from portal.importing.columns import (
    Cell,
    Choice,
    Column,
    Day,
    Listed,
    Text,
    Whole,
    email_address,
)
from portal.importing.importer import Row
from portal.importing.names import NameIndex
from portal.importing.problems import CellRefused
from portal.library import Facet
from portal.models import Concept

from .cells import REFERENCE, SOURCES, VARIANTS, write_variants
from .facts import FactChange, FactImporter
from .values import FieldColumn, plain, translated


@dataclass(frozen=True)
class StatusOrConfirmation(Cell):
    """Whether it runs; lists of sources say under the same name how sure it is."""

    def read(self, text: str) -> tuple[str, str]:
        try:
            return "status", Choice(PartnershipStatus).read(text)
        except CellRefused:
            try:
                return "verification", Choice(Verification).read(text)
            except CellRefused:
                pass
            raise

    @property
    def form(self) -> str:
        return ", ".join([*PartnershipStatus.values, *Verification.values])


FIELDS: tuple[FieldColumn, ...] = (
    *translated(Partnership, "name"),
    *translated(Partnership, "region_name"),
    plain(
        "since",
        Whole(1948, 2100),
        gettext_lazy("the year of its founding"),
        field="founded_year",
        aliases=("founded_year",),
    ),
    plain("ended_on", Day()),
    *translated(Partnership, "contact_title"),
    plain("contact_email", email_address(), gettext_lazy("never shown")),
    plain("answer_days", Whole(0, 365)),
    plain("notes", Text(multiline=True), gettext_lazy("for staff")),
    SOURCES,
)
MEMBERS = {"israel_places": Side.ISRAEL, "diaspora_communities": Side.DIASPORA}


class PartnershipImporter(FactImporter):
    """Imports Partnerships; a new one needs a name and its kind.

    Members that the file no longer names stay: a membership is ended by its date, in the admin.
    """

    kind: ClassVar[str] = "partnerships"
    model = Partnership
    page_model = PartnershipPage
    facet: ClassVar[str] = Facet.PARTNERSHIP
    looked_up: ClassVar[tuple[str, ...]] = ("status", "verification", "kind_id")
    fields: ClassVar[tuple[FieldColumn, ...]] = FIELDS
    columns: ClassVar[tuple[Column, ...]] = (
        REFERENCE,
        Column("kind", Text(120), gettext_lazy("key or name of a kind, such as city-to-city")),
        Column("status", StatusOrConfirmation()),
        Column("verification", Choice(Verification), gettext_lazy("how sure the sources are")),
        VARIANTS,
        Column("israel_places", Listed(), gettext_lazy("names or references of communities")),
        Column(
            "diaspora_communities", Listed(), gettext_lazy("names or references of communities")
        ),
        Column("themes", Listed(), gettext_lazy("keys, labels or synonyms of concepts")),
        *[told.column for told in FIELDS],
    )

    def prepare(self) -> None:
        """Load communities, kinds, concepts and the lists under which pages stand."""
        super().prepare()
        self.indexes: dict[int, Page] = {
            page.locale_id: page for page in PartnershipIndexPage.objects.filter(alias_of=None)
        }
        self.kinds: NameIndex[int] = NameIndex()
        self.kind_keys: dict[int, str] = {}
        for kind in PartnershipKind.objects.all():
            self.kinds.add(kind.pk, [kind.key, *kind.label.values()])
            self.kind_keys[kind.pk] = kind.key
        self.communities = {
            Side.ISRAEL: community_names(Community.objects.in_israel()),
            Side.DIASPORA: community_names(Community.objects.abroad()),
        }
        self.community_slugs = {c.pk: c.slug for c in Community.objects.all()}
        self.community_labels = {c.pk: f"{c} ({c.slug})" for c in Community.objects.all()}
        self.community_ids = {slug: pk for pk, slug in self.community_slugs.items()}
        self.concepts = concept_names()
        self.concept_keys = {concept.pk: concept.key for concept in Concept.objects.all()}
        self.concept_ids = {key: pk for pk, key in self.concept_keys.items()}

    def more_wanted(self, row: Row) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if "variants" in row:
            wanted["variants"] = row["variants"]
        if row.get("status"):
            name, value = row["status"]
            wanted[name] = value
        if row.get("verification"):
            wanted["verification"] = row["verification"]
        if row.get("kind"):
            found = self._look_up(row, "kind", [row["kind"]], self.kinds, self.kind_keys)
            wanted["kind_id"] = next(iter(found), None)
        for column, side in MEMBERS.items():
            if column in row:
                names = self.communities[side]
                found = self._look_up(row, column, row[column], names, self.community_labels)
                wanted[column] = [self.community_slugs[pk] for pk in found]
        if "themes" in row:
            found = self._look_up(row, "themes", row["themes"], self.concepts, self.concept_keys)
            wanted["themes"] = [self.concept_keys[pk] for pk in found]
        return wanted

    def adjust(
        self, row: Row, fact: Partnership, current: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        """Members are added, never taken away: a membership ends by its date."""
        base = self.bases.get(row["reference"], {})
        for column in MEMBERS.keys() & wanted.keys():
            gone = [slug for slug in base.get(column, ()) if slug not in wanted[column]]
            gone = [slug for slug in gone if slug in current[column]]
            if gone:
                row.warn(
                    column,
                    _("%(names)s stays a member: end the membership by its date, in the admin.")
                    % {"names": ", ".join(gone)},
                )
            added = [slug for slug in wanted[column] if slug not in current[column]]
            wanted[column] = [*current[column], *added]

    @staticmethod
    def _look_up(
        row: Row, column: str, names: Iterable[str], index: NameIndex[int], labels: dict[int, str]
    ) -> list[int]:
        found = []
        for name in names:
            try:
                found.append(the_one(index.find_whole(name), name, index, labels))
            except CellRefused as error:
                row.refuse(column, str(error))
        return list(dict.fromkeys(found))

    def relations_of(self, fact: Partnership) -> dict[str, Any]:
        members = list(
            fact.memberships.current()
            .order_by("sort_order", "pk")
            .values_list("side", "community__slug")
        )
        return {
            "variants": list(fact.variants.values_list("text", flat=True)),
            "themes": [concept.key for concept in fact.themes.all()],
            **{
                column: [slug for own, slug in members if own == side]
                for column, side in MEMBERS.items()
            },
        }

    def write_relations(self, fact: Partnership, changed: dict[str, Any], *, is_new: bool) -> None:
        write_variants(PartnershipVariant, "partnership", fact, changed.get("variants"))
        if "themes" in changed:
            fact.themes.set([self.concept_ids[key] for key in changed["themes"]])
            fact.themes.commit()
        for column, side in MEMBERS.items():
            there = set(
                fact.memberships.current().of_side(side).values_list("community__slug", flat=True)
            )
            for position, slug in enumerate(changed.get(column, ())):
                if slug not in there:
                    Membership.objects.create(
                        partnership=fact,
                        community_id=self.community_ids[slug],
                        side=side,
                        sort_order=position,
                        sources=fact.sources,
                    )

    def new_fact(self, row: Row) -> Partnership:
        if not any(row.get(told.column.name) for told in FIELDS if told.field == "name"):
            row.refuse("name_en", _("A new Partnership needs a name."))
        if not row.get("kind"):
            row.refuse("kind", _("A new Partnership needs its kind."))
        return Partnership()

    def parents(self, fact: Partnership) -> dict[int, Page]:
        return self.indexes

    def shown_keys(self, scope: PublicScope) -> set[int]:
        return set(scope.partnerships().values_list("pk", flat=True))

    def facet_key(self, fact: Partnership) -> str:
        return fact.slug

    def after(self, changes: Sequence[FactChange]) -> None:
        """Let groups and collections follow a new name."""
        for change in changes:
            if any(key.startswith("name.") for key in change.changed):
                sync_partnership_groups(change.fact)
