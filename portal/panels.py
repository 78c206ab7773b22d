"""Panels of every page editor."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from portal.page_checks import page_checks


def summary_panel() -> FieldPanel:
    """Return the summary, in a field that shows all of it on a telephone too."""
    return FieldPanel("summary", widget=AdminAutoHeightTextInput(attrs={"rows": 2}))


def body_panel() -> FieldPanel:
    """Return the text made of blocks, and how one begins."""
    return FieldPanel(
        "body", help_text=_("Press the plus to add a paragraph, a picture, a quotation or more.")
    )


class ChecksPanel(HelpPanel):
    """Above the first field: what is still missing, and what would be better.

    After a refused publication it names every reason at once, since the fields stand on several
    tabs; on a saved page it tells the same beforehand. A page that was never saved is left in
    peace.
    """

    def __init__(
        self, content: str = "", template: str = "portal/admin/checks_panel.html", **kwargs: Any
    ) -> None:
        kwargs.setdefault("heading", _("Before others see it"))
        super().__init__(content=content, template=template, **kwargs)

    class BoundPanel(HelpPanel.BoundPanel):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            # Without a form two revisions are compared.
            self.was_refused = bool(self.form and self.form.is_bound and self.form.errors)
            is_worth_it = self.instance.pk or self.was_refused
            self.checks = page_checks(self.instance) if is_worth_it else []

        def is_shown(self) -> bool:
            return bool(self.checks)

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["needed"] = [check for check in self.checks if check.stands_in_the_way]
            context["advice"] = [check for check in self.checks if not check.stands_in_the_way]
            context["was_refused"] = self.was_refused
            return context
