"""The one door, django-allauth: who may come in, where they go, and what closes beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LoginView
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import activate, get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.collection_privacy import set_privacy
from wagtail.models import CollectionViewRestriction

from portal.fields import text_direction

ADMIN_ACCESS = "wagtailadmin.access_admin"


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs up alone: accounts are made by network staff.

    Mails come in the person's own language.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the admin for those who work there, else the front page in their language."""
        user: Any = request.user
        if user.has_perm(ADMIN_ACCESS):
            return resolve_url(settings.LOGIN_REDIRECT_URL)
        return f"/{user.preferred_language}/"

    def format_email_subject(self, subject: str) -> str:
        return f"{settings.SITE_NAME}: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        user = context.get("user")
        with override(getattr(user, "preferred_language", None) or settings.LANGUAGE_CODE):
            super().send_mail(template_prefix, email, {**context, "site_name": settings.SITE_NAME})


class SignInView(LoginView):
    """allauth's sign-in; who is in and may not work in the admin is not sent there again.

    Wagtail sends them here with `next=/admin/`, and allauth alone would send them back, for ever.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Speak the language of `?language=he`; no cookie is set for it."""
        code = request.GET.get("language", "")
        if code in dict(settings.LANGUAGES):
            activate(code)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the addresses of this page in the other languages, `next` kept."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        links = []
        for code, name in settings.LANGUAGES:
            query = self.request.GET.copy()
            query["language"] = code
            link = {"code": code, "name": name, "direction": text_direction(code)}
            links.append({**link, "url": f"{self.request.path}?{query.urlencode()}"})
        context["other_languages"] = [link for link in links if link["code"] != get_language()]
        return context

    def get_authenticated_redirect_url(self) -> str:
        address: str = super().get_authenticated_redirect_url()
        leads_to_admin = urlsplit(address).path.startswith(reverse("wagtailadmin_home"))
        if leads_to_admin and not self.request.user.has_perm(ADMIN_ACCESS):
            return reverse("wagtailadmin_login")
        return address


@never_cache
def admin_entrance(request: HttpRequest) -> HttpResponse:
    """Stand where Wagtail has its own sign-in form: send on to the door, or say why it is shut."""
    user: Any = request.user
    if not user.is_authenticated:
        query = request.META.get("QUERY_STRING", "")
        door = resolve_url("account_login")
        return HttpResponseRedirect(f"{door}?{query}" if query else door)
    if user.has_perm(ADMIN_ACCESS):
        return redirect("wagtailadmin_home")
    return render(request, "account/no_admin_access.html", status=403)


def closed_door(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 where a package offers a way in, or of changing who one is, beside the door."""
    raise Http404(_("This way in is closed. Sign in by e-mail address and password."))


@require_admin_access
def set_collection_privacy(request: HttpRequest, collection_id: int) -> HttpResponse:
    """Set who may open a collection's files, as Wagtail does, but never by a shared password."""
    if request.POST.get("restriction_type") == CollectionViewRestriction.PASSWORD:
        raise PermissionDenied(_("Shared passwords are not offered: choose groups instead."))
    response: HttpResponse = set_privacy(request, collection_id)
    return response
