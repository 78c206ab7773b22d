"""The public pages of practices, challenges, stories and resources."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.models import Membership
from stories.models import ChallengeFacts, PracticeFacts, PracticePage
from tests.factories import (
    ChallengePageFactory,
    CommunityFactory,
    ConceptFactory,
    ImageFactory,
    LibraryIndexPageFactory,
    PartnershipFactory,
    PartnershipPageFactory,
    PracticePageFactory,
    ProgramFactory,
    ProgramPageFactory,
    ResourcePageFactory,
    StoryPageFactory,
    locale_of,
    page_of,
)

pytestmark = pytest.mark.django_db

ALL = [PracticePageFactory, ChallengePageFactory, StoryPageFactory, ResourcePageFactory]


def html_of(client: Client, page: Any) -> str:
    response = client.get(page.url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def text_of(html: str) -> str:
    """Return the words of <main>, without markup."""
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main.replace("&nbsp;", " "))).strip()


def translated(page: Any) -> Any:
    page_of(page.partnership, "he")
    copy = page.copy_for_translation(locale_of("he"))
    copy.title = "מתכון אחד בשני מטבחים"
    copy.save_revision().publish()
    return type(page).objects.get(pk=copy.pk)


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize("page_type", ALL)
def test_every_type_shows_in_both_languages(page_type: Any, language: str, client: Client) -> None:
    page = page_type(language=language)
    response = client.get(page.url)
    assert response.status_code == 200
    html = response.content.decode()
    direction = "rtl" if language == "he" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert f'<body class="{page.body_class}">' in html
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("page_type", ALL)
def test_drafts_are_not_served(page_type: Any, client: Client) -> None:
    assert client.get(f"{page_type(live=False).url}").status_code == 404


# Who tells --------------------------------------------------------------------------------------


def test_the_partnership_and_both_sides_are_named(client: Client) -> None:
    partnership = PartnershipFactory(name={"en": "Akko – Canton", "he": "עכו – קנטון"})
    for country, name in (("IL", "Akko"), ("US", "Canton")):
        Membership.objects.create(
            partnership=partnership,
            community=CommunityFactory(country_code=country, name={"en": name}),
            side="israel" if country == "IL" else "diaspora",
        )
    page = StoryPageFactory(parent=page_of(partnership))
    html = html_of(client, page)
    assert f'<a href="{page_of(partnership).url}"><bdi>Akko – Canton</bdi></a>' in html
    text = text_of(html)
    assert text.index("Told by Akko – Canton") < text.index(" Canton Akko ")


def test_steps_and_payers_are_named_by_the_communities(client: Client) -> None:
    partnership = PartnershipFactory()
    for name in ("Akko", "Nahariya"):
        Membership.objects.create(
            partnership=partnership,
            community=CommunityFactory(country_code="IL", name={"en": name}),
            side="israel",
        )
    text = text_of(html_of(client, PracticePageFactory(parent=page_of(partnership))))
    assert "Cost to Akko , Nahariya" in text
    assert "Cost to the region in Israel" not in text


def test_a_side_of_many_is_named_in_general_words(client: Client) -> None:
    partnership = PartnershipFactory()
    for number in range(3):
        Membership.objects.create(
            partnership=partnership,
            community=CommunityFactory(country_code="IL", name={"en": f"Town {number}"}),
            side="israel",
        )
    text = text_of(html_of(client, PracticePageFactory(parent=page_of(partnership))))
    assert "Cost to the region in Israel" in text


def test_a_name_that_is_only_in_the_other_language_is_marked(client: Client) -> None:
    partnership = PartnershipFactory(name={"he": "עכו – קנטון"})
    parent = PartnershipPageFactory(partnership=partnership, title="x")
    html = html_of(client, StoryPageFactory(parent=parent))
    assert '<bdi lang="he" dir="rtl">עכו – קנטון</bdi>' in html


def test_a_partnership_whose_page_is_private_is_not_linked(client: Client) -> None:
    parent = PartnershipPageFactory()
    page = StoryPageFactory(parent=parent)
    parent.live = False
    parent.save()
    assert f'<a href="{parent.url}"><bdi>' not in html_of(client, page)


# Practices --------------------------------------------------------------------------------------


def test_a_practice_tells_its_facts_at_a_glance(client: Client) -> None:
    page = PracticePageFactory(
        age_from=9,
        age_to=12,
        group_size=1200,
        direction="to_israel",
        season="summer",
        rhythm="every second year",
        activity_languages="en, he",
        first_run_year=2019,
        is_running=True,
        last_confirmed_on=datetime.date(2026, 1, 20),
    )
    text = text_of(html_of(client, page))
    for words in (
        "For whom classes of the sixth year and their teachers",
        "Ages 9–12",
        "People, both sides 1,200",
        "Direction to Israel",
        "Begin 8 weeks before",
        "A run lasts 1 day",
        "June to August; every second year",
        "Languages used English, Hebrew",
        "First run 2019; still running confirmed on Jan. 20, 2026",
        "Cost to the region in Israel 120 ILS each run",
    ):
        assert words in text


def test_its_steps_come_in_order_with_side_and_time(client: Client) -> None:
    steps = [
        {"type": "step", "value": {"title": title, "side": "both", "weeks_before": weeks}}
        for title, weeks in (("Ask", 12), ("Meet", 0), ("Write", -2))
    ]
    html = html_of(client, PracticePageFactory(steps=steps))
    assert '<ol class="steps">' in html
    text = text_of(html)
    order = [
        text.index(words)
        for words in (
            "12 weeks before both together Ask",
            "On the first day both together Meet",
            "2 weeks after both together Write",
        )
    ]
    assert order == sorted(order)


def test_its_costs_are_summed_by_payer_and_person(client: Client) -> None:
    def cost(amount: str, payer: str, **more: Any) -> dict[str, Any]:
        value = {
            "category": "food",
            "payer": payer,
            "amount": amount,
            "currency": "USD",
            "year": 2024,
            "is_each_run": True,
            "is_in_kind": False,
        }
        return {"type": "cost", "value": {**value, **more}}

    page = PracticePageFactory(
        group_size=20,
        costs=[
            cost("1000", "diaspora", category="travel"),
            cost("400.50", "israel"),
            cost("30", "participant"),
            cost("90", "other", is_in_kind=True),
            cost("15", "israel", currency="ILS", year=2022, is_each_run=False),
        ],
    )
    text = text_of(html_of(client, page))
    assert "Sums in USD · prices of 2024" in text
    assert "Sums in ILS · prices of 2022" in text
    assert "in all for 20 people 2,000.50 USD 1,000.50 USD 90 USD" in text
    assert "for each participant 100.02 USD 50.02 USD 4.50 USD" in text


def test_a_practice_that_costs_nothing_says_so(client: Client) -> None:
    text = text_of(html_of(client, PracticePageFactory(costs=[], has_no_cost=True)))
    assert "It costs nothing but time." in text


def test_it_says_how_it_went_and_whether_it_was_reviewed(client: Client) -> None:
    page = PracticePageFactory(outcome="failed")
    text = text_of(html_of(client, page))
    assert "it did not work" in text
    assert "not yet reviewed by the network" in text
    PracticeFacts.objects.update(accepted_at=timezone.now())
    assert "not yet reviewed by the network" not in text_of(html_of(client, page))


def test_contents_lead_to_the_parts_that_are_there_and_no_others(client: Client) -> None:
    html = html_of(client, PracticePageFactory(depends_on="", safeguarding="<p>Adults only.</p>"))
    links = re.findall(r'<li><a href="#([a-z]+)">', html)
    assert links == [key for key in links if f'id="{key}"' in html]
    assert {"why", "how", "who", "cost", "results", "hard", "transfer", "care"} <= set(links)
    assert "more" not in links


def test_roles_stand_by_side_the_readers_first(client: Client) -> None:
    roles = [
        {"type": "role", "value": {"side": side, "role": role, "people": 2, "hours": 40}}
        for side, role in (("both", "driver"), ("israel", "teacher"), ("diaspora", "cook"))
    ]
    page = PracticePageFactory(roles=roles)
    text = text_of(html_of(client, page))
    places = [
        text.index(f"{role} 2 people · 40 hours each") for role in ("cook", "teacher", "driver")
    ]
    assert places == sorted(places)


def test_a_translation_shows_the_facts_and_where_it_was_first_told(client: Client) -> None:
    page = PracticePageFactory(age_from=9, age_to=12)
    copy = translated(page)
    page.age_from = 10
    page.save_revision().publish()
    html = html_of(client, copy)
    assert "<bdi>10–12</bdi>" in html
    assert f'<a href="{page.url}" hreflang="en">' in html
    assert '<span class="costs__item"><bdi lang="en" dir="ltr">vegetables</bdi></span>' in html


def test_a_page_first_told_carries_no_such_notice(client: Client) -> None:
    page = PracticePageFactory()
    translated(page)
    assert 'class="translated"' not in html_of(client, page)


def test_a_translation_does_not_link_an_original_that_is_not_public(client: Client) -> None:
    page = PracticePageFactory()
    copy = translated(page)
    page.unpublish()
    html = html_of(client, copy)
    assert 'class="translated"' in html
    assert f'href="{page.url}" hreflang' not in html


def test_what_was_told_of_a_practice_shows_each_thing_once_and_only_what_is_public(
    client: Client,
) -> None:
    page = PracticePageFactory()
    parent = page.get_parent().specific
    story = StoryPageFactory(parent=parent, title="Told", practice=page)
    hebrew = translated(story)
    StoryPageFactory(parent=parent, title="Draft story", practice=page, live=False)
    private = StoryPageFactory(parent=parent, title="Private story", practice=page)
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    StoryPageFactory(title="Of another practice")
    ResourcePageFactory(title="Checklist", practice=page)
    html = html_of(client, page)
    told = html[html.index('class="told"') :]
    assert told.count('class="card__title"') == 2
    assert story.title in told
    assert "Checklist" in told
    for hidden in ("Draft story", "Private story", "Of another practice", hebrew.title):
        assert hidden not in told


def test_concepts_lead_into_the_library(client: Client) -> None:
    LibraryIndexPageFactory()
    page = PracticePageFactory()
    page.concepts.add(ConceptFactory(key="teens", label={"en": "Teens"}))
    page.save()
    assert '?topic=teens"><bdi>Teens</bdi></a>' in html_of(client, page)


def test_a_demonstration_is_marked_and_kept_out_of_search_engines(client: Client) -> None:
    html = html_of(client, PracticePageFactory(is_demo=True))
    assert '<meta name="robots" content="noindex">' in html
    assert "what this page tells is invented" in html


# Stories, challenges, resources -------------------------------------------------------------------


def test_a_story_says_when_who_and_where_it_comes_from(client: Client) -> None:
    parent = PartnershipPageFactory()
    program = ProgramFactory(partnership=parent.partnership, name={"en": "Young cooks"})
    program_page = ProgramPageFactory(program=program, parent=parent, title="Young cooks")
    practice = PracticePageFactory(parent=parent, title="Soup in two kitchens")
    page = StoryPageFactory(
        parent=parent,
        program=program,
        practice=practice,
        told_by="israel",
        happened_on=datetime.date(2025, 3, 2),
    )
    html = html_of(client, page)
    assert f'href="{program_page.url}"' in html
    assert f'href="{practice.url}"' in html
    text = text_of(html)
    assert "March 2, 2025" in text
    assert "In the words of the region in Israel" in text


def test_a_story_names_no_practice_or_program_that_is_not_public(client: Client) -> None:
    parent = PartnershipPageFactory()
    program = ProgramFactory(partnership=parent.partnership)
    ProgramPageFactory(program=program, parent=parent, title="Secret program", live=False)
    practice = PracticePageFactory(parent=parent, title="Secret practice", live=False)
    text = text_of(
        html_of(client, StoryPageFactory(parent=parent, program=program, practice=practice))
    )
    assert "Secret" not in text


def test_a_story_links_its_practice_in_the_readers_language(client: Client) -> None:
    practice = PracticePageFactory()
    hebrew = translated(practice)
    story = StoryPageFactory(
        language="he", parent=page_of(practice.partnership, "he"), practice=practice
    )
    html = html_of(client, story)
    assert f'href="{hebrew.url}"' in html
    assert f'href="{practice.url}"' not in html


def test_a_challenge_says_where_it_stands(client: Client) -> None:
    page = ChallengePageFactory(
        age_from=13, direction="online", budget_amount=Decimal(8000), budget_currency="USD"
    )
    text = text_of(html_of(client, page))
    for words in ("open", "13 and older", "online", "8,000 USD"):
        assert words in text
    ChallengeFacts.objects.update(status="solved_otherwise")
    assert "solved in another way" in text_of(html_of(client, page))


def test_a_resource_offers_its_address_and_licence(client: Client) -> None:
    page = ResourcePageFactory(
        resource_language="en, he", licence="CC BY 4.0", version_label="2", is_accessible=True
    )
    html = html_of(client, page)
    assert f'href="{page.address}" rel="external noopener"' in html
    text = text_of(html)
    for words in ("English, Hebrew", "CC BY 4.0", "tested: it can be used"):
        assert words in text


# Growth -----------------------------------------------------------------------------------------


def queries(client: Client, page: Any) -> int:
    client.get(page.url)  # warm what is remembered across requests
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page.url).status_code == 200
    return len(captured)


def grown(page: PracticePage, times: int) -> PracticePage:
    """Give a practice `times` as much of everything."""
    for name in ("steps", "roles", "costs", "results", "difficulties", "resources"):
        stream = getattr(page, name)
        setattr(page, name, [(b.block_type, b.value) for b in stream] * times)
    picture = {
        "image": {"image": ImageFactory().pk, "alt_text": "A", "decorative": False},
        "caption": "",
    }
    stream_block = page.body.stream_block
    page.body = stream_block.to_python([{"type": "picture", "value": picture}] * times)
    for number in range(times):
        StoryPageFactory(parent=page.get_parent(), practice=page, title=f"Told {number}")
        page.concepts.add(ConceptFactory())
        Membership.objects.create(
            partnership=page.partnership,
            community=CommunityFactory(country_code="IL"),
            side="israel",
        )
    page.save()
    return PracticePage.objects.get(pk=page.pk)


def test_a_long_practice_takes_as_many_queries_as_a_short_one(client: Client) -> None:
    short = grown(PracticePageFactory(), 2)
    long = grown(PracticePageFactory(), 12)
    assert queries(client, short) == queries(client, long)
    assert queries(client, long) <= 48  # some 15 of them look for similar practices


def test_a_long_story_takes_as_many_queries_as_a_short_one(client: Client) -> None:
    def story(paragraphs: int) -> Any:
        link = {"page": PartnershipPageFactory().pk, "address": "", "label": "There"}
        body = [
            {"type": "paragraph", "value": "<p>Cumin.</p>"},
            {"type": "link", "value": link},
        ]
        return StoryPageFactory(body=body * paragraphs)

    assert queries(client, story(2)) == queries(client, story(12))


def test_cards_say_which_way_people_travel(client: Client) -> None:
    """The same word can name opposite programs (USERS C5)."""
    partnership_page = page_of(PartnershipFactory(), "en")
    library = LibraryIndexPageFactory()
    PracticePageFactory(parent=partnership_page, direction="to_israel")
    label = '<span class="label">to Israel</span>'
    assert label in html_of(client, library)
    assert label in html_of(client, partnership_page)
    PracticePage.objects.update(direction="from_israel")
    PracticePage.objects.get().save_revision().publish()
    assert label not in html_of(client, library)
