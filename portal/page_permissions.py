"""What people may do to pages beyond Wagtail's own rules."""

from __future__ import annotations

from wagtail.models import PagePermissionTester


class SkeletonPagePermissionTester(PagePermissionTester):
    """Rights on a page that is made in every language: its people write it, staff keep it.

    Removing, moving, hiding and unpublishing ask for the right to delete whole trees, which only
    network staff have: below such a page hangs all that a Partnership has told.
    """

    @property
    def keeps_the_tree(self) -> bool:
        """Whether the user may change the skeleton of the tree."""
        return self.user.is_active and (self.user.is_superuser or "bulk_delete" in self.permissions)

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return self.keeps_the_tree and bool(super().can_delete(ignore_bulk=ignore_bulk))

    def can_unpublish(self) -> bool:
        return self.keeps_the_tree and bool(super().can_unpublish())

    def can_set_view_restrictions(self) -> bool:
        return self.keeps_the_tree and bool(super().can_set_view_restrictions())
