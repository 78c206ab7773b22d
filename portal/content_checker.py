"""Wagtail's checker of content beside the preview, set to what editors can put right."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.userbar import ContentCheckerItem


class PortalContentChecker(ContentCheckerItem):
    """Headings, links, pictures: what the words of a page can get wrong.

    Header and footer are the portal's own; `empty-meta-description` is left out, since pages
    describe themselves by their summary.
    """

    axe_include: ClassVar[list[str]] = ["main"]
    axe_run_only: ClassVar[list[str]] = [
        *(
            rule
            for rule in ContentCheckerItem.axe_run_only
            if rule not in ("empty-meta-description", "frame-title", "input-button-name")
        ),
        "image-alt",
        "duplicate-id-aria",
        "valid-lang",
    ]
    axe_messages: ClassVar[dict[str, Any]] = {
        **ContentCheckerItem.axe_messages,
        "image-alt": {
            "error_name": _("A picture has no description"),
            "help_text": _("Say what it shows, or tick that it only decorates"),
        },
        "valid-lang": {
            "error_name": _("A language is not known"),
            "help_text": _("Choose the language of the words from the list"),
        },
    }


def use_own_checker(request: Any, items: list[Any], page: Any) -> None:
    """Put our checker in the place of Wagtail's (hook `construct_wagtail_userbar`)."""
    for number, item in enumerate(items):
        if isinstance(item, ContentCheckerItem):
            items[number] = PortalContentChecker(in_editor=item.in_editor)
