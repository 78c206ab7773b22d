"""What was recorded wrongly of practices that travel is put right: a source, a title, a day."""

from __future__ import annotations

import datetime
from importlib import import_module
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from partnerships.enums import Role
from stories.enums import EvidenceLevel
from stories.models import Adoption, AdoptionChange, LineageEntry, PracticePage, StopAgreement
from stories.services.adoptions import (
    AdoptionRefused,
    add_parent,
    agree_to_tell_of_stop,
    is_stop_public,
    move,
)
from stories.services.corrections import erase_title, remove_source
from stories.services.evidence import evidence_by_key
from stories.services.lineage import edges
from tests.factories import locale_of, page_of
from tests.site_tree import queries_of
from tests.stories.adopting import (
    partnership,
    person,
    practice,
    publish_child,
    reported,
    running,
    staff,
    taken,
)
from tests.stories.test_adoption_admin import detail, signed_in, soup_of

pytestmark = pytest.mark.django_db


def with_two() -> tuple[Adoption, PracticePage, PracticePage, Any]:
    """Return an adoption made from two practices, both of them, and its coordinator."""
    first, second = practice(title="First"), practice(title="Second")
    adoption = taken(first)
    user = person(of=adoption.partnership)
    add_parent(user, adoption, second)
    return adoption, first, second, user


def source_of(adoption: Adoption, page: PracticePage) -> int:
    found: int = adoption.sources.get(parent=page.translation_key).pk
    return found


# A wrong source -----------------------------------------------------------------------------------


def test_a_source_that_was_named_further_is_taken_away_again_and_leaves_nothing() -> None:
    adoption, first, second, user = with_two()
    remove_source(user, adoption, source_of(adoption, second))
    assert edges()[0] == {adoption.pk: [first.translation_key]}
    assert not LineageEntry.objects.filter(pk=second.translation_key).exists()
    assert Client().get(f"/en/travelled/{second.translation_key}/").status_code == 200
    [entry] = ModelLogEntry.objects.filter(object_id=str(adoption.pk))
    assert (entry.user, entry.data) == (user, {"source_removed": str(second.translation_key)})
    with pytest.raises(AdoptionRefused, match="any more"):
        remove_source(user, adoption, 0)
    add_parent(user, adoption, second)
    assert adoption.sources.count() == 2


def test_one_that_travelled_otherwise_is_still_remembered() -> None:
    adoption, _first, second, user = with_two()
    other = taken(second)
    remove_source(user, adoption, source_of(adoption, second))
    assert edges()[0][other.pk] == [second.translation_key]
    middle = publish_child(other)
    add_parent(user, adoption, middle)
    remove_source(user, adoption, source_of(adoption, middle))
    assert LineageEntry.objects.filter(pk=other.pk).exists()
    assert Adoption.objects.filter(pk=other.pk).exists()


def test_the_only_one_and_the_one_that_was_copied_stay() -> None:
    adoption, first, second, user = with_two()
    with pytest.raises(AdoptionRefused, match="copied"):
        remove_source(user, adoption, source_of(adoption, first))
    remove_source(staff(), adoption, source_of(adoption, first))
    for each in (user, staff()):
        with pytest.raises(AdoptionRefused, match="only source"):
            remove_source(each, adoption, source_of(adoption, second))


def test_many_sources_take_as_many_queries_as_two() -> None:
    adoption, _first, _second, user = with_two()
    client = signed_in(user)
    few = len(queries_of(client, detail(adoption)))
    for number in range(20):
        add_parent(user, adoption, practice(title=f"Further {number}"))
    soup = soup_of(client, detail(adoption))
    assert len(soup.select('button[value="unsource"]')) == 21
    assert len(queries_of(client, detail(adoption))) == few


def test_what_was_copied_stays_the_one_copied_and_no_two_share_a_place() -> None:
    adoption, first, second, user = with_two()
    for source in (second, first):
        remove_source(staff(), adoption, source_of(adoption, source))
        add_parent(user, adoption, source)
        places = [each.sort_order for each in adoption.sources.all()]
        assert len(set(places)) == len(places)
    add_parent(user, adoption, practice())
    places = list(adoption.sources.values_list("sort_order", flat=True))
    assert places == sorted(set(places))
    assert adoption.sources.last().parent_id not in (first.translation_key, second.translation_key)
    with pytest.raises(AdoptionRefused, match="copied"):
        remove_source(user, adoption, source_of(adoption, first))
    remove_source(user, adoption, source_of(adoption, second))


