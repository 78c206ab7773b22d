"""Sentences about the rows of the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from portal.library import Audience
from portal.visibility import Viewer, outside
from search.query import CONCEPT, CONCEPT_FACETS, LANGUAGE, TYPE


class LibraryEntryQuerySet(models.QuerySet):
    """Rows by who may see them and what they are about."""

    def visible(self, viewer: Viewer, hidden: Sequence[str]) -> Self:
        """Rows of live pages that `viewer` may see; `hidden` are the viewer's hidden prefixes.

        Rows for chosen Partnerships only are shown to nobody but superusers; no page tells of such
        an audience yet.
        """
        rows = self.filter(outside(list(hidden), "page__path"), page__live=True)
        if viewer.is_superuser:
            return rows
        if viewer.is_signed_in:
            return rows.exclude(audience=Audience.PARTNERSHIPS)
        return rows.filter(audience=Audience.PUBLIC)

    def matching(self, filters: Mapping[str, Iterable[str]]) -> Self:
        """Rows that have, for each filter, one of its values (names as in `FACET_NAMES`)."""
        facets = apps.get_model("search", "LibraryFacet")._default_manager
        rows = self
        for name, values in filters.items():
            if name == TYPE:
                condition = Q(type__in=values)
            elif name == LANGUAGE:
                condition = Q(language__in=values)
            else:
                names = CONCEPT_FACETS if name == CONCEPT else (name,)
                having = facets.filter(name__in=names, value__in=values)
                condition = Q(pk__in=having.values("entry_id"))
            rows = rows.filter(condition)
        return rows

    def within(
        self,
        at_most: Mapping[str, float],
        at_least: Mapping[str, float],
        untold: Iterable[str] = (),
    ) -> Self:
        """Rows whose numbers keep the limits, and that don't tell those of `untold`."""
        rows = self
        for having in self.limits(at_most, at_least, untold):
            rows = rows.filter(pk__in=having.values("entry_id"))
        return rows

    def limits(
        self,
        at_most: Mapping[str, float],
        at_least: Mapping[str, float],
        untold: Iterable[str] = (),
    ) -> list[models.QuerySet]:
        """Return, for each limit, the numbers that keep it."""
        numbers = apps.get_model("search", "LibraryNumber")._default_manager.using(self.db)
        return [
            *[numbers.filter(name=name, value__lte=limit) for name, limit in at_most.items()],
            *[numbers.filter(name=name, value__gte=limit) for name, limit in at_least.items()],
            *[numbers.filter(name=name, value=None) for name in untold],
        ]

    def stale(self) -> Self:
        """Rows whose texts are older than what they tell of: they wait for the worker."""
        return self.filter(version__gt=F("built_version"))
