"""The admin's screens of recommendations: the inbox, one of them, and recommending a practice."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from portal.admin_views import TitledAdminMixin
from stories.models import PracticePage, Share, ShareState
from stories.services.share_mail import lines_for
from stories.services.shares import (
    ShareRefused,
    accept,
    acting_for,
    decline,
    is_public,
    may_act_for,
    offer,
    shares_of,
    withdraw,
)
from stories.share_forms import DeclineForm, OfferForm

PAGE_SIZE = 30
RECEIVED, GIVEN = "received", "given"


class SharingView(TitledAdminMixin, TemplateView):
    """For those who recommend and answer for some Partnership."""

    header_icon = "link"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if acting_for(request.user) == set():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class SharesView(SharingView):
    """What was recommended to the own Partnerships, and what they recommended."""

    template_name = "stories/shares/list.html"
    page_title = _("Recommendations")

    def _rows(self, which: str) -> QuerySet[Share]:
        own = acting_for(self.request.user)
        rows: QuerySet[Share] = Share.objects.select_related("from_partnership", "to_partnership")
        if own is None:
            return rows if which == RECEIVED else rows.filter(is_from_network=True)
        field = "to_partnership" if which == RECEIVED else "from_partnership"
        return rows.filter(**{f"{field}__in": own})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of the rows, of one state if the address asks for one."""
        which = GIVEN if self.request.GET.get("which") == GIVEN else RECEIVED
        state = self.request.GET.get("state", "")
        rows = self._rows(which)
        if state in ShareState.values:
            rows = rows.filter(state=state)
        else:
            state = ""
        page = Paginator(rows, PAGE_SIZE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            which=which,
            state=state,
            states=ShareState.choices,
            acts_for_all=acting_for(self.request.user) is None,
            lines=lines_for(page.object_list, get_language() or ""),
            page_obj=page,
            **kwargs,
        )


class ShareView(SharingView):
    """One recommendation: read it, take it up, decline it, take it back."""

    template_name = "stories/shares/detail.html"
    page_title = _("Recommendation")

    @cached_property
    def share(self) -> Share:
        """The row, if the person may see it."""
        rows = shares_of(self.request.user).select_related(
            "from_partnership", "to_partnership", "offered_by", "answered_by", "withdrawn_by"
        )
        share: Share = get_object_or_404(rows, pk=self.kwargs["pk"])
        return share

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the row and what the person may do to it."""
        share, user = self.share, self.request.user
        answers = may_act_for(user, share.to_partnership_id)
        in_force = share.state in (ShareState.OFFERED, ShareState.ACCEPTED)
        kwargs.setdefault("decline_form", DeclineForm(instance=Share()))
        return super().get_context_data(
            line=lines_for([share], get_language() or "")[0],
            share=share,
            is_public=is_public(share.practice_key),
            may_bring=answers and share.state != ShareState.WITHDRAWN,
            may_accept=answers and share.state == ShareState.OFFERED,
            may_decline=answers and in_force,
            may_withdraw=in_force and may_act_for(user, share.from_partnership_id),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do what the button says; a form that does not fit comes back as it was filled."""
        share = self.share
        action = request.POST.get("action", "")
        try:
            if action == "accept":
                accept(share.pk, user=request.user)  # type: ignore[arg-type]
                done = gettext("Taken up. It shows on your Partnership’s page, credited.")
            elif action == "decline":
                form = DeclineForm(request.POST, instance=Share())
                if not form.is_valid():
                    return self.render_to_response(self.get_context_data(decline_form=form))
                given = form.cleaned_data
                decline(
                    share.pk,
                    given["decline_reason"],
                    given["decline_text"],
                    user=request.user,  # type: ignore[arg-type]
                    seen=request.POST.get("seen", ""),
                )
                done = gettext("Declined. Who recommended it will be told why.")
            elif action == "withdraw":
                withdraw(share.pk, user=request.user)  # type: ignore[arg-type]
                done = gettext("Taken back.")
            else:
                return redirect("wagtailadmin_share", share.pk)
        except ShareRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, done)
        return redirect("wagtailadmin_share", share.pk)


class OfferView(SharingView):
    """Recommend one practice."""

    template_name = "stories/shares/offer.html"
    page_title = _("Recommend to…")

    @cached_property
    def practice(self) -> PracticePage:
        """The practice, if the person acts for the Partnership that tells it."""
        page = get_object_or_404(PracticePage, pk=self.kwargs["page_id"], alias_of=None)
        if not may_act_for(self.request.user, page.partnership.pk if page.partnership else None):
            raise PermissionDenied
        return page

    def get_page_subtitle(self) -> str:
        """Return the practice's title."""
        return str(self.practice.title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and to whom it was recommended already."""
        kwargs.setdefault("form", OfferForm(practice=self.practice))
        given = Share.objects.filter(practice_key=self.practice.translation_key)
        return super().get_context_data(
            practice=self.practice,
            is_public=is_public(self.practice.translation_key),
            given=given.select_related("to_partnership")[:PAGE_SIZE],
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Recommend, or only show who would get it (`preview`)."""
        form = OfferForm(request.POST, practice=self.practice)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        if "preview" in request.POST:
            receivers = list(form.receivers())
            return self.render_to_response(self.get_context_data(form=form, preview=receivers))
        try:
            report = offer(
                self.practice,
                form.receivers(),
                form.cleaned_data["note"],
                user=request.user,  # type: ignore[arg-type]
            )
        except ShareRefused as refusal:
            form.add_error(None, str(refusal))
            return self.render_to_response(self.get_context_data(form=form))
        count = len(report.made)
        messages.success(
            request,
            ngettext(
                "Recommended to %(count)d Partnership.",
                "Recommended to %(count)d Partnerships.",
                count,
            )
            % {"count": count},
        )
        for receiver, reason in report.left_out[:10]:
            messages.warning(
                request,
                gettext("Left out: %(name)s: %(reason)s.") % {"name": receiver, "reason": reason},
            )
        return redirect(f"{reverse('wagtailadmin_shares')}?which={GIVEN}")
