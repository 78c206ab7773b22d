"""App configuration of the stories."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoriesConfig(AppConfig):
    """Practices, challenges, stories, resources; later sharing, adoption and evidence."""

    name = "stories"
    verbose_name = _("Stories and practices")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect signal handlers and system checks."""
        from . import checks, credits, library, share_page, signal_handlers  # noqa: F401
