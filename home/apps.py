"""App configuration of the front page."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    """Front page, standard pages, the demo network."""

    name = "home"
    verbose_name = _("Front page")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let `/readyz` tell of a demonstration that was left where it does not belong."""
        from home.demo_watch import demonstration_state
        from portal.health import components

        components["demonstration"] = demonstration_state
