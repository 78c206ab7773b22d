"""The pages that rows name, as they are now and as the last import left them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from taggit.models import Tag
from wagtail.models import PageLogEntry, Revision, WorkflowState

from portal.importing.batches import LOG_ACTION
from portal.importing.importer import Row
from portal.importing.merging import TAGS
from stories.models import ChallengePage, PracticePage, StoryPage

from .rows import StoryLike, Target

PAGE_MODELS: tuple[type[StoryLike], ...] = (PracticePage, ChallengePage, StoryPage)


class Existing:
    """The pages that rows of a chunk name, with what the last import wrote on them."""

    def __init__(self, references: Iterable[str]) -> None:
        self._by_language: dict[tuple[str, str], StoryLike] = {}
        self.pages: dict[str, StoryLike] = {}
        wanted = set(references)
        for model in PAGE_MODELS:
            found = model._default_manager.filter(reference__in=wanted, alias_of=None)
            for page in found.select_related("latest_revision", "locale").order_by("pk"):
                self.pages.setdefault(page.reference, page)
                self._by_language.setdefault((page.reference, page.locale.language_code), page)
        self._bases = self._imported({page.pk for page in self._by_language.values()})
        self.in_workflow = {
            int(object_id)
            for object_id in WorkflowState.objects.active()
            .filter(object_id__in=[str(pk) for pk in self._bases])
            .values_list("object_id", flat=True)
        }

    @staticmethod
    def _imported(page_ids: set[int]) -> dict[int, tuple[int, Mapping[str, Any]] | None]:
        """Return by page the revision that an import wrote last, and its content."""
        newest: dict[int, int] = {}
        entries = PageLogEntry.objects.filter(page_id__in=page_ids, action=LOG_ACTION)
        for page_id, revision_id in (
            entries.exclude(revision=None).order_by("pk").values_list("page_id", "revision_id")
        ):
            newest[page_id] = revision_id
        contents = dict(
            Revision.objects.filter(pk__in=newest.values()).values_list("pk", "content")
        )
        return {
            page_id: (revision, contents[revision])
            if (revision := newest.get(page_id)) in contents and revision is not None
            else None
            for page_id in page_ids
        }

    def page_for(self, row: Row) -> StoryLike | None:
        """Return the row's page: in its language, else whichever has its reference."""
        reference = row["reference"]
        return self._by_language.get((reference, row["language"])) or self.pages.get(reference)

    def base(self, page: StoryLike) -> Mapping[str, Any] | None:
        """Return the page's content as the last import left it."""
        found = self._bases.get(page.pk)
        return found[1] if found else None

    def is_untouched(self, page: StoryLike) -> bool:
        """Whether nobody saved the page since the last import."""
        found = self._bases.get(page.pk)
        return found is not None and found[0] == page.latest_revision_id


class TagKeys:
    """Keys of tags by name (in any case of its letters), each asked for once."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def key(self, name: str, *, make: bool) -> int | None:
        """Return the tag's key; None for one that is not there and not to be made."""
        folded = name.casefold()
        if folded not in self._known:
            tag = Tag.objects.filter(name__iexact=name).first()
            if tag is None and make:
                tag = Tag.objects.create(name=name)
            if tag is None:
                return None
            self._known[folded] = tag.pk
        return self._known[folded]

    def items(self, names: Iterable[str], held: Mapping[str, Any], make: bool) -> list[Any]:
        """Return tags as a revision keeps them, those that it holds already as they are."""
        had = {item["tag"]: item for item in held.get(TAGS) or ()}
        items = []
        for name in names:
            item = {"pk": None, "tag": self.key(name, make=make), "content_object": held["pk"]}
            items.append(had.get(item["tag"], item))
        return items


def wanted_content(target: Target) -> dict[str, Any]:
    """Return the fields that the row gives (all but tags), as a revision keeps them."""
    whole = target.new_page().serializable_data()
    names = [name.removesuffix("_id") for name in target.fields]
    # Dates and decimals as JSON gives them back, to be compared with revisions.
    plain = json.dumps({name: whole[name] for name in names}, cls=DjangoJSONEncoder)
    wanted: dict[str, Any] = json.loads(plain)
    if target.concepts is not None:
        wanted["concepts"] = target.concepts
    return wanted
