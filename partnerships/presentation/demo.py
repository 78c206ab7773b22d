"""Which Partnerships show something invented: their pages are kept from search engines."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from partnerships.models.committees import Committee
from partnerships.models.events import Event
from partnerships.models.figures import BudgetShare, Figure, ParticipationRow
from partnerships.models.partnerships import Partnership
from partnerships.models.programs import Program
from partnerships.models.schools import SchoolTwin
from partnerships.presentation.extras import demo_partnerships
from partnerships.querysets import PartnershipQuerySet
from portal.library import Facet
from search.services.library import demo_values

#: What a Partnership's page lists of its own facts (`PartnershipPortrait.shows_demo`).
_LISTED = (Program, Event, Committee, Figure, ParticipationRow, BudgetShare, SchoolTwin)


def partnerships_with_demo() -> PartnershipQuerySet:
    """Return Partnerships that are invented, or have or tell something invented."""
    shows = Q(is_demo=True) | Q(slug__in=demo_values(Facet.PARTNERSHIP))
    for model in _LISTED:
        rows = model._default_manager.filter(partnership=OuterRef("pk"), is_demo=True)
        shows |= Q(Exists(rows))
    for source in demo_partnerships:
        shows |= Q(pk__in=source())
    return Partnership.objects.filter(shows)
