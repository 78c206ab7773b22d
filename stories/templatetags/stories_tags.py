"""Tags and filters for the pages of practices, challenges, stories and resources."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import get_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext, ngettext

from partnerships.clocks import AWAKE_FROM, AWAKE_UNTIL, SharedHours
from partnerships.countries import country_name
from partnerships.models import Community
from partnerships.services.routing import Route, route_for
from portal.templatetags.portal_tags import localized, plain_number
from stories.contact_page import community_of, hours_for, languages_of
from stories.enums import CostCategory, CostPayer, StepSide
from stories.models import PartnershipLibraryPage
from stories.services.contacts import AnswerTimes, answer_times
from stories.travel import Family, Member

register = template.Library()


@register.filter
def money(amount: Decimal | None, currency: str) -> SafeString | str:
    """Return an amount with its currency, kept together and in order in both directions."""
    if amount is None:
        return ""
    number = plain_number(int(amount))
    if cents := round(amount % 1 * 100):
        number = f"{number}{get_format('DECIMAL_SEPARATOR')}{cents:02d}"
    return format_html('<bdi dir="ltr" class="money">{}&nbsp;{}</bdi>', number, currency)


@register.simple_tag(takes_context=True)
def side_label(context: Any, side: str) -> SafeString | str:
    """Name a side by its communities where the page knows them, else in general words.

    The page's context holds `side_names`: the names to show for each side.
    """
    names = (context.get("side_names") or {}).get(side)
    if names:
        return format_html_join(", ", "{}", ((localized(name),) for name in names))
    try:
        return str(StepSide(side).label)
    except ValueError:
        return ""


@register.simple_tag(takes_context=True)
def payer_label(context: Any, payer: str) -> SafeString | str:
    """Name who pays: a side by its communities, others in general words."""
    if payer in (CostPayer.ISRAEL, CostPayer.DIASPORA):
        return side_label(context, payer)
    return str(CostPayer(payer).label) if payer in CostPayer.values else ""


@register.filter
def category_label(category: str) -> str:
    """Return what a cost is for, in words."""
    return str(CostCategory(category).label) if category in CostCategory.values else ""


@register.filter
def weeks_label(weeks_before: int | None) -> str:
    """Say when a step happens: so many weeks before the first day, on it, or after it."""
    if weeks_before is None:
        return ""
    if weeks_before == 0:
        return gettext("On the first day")
    if weeks_before > 0:
        return ngettext("%(count)d week before", "%(count)d weeks before", weeks_before) % {
            "count": weeks_before
        }
    return ngettext("%(count)d week after", "%(count)d weeks after", -weeks_before) % {
        "count": -weeks_before
    }


@register.filter
def language_names(codes: str) -> str:
    """Return the names of languages, in the reader's language, for "en, he"; others as written."""
    names = []
    for code in codes.split(","):
        try:
            names.append(str(get_language_info(code.strip().lower())["name_translated"]))
        except KeyError:
            names.append(code.strip())
    return ", ".join(name for name in names if name)


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What a page says of who answers for it."""

    route: Route
    times: AnswerTimes
    languages: str
    community: Community | None
    hours: tuple[SharedHours, ...]
    awake_from: datetime.time = datetime.time(AWAKE_FROM)
    awake_until: datetime.time = datetime.time(AWAKE_UNTIL)


@register.simple_tag
def contact_facts(page: PartnershipLibraryPage, asked_for: str = "") -> ContactFacts:
    """Return what is said of who answers for a page (some five queries).

    `asked_for` is the slug of the reader's community, if the address names it.
    """
    partnership = page.partnership
    community = community_of(asked_for) if asked_for else None
    route = route_for(partnership, community)
    return ContactFacts(
        route=route,
        times=answer_times(partnership) if partnership else AnswerTimes(None, None),
        languages=languages_of(page),
        community=community,
        hours=hours_for(community, route) if community else (),
    )


@register.simple_tag
def member_of(family: Family, key: str) -> Member | None:
    """Return a practice of a family by its id there."""
    return family.members.get(key)


@register.simple_tag
def made_from(family: Family, member: Member) -> list[Member]:
    """Return the practices of the family from which one was made."""
    keys = family.parents.get(member.id, ())
    return [family.members[key] for key in keys if key in family.members]


@register.filter
def country(code: str) -> str:
    """Return the name of a country in the reader's language."""
    return str(country_name(code))
