"""Practices of one model stand together where a search finds them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from search.models import LibraryText
from stories.models import Adoption, AdoptionSource, LineageEntry, PracticePage
from tests.factories import LibraryIndexPageFactory, PracticePageFactory, StoryPageFactory
from tests.search.test_library_page import get, titles, words

pytestmark = pytest.mark.django_db


def take(child: PracticePage, parent: PracticePage) -> None:
    """Let `child` be taken over from `parent`."""
    entries = [
        LineageEntry.objects.get_or_create(translation_key=page.translation_key)[0]
        for page in (child, parent)
    ]
    adoption, _new = Adoption.objects.get_or_create(
        practice=entries[0], defaults={"partnership": child.partnership}
    )
    AdoptionSource.objects.create(
        adoption=adoption, parent=entries[1], language="en", title=parent.title
    )


@pytest.fixture
def practices() -> dict[str, PracticePage]:
    """Practices about lanterns: the shorter the title, the better it fits."""
    LibraryIndexPageFactory(title="Library")
    names = {
        "first": "Lanterns",
        "other": "Lanterns of paper",
        "child": "Lanterns in a small town at the sea",
        "grandchild": "Lanterns that were made once more in a third town, by other people",
    }
    made = {key: PracticePageFactory(title=title) for key, title in names.items()}
    take(made["child"], made["first"])
    take(made["grandchild"], made["child"])
    return made


def test_those_of_a_model_follow_its_best(
    client: Client, practices: dict[str, PracticePage]
) -> None:
    found = [practices[key].title for key in ("first", "child", "grandchild", "other")]
    soup = get(client, "/en/library/?q=lanterns&type=practice")
    assert titles(soup) == found
    same = [item.select_one(".hit__title").get_text() for item in soup.select(".hits__same")]
    assert same == found[1:3]
    assert words(soup, ".hits__same .hit__why") == "The same model as: Lanterns"
    # Another order is kept as it is asked for; what may not be seen leads and follows nobody.
    assert not get(client, "/en/library/?q=lanterns&type=practice&sort=title").select(".hits__same")
    practices["child"].unpublish()
    soup = get(client, "/en/library/?q=lanterns&type=practice")
    assert titles(soup) == [practices[key].title for key in ("first", "other", "grandchild")]
    assert not soup.select(".hits__same")


def test_siblings_stand_together_without_their_model(client: Client) -> None:
    LibraryIndexPageFactory(title="Library")
    names = ["Lanterns", "Lanterns of paper", "Lanterns in a small town at the sea"]
    names.append("Lanterns that were made once more in a third town, by other people")
    first, other, sibling, last = (PracticePageFactory(title=title) for title in names)
    model, draft = (PracticePageFactory(title=title) for title in ("Lamps", "A draft"))
    for child, parent in ((first, model), (sibling, model), (other, draft), (last, draft)):
        take(child, parent)
    draft.unpublish()
    entries = LineageEntry.objects
    entries.filter(pk=model.translation_key).update(was_public=True)

    def followers() -> list[str]:
        soup = get(client, "/en/library/?q=lanterns&type=practice")
        assert titles(soup) == [page.title for page in (first, sibling, other, last)]
        return [item.select_one(".hit__title").get_text() for item in soup.select(".hits__same")]

    assert followers() == [sibling.title]  # of what the public never saw nothing is told
    entries.filter(pk=draft.translation_key).update(was_public=True)
    assert followers() == [sibling.title, last.title]
    take(last, first)  # a model that is on the page goes before one that is not
    soup = get(client, "/en/library/?q=lanterns&type=practice")
    assert titles(soup) == [page.title for page in (first, sibling, last, other)]


@pytest.mark.parametrize("saved_in", ["en", "he"])
def test_texts_have_the_names_of_choices_in_their_own_language(saved_in: str) -> None:
    role = {"side": "israel", "role": "x", "people": 2, "hours": 3, "is_volunteer": False}
    with override(saved_in):
        for language in ("en", "he"):
            PracticePageFactory(language=language, roles=[{"type": "role", "value": role}])
    texts = LibraryText.objects.filter(entry__type="practice")
    bodies = dict(texts.values_list("entry__language", "body"))
    assert "in Israel" in bodies["en"]
    assert "בישראל" in bodies["he"]
    assert "Israel" not in bodies["he"]


def test_circles_end(client: Client, practices: dict[str, PracticePage]) -> None:
    take(practices["first"], practices["grandchild"])
    assert len(titles(get(client, "/en/library/?q=lanterns&type=practice"))) == 4


def test_one_query_and_none_without_two_practices(
    client: Client, practices: dict[str, PracticePage]
) -> None:
    StoryPageFactory(title="Lanterns of a story")

    def asked(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/en/library/?q=lanterns&{query}")
        return sum("stories_adoptionsource" in query["sql"] for query in queries)

    assert asked("type=practice") == 1
    assert asked("type=success") == 0
    assert asked("type=practice&sort=date") == 0
