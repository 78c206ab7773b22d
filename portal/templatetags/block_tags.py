"""Tags for the templates of blocks and of the pages made of them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from portal.models import PortalImage
from portal.pictures import picture_html
from portal.visibility import hidden_prefixes, is_under

register = template.Library()


@register.simple_tag
def picture_of(
    image: PortalImage | None, place: str, eager: bool = False, css_class: str = ""
) -> SafeString | str:
    """Show an image at a place of `portal.pictures.PLACES`; nothing when there is none."""
    return picture_html(image, place, eager, css_class) if image else ""


@register.simple_tag(takes_context=True)
def visible_page(context: Any, page: Any) -> Any:
    """Return the page if the public may see it, else None; one query for all asked by a page."""
    if not page or not page.live:
        return None
    request = context.get("request")
    hidden = getattr(request, "_hidden_prefixes", None)
    if hidden is None:
        hidden = hidden_prefixes()
        if request is not None:
            request._hidden_prefixes = hidden
    return None if is_under(page.path, hidden) else page
