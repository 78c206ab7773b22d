"""The admin's screen on which a practice of others is brought to one's own Partnership."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from partnerships.models import Partnership
from portal.admin_views import TitledAdminMixin
from portal.visibility import hidden_prefixes, is_under
from stories.adoption_forms import BringForm, FurtherSourceForm, tell
from stories.models import Adoption, PracticePage
from stories.permissions import acts_for_some, partnerships_of
from stories.services import adoptions
from stories.services.adoptions import sources_for
from stories.services.copies import page_for_editing


class TravellingView(TitledAdminMixin, TemplateView):
    """For those who act for some Partnership in sharing."""

    header_icon = "copy"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not acts_for_some(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def own(self) -> QuerySet[Partnership]:
        """The Partnerships that the person acts for."""
        return partnerships_of(self.request.user)

    @property
    def language(self) -> str:
        """The reader's language."""
        return get_language() or ""


class BringView(TravellingView):
    """Bring a practice of others to one's own Partnership."""

    template_name = "stories/adoptions/bring.html"
    page_title = _("Bring it to our Partnership")

    @cached_property
    def pages(self) -> list[PracticePage]:
        """The pages of the practice that the person may take over."""
        user: Any = self.request.user
        pages = sources_for(user, self.kwargs["key"])
        if not pages:
            raise Http404
        return pages

    def _form(self, data: Any = None) -> BringForm:
        teller = self.pages[0].partnership
        own = self.own.exclude(pk=teller.pk) if teller else self.own
        return BringForm(data, own=own, pages=self.pages, language=self.language)

    def _is_closed(self) -> bool:
        """Whether a page of the practice is for the network, or some of it, alone (one query)."""
        hidden = hidden_prefixes()
        return any(is_under(page.path, hidden) for page in self.pages)

    def _own_versions(self) -> QuerySet[Adoption]:
        return (
            Adoption.objects.filter(partnership__in=self.own)
            .exclude(sources__parent=self.kwargs["key"])
            .exclude(pk=self.kwargs["key"])
            .select_related("practice")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the practice, the form, and the own versions that could name it as a source too."""
        kwargs.setdefault("form", self._form())
        versions = self._own_versions()
        kwargs.setdefault("further_form", FurtherSourceForm(own=versions) if versions else None)
        shown = {page.language: page for page in self.pages}
        return super().get_context_data(
            practice=shown.get(self.language, self.pages[0]),
            teller=self.pages[0].partnership,
            is_closed=self._is_closed(),
            already=Adoption.objects.filter(
                partnership__in=self.own, sources__parent=self.kwargs["key"]
            ).select_related("practice", "partnership"),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make the draft and open it, or note a further source; say what can't be."""
        if request.POST.get("action") == "further":
            return self._further(request)
        form = self._form(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                adoption = adoptions.take_over(
                    request.user,  # type: ignore[arg-type]
                    form.source,
                    given["partnership"],
                    planned_start=given["planned_start"],
                    contact_role=given["contact_role"],
                    is_announced=given["is_announced"],
                )
            except adoptions.AdoptionRefused as refusal:
                tell(form, refusal)
            else:
                messages.success(
                    request,
                    gettext(
                        "Your own version is here, as a draft. Change what is different with you,"
                        " and say why; nobody sees it before you publish it."
                    ),
                )
                if form.source.get_view_restrictions().exists():
                    messages.warning(
                        request,
                        gettext(
                            "It is private, as the practice that it was made from: only the same"
                            " readers see it once it is published. Ask those who told it before"
                            " you open it to everybody."
                        ),
                    )
                page = page_for_editing(adoption)
                return redirect("wagtailadmin_pages:edit", page.pk if page else 0)
        return self.render_to_response(self.get_context_data(form=form))

    def _further(self, request: HttpRequest) -> HttpResponse:
        form = FurtherSourceForm(request.POST, own=self._own_versions())
        if form.is_valid():
            adoption = form.cleaned_data["adoption"]
            try:
                adoptions.add_parent(request.user, adoption, self.pages[0])  # type: ignore[arg-type]
            except adoptions.AdoptionRefused as refusal:
                tell(form, refusal)
            else:
                messages.success(request, gettext("It stands with your version as a source, too."))
                return redirect("wagtailadmin_adoption", adoption.pk)
        return self.render_to_response(self.get_context_data(further_form=form))
