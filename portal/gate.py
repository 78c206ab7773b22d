"""The one gate: may this page be public?

`check_publication` is called by `PortalPage.full_clean()` when the page is live, so that the
admin, translation, workflow, scheduler, import and API all meet the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import ngettext
from wagtail.images import get_image_model
from wagtail.models import ReferenceIndex

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.models import PortalPage


@dataclass(frozen=True, slots=True)
class PublicationProblem:
    """One reason why a page may not be public: what is missing, where, and why it matters."""

    code: str
    message: StrOrPromise
    field: str = NON_FIELD_ERRORS


class PublicationRefused(ValidationError):
    """The gate's answer; `page_title` says of which page, where several are published at once."""

    page_title: str = ""


def image_problems(page: PortalPage) -> Iterable[PublicationProblem]:
    """Yield a problem for each field with pictures whose people have not agreed.

    One a field, with all titles: the editor shows a StreamField's first error only.
    """
    model = get_image_model()
    image_type = ReferenceIndex._get_base_content_type(model).pk
    fields: dict[str, str] = {}
    for (
        type_id,
        object_id,
        _model_path,
        content_path,
    ) in ReferenceIndex._extract_references_from_object(page):
        if type_id == image_type:
            fields.setdefault(str(object_id), content_path.split(".")[0])
    titles: dict[str, list[str]] = {}
    for image in model.objects.filter(pk__in=list(fields)).order_by("title"):
        if not image.may_be_public():
            titles.setdefault(fields[str(image.pk)], []).append(image.title)
    for field, names in titles.items():
        yield PublicationProblem(
            code="image_consent",
            field=field,
            message=ngettext(
                "The picture %(titles)s can't be public yet: say who is shown, and that they"
                " agreed (Images → the picture → People shown, Consent).",
                "The pictures %(titles)s can't be public yet: say who is shown, and that they"
                " agreed (Images → the picture → People shown, Consent).",
                len(names),
            )
            % {"titles": ", ".join(f"“{name}”" for name in names)},
        )


def publication_problems(page: PortalPage) -> list[PublicationProblem]:
    """Return every reason why `page` may not be public; empty when it may."""
    return [*page.own_publication_problems(), *image_problems(page)]


def check_publication(page: PortalPage) -> None:
    """Raise PublicationRefused (a ValidationError by field) when `page` may not be public."""
    problems = publication_problems(page)
    if not problems:
        return
    errors: dict[str, list[ValidationError]] = {}
    for problem in problems:
        errors.setdefault(problem.field, []).append(
            ValidationError(problem.message, code=problem.code)
        )
    refusal = PublicationRefused(errors)
    refusal.page_title = page.title
    raise refusal
