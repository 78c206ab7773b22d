"""What the portal adds to Wagtail's admin."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

from portal.people import NobodyAssignsGroups, SetActiveState

# After Wagtail's own, which these replace.
hooks.register("register_bulk_action", NobodyAssignsGroups, order=10)
hooks.register("register_bulk_action", SetActiveState, order=10)


@hooks.register("insert_global_admin_css")
def admin_css() -> SafeString:
    """Return the link to the admin's own style sheet."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))
