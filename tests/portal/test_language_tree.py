"""Skeleton pages exist in every language: real pages, made by themselves, never aliases."""

from __future__ import annotations

import io

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from wagtail.models import Locale, Page, Site

from home.models import HomePage
from partnerships.models import PartnershipPage
from portal.services import language_tree
from portal.services.bulk_pages import BulkPageWriter
from portal.services.language_tree import (
    ensure_language_tree,
    language_tree_problems,
    paused,
    skeleton_types,
)
from portal.services.page_batches import show, start_batch
from stories.models import StoryPage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def hebrew() -> Locale:
    return factories.locale_of("he")


def twins(page: Page) -> list[Page]:
    return [twin.specific for twin in Page.objects.filter(translation_key=page.translation_key)]


def test_new_language_gets_the_whole_skeleton_as_real_pages() -> None:
    partnership = factories.PartnershipPageFactory(body=[{"type": "heading", "value": "Ours"}])
    factories.CommunityPageFactory()
    story = factories.StoryPageFactory(parent=partnership)
    locale = Locale.objects.create(language_code="he")

    made = Page.objects.filter(locale=locale, depth__gt=1)
    assert {page.specific_class.__name__ for page in made} == {
        "HomePage",
        "PartnershipIndexPage",
        "PartnershipPage",
        "CommunityIndexPage",
        "CommunityPage",
    }
    assert not made.filter(alias_of__isnull=False).exists()
    assert not made.filter(live=False).exists()
    twin = PartnershipPage.objects.get(locale=locale)
    assert twin.title == partnership.partnership.name["he"]
    assert twin.slug == partnership.slug
    assert twin.translation_key == partnership.translation_key
    assert twin.original_language == "en"
    assert twin.is_unwritten
    assert twin.url_path == f"/he/partnerships/{partnership.slug}/"
    assert not StoryPage.objects.filter(locale=locale).exists()
    assert not story.has_translation(locale)
    assert Page.find_problems() == ([], [], [], [], [])
    assert language_tree_problems() == []


def test_site_serves_the_new_tree_at_its_address() -> None:
    page = factories.PartnershipPageFactory()
    Locale.objects.create(language_code="he")
    twin = PartnershipPage.objects.get(locale__language_code="he")
    assert Site.objects.get().root_page.specific.title == page.get_ancestors()[1].title
    assert twin.url.endswith(f"/he/partnerships/{page.slug}/")


def test_new_skeleton_page_gets_its_twin(hebrew: Locale) -> None:
    page = factories.PartnershipPageFactory()
    twin = page.get_translation(hebrew)
    assert twin.live
    assert twin.partnership == page.partnership
    assert len(twins(page)) == 2
    community = factories.CommunityPageFactory()
    assert community.get_translation(hebrew).title == community.community.name["he"]


def test_it_works_from_any_language(hebrew: Locale) -> None:
    page = factories.PartnershipPageFactory(language="he")
    twin = page.get_translation(Locale.get_default())
    assert twin.title == page.partnership.name["en"]
    assert twin.original_language == "he"


def test_draft_gets_a_draft_that_goes_live_with_it(hebrew: Locale) -> None:
    page = factories.PartnershipPageFactory(live=False)
    assert not page.get_translation(hebrew).live
    page.save_revision().publish()
    twin = page.get_translation(hebrew)
    assert twin.live
    assert twin.live_revision


def test_draft_that_somebody_works_on_does_not_go_live_by_itself(hebrew: Locale) -> None:
    page = factories.PartnershipPageFactory(live=False)
    twin = page.get_translation(hebrew)
    twin.summary = "עוד לא מוכן"
    twin.save_revision(user=factories.UserFactory())
    page.save_revision().publish()
    assert not page.get_translation(hebrew).live


def test_unpublished_twin_stays_unpublished(hebrew: Locale) -> None:
    page = factories.PartnershipPageFactory()
    page.get_translation(hebrew).unpublish()
    page.save_revision().publish()
    assert not page.get_translation(hebrew).live


def test_pages_written_in_bulk_get_their_twins(hebrew: Locale) -> None:
    index = factories.PartnershipIndexPageFactory()
    facts = [factories.PartnershipFactory() for _number in range(3)]
    with BulkPageWriter() as writer:
        for fact in facts:
            writer.add(PartnershipPage(title=str(fact), slug=fact.slug, partnership=fact), index)
    titles = PartnershipPage.objects.filter(locale=hebrew).values_list("title", flat=True)
    assert sorted(titles) == sorted(fact.name["he"] for fact in facts)


def test_twins_of_unseen_pages_are_unseen_and_show_with_them(hebrew: Locale) -> None:
    index = factories.PartnershipIndexPageFactory()
    fact = factories.PartnershipFactory()
    batch = start_batch()
    with BulkPageWriter(batch=batch) as writer:
        writer.add(PartnershipPage(title="x", partnership=fact), index)
    assert PartnershipPage.objects.count() == 2
    assert not PartnershipPage.objects.live().exists()
    show(batch)
    assert PartnershipPage.objects.live().count() == 2


def test_nothing_is_made_while_paused_and_it_is_made_up_for(hebrew: Locale) -> None:
    with paused():
        page = factories.PartnershipPageFactory()
    assert not page.has_translation(hebrew)
    assert [problem.code for problem in language_tree_problems()] == ["missing"] * 3
    assert ensure_language_tree(hebrew) == 3
    assert ensure_language_tree(hebrew) == 0
    assert page.has_translation(hebrew)


def test_editing_does_not_make_pages_again(hebrew: Locale) -> None:
    page = factories.PartnershipPageFactory()
    page.get_translation(hebrew).delete()
    page.summary = "New words."
    page.save_revision().publish()
    assert len(twins(page)) == 1


def test_command_makes_the_languages_of_the_settings() -> None:
    factories.PartnershipPageFactory()
    out = io.StringIO()
    call_command("ensure_language_tree", stdout=out)
    assert set(Locale.objects.values_list("language_code", flat=True)) == {"en", "he"}
    assert PartnershipPage.objects.count() == 2
    call_command("ensure_language_tree", "--check", stdout=out)
    assert "in order" in out.getvalue()
    with pytest.raises(CommandError, match="LANGUAGES"):
        call_command("ensure_language_tree", "xx", stdout=out)


def test_check_fails_on_an_alias_across_languages(hebrew: Locale) -> None:
    page = factories.StandardPageFactory(title="About", slug="about")
    assert run_checks(tags=["database"], databases=["default"]) == []
    home = HomePage.objects.get(locale=hebrew)
    page.create_alias(parent=home, update_locale=hebrew)
    errors = run_checks(tags=["database"], databases=["default"])
    assert [error.id for error in errors] == ["portal.E010"]
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("ensure_language_tree", "--check", stderr=err)
    assert "/he/about/" in err.getvalue()


def test_every_skeleton_type_can_make_its_twin(hebrew: Locale) -> None:
    for model in skeleton_types():
        factory = {
            "HomePage": factories.home_page,
            "PartnershipPage": factories.PartnershipPageFactory,
            "CommunityPage": factories.CommunityPageFactory,
        }.get(model.__name__) or getattr(factories, f"{model.__name__}Factory")
        page = factory()
        twin = page.get_translation(hebrew)
        twin.full_clean()
        assert type(twin) is model
    assert language_tree.language_tree_problems() == []
