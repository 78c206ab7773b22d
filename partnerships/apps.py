"""App configuration of the Partnerships."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipsConfig(AppConfig):
    """Partnership, Community, Membership, Program, ways to take part, Event, committees."""

    name = "partnerships"
    verbose_name = _("Partnerships")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect signal handlers and system checks, register the permission policies."""
        from . import (  # noqa: F401
            checks,
            library,
            page_titles,
            place_names,
            renames,
            signal_handlers,
        )
        from .permissions import register_policies

        register_policies()
