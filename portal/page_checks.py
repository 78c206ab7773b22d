"""What an editor is told of a page before others see it.

What the gate asks for stands in the way of publishing; all else is advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.fields import StreamField
from wagtail.models import Locale

from portal.gate import publication_problems
from portal.text import language_name

if TYPE_CHECKING:
    from portal.models import PortalImage, PortalPage


@dataclass(frozen=True, slots=True)
class PageCheck:
    """One remark; `field` is where it is put right ("": not in this form)."""

    code: str
    message: str
    field: str = ""
    stands_in_the_way: bool = False


def page_checks(page: PortalPage) -> list[PageCheck]:
    """Return what to say of `page` as it stands in the editor, the gate's reasons first.

    A gate that can't even be asked (a required fact is not chosen yet) says nothing here.
    """
    return [*_of_the_gate(page), *_of_words(page), *_of_pictures(page), *_of_languages(page)]


def _of_the_gate(page: PortalPage) -> Iterator[PageCheck]:
    for problem in publication_problems(page):
        field = problem.field if problem.field in page.__dict__ else ""
        yield PageCheck(problem.code, str(problem.message), field, stands_in_the_way=True)


def _of_words(page: PortalPage) -> Iterator[PageCheck]:
    if hasattr(page, "summary") and not page.summary.strip():
        yield PageCheck(
            "summary",
            _("There is no summary: cards and search results show it."),
            "summary",
        )
    headings = [
        name for name, blocks in _streams(page) if name == "body" and _has_bare_heading(blocks)
    ]
    for name in headings:
        yield PageCheck("heading", _("A heading has no text below it."), name)


def _streams(page: PortalPage) -> Iterator[tuple[str, Any]]:
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            yield field.name, getattr(page, field.name)


def _has_bare_heading(blocks: Any) -> bool:
    kinds = [block.block_type for block in blocks]
    return any(
        kind == "heading" and following in ("heading", None)
        for kind, following in pairwise([*kinds, None])
    )


def pictures_of(page: PortalPage) -> list[tuple[str, PortalImage]]:
    """Return each picture of a page with the name of its field."""
    found: list[tuple[str, PortalImage]] = []
    if hero := getattr(page, "hero_image", None):
        found.append(("hero_image", hero))
    for name, blocks in _streams(page):
        for block in blocks:
            pictures = []
            if block.block_type == "picture":
                pictures = [block.value]
            elif block.block_type == "gallery":
                pictures = list(block.value["pictures"])
            found += [(name, each["image"]) for each in pictures if each.get("image")]
    return found


def _is_silent(image: PortalImage) -> bool:
    """Whether a picture says nothing to who can't see it, and is not meant to be silent."""
    own = getattr(image, "contextual_alt_text", "") or image.description
    return not own and not getattr(image, "decorative", False)


def _of_pictures(page: PortalPage) -> Iterator[PageCheck]:
    pictures = pictures_of(page)
    for code, lacking, one, several in (
        (
            "alternative_text",
            [(field, image) for field, image in pictures if _is_silent(image)],
            _("The picture %(titles)s has no description for those who can't see it."),
            _("The pictures %(titles)s have no description for those who can't see them."),
        ),
        (
            "credit",
            [(field, image) for field, image in pictures if not image.credit],
            _("The picture %(titles)s does not say who took it (credit)."),
            _("The pictures %(titles)s do not say who took them (credit)."),
        ),
    ):
        titles = list(dict.fromkeys(f"“{image.title}”" for _field, image in lacking))
        if titles:
            text = one if len(titles) == 1 else several
            yield PageCheck(code, text % {"titles": ", ".join(titles)}, lacking[0][0])


def _of_languages(page: PortalPage) -> Iterator[PageCheck]:
    if not page.pk:
        return
    there = set(page.get_translations(inclusive=True).values_list("locale_id", flat=True))
    missing = [
        language_name(locale.language_code)
        for locale in Locale.objects.all()
        if locale.pk not in there
    ]
    if missing:
        yield PageCheck(
            "counterpart",
            ngettext(
                "There is no page in %(languages)s yet: “Translate” in the menu above begins it.",
                "There are no pages in %(languages)s yet: “Translate” in the menu above begins"
                " them.",
                len(missing),
            )
            % {"languages": ", ".join(missing)},
        )
