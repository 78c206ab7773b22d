"""What a browser posts when an editor saves a practice."""

from __future__ import annotations

from typing import Any

from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from stories.models import PracticePage

RICH = (
    "problem",
    "context",
    "aim",
    "do_differently",
    "when_not",
    "must_keep",
    "may_change",
    "depends_on",
    "safeguarding",
    "security",
)
PLAIN = (
    "title",
    "slug",
    "summary",
    "outcome",
    "audience",
    "age_from",
    "age_to",
    "lead_time_weeks",
    "duration_days",
    "mentor_offer",
    "contact_role",
    "hero_image",
)
STREAMS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "steps": [("step", {"title": "Step", "text": rich_text(""), "side": "both"})],
    "roles": [("role", {"side": "both", "role": "teacher"})],
    "costs": [
        (
            "cost",
            {
                "category": "food",
                "payer": "israel",
                "amount": "120",
                "currency": "ILS",
                "year": "2024",
            },
        )
    ],
    "results": [("result", {"indicator": "letters", "after": "17", "method": "counted"})],
    "difficulties": [("difficulty", {"difficulty": "Time", "answer": rich_text("<p>Early.</p>")})],
    "resources": [("resource", {"title": "Letter", "note": "from the contact"})],
    "evidence": [],
    "body": [],
}


def practice_form(page: PracticePage, action: str = "", **changes: Any) -> dict[str, Any]:
    """Return the form data of `page` with `changes`; `action` such as "action-publish".

    A change to None leaves a plain or rich field empty, a StreamField without blocks. On a
    translation the neutral fields are not posted, as the browser does not have them.
    """
    left_out = page.neutral_fields if page.is_translation else ()
    data: dict[str, Any] = {}
    for name in RICH:
        data[name] = rich_text(changes.get(name, getattr(page, name)) or "")
    for name in PLAIN:
        if name not in left_out:
            value = changes.get(name, getattr(page, name))
            data[name] = "" if value is None else getattr(value, "pk", value)
    for name, blocks in STREAMS.items():
        if name not in left_out:
            data[name] = streamfield(changes.get(name, blocks) or [])
    for name in set(changes) - set(data):
        data[name] = changes[name]
    data |= {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
    if action:
        data[action] = "1"
    return dict(nested_form_data(data))
