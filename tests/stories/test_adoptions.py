"""Bringing a practice over: the draft, where it is from, states, several parents, no circles."""

from __future__ import annotations

import datetime
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.enums import Role, Side
from portal.gate import PublicationRefused
from stories.enums import ADOPTION_MOVES, AdoptionState
from stories.models import Adoption, AdoptionSource, LineageEntry, PracticeFacts, PracticePage
from stories.services.adoptions import (
    AdoptionRefused,
    add_parent,
    agree_to_tell_of_stop,
    is_stop_public,
    move,
    sources_for,
    take_over,
)
from stories.services.copies import version_of
from tests.factories import locale_of, page_of
from tests.stories.adopting import (
    child_page,
    partnership,
    person,
    practice,
    publish_child,
    running,
    staff,
    taken,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


# The draft ----------------------------------------------------------------------------------------


def test_a_draft_of_the_recipe_is_made_under_the_own_partnership() -> None:
    source = practice(title="Same Moon", age_from=9, is_looking_for_partners=True)
    ours = partnership()
    adoption = taken(source, ours, contact_role="coordinator")
    page = child_page(adoption)
    assert not page.live
    assert page.partnership == ours
    assert page.translation_key != source.translation_key
    draft = page.get_latest_revision_as_object()
    assert (draft.title, draft.age_from, draft.contact_role) == ("Same Moon", 9, "coordinator")
    assert draft.steps.raw_data[0]["value"]["title"] == "Choose a recipe"
    assert [block.value["amount"] for block in draft.costs] == [120]
    assert adoption.state == AdoptionState.CONSIDERING


def test_what_came_of_it_elsewhere_is_not_copied_and_the_gate_asks_for_ones_own() -> None:
    page = child_page(taken(practice(do_differently="<p>Earlier.</p>", first_run_year=1999)))
    assert (len(page.results), len(page.difficulties), page.do_differently) == (0, 0, "")
    assert page.first_run_year is None
    assert not page.is_looking_for_partners
    with pytest.raises(PublicationRefused) as refused:
        page.save_revision().publish()
    assert set(refused.value.error_dict) == {"results", "difficulties", "contact_role"}


def test_the_draft_asks_part_by_part_what_was_changed() -> None:
    page = child_page(taken())
    sections = [block.value["section"] for block in page.adaptations]
    assert sections[:3] == ["why", "whom", "how"]
    assert not any(str(block.value["text"]) for block in page.adaptations)


def test_the_exact_revision_is_remembered_though_a_newer_draft_waits() -> None:
    source = practice(title="As it is public")
    source.save_revision().publish()
    public = PracticePage.objects.get(pk=source.pk).live_revision
    source.title = "A newer draft"
    source.save_revision()
    adoption = taken(PracticePage.objects.get(pk=source.pk))
    [parent] = adoption.sources.all()
    assert (parent.revision_id, parent.revision_number) == (public.pk, 2)
    assert parent.title == "As it is public"
    assert child_page(adoption).title == "As it is public"
    version = version_of(parent)
    assert version is not None
    assert version.title == "As it is public"


def test_the_adopter_chooses_the_language_and_gets_the_neutral_facts_of_the_first_told() -> None:
    source = practice(age_from=9)
    page_of(source.partnership, "he")
    copy = source.copy_for_translation(locale_of("he"))
    copy.title = "אותו ירח"
    copy.save_revision().publish()
    source.age_from = 11
    source.save_revision().publish()
    ours = partnership()
    page_of(ours, "he")
    user = person(of=ours)
    pages = sources_for(user, source.translation_key)
    assert [page.language for page in pages] == ["en", "he"]
    child = child_page(take_over(user, pages[1], ours))
    assert (child.title, child.language, child.original_language) == ("אותו ירח", "he", "he")
    assert child.age_from == 11
    assert [block.value["amount"] for block in child.costs] == [120]


def test_a_draft_or_a_private_practice_is_not_for_taking() -> None:
    ours = partnership()
    user = person(of=ours)
    draft, private = practice(), practice()
    draft.unpublish()
    restriction = PageViewRestriction.objects.create(page=private, restriction_type="groups")
    for source in (draft, private):
        assert sources_for(user, source.translation_key) == []
        with pytest.raises(AdoptionRefused):
            take_over(user, source, ours)
    assert not Adoption.objects.exists()
    restriction.restriction_type = "login"
    restriction.save()
    take_over(user, private, ours)
    assert not LineageEntry.objects.get(pk=private.translation_key).was_public


def test_neither_ones_own_practice_nor_the_same_one_twice() -> None:
    ours = partnership()
    user = person(of=ours)
    source = practice()
    with pytest.raises(AdoptionRefused, match="your own"):
        take_over(user, practice(ours), ours)
    first = take_over(user, source, ours)
    with pytest.raises(AdoptionRefused, match="already"):
        take_over(user, source, ours)
    move(user, first, "stopped", reason="money")
    take_over(user, source, ours)
    assert Adoption.objects.count() == 2


def test_a_draft_that_was_deleted_does_not_stand_in_the_way() -> None:
    ours, source = partnership(), practice()
    child_page(taken(source, ours)).delete()
    taken(source, ours)


def test_what_is_made_from_a_demonstration_is_one() -> None:
    source = practice(is_demo=True)
    adoption = taken(source)
    assert adoption.is_demo
    assert child_page(adoption).is_demo
    assert LineageEntry.objects.filter(is_demo=True).count() == 2


def test_published_it_is_a_practice_like_any_other() -> None:
    page = publish_child(taken())
    assert page.live
    assert PracticeFacts.objects.filter(pk=page.translation_key).exists()
    assert LineageEntry.objects.get(pk=page.translation_key).was_public


# Several parents, no circles ----------------------------------------------------------------------


def test_a_practice_may_be_made_from_several() -> None:
    adoption = taken()
    user = person(of=adoption.partnership)
    more = [practice(title="Second"), practice(title="Third")]
    for source in more:
        add_parent(user, adoption, source)
    assert [source.title for source in adoption.sources.all()][1:] == ["Second", "Third"]
    with pytest.raises(AdoptionRefused, match="already"):
        add_parent(user, adoption, more[0])
    assert adoption.sources.count() == 3


def test_circles_are_refused_with_what_would_happen() -> None:
    first = practice(title="The first")
    second = publish_child(taken(first))
    third = publish_child(taken(second))
    adoption = Adoption.objects.get(pk=second.translation_key)
    user = person(of=adoption.partnership)
    with pytest.raises(AdoptionRefused, match="circle"):
        add_parent(user, adoption, third)
    with pytest.raises(AdoptionRefused, match="itself"):
        add_parent(user, adoption, second)
    assert AdoptionSource.objects.count() == 2


# States -------------------------------------------------------------------------------------------

LEGAL = {(state, then) for state, moves in ADOPTION_MOVES.items() for then in moves}


def test_only_legal_moves() -> None:
    adoption = taken()
    user = person(of=adoption.partnership)
    for now, then in product(AdoptionState, AdoptionState):
        Adoption.objects.update(state=now, stop_reason="money")
        if (now, then) in LEGAL:
            move(user, adoption, then, reason="people")
            assert adoption.state == then
            assert adoption.changes.last().from_state == now
        else:
            with pytest.raises(AdoptionRefused, match="can't go"):
                move(user, adoption, then, reason="people")
            assert Adoption.objects.get().state == now


def test_each_change_has_its_day_actor_role_and_side() -> None:
    adoption = taken()
    user = person(Role.EDITOR, adoption.partnership, Side.ISRAEL)
    move(user, adoption, "planned", note="The committee said yes.")
    change = adoption.changes.last()
    assert (change.user, change.role, change.side) == (user, Role.EDITOR, Side.ISRAEL)
    assert (change.from_state, change.to_state) == ("considering", "planned")
    assert [each.to_state for each in adoption.changes.all()] == ["considering", "planned"]


def test_a_stop_needs_a_reason_from_the_list() -> None:
    adoption = taken()
    user = person(of=adoption.partnership)
    for reason in ("", "because"):
        with pytest.raises(AdoptionRefused) as refused:
            move(user, adoption, "stopped", reason=reason)
        assert "reason" in refused.value.error_dict
    move(user, adoption, "stopped", reason="security")
    assert adoption.get_stop_reason_display() == "the security situation"


def test_days_are_not_ahead_and_not_before_the_start() -> None:
    adoption = running(taken(), TODAY() - datetime.timedelta(days=10))
    user = person(of=adoption.partnership)
    for day in (TODAY() + datetime.timedelta(days=1), TODAY() - datetime.timedelta(days=11)):
        with pytest.raises(AdoptionRefused) as refused:
            move(user, adoption, "completed", on=day)
        assert "on" in refused.value.error_dict
    move(user, adoption, "completed")
    assert adoption.ended_on == TODAY()


def test_what_somebody_else_moved_meanwhile_is_not_moved_unseen() -> None:
    adoption = taken()
    first, second = (person(of=adoption.partnership) for _ in range(2))
    move(first, adoption, "planned", seen_state="considering")
    with pytest.raises(AdoptionRefused, match="planned"):
        move(second, adoption, "stopped", seen_state="considering", reason="money")
    assert Adoption.objects.get().state == "planned"


def test_a_stop_is_public_once_both_ends_agree_and_not_longer_than_they_do() -> None:
    adoption = taken()
    givers = practice()
    taker = person(of=adoption.partnership)
    add_parent(taker, adoption, givers)
    first = adoption.sources.first().parent.partnership
    move(taker, adoption, "stopped", reason="money")
    ends = [adoption.partnership, first, givers.partnership]
    for number, end in enumerate(ends):
        assert not is_stop_public(adoption), number
        agree_to_tell_of_stop(person(of=end), adoption, end, agrees=True)
    assert is_stop_public(adoption)
    agree_to_tell_of_stop(person(of=first), adoption, first, agrees=False)
    assert not is_stop_public(adoption)
    stranger = partnership()
    with pytest.raises(AdoptionRefused, match="neither"):
        agree_to_tell_of_stop(person(of=stranger), adoption, stranger, agrees=True)


# Rights -------------------------------------------------------------------------------------------


def test_staff_act_for_all_and_are_named_as_such() -> None:
    ours = partnership()
    adoption = take_over(staff(), practice(), ours)
    assert adoption.changes.get().role == Role.NETWORK_STAFF


def _users(ours: Any, theirs: Any) -> dict[str, Any]:
    ended = person(of=ours)
    ended.role_assignments.update(ends_on=TODAY() - datetime.timedelta(days=1))
    return {
        "coordinator": person(Role.COORDINATOR, ours),
        "editor": person(Role.EDITOR, ours),
        "editor of a side": person(Role.EDITOR, ours, Side.DIASPORA),
        "chair": person(Role.CHAIR, ours),
        "professional": person(Role.PROFESSIONAL),
        "former coordinator": ended,
        "coordinator of the givers": person(Role.COORDINATOR, theirs),
        "coordinator of others": person(Role.COORDINATOR, partnership()),
    }


MAY_ACT = {"coordinator", "editor", "editor of a side"}


def test_only_the_partnerships_own_people_act_for_it() -> None:
    ours, theirs = partnership(), partnership()
    source = practice(theirs)
    others = [practice(theirs) for _ in range(4)]
    adoption = taken(source, ours)
    refused = 0
    for who, user in _users(ours, theirs).items():
        Adoption.objects.filter(pk=adoption.pk).update(state="considering")
        other = others.pop() if who in MAY_ACT else source
        for act in (
            partial(take_over, user, other, ours),
            partial(add_parent, user, adoption, other),
            partial(move, user, adoption, "planned"),
        ):
            if who in MAY_ACT:
                act()
                continue
            refused += 1
            with pytest.raises(PermissionDenied):
                act()
        state = Adoption.objects.get(pk=adoption.pk).state
        assert state == ("planned" if who in MAY_ACT else "considering"), who
    assert refused == 15
