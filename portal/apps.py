"""App configuration of the leaf app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """User, abstract pages, blocks, concepts, images, languages, mail."""

    name = "portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect signal handlers and system checks."""
        from . import checks, signal_handlers  # noqa: F401
