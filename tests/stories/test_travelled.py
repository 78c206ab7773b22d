"""Where it travelled: what a reader may see of a family, as list, picture, JSON, and on pages."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from stories.family import branches, draw
from stories.models import Adoption, EarlierRun, LineageEntry, PracticePage
from stories.services.adoptions import add_parent, agree_to_tell_of_stop, move
from stories.services.outcomes import answer
from tests.factories import PracticePageFactory, locale_of, page_of
from tests.stories.adopting import (
    child_page,
    partnership,
    person,
    practice,
    publish_child,
    reported,
    running,
    taken,
)
from tests.stories.families import big_family

pytestmark = pytest.mark.django_db


def read(client: Client, key: uuid.UUID, language: str = "en") -> BeautifulSoup:
    response = client.get(f"/{language}/travelled/{key}/")
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    return BeautifulSoup(response.content, "html.parser")


def lines(soup: BeautifulSoup) -> list[str]:
    return [" ".join(name.get_text(" ").split()) for name in soup.select(".member__name")]


def ask(client: Client, key: uuid.UUID) -> dict[str, Any]:
    response = client.get(f"/api/v1/lineage/{key}")
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


# The tree -----------------------------------------------------------------------------------------


def test_one_with_several_parents_stands_in_full_once_and_is_pointed_at() -> None:
    children = {"a": ["c"], "b": ["c"], "c": ["d"]}
    told = branches(["a", "b"], children, "abcd")
    assert [(line.key, line.depth, line.is_pointer) for line in told] == [
        ("a", 0, False),
        ("c", 1, False),
        ("d", 2, False),
        ("b", 0, False),
        ("c", 1, True),
    ]
    assert [(line.opens, line.closes) for line in told] == [
        (True, 0),
        (True, 0),
        (False, 2),
        (True, 0),
        (False, 1),
    ]


def test_a_chain_of_any_length_and_even_a_circle_end() -> None:
    chain = {number: [number + 1] for number in range(3000)}
    told = branches([0], chain, range(3001))
    assert (len(told), told[-1].depth, told[-1].closes) == (3001, 3000, 3000)
    assert len(draw(told, {}).boxes) == 3001
    circle = branches(["a"], {"a": ["b"], "b": ["a"]}, "ab")
    assert [line.key for line in circle] == ["a", "b", "a"]


def test_the_picture_has_a_generation_a_column_and_is_mirrored_for_hebrew() -> None:
    children = {"a": ["c", "d"], "b": ["d"], "c": ["d"]}
    parents = {"c": ["a"], "d": ["a", "b", "c"]}
    told = branches(["a", "b"], children, "abcd")
    drawing = draw(told, parents)
    x = {box.key: box.x for box in drawing.boxes}
    assert x["a"] == x["b"] < x["c"] < x["d"]
    assert len(drawing.lines) == 4
    places = {(box.x, box.y) for box in drawing.boxes}
    assert len(places) == 4
    mirrored = {box.key: box.x for box in draw(told, parents, mirrored=True).boxes}
    assert mirrored["a"] > mirrored["c"] > mirrored["d"]


# What a reader may see ----------------------------------------------------------------------------


def test_the_page_tells_who_took_it_what_they_changed_and_what_came_of_it(client: Client) -> None:
    source = practice(title="Same Moon")
    adoption = running(taken(source), timezone.localdate() - datetime.timedelta(days=400))
    publish_child(
        adoption,
        title="Our moon",
        adaptations=[
            ("adaptation", {"section": "how", "text": "Four letters, not six."}),
            ("adaptation", {"section": "why", "text": ""}),
        ],
    )
    outcome = reported(adoption, 6, against_aim="worse", lesson="מוקדם.", lesson_language="he")
    answer(person(of=source.partnership), outcome, source.partnership, "A wet year.", "en")
    soup = read(client, source.translation_key)
    assert [line.split(",")[0].strip() for line in lines(soup)] == ["Same Moon", "Our moon"]
    text = soup.select_one(".lineage .lineage").get_text(" ")
    for told in ("running", "coordinator", "Four letters", "worse than the aim", "A wet year."):
        assert told in text, told
    assert "not reported" in text  # twelve months are over
    assert soup.select_one(".outcomes__lesson")["dir"] == "rtl"
    assert soup.select_one("svg[aria-hidden=true] .drawing__title")
    assert not soup.select("[style]")
    own = read(client, adoption.pk)
    assert own.select_one(".member--here").get_text().split(",")[0].strip() == "Our moon"


def test_no_name_of_a_person_is_shown(client: Client) -> None:
    source = practice()
    adoption = running(taken(source))
    publish_child(adoption)
    reported(adoption)
    html = str(read(client, source.translation_key))
    for change in adoption.changes.all():
        assert str(change.user) not in html
        assert change.user.email not in html


def test_a_practice_unpublished_private_or_deleted_is_a_line_with_what_it_was(
    client: Client,
) -> None:
    pages = [practice(title=name) for name in ("Unpublished", "Private", "Deleted")]
    children = [publish_child(taken(page), title=f"From {page.title}") for page in pages]
    owners = [str(page.partnership) for page in pages]
    pages[0].unpublish()
    PageViewRestriction.objects.create(page=pages[1], restriction_type="login")
    pages[2].delete()
    for page, child, owner in zip(pages, children, owners, strict=True):
        soup = read(client, child.translation_key)
        [tombstone, line] = soup.select(".member")
        assert page.title in tombstone.get_text()
        assert owner in tombstone.get_text()
        assert "no longer public" in tombstone.get_text()
        assert not tombstone.select(f'a[href*="{page.slug}"]')
        assert child.title in line.get_text()
        assert read(client, page.translation_key)
        member = ask(client, child.translation_key)["members"][0]
        assert (member["public"], member["url"], member["title"]) == (
            False,
            None,
            {"en": page.title},
        )


def test_the_title_of_a_tombstone_is_the_last_public_one(client: Client) -> None:
    source = practice(title="Told to all")
    child = publish_child(taken(source))
    source.title = "Renamed in public"
    source.save_revision().publish()
    source.unpublish()
    source = PracticePage.objects.get(pk=source.pk)
    source.title = "Secret draft"
    source.save()
    html = str(read(client, child.translation_key))
    assert "Renamed in public" in html
    assert "Secret draft" not in html


def test_an_adoption_that_was_never_public_is_not_shown_or_without_a_name(client: Client) -> None:
    source = practice()
    adoption = taken(source, planned_start=timezone.localdate())
    Adoption.objects.update(state="planned")
    assert len(lines(read(client, source.translation_key))) == 1
    assert client.get(f"/en/travelled/{adoption.pk}/").status_code == 404
    assert client.get(f"/api/v1/lineage/{adoption.pk}").status_code == 404
    Adoption.objects.update(is_announced=True)
    soup = read(client, source.translation_key)
    assert lines(soup)[1] == "A Partnership"
    assert "planned" in soup.select(".member")[1].get_text()
    answer = str(ask(client, source.translation_key))
    for secret in (str(adoption.partnership), adoption.partnership.slug, str(adoption.pk)):
        assert secret not in answer
        assert secret not in str(soup)


def test_what_was_reported_is_credited_though_the_page_is_not_public(client: Client) -> None:
    source = practice()
    adoption = running(taken(source))
    reported(adoption, against_aim="worse")
    soup = read(client, source.translation_key)
    assert str(adoption.partnership) in lines(soup)[1]
    assert child_page(adoption).title not in lines(soup)[1]
    assert "worse than the aim" in soup.select(".member")[1].get_text()
    html = client.get(page_of(adoption.partnership).url).content.decode()
    assert "What they learned for others" in html
    assert "worse than the aim" in html


def test_a_private_one_between_public_ones_keeps_its_place_without_a_name(client: Client) -> None:
    first = practice(title="First")
    middle = taken(first)
    publish_child(middle, title="Middle")
    last = publish_child(taken(child_page(middle)), title="Last")
    LineageEntry.objects.filter(pk=middle.pk).update(was_public=False)
    child_page(middle).unpublish()
    soup = read(client, first.translation_key)
    names = lines(soup)
    assert names[0].startswith("First")
    assert names[1] == "A practice that is not public"
    assert names[2].startswith("Last")
    assert "Middle" not in str(soup)
    assert [len(m["parents"]) for m in ask(client, last.translation_key)["members"]] == [0, 1, 1]


def test_a_stop_shows_with_its_reason_once_both_ends_agree(client: Client) -> None:
    source = practice()
    adoption = running(taken(source))
    publish_child(adoption)
    move(person(of=adoption.partnership), adoption, "stopped", reason="security")
    text = read(client, source.translation_key).get_text()
    assert "stopped" not in text
    assert "security situation" not in text
    for end in (adoption.partnership, source.partnership):
        agree_to_tell_of_stop(person(of=end), adoption, end, agrees=True)
    text = read(client, source.translation_key).get_text()
    assert "stopped" in text
    assert "the security situation" in text


def test_a_stop_before_the_own_page_was_public_shows_once_both_ends_agree(client: Client) -> None:
    source = practice()
    adoption = taken(source)
    move(person(of=adoption.partnership), adoption, "stopped", reason="people")
    ends = (adoption.partnership, source.partnership)
    for end in ends:
        assert len(lines(read(client, source.translation_key))) == 1, end
        assert "nobody to do the work" not in str(ask(client, source.translation_key))
        agree_to_tell_of_stop(person(of=end), adoption, end, agrees=True)
    soup = read(client, source.translation_key)
    assert lines(soup)[1].startswith("Stopped before its own page was public")
    assert str(adoption.partnership) in lines(soup)[1]
    told = soup.select(".member")[1].get_text()
    assert "stopped" in told
    assert "nobody to do the work" in told
    assert str(adoption.pk) not in str(soup)
    assert client.get(f"/en/travelled/{adoption.pk}/").status_code == 404
    assert "nobody to do the work" in str(ask(client, source.translation_key))
    agree_to_tell_of_stop(person(of=ends[0]), adoption, ends[0], agrees=False)
    assert len(lines(read(client, source.translation_key))) == 1


def test_hebrew_readers_get_their_page_and_titles_marked(client: Client) -> None:
    source = practice(title="Same Moon")
    page_of(source.partnership, "he")
    copy = source.copy_for_translation(locale_of("he"))
    copy.title = "אותו ירח"
    copy.save_revision().publish()
    publish_child(taken(source), title="Only English")
    soup = read(client, source.translation_key, "he")
    assert soup.html["dir"] == "rtl"
    assert lines(soup)[0].startswith("אותו ירח")
    assert soup.select_one('.lineage .lineage bdi[lang="en"]').get_text() == "Only English"
    switch = soup.select_one(".language-switch__link")
    assert switch["href"] == f"/en/travelled/{source.translation_key}/"


def test_a_practice_that_stayed_at_home_has_a_page_too_and_others_have_none(client: Client) -> None:
    source = practice(title="At home")
    assert lines(read(client, source.translation_key))[0].startswith("At home")
    draft = PracticePageFactory(live=False)
    for key in (draft.translation_key, uuid.uuid4()):
        assert client.get(f"/en/travelled/{key}/").status_code == 404
        assert client.get(f"/api/v1/lineage/{key}").status_code == 404
    assert client.get(f"/api/v1/lineage/{source.translation_key}?lang=xx").status_code == 400
    assert client.get("/api/v1/lineage/no-key").status_code == 400


def test_earlier_runs_stand_apart_with_their_source(client: Client) -> None:
    source = practice()
    EarlierRun.objects.create(
        practice_key=source.translation_key,
        place={"en": "Carmiel"},
        year=1995,
        source="a brochure",
        source_url="https://example.org/brochure",
    )
    soup = read(client, source.translation_key)
    run = soup.select_one(".earlier__run").get_text()
    assert "Carmiel, 1995" in " ".join(run.split())
    assert "the same model" in run
    assert "Also run in 1 other" in soup.select_one(".tested").get_text()


# The practice's own page --------------------------------------------------------------------------


def test_the_page_says_how_well_tested_it_is_and_leads_on(client: Client) -> None:
    source = practice()
    soup = BeautifulSoup(client.get(source.url).content, "html.parser")
    tested = " ".join(soup.select_one(".tested").get_text().split())
    assert tested.startswith("How well tested counted:")
    assert "For more it takes" in tested
    assert not soup.select(".tested a")
    bring = soup.find("a", string="Bring it to our Partnership")
    assert bring["href"] == f"/admin/brought-over/bring/{source.translation_key}/"
    child = publish_child(taken(source))
    soup = BeautifulSoup(client.get(source.url).content, "html.parser")
    assert soup.select_one(".tested a")["href"] == f"/en/travelled/{source.translation_key}/"
    soup = BeautifulSoup(client.get(child.url).content, "html.parser")
    origin = soup.select_one(".origins")
    assert origin.a["href"] == source.url
    assert "version of" in origin.get_text()


def test_the_same_in_hebrew_has_no_english_words(client: Client) -> None:
    source = practice(language="he")
    reported(running(taken(source, page_of(partnership(), "he").partnership)))
    soup = BeautifulSoup(client.get(source.url).content, "html.parser")
    for element in soup.select(".tested bdi, .tested [lang]"):
        element.decompose()
    assert not re.search("[A-Za-z]{3,}", soup.select_one(".tested").get_text())


# Large families -----------------------------------------------------------------------------------


def test_a_large_family_takes_as_many_queries_as_a_small_one(client: Client) -> None:
    small, large = big_family(5), big_family(40)
    client.get(f"/en/travelled/{small}/")  # what a process reads once
    counts = []
    for key, size in ((small, 5), (large, 40)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            soup = read(client, key)
        counts.append(len(queries))
        assert len(soup.select(".drawing__box")) == size
        assert len(soup.select(".member")) == size + 2
        assert soup.get_text().count("Made from several") == 1
    assert counts[0] == counts[1]
    counts = []
    for key in (small, large):
        with CaptureQueriesContext(connection) as queries:
            ask(client, key)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_further_parent_is_named(client: Client) -> None:
    first, second = practice(title="First"), practice(title="Second")
    adoption = taken(first)
    add_parent(person(of=adoption.partnership), adoption, second)
    publish_child(adoption, title="Both")
    soup = read(client, first.translation_key)
    assert len(lines(soup)) == 2
    note = " ".join(soup.select_one(".lineage .lineage .member__note").get_text().split())
    assert note == "Made from several: First; Second"
