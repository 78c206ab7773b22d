"""Makes the sizes of pictures beside the web process, so that no reader waits for them."""

from __future__ import annotations

import logging

from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import Filter, SourceImageIOError

from portal.models import PortalImage
from portal.pictures import rendition_specs
from portal.tasks import GiveUp, retrying_task

logger = logging.getLogger(__name__)


@retrying_task(max_attempts=4, backoff=30, obsolete_on=(PortalImage.DoesNotExist,))
def make_renditions(image_id: int) -> int:
    """Make every size that a page can ask for of one picture; return how many there are.

    Idempotent: what is there is kept. Gives up on a file that is no picture.
    """
    image = PortalImage.objects.get(pk=image_id)
    try:
        return len(image.get_renditions(*[Filter(spec=spec) for spec in rendition_specs()]))
    except (SourceImageIOError, InvalidFilterSpecError) as error:
        raise GiveUp(f"picture {image_id}: {error}") from error
