"""What the stories add to Wagtail's admin."""

from __future__ import annotations

from wagtail import hooks

from portal.waiting import HOOK as WHAT_WAITS
from stories.viewsets import StoriesGroup
from stories.waiting import unfinished_practices

hooks.register(WHAT_WAITS, unfinished_practices, order=20)


@hooks.register("register_admin_viewset")
def stories() -> StoriesGroup:
    """Return the lists of practices, stories, challenges and resources."""
    return StoriesGroup()