def test_an_upgrade_numbers_sources_anew_and_knows_the_one_copied() -> None:
    adoption, first, _second, user = with_two()
    add_parent(user, adoption, practice())
    order = [source.pk for source in adoption.sources.all()]
    adoption.sources.exclude(pk=order[0]).update(sort_order=1)
    other, _first, _second, _user = with_two()
    other.sources.filter(sort_order=0).update(sort_order=2)  # the one copied was taken away
    Adoption.objects.update(copied_from=None)
    import_module("stories.migrations.0016_adoption_copied_from").order_sources(apps, None)
    assert list(adoption.sources.values_list("pk", "sort_order")) == [
        (pk, number) for number, pk in enumerate(order)
    ]
    assert list(other.sources.values_list("sort_order", flat=True)) == [0, 1]
    for each, key in ((adoption, first.translation_key), (other, None)):
        each.refresh_from_db()
        assert each.copied_from == key


def test_once_an_outcome_is_reported_staff_alone_take_it_away_and_it_counts_no_more() -> None:
    adoption, _first, second, user = with_two()
    reported(running(adoption))
    key = second.translation_key
    assert evidence_by_key([key])[key].level == EvidenceLevel.REPEATED
    with pytest.raises(AdoptionRefused, match="counts for this practice"):
        remove_source(user, adoption, source_of(adoption, second))
    remove_source(staff(), adoption, source_of(adoption, second))
    assert evidence_by_key([key])[key].level == EvidenceLevel.COUNTED


def test_others_and_other_roles_take_nothing_away() -> None:
    adoption, first, second, _user = with_two()
    ours = adoption.partnership
    for other in (
        person(of=first.partnership),
        person(of=second.partnership),
        person(of=partnership()),
        person(Role.CHAIR, ours),
        person(Role.PROFESSIONAL, ours),
    ):
        with pytest.raises(PermissionDenied):
            remove_source(other, adoption, source_of(adoption, second))
    assert adoption.sources.count() == 2


def test_a_partnership_that_is_no_end_any_more_has_no_say_in_a_stop() -> None:
    adoption, first, second, user = with_two()
    move(user, adoption, "stopped", reason="money")
    for end in (adoption.partnership, first.partnership):
        agree_to_tell_of_stop(person(of=end), adoption, end, agrees=True)
    assert not is_stop_public(adoption)
    remove_source(user, adoption, source_of(adoption, second))
    assert is_stop_public(adoption)
    add_parent(user, adoption, second)
    end = second.partnership
    agree_to_tell_of_stop(person(of=end), adoption, end, agrees=True)
    remove_source(user, adoption, source_of(adoption, second))
    assert not StopAgreement.objects.filter(partnership=end).exists()


def test_it_is_done_on_the_screen_of_the_adoption() -> None:
    adoption, first, second, user = with_two()
    client = signed_in(user)
    offered = [one["value"] for one in soup_of(client, detail(adoption)).select("[name=source]")]
    assert offered == [str(source_of(adoption, second))]
    giver = signed_in(person(of=second.partnership))
    assert not soup_of(giver, detail(adoption)).select("[name=source]")
    data = {"action": "unsource", "source": offered[0]}
    assert giver.post(detail(adoption), data).status_code in (302, 403)
    assert adoption.sources.count() == 2
    for bad in ("", "x", "9" * 40, str(source_of(adoption, first))):
        assert client.post(detail(adoption), {**data, "source": bad}).status_code == 302
        assert adoption.sources.count() == 2
    client.post(detail(adoption), data)
    assert [source.title for source in adoption.sources.all()] == ["First"]


# A title that had to go ---------------------------------------------------------------------------


def test_a_tombstones_title_goes_everywhere_and_neutral_words_stand_there(client: Client) -> None:
    source = practice(title="Soup with Miriam")
    adoption = taken(source)
    child = publish_child(adoption, title="Our soup")
    source.delete()
    url = f"/en/travelled/{adoption.pk}/"
    assert "Miriam" in client.get(url).content.decode()
    entry = LineageEntry.objects.get(pk=source.translation_key)
    erase_title(staff(), entry)
    api = f"/api/v1/lineage/{adoption.pk}"
    told = person(of=adoption.partnership)
    for html in (
        client.get(url).content.decode(),
        client.get(api).content.decode(),
        client.get(child.url).content.decode(),
        signed_in(told).get(detail(adoption)).content.decode(),
    ):
        assert "Miriam" not in html
        assert "A practice whose title was taken away" in html
    assert entry.title_erased_at is not None
    assert set(entry.titles) == {"en", "he"}
    with pytest.raises(AdoptionRefused, match="No title"):
        erase_title(staff(), entry)


