"""A family of practices of any size, one of them with three parents."""

from __future__ import annotations

import datetime
import uuid

from django.utils import timezone

from portal.fields import Translated
from stories.models import Adoption, AdoptionSource, LineageEntry
from tests.factories import PracticePageFactory, page_of
from tests.stories.adopting import partnership


def big_family(size: int) -> uuid.UUID:
    """Write a family of `size` live practices, one of them with three parents; return the root."""
    parent = page_of(partnership())
    pages = [
        PracticePageFactory(parent=parent, title=f"Practice {number}") for number in range(size)
    ]
    entries = [
        LineageEntry(
            pk=page.translation_key,
            partnership=parent.partnership,
            partnership_name=parent.partnership.name,
            titles=Translated({"en": page.title}),
            was_public=True,
        )
        for page in pages
    ]
    LineageEntry.objects.bulk_create(entries)
    started = timezone.localdate() - datetime.timedelta(days=400)
    Adoption.objects.bulk_create(
        Adoption(
            practice=entry, partnership=parent.partnership, state="running", started_on=started
        )
        for entry in entries[1:]
    )
    links = [(number, (number - 1) // 3) for number in range(1, size - 1)]
    links += [(size - 1, 0), (size - 1, 1), (size - 1, 2)]
    AdoptionSource.objects.bulk_create(
        AdoptionSource(adoption_id=pages[child].translation_key, parent=entries[above], title="x")
        for child, above in links
    )
    return pages[0].translation_key
