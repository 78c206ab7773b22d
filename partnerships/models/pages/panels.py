"""A panel of the pages of facts."""

from __future__ import annotations

from wagtail.admin.panels import FieldPanel


class DemoTextPanel(FieldPanel):
    """The tick of a demonstration's text: shown only where it is set, to be taken away."""

    class BoundPanel(FieldPanel.BoundPanel):
        """The panel for one page."""

        def is_shown(self) -> bool:
            """Whether the page's text is a demonstration."""
            return bool(super().is_shown() and getattr(self.instance, self.field_name))
