"""The sizes in which pictures are shown, and pictures of a page found without a query each.

Templates ask for a place on the page, never for a size: so the worker knows which renditions to
make ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.safestring import SafeString
from wagtail.blocks import StreamValue
from wagtail.images.models import Picture

from portal.models import PortalImage, PortalRendition

#: Renditions by place, the widest last, and how wide the picture stands there.
PLACES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "text": (("format-webp|width-480", "format-webp|width-960"), "(min-width: 44rem) 42rem, 94vw"),
    "card": (("format-webp|fill-640x360",), "(min-width: 60rem) 22rem, 94vw"),
    "gallery": (("format-webp|width-480",), "(min-width: 44rem) 20rem, 94vw"),
    "hero": (
        ("format-webp|fill-640x360", "format-webp|fill-1200x675"),
        "(min-width: 60rem) 34rem, 94vw",
    ),
}


def rendition_specs() -> list[str]:
    """Return every rendition that a page can ask for."""
    return sorted({spec for specs, _sizes in PLACES.values() for spec in specs})


def alternative_text(image: PortalImage) -> str:
    """Return what stands for the picture: the block's own words, else the image's description."""
    if getattr(image, "decorative", False):
        return ""
    return image.contextual_alt_text or image.description


def ready_renditions(image: PortalImage) -> dict[str, PortalRendition]:
    """Return the renditions that are there, by spec; reads them once an image."""
    known = getattr(image, "prefetched_renditions", None)
    if known is None:
        known = list(image.renditions.all())
    return {rendition.filter_spec: rendition for rendition in known}


def picture_html(
    image: PortalImage, place: str, is_eager: bool = False, css_class: str = ""
) -> SafeString:
    """Return the `<picture>` element of an image at a place of `PLACES`.

    Sizes are made by the worker (`portal.renditions`), never here: one that is not ready yet is
    left out, the nearest ready one stands for all, and without any there is no picture yet.
    """
    specs, sizes = PLACES[place]
    ready = ready_renditions(image)
    renditions = [ready[spec] for spec in specs if spec in ready]
    if not renditions:
        nearest = sorted(ready.values(), key=lambda rendition: -rendition.width)[:1]
        if not nearest:
            return SafeString("")
        renditions = nearest
    attributes = {"alt": "" if place == "card" else alternative_text(image), "sizes": sizes}
    attributes |= {"fetchpriority": "high"} if is_eager else {"loading": "lazy"}
    if css_class:
        attributes["class"] = css_class
    found = {rendition.filter_spec: rendition for rendition in renditions}
    return SafeString(Picture(found, attributes).__html__())


def images_in(*streams: StreamValue) -> Iterator[PortalImage]:
    """Yield the images of picture and gallery blocks."""
    for stream in streams:
        for block in stream:
            if block.block_type == "picture":
                pictures: Iterable[Any] = [block.value]
            elif block.block_type == "gallery":
                pictures = block.value["pictures"]
            else:
                continue
            yield from (picture["image"] for picture in pictures if picture.get("image"))


def remember_renditions(images: Iterable[PortalImage | None]) -> None:
    """Load what is there of all renditions of these images in one query."""
    there = [image for image in images if image is not None]
    if there:
        known = PortalRendition.objects.filter(filter_spec__in=rendition_specs())
        prefetch_related_objects(
            there, Prefetch("renditions", queryset=known, to_attr="prefetched_renditions")
        )