def test_what_is_public_keeps_its_title_and_what_is_kept_beside_it_goes() -> None:
    source = practice(title="Soup with Miriam")
    page_of(source.partnership, "he")
    hebrew = source.copy_for_translation(locale_of("he"))
    hebrew.title = "מרק עם מרים"
    hebrew.save_revision().publish()
    adoption = taken(source)
    entry = LineageEntry.objects.get(pk=source.translation_key)
    PracticePage.objects.get(pk=hebrew.pk).save()
    entry.refresh_from_db()
    assert set(entry.titles) == {"en", "he"}
    hebrew.refresh_from_db()
    hebrew.delete()
    page = PracticePage.objects.get(pk=source.pk)
    page.title = "Soup"
    page.save_revision().publish()
    erase_title(staff(), entry)
    assert dict(entry.titles) == {"en": "Soup"}
    assert adoption.sources.get().title == "Soup"


def test_only_staff_erase_titles() -> None:
    adoption = taken(practice(title="Soup with Miriam"))
    source = adoption.sources.get()
    PracticePage.objects.get(translation_key=source.parent_id).delete()
    for user in (person(of=adoption.partnership), person(of=source.parent.partnership)):
        with pytest.raises(PermissionDenied):
            erase_title(user, source.parent)
        client = signed_in(user)
        assert not soup_of(client, detail(adoption)).select("[name=entry]")
        client.post(detail(adoption), {"action": "erase", "entry": str(source.parent_id)})
    source.refresh_from_db()
    assert source.title == "Soup with Miriam"
    client = signed_in(staff())
    offered = [one["value"] for one in soup_of(client, detail(adoption)).select("[name=entry]")]
    assert offered == [str(adoption.pk), str(source.parent_id)]
    stranger = taken(practice())
    for bad in ("", "x", str(stranger.pk)):
        post = client.post(detail(adoption), {"action": "erase", "entry": bad})
        assert post.status_code == 404
    client.post(detail(adoption), {"action": "erase", "entry": str(source.parent_id)})
    source.refresh_from_db()
    assert source.title == "A practice whose title was taken away"


# A wrong report -----------------------------------------------------------------------------------


def test_a_corrected_report_says_so_and_both_ends_see_what_it_was(client: Client) -> None:
    source = practice()
    adoption = running(taken(source))
    outcome = reported(adoption, against_aim="better", lesson="Early.", lesson_language="en")
    reporter = outcome.user
    reported(adoption, against_aim="worse", lesson="", lesson_language="")
    html = client.get(f"/en/travelled/{source.translation_key}/").content.decode()
    told = " ".join(BeautifulSoup(html, "html.parser").get_text().split())
    assert "Corrected on" in told
    assert "Before, it was reported as: better than the aim." in told
    assert "Early." not in told
    for user, names in (
        (person(of=adoption.partnership), True),
        (person(of=source.partnership), False),
    ):
        seen = soup_of(signed_in(user), detail(adoption)).get_text(" ", strip=True)
        assert "How it was reported before" in seen
        assert "Early." in seen
        assert (str(reporter) in seen) == names
    answer = client.get(f"/api/v1/lineage/{source.translation_key}").json()
    [member] = [one for one in answer["members"] if one["outcomes"]]
    assert member["outcomes"][-1]["corrected_on"] == timezone.localdate().isoformat()


# Days ---------------------------------------------------------------------------------------------


def test_the_day_of_each_state_is_kept_and_told(client: Client) -> None:
    source = practice()
    adoption = taken(source, is_announced=True)
    publish_child(adoption)
    user = person(of=adoption.partnership)
    today = timezone.localdate()
    planned, begun, ended = (today - datetime.timedelta(days=days) for days in (90, 60, 30))
    url = f"/api/v1/lineage/{source.translation_key}"
    days = [today]
    for state, day in (("planned", planned), ("running", begun), ("completed", ended)):
        move(user, adoption, state, on=day)
        days.append(day)
        assert client.get(url).json()["members"][1]["since"] == day.isoformat()
    assert [change.day for change in adoption.changes.all()] == days
    text = soup_of(signed_in(user), detail(adoption)).get_text(" ", strip=True)
    assert "planned ( entered on" in text or "planned (entered on" in text


def test_the_days_that_were_known_are_filled_in_when_a_database_is_upgraded() -> None:
    adoption = running(taken(), timezone.localdate() - datetime.timedelta(days=60))
    ended = timezone.localdate() - datetime.timedelta(days=5)
    move(person(of=adoption.partnership), adoption, "completed", on=ended)
    AdoptionChange.objects.update(on=None)
    import_module("stories.migrations.0012_corrections").fill_days(apps, None)
    known = dict(adoption.changes.values_list("to_state", "on"))
    assert known == {
        "considering": None,
        "planned": None,
        "running": adoption.started_on,
        "completed": ended,
    }
    assert adoption.changes.first().day == timezone.localdate(adoption.changes.first().at)
