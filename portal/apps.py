"""App configurations of the leaf app, and of Wagtail's users as the portal has them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class PortalConfig(AppConfig):
    """User, abstract pages, blocks, concepts, images, languages, mail."""

    name = "portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        """Connect signal handlers, system checks and components of `/readyz`."""
        from . import background_health, checks, library_bands, signal_handlers, vocabulary  # noqa: F401


class PortalUsersConfig(WagtailUsersAppConfig):
    """Wagtail's screens of users, for accounts with an e-mail address and roles by code."""

    default = False
    user_viewset = "portal.people.PeopleViewSet"

    def ready(self) -> None:
        """Register who may touch which account, in place of Wagtail's rule by model."""
        super().ready()
        from portal.people import register_people_policy

        register_people_policy()
