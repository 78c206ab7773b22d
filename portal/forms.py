"""Forms of the page editor."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from wagtail.admin.forms import WagtailAdminPageForm

from portal.gate import publication_problems
from portal.row_forms import RowRightsMixin


class PortalPageForm(RowRightsMixin, WagtailAdminPageForm):
    """Asks the gate when an editor publishes, and shows each problem at its field.

    It takes only facts that the editor may choose (`portal.row_forms`).

    A draft may lack anything: Wagtail defers required fields when saving drafts, and so does
    the gate, also for a draft of a page that is live.
    """

    def _post_clean(self) -> None:
        self.instance.is_gate_deferred = True
        try:
            super()._post_clean()
        finally:
            self.instance.is_gate_deferred = False
        if not self.instance.path and self.parent_page is not None:
            self._check_parent()
        if self.is_deferred_validation:
            return
        for problem in publication_problems(self.instance):
            known = problem.field != NON_FIELD_ERRORS and problem.field in self.fields
            self.add_error(problem.field if known else None, str(problem.message))

    def clean_slug(self) -> str:
        """Give a page that was never public another address where its title's is not free.

        Editors of stories know nothing of slugs, and autosave would fail without a word at its
        field, which stands on another tab.
        """
        wanted = str(self.cleaned_data["slug"])
        if self.instance.first_published_at or not wanted or self.parent_page is None:
            return wanted
        slug, number = wanted, 1
        while not self.instance._slug_is_available(slug, self.parent_page, self.instance):
            number += 1
            slug = f"{wanted}-{number}"
        return slug

    def _check_parent(self) -> None:
        """Ask whether a new page belongs where it is being made; an old one asks itself."""
        try:
            self.instance.check_parent(self.parent_page)
        except ValidationError as error:
            self._update_errors(error)
