"""What the stories add to Wagtail's admin."""

from __future__ import annotations

from wagtail import hooks

from stories.viewsets import StoriesGroup


@hooks.register("register_admin_viewset")
def stories() -> StoriesGroup:
    """Return the lists of practices, stories, challenges and resources."""
    return StoriesGroup()
