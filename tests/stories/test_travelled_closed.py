"""A Partnership that does not show itself is named by nothing that travelled."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from partnerships.models import Partnership
from stories.models import Adoption, EarlierRun, PracticePage
from stories.services.outcomes import answer
from tests.factories import page_of
from tests.stories.adopting import person, practice, publish_child, reported, running, taken
from tests.stories.test_travelled import ask, lines, read

pytestmark = pytest.mark.django_db


def close(partnership: Partnership, kind: str = "login") -> None:
    """Keep everybody but the network from the pages of a Partnership."""
    PageViewRestriction.objects.create(page=page_of(partnership), restriction_type=kind)


def everything(client: Client, source: PracticePage) -> str:
    """Return all that anybody reads of a practice's travels: page, picture, answer, own page."""
    own = client.get(source.url).content.decode() if source.live else ""
    key = source.translation_key
    return f"{read(client, key)}{ask(client, key)}{own}"


def secrets_of(adoption: Adoption) -> list[str]:
    return [
        str(adoption.partnership),
        adoption.partnership.slug,
        str(adoption.pk),
        "two towns, in wartime",
        "Begin early",
    ]


def failed(source: PracticePage) -> Adoption:
    adoption = running(taken(source))
    told = {"lesson": "Begin early", "lesson_language": "en", "context": "two towns, in wartime"}
    reported(adoption, against_aim="worse", **told)
    return adoption


@pytest.mark.parametrize("is_published", [True, False])
def test_who_took_it_over_is_not_named_nor_what_came_of_it(
    client: Client, is_published: bool
) -> None:
    source = practice()
    adoption = failed(source)
    if is_published:
        publish_child(adoption, title="Our own version")
    open_to_all = everything(client, source)
    for name in (str(adoption.partnership), "two towns, in wartime"):
        assert name in open_to_all
    close(adoption.partnership)
    told = everything(client, source)
    for secret in (*secrets_of(adoption), "Our own version"):
        assert secret not in told, secret
    assert "Worse than the aim in another Partnership" in told
    assert len(lines(read(client, source.translation_key))) == 1
    assert client.get(f"/en/travelled/{adoption.pk}/").status_code == 404
    assert client.get(f"/api/v1/lineage/{adoption.pk}").status_code == 404


def test_who_told_it_and_who_answered_are_not_named(client: Client) -> None:
    source = practice(title="Their practice")
    adoption = failed(source)
    child = publish_child(adoption, title="Our own version")
    answer(
        person(of=source.partnership),
        adoption.outcomes.get(),
        source.partnership,
        "A wet year.",
        "en",
    )
    assert "A wet year." in everything(client, child)
    close(source.partnership)
    told = everything(client, child)
    for secret in (str(source.partnership), source.partnership.slug, "Their practice", "wet year"):
        assert secret not in told, secret
    assert str(adoption.partnership) in told


def test_a_private_one_between_keeps_its_place_without_a_name(client: Client) -> None:
    first = practice(title="First")
    middle = failed(first)
    last = publish_child(taken(publish_child(middle, title="Middle")), title="Last")
    close(middle.partnership)
    names = lines(read(client, first.translation_key))
    assert names[1] == "A practice that is not public"
    assert names[2].startswith("Last")
    told = everything(client, first) + everything(client, last)
    for secret in (*secrets_of(middle), "Middle"):
        assert secret not in told, secret


def test_an_earlier_run_of_it_is_left_out(client: Client) -> None:
    source, other = practice(), practice().partnership
    EarlierRun.objects.create(
        practice_key=source.translation_key, partnership=other, source="a brochure"
    )
    assert "a brochure" in everything(client, source)
    close(other)
    assert "a brochure" not in everything(client, source)
    assert str(other) not in everything(client, source)


def test_naming_takes_as_many_queries_for_many(django_assert_max_num_queries: Any) -> None:
    source = practice()
    client = Client()
    for _ in range(3):
        failed(source)
    url = f"/api/v1/lineage/{source.translation_key}"
    client.get(url)
    with django_assert_max_num_queries(40) as seen:
        client.get(url)
    few = len(seen)
    for _ in range(5):
        close(failed(source).partnership)
    with django_assert_max_num_queries(few):
        client.get(url)
