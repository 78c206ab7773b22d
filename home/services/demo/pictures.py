"""Which drawn picture stands on which page of the demonstration: neighbours differ.

A topic is drawn in several variants, and has kin whose picture fits as well. A Partnership shows no
topic twice while one is free, and pages told one after the other differ, wherever they are listed.
"""

from __future__ import annotations

import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.models import Collection

from home.services.covers import TOPICS, draw_cover
from portal.models import PortalImage

if TYPE_CHECKING:
    from home.services.demo.library import DemoPage

COLLECTION = "Demonstration"
VARIANTS = 3
#: How many pages told one after the other have different topics.
WINDOW = 2
#: Which other topics fit as well, best first.
KIN: dict[str, tuple[str, ...]] = {
    "summer": ("garden", "road", "light"),
    "school": ("book", "screen", "letters"),
    "family": ("table", "kitchen", "light"),
    "letters": ("book", "screen", "road"),
    "music": ("stage", "circle", "light"),
    "medicine": ("hands", "circle", "screen"),
    "kitchen": ("table", "family", "garden"),
    "hands": ("circle", "garden", "table"),
    "table": ("circle", "kitchen", "hands"),
    "screen": ("letters", "circle", "school"),
    "garden": ("summer", "hands", "road"),
    "road": ("summer", "letters", "garden"),
    "stage": ("music", "light", "circle"),
    "book": ("school", "letters", "light"),
    "light": ("family", "stage", "circle"),
    "circle": ("table", "hands", "stage"),
}


class Pictures:
    """The pictures by topic, and which were given to whom. The same order gives the same choice."""

    def __init__(self, images: Mapping[str, Sequence[PortalImage]]) -> None:
        self._images = images
        self._shown: dict[str, Counter[str]] = {}
        self._given: Counter[str] = Counter()
        self._recent: deque[str] = deque(maxlen=WINDOW)
        self._of_thing: dict[uuid.UUID, PortalImage] = {}

    def for_partnership(self, topic: str) -> PortalImage | None:
        """Return the picture of a Partnership's own page."""
        return self._take(topic)

    def choose(self, pages: Iterable[DemoPage]) -> None:
        """Choose the pictures of `pages`, in the order in which they were told."""
        for item in sorted(pages, key=lambda one: (str(one.published), str(one.page.reference))):
            key = item.page.translation_key
            if item.cover not in self._images or key in self._of_thing:
                continue
            topic = self._topic(item.partnership, item.cover)
            image = self._take(topic)
            if image is not None:
                self._shown.setdefault(item.partnership, Counter())[topic] += 1
                self._recent.append(topic)
                self._of_thing[key] = image

    def of(self, thing: uuid.UUID) -> PortalImage | None:
        """Return what was chosen for a thing (`translation_key`): one picture in all languages."""
        return self._of_thing.get(thing)

    def _topic(self, slug: str, wanted: str) -> str:
        """Return the wanted topic or a kin: least shown by the Partnership, not shown just now."""
        shown = self._shown.get(slug, Counter())
        kin = KIN.get(wanted, ())
        further = (topic for one in kin for topic in KIN[one])
        fitting = [topic for topic in (wanted, *kin, *further) if topic in self._images]
        return min(fitting, key=lambda topic: (shown[topic], topic in self._recent))

    def _take(self, topic: str) -> PortalImage | None:
        """Return the variant of `topic` whose turn it is."""
        images = self._images.get(topic)
        if not images:
            return None
        self._given[topic] += 1
        return images[(self._given[topic] - 1) % len(images)]


def draw_pictures(say: Callable[[str], None]) -> int:
    """Draw the covers that are missing."""
    with transaction.atomic():
        collection = Collection.objects.filter(name=COLLECTION, depth=2).first()
        if collection is None:
            root = Collection.objects.get(depth=1)
            collection = root.add_child(name=COLLECTION)
    there = set(PortalImage.objects.filter(is_demo=True).values_list("title", flat=True))
    drawn = 0
    for position, topic in enumerate(TOPICS):
        for variant in range(VARIANTS):
            title = f"{topic} {variant + 1}"
            if title in there:
                continue
            content = ContentFile(
                draw_cover(topic, position + variant, view=variant),
                name=f"demo-{topic}-{variant + 1}.jpg",
            )
            PortalImage.objects.create(
                title=title,
                file=content,
                description="",
                collection=collection,
                people_shown="none",
                is_demo=True,
            )
            drawn += 1
    say(f"demonstration: {drawn} pictures drawn")
    return drawn


def pictures_by_topic() -> dict[str, list[PortalImage]]:
    """Return the demonstration's pictures by their topic, each variant in turn."""
    found: dict[str, list[PortalImage]] = {}
    for image in PortalImage.objects.filter(is_demo=True).order_by("title"):
        found.setdefault(image.title.rsplit(" ", 1)[0], []).append(image)
    return found
