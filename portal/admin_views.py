"""What the portal's own screens in the admin share."""

from __future__ import annotations

from typing import Any

from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin


class TitledAdminMixin(WagtailAdminTemplateMixin):
    """A screen whose title stands in the header; Wagtail's mixin alone shows “Home” there."""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Return the way here, with this screen as its end."""
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, here]
