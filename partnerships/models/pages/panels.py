"""A panel of the pages of facts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from portal.panels import body_panel, summary_panel

__all__ = ["DemoTextPanel", "body_panel", "fact_panel", "summary_panel"]


def fact_panel(name: str) -> FieldPanel:
    """Return the choice of the fact that a page stands for, and where its data are kept."""
    return FieldPanel(name, help_text=FACTS_STAND_ELSEWHERE[name])


#: What is told on the page, and what is kept once for all languages.
FACTS_STAND_ELSEWHERE: dict[str, Any] = {
    "partnership": _(
        "Communities, committees, programs and figures come from the menu “Partnerships”;"
        " here stands the text."
    ),
    "community": _(
        "Its names, place and Partnerships come from the menu “Partnerships”; here stands the text."
    ),
    "program": _(
        "Ways to take part, dates and ages are kept under “Partnerships”, “Programs”, once for"
        " both languages; here stands the text. A new program is made there first."
    ),
    "event": _(
        "Day, hour and place are kept under “Partnerships”, “Events”, once for both languages;"
        " here stands the text. A new event is made there first."
    ),
}


class DemoTextPanel(FieldPanel):
    """The tick of a demonstration's text: shown only where it is set, to be taken away."""

    class BoundPanel(FieldPanel.BoundPanel):
        """The panel for one page."""

        def is_shown(self) -> bool:
            """Whether the page's text is a demonstration."""
            return bool(super().is_shown() and getattr(self.instance, self.field_name))
