"""Every block that an editor can choose: what the picker needs, its preview, its markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction, get_page_models

from portal.blocks import BodyBlock, LinkBlock, VoicesBlock
from portal.renditions import make_renditions
from tests.factories import ImageFactory, PartnershipPageFactory, StoryPageFactory


def stream_blocks() -> Iterator[tuple[str, blocks.Block]]:
    """Yield each child block of each StreamField of each page type, once a class and name."""
    seen = set()
    for model in get_page_models():
        if model is Page:
            continue
        for field in model._meta.get_fields():
            if not isinstance(field, StreamField):
                continue
            for name, block in field.stream_block.child_blocks.items():
                if (type(block), name) not in seen:
                    seen.add((type(block), name))
                    yield f"{model.__name__}.{field.name}.{name}", block


BLOCKS = dict(stream_blocks())
every_block = pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)


def test_there_are_blocks_to_look_at() -> None:
    assert len(BLOCKS) >= 17


@every_block
def test_a_block_has_what_the_picker_shows(block: blocks.Block) -> None:
    own = type(block)._meta_class
    assert block.meta.icon != blocks.Block._meta_class.icon, "icon"
    assert getattr(own, "label", None), "label"
    assert block.get_description(), "description"
    assert block.meta.template, "template"
    get_template(block.meta.template)
    assert block.is_previewable


@every_block
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "he"])
def test_a_preview_renders_with_the_sites_own_style(
    block: blocks.Block, language: str, admin_client: Client, admin_user: Any
) -> None:
    make_renditions.call(ImageFactory(people_shown="none", title="A long table").pk)
    admin_user.preferred_language = language
    admin_user.save()
    response = admin_client.get(
        reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix}
    )
    assert response.status_code == 200
    page = response.content.decode()
    assert "css/tokens.css" in page
    assert "css/blocks.css" in page
    words = re.sub(r"<[^>]+>", "", page[page.index("<main") :]).strip()
    assert words or "<img" in page


@pytest.mark.django_db
def test_stream_blocks_stand_in_labelled_groups() -> None:
    for name, block in BodyBlock().child_blocks.items():
        assert block.meta.group, name


# Markup -----------------------------------------------------------------------------------------


def rendered(name: str, value: Any, **context: Any) -> str:
    """Return a block of the body as it stands in an English page."""
    block = BodyBlock().child_blocks[name]
    context = {"language_code": "en", "request": RequestFactory().get("/"), **context}
    return html.unescape(block.render(block.to_python(value), context=context))


def test_a_quotation_keeps_its_own_language() -> None:
    words = rendered("quote", {"text": "באנו", "role": "a host mother", "language": "he"})
    assert '<blockquote class="quote__words" lang="he" dir="rtl">' in words
    assert "<figcaption" in words


def test_a_quotation_in_the_pages_language_is_not_marked() -> None:
    assert "lang=" not in rendered("quote", {"text": "We came", "role": "", "language": "en"})
    assert "lang=" not in rendered("quote", {"text": "We came", "role": "", "language": ""})


def test_each_voice_is_a_region_named_by_its_community() -> None:
    voices = [
        {"community": "Cleveland", "language": "", "text": "<p>Singing.</p>"},
        {"community": "בית שאן", "language": "he", "text": "<p>שקט.</p>"},
    ]
    words = rendered("voices", {"heading": "", "voices": voices})
    labels = re.findall(r'<section class="voice" aria-labelledby="([^"]+)"', words)
    assert len(set(labels)) == 2
    for label in labels:
        assert f'id="{label}"' in words
    assert '<bdi lang="he" dir="rtl">בית שאן</bdi>' in words
    assert '<div class="voice__words" lang="he" dir="rtl">' in words


def test_voices_need_two_sides() -> None:
    block = VoicesBlock()
    one = {"heading": "", "voices": [{"community": "A", "language": "", "text": "<p>x</p>"}]}
    with pytest.raises(ValidationError):
        block.clean(block.to_python(one))


def test_questions_open_without_script() -> None:
    value = {"heading": "", "questions": [{"question": "Why?", "answer": "<p>So.</p>"}]}
    words = rendered("questions", value)
    assert "<details" in words
    assert "<summary" in words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("own_words", "decorative", "alternative"),
    [("A long table", False, "A long table"), ("", False, "Twelve pots"), ("Any", True, "")],
)
def test_a_picture_has_its_size_format_and_words(
    own_words: str, decorative: bool, alternative: str
) -> None:
    image = ImageFactory(description="Twelve pots", file__width=1600, file__height=900)
    make_renditions.call(image.pk)
    value = {
        "image": {"image": image.pk, "alt_text": own_words, "decorative": decorative},
        "caption": "The square",
    }
    words = rendered("picture", value)
    assert "<picture>" in words
    [attributes] = re.findall(r"<img ([^>]+)>", words)
    assert f'alt="{alternative}"' in attributes
    assert re.search(r'width="\d+"', attributes)
    assert re.search(r'height="\d+"', attributes)
    assert ".webp" in attributes
    assert 'loading="lazy"' in attributes
    assert "<figcaption" in words


@pytest.mark.django_db
def test_the_same_picture_twice_keeps_each_ones_words(client: Client) -> None:
    image = ImageFactory(file__width=1600, file__height=900)
    make_renditions.call(image.pk)
    body = [
        {
            "type": "picture",
            "value": {
                "image": {"image": image.pk, "alt_text": words, "decorative": False},
                "caption": "",
            },
        }
        for words in ("From the left", "From the right")
    ]
    page = StoryPageFactory(body=body)
    for _ in range(2):  # the second time from what is there already
        shown = client.get(page.url).content.decode()
        assert 'alt="From the left"' in shown
        assert 'alt="From the right"' in shown


# Links ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_link_leads_to_a_page_or_an_address() -> None:
    page = PartnershipPageFactory(title="Akko – Canton")
    assert f'href="{page.url}"' in rendered("link", {"page": page.pk, "label": "", "address": ""})
    outside = rendered("link", {"page": None, "label": "There", "address": "https://example.org/"})
    assert 'href="https://example.org/" rel="external noopener"' in outside


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "private", "below a private page"])
def test_a_link_to_what_the_public_may_not_see_shows_nothing(state: str) -> None:
    page = StoryPageFactory(title="Secret", live=state != "draft")
    if state != "draft":
        hidden = page if state == "private" else page.get_parent()
        PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.LOGIN)
    assert rendered("link", {"page": page.pk, "label": "", "address": ""}).strip() == ""


@pytest.mark.django_db
@pytest.mark.parametrize("both", [True, False])
def test_a_link_needs_exactly_one_of_page_and_address(both: bool) -> None:
    block = LinkBlock()
    page = PartnershipPageFactory() if both else None
    value = block.to_python(
        {
            "page": page.pk if page else None,
            "address": "https://example.org/" if both else "",
            "label": "x",
        }
    )
    with pytest.raises(ValidationError):
        block.clean(value)
