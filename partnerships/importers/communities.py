"""`import_content communities`: Jewish communities abroad and places in Israel."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from partnerships.models import Community, CommunityIndexPage, CommunityPage, CommunityVariant
from partnerships.models.communities import Climate, SizeBand
from partnerships.public import PublicScope
from portal.importing.columns import (
    Checked,
    Choice,
    Codes,
    Column,
    Number,
    Text,
    of_model,
    web_address,
)
from portal.importing.importer import Row
from portal.library import Facet
from portal.models.users import validate_time_zone

from .cells import REFERENCE, SOURCES, VARIANTS, Country, write_variants
from .facts import FactImporter
from .values import FieldColumn, plain, translated

FIELDS: tuple[FieldColumn, ...] = (
    *translated(Community, "name"),
    plain("lat", Number(-90, 90, is_float=True), field="latitude", aliases=("latitude",)),
    plain("lon", Number(-180, 180, is_float=True), field="longitude", aliases=("longitude", "lng")),
    plain(
        "time_zone",
        Checked((validate_time_zone,), of_model(Community, "time_zone"), "Asia/Jerusalem"),
        gettext_lazy("needed for a new community abroad"),
    ),
    *translated(Community, "federation"),
    plain("website", web_address()),
    plain(
        "region_code", Text(of_model(Community, "region_code")), gettext_lazy("such as VIC or ON")
    ),
    plain("size_band", Choice(SizeBand)),
    plain("climate", Choice(Climate)),
    plain("spoken_languages", Codes(of_model(Community, "spoken_languages"))),
    *translated(Community, "introduction"),
    SOURCES,
)


class CommunityImporter(FactImporter):
    """Imports communities; a new one needs a name, its country and, abroad, its time zone."""

    kind: ClassVar[str] = "communities"
    model = Community
    page_model = CommunityPage
    facet: ClassVar[str] = Facet.COMMUNITY
    never_blank: ClassVar[tuple[str, ...]] = ("time_zone",)
    fields: ClassVar[tuple[FieldColumn, ...]] = FIELDS
    columns: ClassVar[tuple[Column, ...]] = (
        REFERENCE,
        Column("country_code", Country(), gettext_lazy("two letters, such as IL or US")),
        Column("country", Country(), gettext_lazy("or the country's name")),
        VARIANTS,
        *[told.column for told in FIELDS],
    )

    def prepare(self) -> None:
        """Load the lists under which pages of communities stand."""
        super().prepare()
        self.indexes: dict[int, Page] = {
            page.locale_id: page for page in CommunityIndexPage.objects.filter(alias_of=None)
        }

    def more_wanted(self, row: Row) -> dict[str, Any]:
        return {"variants": row["variants"]} if "variants" in row else {}

    def relations_of(self, fact: Community) -> dict[str, Any]:
        return {"variants": list(fact.variants.values_list("text", flat=True))}

    def write_relations(self, fact: Community, changed: dict[str, Any], *, is_new: bool) -> None:
        write_variants(CommunityVariant, "community", fact, changed.get("variants"))

    def new_fact(self, row: Row) -> Community:
        country = row.get("country_code") or row.get("country") or ""
        if not country:
            row.refuse("country", _("A new community needs its country."))
        if not any(row.get(told.column.name) for told in FIELDS if told.field == "name"):
            row.refuse("name_en", _("A new community needs a name."))
        if country != "IL" and not row.get("time_zone"):
            row.refuse("time_zone", _("A new community abroad needs its time zone."))
        return Community(country_code=country)

    def check_existing(self, row: Row, fact: Community) -> None:
        country = row.get("country_code") or row.get("country") or fact.country_code
        if country != fact.country_code:
            row.refuse(
                "country",
                _("In the portal it is in another country (%(code)s); it can't move by an import.")
                % {"code": fact.country_code},
            )

    def parents(self, fact: Community) -> dict[int, Page]:
        return self.indexes

    def shown_keys(self, scope: PublicScope) -> set[int]:
        return set(scope.communities().values_list("pk", flat=True))

    def facet_key(self, fact: Community) -> str:
        return fact.slug
