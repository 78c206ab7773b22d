"""The language-neutral facts follow the page first told, and only it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.library import Facet, pages_written
from portal.services.bulk_pages import BulkPageWriter
from portal.services.page_batches import discard, show, start_batch
from stories.checks import facts_have_every_neutral_field
from stories.models import ChallengeFacts, PracticeCost, PracticeFacts, PracticePage
from stories.services.facts import record_facts
from tests.factories import (
    ChallengePageFactory,
    PartnershipPageFactory,
    PracticePageFactory,
    StoryPageFactory,
    UserFactory,
    locale_of,
    page_of,
)
from tests.stories.posted import practice_form

pytestmark = pytest.mark.django_db


def translated(page: Any, language: str = "he", publish: bool = True) -> Any:
    """Return the page's translation, as the editors' action makes it."""
    page_of(page.partnership, language)
    copy = page.copy_for_translation(locale_of(language))
    copy.title = "תרגום"
    revision = copy.save_revision()
    if publish:
        revision.publish()
    return type(page).objects.get(pk=copy.pk)


def practice(**fields: Any) -> PracticePage:
    page = PracticePageFactory(live=False, **fields)
    page.save_revision()
    return page


def publish(page: Any) -> None:
    page.save_revision().publish()


def test_publishing_writes_the_facts_and_the_costs() -> None:
    page = practice(age_from=9, direction="to_israel")
    assert not PracticeFacts.objects.exists()
    publish(page)
    facts = PracticeFacts.objects.get(pk=page.translation_key)
    assert (facts.age_from, facts.direction, facts.original_language) == (9, "to_israel", "en")
    assert facts.partnership == page.partnership
    [cost] = facts.costs.all()
    assert (cost.item, cost.amount, cost.currency) == ("vegetables", Decimal(120), "ILS")


def test_a_challenge_keeps_its_facts_too() -> None:
    page = ChallengePageFactory(budget_amount=Decimal(8000), budget_currency="USD")
    facts = ChallengeFacts.objects.get(pk=page.translation_key)
    assert (facts.budget_amount, facts.partnership) == (Decimal(8000), page.partnership)


def test_a_draft_of_a_live_page_changes_no_fact() -> None:
    page = PracticePageFactory(age_from=9)
    page.age_from = 12
    page.costs = []
    page.save_revision(clean=False)
    facts = PracticeFacts.objects.get(pk=page.translation_key)
    assert facts.age_from == 9
    assert facts.costs.count() == 1


def test_publishing_the_draft_replaces_facts_and_cost_lines() -> None:
    page = PracticePageFactory(age_from=9)
    page.age_from = 12
    page.costs = [
        ("cost", {**dict(page.costs[0].value), "amount": Decimal(7), "currency": "USD"}),
        ("cost", {**dict(page.costs[0].value), "amount": Decimal(8), "currency": "USD"}),
    ]
    publish(page)
    facts = PracticeFacts.objects.get(pk=page.translation_key)
    assert facts.age_from == 12
    assert [cost.amount for cost in facts.costs.all()] == [7, 8]


def test_a_translation_never_overwrites_the_facts() -> None:
    page = PracticePageFactory(age_from=9)
    copy = translated(page)
    copy.age_from = 99
    copy.costs = []
    publish(copy)
    facts = PracticeFacts.objects.get(pk=page.translation_key)
    assert (facts.age_from, facts.original_language, facts.costs.count()) == (9, "en", 1)


def test_a_translation_reads_the_facts_and_not_its_own_copies() -> None:
    page = PracticePageFactory(age_from=9, direction="to_israel")
    copy = translated(page)
    page.age_from = 11
    page.direction = "online"
    publish(page)
    copy = PracticePage.objects.get(pk=copy.pk)
    assert copy.age_from == 9
    assert copy.neutral.age_from == 11
    assert copy.library_facets()[Facet.DIRECTION] == ["online"]
    assert [line.amount for line in copy.cost_lines] == [Decimal(120)]


def test_a_translation_of_a_practice_never_public_shows_what_it_was_copied_with() -> None:
    copy = translated(practice(age_from=9), publish=False)
    assert copy.neutral.age_from == 9
    assert len(copy.cost_lines) == 1


def test_unpublishing_keeps_the_facts() -> None:
    page = PracticePageFactory(age_from=9)
    page.unpublish()
    assert PracticeFacts.objects.get(pk=page.translation_key).age_from == 9


def test_network_reviews_survive_a_new_publication() -> None:
    page = PracticePageFactory()
    reviewer = UserFactory()
    PracticeFacts.objects.update(accepted_by=reviewer, accepted_at=page.first_published_at)
    publish(page)
    assert PracticeFacts.objects.get().accepted_by == reviewer


def test_an_alias_writes_nothing() -> None:
    page = PracticePageFactory()
    alias = page.create_alias(parent=PartnershipPageFactory())
    assert not PracticeFacts.objects.filter(pk=alias.translation_key).exists()


def test_facts_are_written_in_the_transaction_that_saves_the_page() -> None:
    page = practice()

    def fail(sender: Any, instance: Any, **kwargs: Any) -> None:
        raise RuntimeError

    post_save.connect(fail, sender=PracticePage)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            publish(page)
    finally:
        post_save.disconnect(fail, sender=PracticePage)
    assert not PracticeFacts.objects.exists()
    assert not PracticePage.objects.get(pk=page.pk).live


def test_moving_to_another_partnership_moves_the_facts() -> None:
    page = PracticePageFactory()
    other = PartnershipPageFactory()
    page.move(other, pos="last-child")
    facts = PracticeFacts.objects.get(pk=page.translation_key)
    assert facts.partnership == other.partnership


# Pages written in bulk ------------------------------------------------------------------------


def test_the_bulk_writers_signal_writes_the_facts_of_its_pages() -> None:
    page, challenge, story = PracticePageFactory(), ChallengePageFactory(), StoryPageFactory()
    unseen = practice(age_from=9)
    for facts in (PracticeFacts, ChallengeFacts):
        facts.objects.all().delete()
    pages_written.send(sender=None, pages=[page, challenge, story, unseen])
    assert {facts.pk for facts in PracticeFacts.objects.all()} == {
        page.translation_key,
        unseen.translation_key,
    }
    assert ChallengeFacts.objects.get().pk == challenge.translation_key
    assert PracticeCost.objects.count() == 2


def test_many_pages_take_as_many_queries_as_two() -> None:
    parent = PartnershipPageFactory()
    pages = [PracticePageFactory(parent=parent) for _ in range(12)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        record_facts(pages[:2])
    with CaptureQueriesContext(connection) as many:
        record_facts(pages)
    assert len(many) == len(few)
    assert len(many) <= 6


def test_a_practice_written_in_bulk_has_its_facts_and_an_unseen_one_is_not_forgotten() -> None:
    parent = PartnershipPageFactory()
    batch = start_batch("two practices")
    with BulkPageWriter(batch=batch) as writer:
        for age in (9, 12):
            writer.add(PracticePageFactory.build(age_from=age), parent)
    show(batch)
    for page in PracticePage.objects.live():
        assert PracticeFacts.objects.get(pk=page.translation_key).age_from == page.age_from
    assert PracticeFacts.objects.count() == PracticeCost.objects.count() == 2


def test_a_batch_that_is_taken_away_leaves_no_facts() -> None:
    batch = start_batch("nothing in the end")
    with BulkPageWriter(batch=batch) as writer:
        writer.add(PracticePageFactory.build(), PartnershipPageFactory())
    assert PracticeFacts.objects.count() == 1
    discard(batch)
    assert not PracticeFacts.objects.exists()


# The page first told goes ----------------------------------------------------------------------


def test_facts_stay_when_the_page_first_told_is_deleted() -> None:
    page = PracticePageFactory(age_from=9)
    copy = translated(page)
    page.age_from = 10
    publish(page)
    page.delete()
    copy = PracticePage.objects.get(pk=copy.pk)
    facts = PracticeFacts.objects.get(pk=copy.translation_key)
    assert (facts.age_from, facts.original_language) == (10, "he")
    assert not copy.is_translation
    assert copy.age_from == 10


def test_the_heir_may_be_published_again_without_losing_a_fact() -> None:
    page = PracticePageFactory(age_from=9)
    copy = translated(page)
    page.age_from = 10
    publish(page)
    page.delete()
    draft = PracticePage.objects.get(pk=copy.pk).get_latest_revision_as_object()
    assert draft.original_language == "he"
    publish(draft)
    facts = PracticeFacts.objects.get(pk=copy.translation_key)
    assert facts.age_from == 10
    assert [cost.item for cost in facts.costs.all()] == ["vegetables"]


def test_deleting_a_translation_leaves_the_facts_with_the_page_first_told() -> None:
    page = PracticePageFactory()
    translated(page).delete()
    facts = PracticeFacts.objects.get()
    assert facts.original_language == "en"
    assert PracticePage.objects.get().original_language == "en"


def test_facts_go_with_the_last_page() -> None:
    page = PracticePageFactory()
    copy = translated(page)
    page.delete()
    copy = PracticePage.objects.get(pk=copy.pk)
    copy.delete()
    assert not PracticeFacts.objects.exists()
    assert not PracticeCost.objects.exists()


def test_deleting_a_partnerships_page_in_one_language_hands_all_its_facts_on() -> None:
    parent = PartnershipPageFactory()
    copies = [translated(PracticePageFactory(parent=parent)) for _ in range(2)]
    parent.delete()
    for copy in copies:
        assert PracticePage.objects.get(pk=copy.pk).original_language == "he"
        assert PracticeFacts.objects.get(pk=copy.translation_key).original_language == "he"


# The editor of a translation --------------------------------------------------------------------


def edit_url(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def test_a_translations_editor_leaves_out_the_neutral_fields_and_says_where_they_are(
    admin_client: Any,
) -> None:
    page = PracticePageFactory()
    copy = translated(page)
    html = admin_client.get(edit_url(copy)).content.decode()
    assert 'name="age_from"' not in html
    assert 'name="costs-count"' not in html
    assert f'<a href="{edit_url(page)}">Edit' in html
    assert 'name="audience"' in html


def test_the_editor_of_the_page_first_told_offers_them_without_a_notice(admin_client: Any) -> None:
    page = PracticePageFactory()
    translated(page)
    html = admin_client.get(edit_url(page)).content.decode()
    assert 'name="age_from"' in html
    assert "This page is a translation" not in html


def test_a_translation_is_published_from_the_editor_without_the_neutral_fields(
    admin_client: Any,
) -> None:
    copy = translated(PracticePageFactory(age_from=9), publish=False)
    data = practice_form(copy, "action-publish", title="תרגום", audience="תלמידים")
    response = admin_client.post(edit_url(copy), data)
    assert response.status_code == 302, response.context["form"].errors
    copy = PracticePage.objects.get(pk=copy.pk)
    assert copy.live
    assert copy.audience == "תלמידים"
    assert copy.neutral.age_from == 9


# The house's rules --------------------------------------------------------------------------------


def test_a_neutral_field_that_the_facts_lack_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert facts_have_every_neutral_field(None) == []
    fields = (*PracticePage.neutral_fields, "audience")
    monkeypatch.setattr(PracticePage, "neutral_fields", fields)
    [problem] = facts_have_every_neutral_field(None)
    assert problem.id == "stories.E001"
    assert "audience" in problem.msg
