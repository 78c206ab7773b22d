"""A link to a page of the portal, a document or another address."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError


class LinkValue(blocks.StructValue):
    """What templates ask a link: `url` and `text`."""

    @property
    def url(self) -> str:
        """The address, or "" when the page is not live."""
        page = self.get("page")
        if page:
            return page.url if page.live else ""
        return self.get("address") or ""

    @property
    def text(self) -> str:
        """The words of the link; the page's title when none are given."""
        page = self.get("page")
        return self.get("label") or (page.title if page else self.get("address", ""))


class LinkBlock(blocks.StructBlock):
    """A button-like link: exactly one of a page or an address."""

    page = blocks.PageChooserBlock(required=False, label=_("page"))
    address = blocks.URLBlock(required=False, label=_("other address"))
    label = blocks.CharBlock(required=False, label=_("words of the link"))

    class Meta:
        icon = "link"
        label = _("Link")
        description = _("A link that stands on a line of its own.")
        template = "blocks/link.html"
        value_class = LinkValue
        preview_value = {"address": "https://example.org/", "label": "Read the handbook"}

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if getattr(self, "is_deferred_validation", False):
            return cleaned
        if bool(cleaned.get("page")) == bool(cleaned.get("address")):
            message = ValidationError(_("Choose a page or give an address, one of the two."))
            raise StructBlockValidationError(block_errors={"page": message})
        return cleaned
