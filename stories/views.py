"""Public pages of the stories that are no pages of the tree. None touches user or session."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from partnerships.presentation.public import PublicScope
from portal.fields import text_direction
from stories.evidence_words import in_words
from stories.family import draw
from stories.models import EarlierRun
from stories.services.evidence import evidence_by_key
from stories.travel import family_of


@require_safe
def travelled(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show where a practice travelled: who brought it over, what they changed, what came of it."""
    language = get_language() or ""
    scope = PublicScope.of()
    family = family_of(key, language, scope, request)
    if family is None:
        raise Http404
    evidence = evidence_by_key([key]).get(key)
    context = {
        "family": family,
        "drawing": draw(family.lines, family.parents, mirrored=text_direction(language) == "rtl"),
        "evidence": evidence,
        "tested": in_words(evidence) if evidence else None,
        "earlier_runs": list(
            EarlierRun.objects.filter(
                Q(partnership=None) | Q(partnership__in=scope.partnerships().values("pk")),
                practice_key=key,
            ).select_related("partnership")
        ),
        "is_in_every_language": True,
        "body_class": "template-travelled",
        "shows_demo": family.shows_demo,
        "is_demo": bool(family.here and family.here.is_demo),
    }
    return render(request, "stories/travelled.html", context)
