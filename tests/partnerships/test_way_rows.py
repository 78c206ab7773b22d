"""An open way to take part is a thing of the library, beside its program."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from partnerships.models import WayToTakePart
from portal.library import Facet
from search.models import LibraryEntry
from search.query import LibraryQuery
from search.services.consistency import compare
from search.services.library import find
from search.services.refresh import refresh_stale
from tests.factories import ProgramFactory, ProgramPageFactory, WayToTakePartFactory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def program() -> Any:
    """A program with ages of its own, told in both languages."""
    return ProgramFactory(age_from=15, age_to=17)


def way(program: Any, title: str, **fields: Any) -> WayToTakePart:
    made: WayToTakePart = WayToTakePartFactory(
        program=program, title={"en": title, "he": "אירוח"}, **fields
    )
    return made


def pages(program: Any) -> list[Any]:
    first = ProgramPageFactory(program=program, language="en")
    key = first.translation_key
    return [first, ProgramPageFactory(program=program, language="he", translation_key=key)]


def hits(text: str, **asked: Any) -> list[Any]:
    query = LibraryQuery(text=text, lang="en", types=["opportunity"], **asked)
    return list(find(query).hits)


def test_an_open_way_is_found_by_its_own_words_and_leads_to_its_place(program: Any) -> None:
    host = way(program, "Zzhost a visiting teen", asks={"en": "A bed and a breakfast."})
    page, hebrew = pages(program)
    (hit,) = hits("zzhost")
    assert hit.url == f"{page.url}#way-{host.pk}"
    assert hit.type == "opportunity" and hit.summary == "A bed and a breakfast."
    assert f'id="way-{host.pk}"' in Client().get(page.url).content.decode()
    assert hits("breakfast")[0].thing_key == hit.thing_key
    (in_hebrew,) = find(LibraryQuery(text="zzhost", lang="he", types=["opportunity"])).hits
    assert in_hebrew.thing_key == hit.thing_key  # both languages are one hit
    assert in_hebrew.url == f"{hebrew.url}#way-{host.pk}"


@pytest.mark.parametrize(
    "closed",
    [
        {"is_closed": True},
        {"deadline": -1},
        {"opens_on": 3},
        {"places_left": 0},
    ],
    ids=["by hand", "deadline", "not yet", "full"],
)
def test_a_closed_way_is_not_found(program: Any, closed: dict[str, Any]) -> None:
    today = timezone.localdate()
    dates = {
        name: today + value * DAY if name in {"deadline", "opens_on"} else value
        for name, value in closed.items()
    }
    way(program, "Zzclosed", **dates)
    pages(program)
    assert not hits("zzclosed")
    assert not LibraryEntry.objects.exclude(part="").exists()


def test_a_way_whose_deadline_passes_goes_with_the_day(program: Any) -> None:
    today = timezone.localdate()
    host = way(program, "Zzhost", deadline=today)
    pages(program)
    assert len(hits("zzhost")) == 1
    WayToTakePart.objects.filter(pk=host.pk).update(deadline=today - DAY)
    call_command("run_schedule", "--job", "programs: what opened and closed")
    refresh_stale()
    assert not hits("zzhost")
    assert not LibraryEntry.objects.exclude(part="").exists()
    compared = compare(thorough=False)
    assert not (compared.missing or compared.different or compared.extra)


def test_a_way_goes_with_its_page_and_is_hidden_with_it(program: Any) -> None:
    way(program, "Zzhost")
    page, hebrew = pages(program)
    page.unpublish()
    assert [hit.language for hit in hits("אירוח")] == ["he"]
    hebrew.unpublish()
    assert not hits("אירוח") and not hits("zzhost")
    page.delete()
    assert not LibraryEntry.objects.filter(part__gt="", language="en").exists()


def test_a_host_is_not_measured_by_the_age_of_participants(program: Any) -> None:
    way(program, "Zzhost", kind="host")
    way(program, "Zztravel", kind="travel")
    pages(program)
    teens = {"at_least": {"age_to": 15}, "at_most": {"age_from": 15}}
    assert hits("zztravel", **teens) and not hits("zzhost", **teens)
    assert hits("zzhost", facets={Facet.OPEN: ["host"]})
    assert not hits("zzhost", facets={Facet.OPEN: ["travel"]})


def test_what_is_published_anew_keeps_one_row_a_way(program: Any) -> None:
    way(program, "Zzhost")
    page, _hebrew = pages(program)
    before = set(LibraryEntry.objects.values_list("pk", "part"))
    page.save_revision().publish()
    assert set(LibraryEntry.objects.values_list("pk", "part")) == before
    assert len(hits("zzhost")) == 1
