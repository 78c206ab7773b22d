"""The public pages of contact: the form, “it was sent”, and the exchange behind a link in a mail.

No cookie is set and none is read. Nothing is decided or spent by GET: scanners of mail may open
every link.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from partnerships.models import FormsClosure
from partnerships.presentation.public import PublicScope
from partnerships.services.closures import closure_of
from partnerships.services.routing import route_for
from portal.throttle import is_too_often, visitor_address
from stories.contact_forms import ContactForm, MessageForm, StampedForm
from stories.contact_page import ContactPage, community_of, contact_page, public_page
from stories.models import ContactRecipient, ContactRequest
from stories.services.contacts import (
    About,
    ContactRefused,
    Letter,
    need_no_answer,
    read_token,
    reply,
    send,
)

#: Of one visitor in an hour.
MOST_AN_HOUR = 10
#: Of answers more: a coordinator, or two of one office, may answer many in a row.
MOST_ANSWERS_AN_HOUR = 30
HOUR = 3600


class PublicFormView(View):
    """A page with a form that stands outside the page tree."""

    template_name = ""

    @method_decorator(csrf_exempt)
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"  # an address here may hold a token
        response["X-Robots-Tag"] = "noindex"
        return response

    def show(self, request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
        """Render the page; its switch of languages leads to this very page in the other one."""
        frame = {"noindex": True, "is_in_every_language": True}
        return render(request, self.template_name, {**frame, **context}, status=status)


def is_flooding(request: HttpRequest, what: str = "contact", most: int = MOST_AN_HOUR) -> bool:
    """Whether a visitor sends too often; counts the attempt."""
    return is_too_often(what, visitor_address(request), most, HOUR)


class ContactView(PublicFormView):
    """Write to who tells a practice, challenge or resource; without a page to the support desk."""

    template_name = "stories/contact/form.html"

    def _view(self, request: HttpRequest, key: uuid.UUID | None) -> ContactPage:
        page = public_page(key, get_language() or "", PublicScope.of()) if key else None
        if key and page is None:
            raise Http404
        slug = request.GET.get("community") or request.POST.get("community") or ""
        return contact_page(page, community_of(slug), get_language() or settings.LANGUAGE_CODE)

    def get(self, request: HttpRequest, key: uuid.UUID | None = None) -> HttpResponse:
        """Show the form, or why it is closed and what to do instead."""
        view = self._view(request, key)
        place = str(view.community.name) if view.community else ""
        form = ContactForm(purpose=view.purpose, initial={"place": place})
        return self._shown(request, view, form)

    def _shown(
        self, request: HttpRequest, view: ContactPage, form: ContactForm, status: int = 200
    ) -> HttpResponse:
        query = f"?community={view.community.slug}" if view.community else ""
        return self.show(request, status=status, view=view, form=form, language_query=query)

    def post(self, request: HttpRequest, key: uuid.UUID | None = None) -> HttpResponse:
        """Pass the message on; a form that does not fit comes back as it was filled."""
        view = self._view(request, key)
        form = ContactForm(request.POST, purpose=view.purpose)
        if not view.is_open:
            return self._shown(request, view, form, status=403)
        if form.is_robots:
            return redirect(view.sent_url)
        if not form.is_valid():
            return self._shown(request, view, form, status=422)
        if is_flooding(request):
            form.add_error(None, _("Too many messages came from here. Try again in an hour."))
            return self._shown(request, view, form, status=429)
        given = form.cleaned_data
        letter = Letter(
            form_key=form.form_key,
            name=given["name"],
            email=given["email"],
            place=given["place"],
            text=given["text"],
            language=get_language() or settings.LANGUAGE_CODE,
            shows_address=given["shows_address"],
            community=view.community,
        )
        about = About()
        if view.page is not None:
            about = About(view.page.translation_key, view.page.title, view.partnership)
        try:
            send(letter, about, route_for(view.partnership, view.community))
        except ContactRefused as refusal:
            form.add_error(None, str(refusal))
            return self._shown(request, view, form, status=429)
        return redirect(view.sent_url)


class SentView(PublicFormView):
    """The message was passed on, and what happens next."""

    template_name = "stories/contact/sent.html"

    def get(self, request: HttpRequest, key: uuid.UUID | None = None) -> HttpResponse:
        """Say so."""
        page = public_page(key, get_language() or "", PublicScope.of()) if key else None
        url = page.get_url(request) if page is not None else ""
        return self.show(request, about=page, back_url=url)


class ReplyView(PublicFormView):
    """An exchange, for who holds the link of a mail: GET shows it, POST writes on."""

    template_name = "stories/contact/reply.html"

    def _open(self, token: str) -> tuple[ContactRequest, ContactRecipient | None] | None:
        return read_token(token)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show the exchange."""
        opened = self._open(token)
        if opened is None or opened[0].is_forgotten:
            return self.show(request, status=410, is_over=True)
        return self._shown(request, opened, MessageForm(purpose=self._purpose(opened)))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Write on."""
        opened = self._open(token)
        if opened is None or opened[0].is_forgotten:
            return self.show(request, status=410, is_over=True)
        if opened[1] is not None and request.POST.get("do") == "settle":
            need_no_answer(opened[0])
            return redirect(f"{reverse('contact_reply', args=[token])}?settled=1")
        form = MessageForm(request.POST, purpose=self._purpose(opened))
        if form.is_robots:
            return redirect(self._sent_url(token))
        if not form.is_valid():
            return self._shown(request, opened, form, status=422)
        if self._closure(opened) is not None:
            return self._shown(request, opened, form, status=403)
        if is_flooding(request, "contact-reply", MOST_ANSWERS_AN_HOUR):
            form.add_error(None, _("Too many messages came from here. Try again in an hour."))
            return self._shown(request, opened, form, status=429)
        given = form.cleaned_data
        try:
            reply(
                *opened,
                text=given["text"],
                form_key=form.form_key,
                shows_address=given["shows_address"],
            )
        except ContactRefused as refusal:
            form.add_error(None, str(refusal))
            return self._shown(request, opened, form, status=429)
        return redirect(self._sent_url(token))

    @staticmethod
    def _closure(opened: tuple[ContactRequest, ContactRecipient | None]) -> FormsClosure | None:
        """Return why a visitor can't write on (the panic switch); who answers always can."""
        return closure_of(opened[0].partnership_id) if opened[1] is None else None

    @staticmethod
    def _sent_url(token: str) -> str:
        return f"{reverse('contact_reply', args=[token])}?sent=1"

    @staticmethod
    def _purpose(opened: tuple[ContactRequest, ContactRecipient | None]) -> str:
        return f"reply:{opened[0].pk}:{opened[1].pk if opened[1] else 0}"

    def _shown(
        self,
        request: HttpRequest,
        opened: tuple[ContactRequest, ContactRecipient | None],
        form: StampedForm,
        status: int = 200,
    ) -> HttpResponse:
        exchange, recipient = opened
        return self.show(
            request,
            status=status,
            exchange=exchange,
            is_visitor=recipient is None,
            letters=list(exchange.messages.select_related("recipient")),
            form=form,
            was_sent="sent" in request.GET,
            was_settled="settled" in request.GET,
            may_settle=recipient is not None and exchange.messages.waiting().exists(),
            closure=self._closure(opened),
        )
