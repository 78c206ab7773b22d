"""A small network for tests of the library, and what must hold of it after anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.management import call_command
from wagtail.models import Page

from partnerships.models import PartnershipPage
from portal.models import User
from search.query import LibraryQuery
from search.services.consistency import compare
from search.services.library import find
from stories.models import StoryPage
from tests.factories import (
    PartnershipFactory,
    StoryPageFactory,
    UserFactory,
    locale_of,
    page_of,
)


@dataclass
class Scene:
    """Two Partnerships in two languages; of the first a live story, a draft and a translation."""

    home: PartnershipPage
    home_he: PartnershipPage
    away: PartnershipPage
    story: StoryPage
    draft: StoryPage
    translation: StoryPage
    user: User
    gone: list[str] = field(default_factory=list)

    def reload(self, page: Page) -> Any:
        """Return the page as it is in the database now."""
        return Page.objects.get(pk=page.pk).specific


def make_scene() -> Scene:
    """Make the network; every title has a word of its own."""
    home = PartnershipFactory(
        slug="home", name={"en": "Homeside", "he": "ביתצד"}, with_members=True
    )
    away = PartnershipFactory(
        slug="away", name={"en": "Awayside", "he": "חוצצד"}, with_members=True
    )
    home_page = page_of(home)
    home_he = page_of(home, "he")
    away_page = page_of(away)
    page_of(away, "he")
    story = StoryPageFactory(parent=home_page, title="Livestory", slug="livestory")
    story.save_revision().publish()
    draft = StoryPageFactory(parent=home_page, title="Draftstory", slug="draftstory", live=False)
    draft.save_revision()
    translation = StoryPageFactory(
        parent=home_he,
        language="he",
        title="סיפורחי",
        slug="livestory",
        translation_key=story.translation_key,
        original_language="en",
    )
    translation.save_revision().publish()
    return Scene(
        home=home_page,
        home_he=home_he,
        away=away_page,
        story=story,
        draft=draft,
        translation=translation,
        user=UserFactory(is_staff=True, is_superuser=True),
    )


def visible_pages() -> list[Any]:
    """Return, by Wagtail's own means, the pages that the public may find."""
    pages = Page.objects.live().public().filter(alias_of=None).specific()
    return [page for page in pages if hasattr(page, "describe_for_library")]


def found_titles(**query: Any) -> set[str]:
    """Return the titles that the public finds."""
    return {hit.title for hit in find(LibraryQuery(page_size=100, **query)).hits}


def assert_library_is_right(gone: list[str] | None = None) -> None:
    """The table agrees with the pages, and the public finds exactly what it may see.

    `gone` are words that nothing visible has any more.
    """
    comparison = compare()
    assert comparison.is_clean, comparison.as_dict()
    assert comparison.stale == 0
    pages = visible_pages()
    for language in ("en", "he"):
        own = [page for page in pages if page.language == language]
        hits = find(LibraryQuery(languages=[language], lang=language, page_size=100))
        assert {(hit.page_id, hit.title, hit.url) for hit in hits.hits} == {
            (page.pk, page.title, page.url) for page in own
        }
        assert hits.total == len(own)
        for page in own:
            assert page.title in found_titles(text=page.title, languages=[language]), page.title
            partnership = page.get_parent().specific
            if isinstance(partnership, PartnershipPage):
                slug = partnership.partnership.slug
                assert page.title in found_titles(partnerships=[slug], languages=[language])
    assert find(LibraryQuery()).total == len({page.translation_key for page in pages})
    for word in gone or []:
        assert find(LibraryQuery(text=word)).total == 0, word


def publish_scheduled() -> None:
    """Let Wagtail's own command bring and take away what is due."""
    call_command("publish_scheduled")


def translate(page: Page, language: str, title: str) -> Any:
    """Copy a page for translation and give the draft a title."""
    copy = page.copy_for_translation(locale_of(language))
    copy.title = title
    copy.save_revision()
    return copy
