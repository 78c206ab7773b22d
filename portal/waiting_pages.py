"""Pages that wait: drafts, translations that lag, publications that were refused."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, Revision, get_page_models
from wagtail.permissions import policy_registry

from portal.models import PortalPage, ScheduleRefusal
from portal.text import language_name
from portal.waiting import SHOWN, WaitingGroup, WaitingLine, group_of, in_its_language

#: Who keeps accounts keeps the network: drafts of all are shown to them.
STAFF = "portal.change_user"
#: Pages told and translated together are published within a few minutes of each other.
TOGETHER = datetime.timedelta(minutes=10)
REFUSED = "publish:"


def pages_of(user: Any) -> QuerySet[Page]:
    """Return the pages that `user` may change."""
    return policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change")


def edit_url(page_id: int) -> str:
    """Return the address of a page's editor."""
    return reverse("wagtailadmin_pages:edit", args=[page_id])


def parents_of(paths: Iterable[str]) -> dict[str, Any]:
    """Return the titles of the pages straight above, by their path, in one query."""
    above = {path[: -Page.steplen] for path in paths}
    found = Page.objects.filter(path__in=above).values_list(
        "path", "draft_title", "locale__language_code"
    )
    return {path: in_its_language(title, language) for path, title, language in found}


def drafts(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield the drafts of the person's own, and for staff those of everybody else."""
    unfinished = (
        pages_of(user)
        .filter(Q(live=False) | Q(has_unpublished_changes=True), alias_of=None)
        .filter(expired=False)
        .select_related("locale")
        .order_by("-latest_revision_created_at", "pk")
    )
    own = Q(latest_revision__user=user) | Q(latest_revision__user=None, owner=user)
    shown = [(unfinished.filter(own), "drafts", _("Drafts of mine"))]
    if user.has_perm(STAFF):
        others = unfinished.filter(latest_revision__isnull=False).exclude(own)
        shown.append((others, "drafts_of_others", _("Drafts of others")))
    for pages, key, heading in shown:
        rows = list(pages[:SHOWN])
        above = parents_of(page.path for page in rows)
        yield WaitingGroup(
            key=key,
            heading=heading,
            icon="doc-empty",
            lines=[
                WaitingLine(
                    title=in_its_language(
                        page.draft_title or page.title, page.locale.language_code
                    ),
                    url=edit_url(page.pk),
                    note=_("public, with a draft that is newer") if page.live else _("not public"),
                    where=above.get(page.path[: -Page.steplen], ""),
                )
                for page in rows
            ],
            total=pages.count(),
        )


def _lagging(model: type[PortalPage], wanted: Locale, mine: QuerySet[Page]) -> QuerySet[Any]:
    """Return pages first told in another language whose text in `wanted` is missing or older."""
    twins = Page.objects.filter(
        translation_key=OuterRef("translation_key"), locale=wanted, alias_of=None
    )
    written = ExpressionWrapper(F("last_published_at") - TOGETHER, output_field=DateTimeField())
    return (
        model.objects.filter(live=True, alias_of=None, pk__in=mine.order_by().values("pk"))
        .filter(original_language=F("locale__language_code"))
        .exclude(locale=wanted)
        .annotate(
            twin=Subquery(twins.values("pk")),
            twin_live=Subquery(twins.values("live"), output_field=BooleanField()),
            twin_published=Subquery(twins.values("last_published_at")),
            wanted=Value(wanted.language_code, output_field=CharField()),
        )
        .filter(Q(twin=None) | Q(twin_live=False) | Q(twin_published__lt=written))
        .order_by()
        .values_list(
            "pk",
            "path",
            "title",
            "locale__language_code",
            "last_published_at",
            "wanted",
            "twin",
            "twin_live",
        )
    )


def translations(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield the pages whose translation was not begun, is not public, or lags behind."""
    mine = pages_of(user)
    locales = list(Locale.objects.all())
    parts = [
        _lagging(model, wanted, mine)
        for model in get_page_models()
        if issubclass(model, PortalPage) and not model.is_skeleton
        for wanted in locales
    ]
    if not parts:
        return
    pages: Any = parts[0].union(*parts[1:], all=True)
    rows = list(pages.order_by("-last_published_at", "pk")[:SHOWN])
    above = parents_of(row[1] for row in rows)
    yield WaitingGroup(
        key="translations",
        heading=_("Translations that are missing or lag behind"),
        icon="globe",
        lines=[_translation_line(row, above) for row in rows],
        total=pages.count(),
    )


def _translation_line(row: tuple[Any, ...], above: dict[str, Any]) -> WaitingLine:
    pk, path, title, language, _published, wanted, twin, twin_live = row
    if twin is None:
        url = reverse("simple_translation:submit_page_translation", args=[pk])
        note = _("%(language)s: not begun")
    else:
        url = edit_url(twin)
        note = (
            _("%(language)s: older than the original")
            if twin_live
            else _("%(language)s: begun, not public")
        )
    return WaitingLine(
        title=in_its_language(title, language),
        url=url,
        note=note % {"language": language_name(wanted)},
        where=above.get(path[: -Page.steplen], ""),
    )


def refused(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield the planned publications that the gate refused when their hour had come."""
    refusals = {
        row.key.removeprefix(REFUSED): row
        for row in ScheduleRefusal.objects.filter(key__startswith=REFUSED)
    }
    revisions = dict(
        Revision.page_revisions.filter(
            pk__in=[pk for pk in refusals if pk.isdecimal()]
        ).values_list("object_id", "pk")
    )
    pages = pages_of(user).filter(pk__in=list(revisions)).select_related("locale").order_by("pk")

    def line(page: Page) -> WaitingLine:
        return WaitingLine(
            title=in_its_language(page.draft_title, page.locale.language_code),
            url=edit_url(page.pk),
            note=refusals[str(revisions[str(page.pk)])].error,
        )

    yield group_of(
        pages, line, key="refused", heading=_("Refused when their hour had come"), icon="warning"
    )
