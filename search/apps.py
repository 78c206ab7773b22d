"""App configuration of the library."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """The library index, its writer and its engines."""

    name = "search"
    verbose_name = _("Library")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the writer and the system checks."""
        from . import checks, deletions, document_handlers, signal_handlers  # noqa: F401
