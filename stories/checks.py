"""System checks that hold the stories' conventions."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from stories.models import ChallengeFacts, ChallengePage, PracticeFacts, PracticePage

#: Neutral fields that the facts keep in another shape: rows of costs, and their absence.
KEPT_AS_ROWS = {"costs", "has_no_cost"}


@register("stories")
def facts_have_every_neutral_field(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What a translation may not edit must come from the facts, or it would be lost there."""
    problems: list[CheckMessage] = []
    for page, facts in ((PracticePage, PracticeFacts), (ChallengePage, ChallengeFacts)):
        known = {field.name for field in facts._meta.get_fields()} | KEPT_AS_ROWS
        for name in page.neutral_fields:
            if name not in known:
                problems.append(
                    Error(
                        f"{facts.__name__} has no field “{name}”, which {page.__name__} calls"
                        " language-neutral.",
                        obj=facts,
                        id="stories.E001",
                    )
                )
    return problems
