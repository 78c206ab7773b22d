"""The admin's screens of visitors' messages, and the panic switch of public forms."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem

from partnerships.enums import Role
from partnerships.models import FormsClosure, Partnership
from partnerships.permissions import standing_of
from partnerships.services.closures import close_forms, open_forms
from partnerships.services.routing import RouteKind
from portal.admin_views import TitledAdminMixin
from portal.fields import TranslatedFormField, in_language
from portal.templatetags.portal_tags import localized
from portal.text import whole_number
from portal.waiting import WaitingGroup, WaitingLine, group_of
from stories.contact_forms import LONGEST_TEXT
from stories.models import ContactMessage, ContactRequest
from stories.services.contacts import (
    ContactRefused,
    answer_as,
    need_no_answer,
    requests_of,
)

PAGE_SIZE = 30
LISTED = {"open": _("not answered"), "answered": _("answered")}


def sees_messages(user: Any) -> bool:
    """Whether `user` answers visitors: staff and coordinators do."""
    standing = standing_of(user)
    return standing.acts_for_all or bool(standing.partnership_ids([Role.COORDINATOR]))


class MessagesMenuItem(MenuItem):
    """An item for those who answer visitors."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the person does."""
        return sees_messages(request.user)


class StaffMenuItem(MenuItem):
    """An item for the network's staff."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the person is one."""
        return standing_of(request.user).acts_for_all


def with_what_waits(rows: QuerySet[ContactRequest]) -> QuerySet[Any]:
    """Add by when the oldest unanswered message is due, and when one was given to staff.

    As `due_at` (None: nothing waits) and `escalated_at`.
    """
    waiting = ContactMessage.objects.waiting().filter(request=OuterRef("pk"))
    given = waiting.exclude(escalated_at=None).order_by("escalated_at")
    return rows.annotate(
        due_at=Subquery(waiting.order_by("due_at").values("due_at")[:1]),
        escalated_at=Subquery(given.values("escalated_at")[:1]),
    )


class MessagesView(TitledAdminMixin, TemplateView):
    """What visitors wrote to the Partnerships that one coordinates; staff see all."""

    template_name = "stories/contact/admin_list.html"
    page_title = _("Messages of visitors")
    header_icon = "mail"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not sees_messages(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of the messages."""
        rows = with_what_waits(requests_of(self.request.user).select_related("partnership"))
        state = self.request.GET.get("state", "")
        if state in LISTED:
            rows = rows.filter(due_at__isnull=state != "open")
        page = Paginator(rows, PAGE_SIZE).get_page(self.request.GET.get("p"))
        return super().get_context_data(page_obj=page, state=state, states=LISTED.items(), **kwargs)


class AnswerForm(forms.Form):
    """An answer to a visitor."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("It goes to the visitor by mail; your address is not shown."),
    )
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class MessageView(TitledAdminMixin, TemplateView):
    """One exchange with a visitor, and an answer to it."""

    template_name = "stories/contact/admin_detail.html"
    page_title = _("Message of a visitor")
    header_icon = "mail"

    @cached_property
    def exchange(self) -> ContactRequest:
        """The exchange, if the person may see it."""
        if not sees_messages(self.request.user):
            raise PermissionDenied
        rows = with_what_waits(
            requests_of(self.request.user).select_related("partnership", "community")
        )
        found: ContactRequest = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the exchange."""
        kwargs.setdefault("form", AnswerForm(initial={"form_key": secrets.token_urlsafe(16)}))
        letters = self.exchange.messages.select_related("recipient")
        return super().get_context_data(exchange=self.exchange, letters=letters, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer, or say that none is needed; what does not fit comes back as it was filled."""
        form = AnswerForm(request.POST)
        exchange = self.exchange
        if request.POST.get("do") == "settle":
            need_no_answer(exchange)
            messages.success(request, gettext("Nothing waits for an answer here any more."))
            return redirect("wagtailadmin_contact", exchange.pk)
        if form.is_valid():
            given = form.cleaned_data
            try:
                answer_as(
                    exchange,
                    request.user,  # type: ignore[arg-type]
                    text=given["text"],
                    form_key=given["form_key"],
                )
            except ContactRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, gettext("Your answer is on its way."))
                return redirect("wagtailadmin_contact", exchange.pk)
        return self.render_to_response(self.get_context_data(form=form))


class ClosingForm(forms.Form):
    """What is shown instead of a closed form."""

    instead = TranslatedFormField(
        label=_("Shown instead (a telephone number, an address for mail)"),
        required=False,
        max_length=300,
        multiline=True,
    )


class FormsSwitchView(TitledAdminMixin, TemplateView):
    """The panic switch: closes all public forms, or one Partnership's, by one press."""

    template_name = "stories/contact/admin_switch.html"
    page_title = _("Public forms")
    header_icon = "lock"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not standing_of(request.user).acts_for_all:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is closed, and all Partnerships by name."""
        closed = {row.partnership_id: row for row in FormsClosure.objects.all()}
        partnerships = Partnership.objects.annotate(by_name=in_language("name"))
        kwargs.setdefault("form", ClosingForm())
        return super().get_context_data(
            whole=closed.get(None),
            rows=[(one, closed.get(one.pk)) for one in partnerships.order_by("by_name", "pk")],
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Close or open."""
        form = ClosingForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        action, _colon, key = request.POST.get("do", "").partition(":")
        partnership = None
        if key != "all":
            partnership = get_object_or_404(Partnership, pk=whole_number(key))
        user: Any = request.user
        if action == "close":
            close_forms(partnership, user=user, instead=form.cleaned_data["instead"] or None)
            messages.success(request, gettext("Closed. Visitors see what to do instead."))
        elif action == "open":
            open_forms(partnership, user=user)
            messages.success(request, gettext("Open again."))
        return redirect("wagtailadmin_public_forms")


def waiting_messages(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield visitors' messages that nobody answered: to the own Partnerships, or given to staff."""
    if not sees_messages(user):
        return
    rows = with_what_waits(requests_of(user)).filter(due_at__isnull=False)
    if standing_of(user).acts_for_all:
        rows = rows.filter(Q(escalated_at__isnull=False) | Q(route=RouteKind.STAFF))
    yield group_of(
        rows.select_related("partnership").order_by("due_at", "pk"),
        lambda row: WaitingLine(
            title=localized(row.page_title) or gettext("Support desk"),
            url=reverse("wagtailadmin_contact", args=[row.pk]),
            note=gettext("nobody answered in time")
            if row.escalated_at
            else gettext("not answered"),
            where=localized(row.partnership.name) if row.partnership else "",
        ),
        key="contacts",
        heading=_("Messages of visitors"),
        icon="mail",
        more_url=f"{reverse('wagtailadmin_contacts')}?state=open",
    )
