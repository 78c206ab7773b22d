"""The interface speaks Hebrew: every string, every label, every page."""

from __future__ import annotations

import datetime
import gettext as gettext_module
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.documents.forms import get_document_form
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from tests import factories as make
from tests.test_page_tree import TREE
from tests.translations import Entry, foreign_words, read_po

LOCALES = Path(settings.LOCALE_PATHS[0])
OUR_APPS = ("home", "stories", "partnerships", "search", "portal")
CODES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
every_language = pytest.mark.parametrize("code", CODES)
#: Words that stay as they are in Hebrew: the network's own name, formats, codes.
KNOWN = ("Partnership2Gether", "P2G", "Safed", "Tzfat")


def entries(code: str) -> list[Entry]:
    return read_po(LOCALES / code / "LC_MESSAGES" / "django.po")


# The catalogues ---------------------------------------------------------------------------------


@every_language
def test_every_string_is_translated_and_none_is_a_guess(code: str) -> None:
    found = entries(code)
    assert len(found) > 500
    assert [e.key for e in found if not all(e.translations)] == []
    assert [e.key for e in found if "fuzzy" in e.flags] == []


@every_language
def test_the_compiled_catalogue_is_not_stale(code: str) -> None:
    with (LOCALES / code / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled: Any = gettext_module.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    wanted = {}
    for entry in entries(code):
        if "msgid_plural" in entry.texts:
            for number, text in enumerate(entry.translations):
                wanted[(entry.key, number)] = text
        else:
            wanted[entry.key] = entry.translations[0]
    stale = {key for key in wanted if compiled.get(key) != wanted[key]}
    assert stale == set(), "run `make messages`"
    assert {key for key in compiled if key and key not in wanted} == set()


@every_language
def test_a_translation_keeps_the_gaps_that_are_filled_in(code: str) -> None:
    gap = re.compile(r"%\(\w+\)[\d.]*\w")
    for entry in entries(code):
        if "python-format" not in entry.flags:
            continue
        source = entry.texts.get("msgid_plural", entry.texts["msgid"])
        # The forms for one and two of a plural may leave the number out.
        assert sorted(gap.findall(entry.translations[-1])) == sorted(gap.findall(source)), entry.key


@every_language
@pytest.mark.requires("gettext")
def test_no_string_of_the_source_is_missing_in_the_catalogue(code: str, tmp_path: Path) -> None:
    for name in (*OUR_APPS, "templates", "locale"):
        ignored = shutil.ignore_patterns("__pycache__", "migrations", "demo")
        shutil.copytree(Path(settings.BASE_DIR) / name, tmp_path / name, ignore=ignored)
    command = [sys.executable, "-m", "django", "makemessages", "-l", code, "--no-obsolete"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    collected = read_po(tmp_path / "locale" / code / "LC_MESSAGES" / "django.po")
    missing = {e.key for e in collected} - {e.key for e in entries(code)}
    assert missing == set(), "run `make messages` and translate"


# What an editor reads ---------------------------------------------------------------------------


#: Fields that come with Wagtail's images, documents, comments and inline forms: Wagtail's words.
WAGTAILS_OWN = {
    *("collection", "comment_notifications", "created_at", "description", "file", "file_hash"),
    *("file_size", "focal_point_height", "focal_point_width", "focal_point_x", "focal_point_y"),
    *("height", "tags", "title", "uploaded_by_user", "width", "DELETE", "ORDER", "id"),
}


def labels_of_models() -> Iterator[tuple[str, Any]]:
    """Yield what our own models, their fields and choices are called, where somebody said so."""
    for app in OUR_APPS:
        for model in apps.get_app_config(app).get_models():
            for name in ("verbose_name", "verbose_name_plural"):
                if name in model._meta.original_attrs:
                    yield f"{model.__name__}.{name}", getattr(model._meta, name)
            for field in model._meta.get_fields():
                if not isinstance(field, models.Field) or field.model is not model:
                    continue
                is_wagtails = app == "portal" and field.name in WAGTAILS_OWN
                if field._verbose_name and not is_wagtails:  # type: ignore[attr-defined]
                    yield f"{model.__name__}.{field.name}", field.verbose_name
                for value, label in field.flatchoices if field.choices else ():
                    yield f"{model.__name__}.{field.name}={value}", label


def labels_of_form(name: str, form: Any) -> Iterator[tuple[str, Any]]:
    """Yield what the fields of a form are called, apart from those that Wagtail brings."""
    model = form._meta.model
    for field_name, field in form.base_fields.items():
        try:
            owner = model._meta.get_field(field_name).model
        except FieldDoesNotExist:
            owner = model
        if owner._meta.app_label in OUR_APPS and field_name not in WAGTAILS_OWN:
            yield f"{name}.{field_name}", field.label
            yield f"{name}.{field_name} (help)", field.help_text
    for child_name, formset in getattr(form, "formsets", {}).items():
        if child_name != "comments":
            yield from labels_of_form(f"{name}.{child_name}", formset.form)


def labels_of_forms() -> Iterator[tuple[str, Any]]:
    """Yield what the admin's forms of pages, facts, pictures and files ask for."""
    for page_type in TREE:
        yield from labels_of_form(page_type.__name__, page_type.get_edit_handler().get_form_class())
    for model in get_snippet_models():
        handler = model.snippet_viewset.get_edit_handler()  # type: ignore[attr-defined]
        yield from labels_of_form(model.__name__, handler.get_form_class())
    yield from labels_of_form("Image", get_image_form(get_image_model()))
    yield from labels_of_form("Document", get_document_form(get_document_model()))


def labels_of_block(name: str, block: blocks.Block) -> Iterator[tuple[str, Any]]:
    """Yield label, description, group and help text of a block and all blocks in it."""
    for attribute in ("label", "group", "help_text"):
        yield f"{name} ({attribute})", getattr(block.meta, attribute, "") or block.label
    yield f"{name} (description)", block.get_description()
    if "ImageBlock" in type(block).__name__:
        return  # its own fields are Wagtail's
    for child_name, child in getattr(block, "child_blocks", {}).items():
        yield from labels_of_block(f"{name}.{child_name}", child)
    if isinstance(block, blocks.ListBlock):
        yield from labels_of_block(f"{name}[]", block.child_block)


def labels_of_blocks() -> Iterator[tuple[str, Any]]:
    """Yield what the blocks of all page types are called."""
    for page_type in TREE:
        for field in page_type._meta.get_fields():
            if isinstance(field, StreamField):
                for name, block in field.stream_block.child_blocks.items():
                    yield from labels_of_block(f"{page_type.__name__}.{field.name}.{name}", block)


@pytest.mark.parametrize("source", [labels_of_models, labels_of_forms, labels_of_blocks])
def test_every_label_is_hebrew(source: Any) -> None:
    with override("he"):
        latin = [
            (name, str(label))
            for name, label in source()
            if any("a" <= letter <= "z" for letter in str(label).lower())
            and not any("א" <= letter <= "ת" for letter in str(label))
            and not str(label).isupper()
            and "language=" not in name  # a language is called by its own name
        ]
    assert latin == []


# What a visitor reads ---------------------------------------------------------------------------


HEBREW_BODY = [
    {"type": "paragraph", "value": "<p>שתים עשרה משפחות בישלו מרק.</p>"},
    {"type": "heading", "value": "כך זה התחיל"},
    {"type": "quote", "value": {"text": "באנו כאורחים", "role": "אם מארחת", "language": ""}},
    {
        "type": "voices",
        "value": {
            "heading": "מה נשאר",
            "voices": [
                {"community": "עכו", "language": "", "text": "<p>שקט.</p>"},
                {"community": "קנטון", "language": "en", "text": "<p>The singing.</p>"},
            ],
        },
    },
    *[
        {"type": "callout", "value": {"kind": kind, "text": "<p>קבעו תאריך.</p>"}}
        for kind in ("tip", "warning", "lesson")
    ],
    {"type": "facts", "value": {"heading": "", "facts": [{"term": "מתי", "value": "בקיץ"}]}},
    {
        "type": "questions",
        "value": {"heading": "", "questions": [{"question": "למה?", "answer": "<p>כי.</p>"}]},
    },
]


def stream(name: str, **value: Any) -> dict[str, Any]:
    return {"type": name, "value": value}


def practice(partnership: Any, **more: Any) -> Any:
    cost = {"category": "food", "item": "ירקות", "amount": "10", "currency": "USD", "year": 2024}
    values = {
        "parent": make.page_of(partnership, "he"),
        "language": "he",
        "title": "מרק בשני מטבחים",
        "summary": "תקציר",
        "problem": "<p>א</p>",
        "context": "<p>א</p>",
        "aim": "<p>א</p>",
        "audience": "כיתות",
        "age_from": 9,
        "group_size": 30,
        "direction": "both",
        "season": "summer",
        "rhythm": "בכל קיץ",
        "activity_languages": "en, he",
        "first_run_year": 2019,
        "is_running": False,
        "last_confirmed_on": datetime.date(2026, 1, 20),
        "steps": [
            stream("step", title="א", side=side, weeks_before=weeks, duration="שעה", tip="ב")
            for side, weeks in (("both", 1), ("israel", 0), ("diaspora", -5))
        ],
        "roles": [stream("role", side="both", role="א", people=2, hours=1, is_volunteer=True)],
        "costs": [
            stream("cost", **cost, payer=payer, is_each_run=run, is_in_kind=kind)
            for payer, run, kind in (
                ("israel", True, False),
                ("participant", True, False),
                ("other", False, False),
                ("diaspora", True, True),
            )
        ]
        + [stream("cost", **{**cost, "category": "travel"}, payer="diaspora", is_each_run=True)],
        "results": [stream("result", indicator="א", baseline="1", after="2", people=3, method="ב")],
        "difficulties": [stream("difficulty", difficulty="א", answer="<p>ב</p>")],
        "do_differently": "<p>א</p>",
        "when_not": "<p>א</p>",
        "must_keep": "<p>א</p>",
        "may_change": "<p>א</p>",
        "depends_on": "<p>א</p>",
        "safeguarding": "<p>א</p>",
        "security": "<p>א</p>",
        "resources": [stream("resource", title="מכתב", language="en", note="אצל הרכזת")],
        "evidence": [stream("resource", title="סקר", language="he", note="אצל הרכזת")],
        "mentor_offer": "open",
        "is_looking_for_partners": True,
        "contact_role": "רכזת",
        "licence": "חופשי",
        "body": HEBREW_BODY,
    }
    return make.PracticePageFactory(**{**values, **more})


def network() -> dict[type[Page], Any]:
    """Return a page of each type, with all that can stand on it, told in Hebrew."""
    make.home_page("en")
    partnership = make.PartnershipFactory(name={"he": "עכו – קנטון"}, with_members=True)
    today = timezone.localdate()
    program = make.ProgramFactory(
        partnership=partnership,
        name={"he": "מבשלים יחד"},
        summary={"he": "תקציר"},
        direction="both",
        age_from=13,
        participant_cost=Decimal(100),
        currency="USD",
    )
    for kind, more in (
        ("host", {"deadline": today + datetime.timedelta(days=9), "places_left": 3}),
        ("travel", {"is_closed": True, "usually_opens": {"he": "בכל נובמבר"}}),
        ("teach", {"opens_on": today + datetime.timedelta(days=9), "involves_minors": True}),
    ):
        make.WayToTakePartFactory(
            program=program, kind=kind, title={"he": "דרך"}, asks={"he": "חדר"}, **more
        )
    event = make.EventFactory(partnership=partnership, name={"he": "ערב"}, place={"he": "אולם"})
    community = partnership.memberships.first().community
    recipe = practice(partnership)
    parent = recipe.get_parent().specific
    told = {"language": "he", "parent": parent, "summary": "תקציר", "body": HEBREW_BODY}
    index = {"language": "he"}
    return {
        type(page): page
        for page in (
            make.home_page("he"),
            make.StandardPageFactory(language="he", title="על הפורטל", body=HEBREW_BODY),
            make.PartnershipIndexPageFactory._meta.model.objects.get(locale__language_code="he"),
            parent,
            make.ProgramPageFactory(program=program, language="he", parent=parent),
            make.EventPageFactory(event=event, language="he", parent=parent),
            recipe,
            make.ChallengePageFactory(
                **told,
                title="אתגר",
                problem="<p>א</p>",
                tried_already="<p>א</p>",
                constraints="<p>א</p>",
                audience="נוער",
                age_to=17,
                season="winter",
                budget_amount=Decimal(10),
                budget_currency="USD",
            ),
            make.StoryPageFactory(
                **told, title="סיפור", program=program, practice=recipe, told_by="diaspora"
            ),
            make.ResourcePageFactory(
                **told,
                title="משאב",
                practice=recipe,
                resource_language="en, he",
                licence="חופשי",
                version_label="2",
                is_accessible=False,
            ),
            make.CommunityIndexPageFactory(**index, title="קהילות"),
            make.CommunityPageFactory(community=community, language="he", title="קהילה"),
            make.ProgramIndexPageFactory(**index, title="תוכניות"),
            make.LibraryIndexPageFactory(**index, title="ספרייה"),
        )
    }


@pytest.mark.django_db
def test_every_page_type_is_hebrew_from_top_to_bottom(client: Client) -> None:
    pages = network()
    assert set(pages) == set(TREE)
    titles = [page.title for page in Page.objects.filter(depth__gt=1) if page.title.isascii()]
    found = {}
    for page_type, page in pages.items():
        html = client.get(page.url).content.decode()
        if words := foreign_words(html, known=(*KNOWN, *titles)):
            found[page_type.__name__] = words
    assert found == {}


@pytest.mark.django_db
def test_a_translation_from_english_is_hebrew_but_for_what_is_marked(client: Client) -> None:
    original = make.PracticePageFactory()
    hebrew = practice(
        original.partnership,
        translation_key=original.translation_key,
        original_language="en",
    )
    html = client.get(hebrew.url).content.decode()
    assert 'class="translated"' in html
    assert foreign_words(html, known=(*KNOWN, original.title)) == []


def test_the_reader_of_words_finds_what_is_not_marked() -> None:
    page = """<p>שלום <span lang="en">hello</span> <bdi>Akko</bdi> https://example.org/</p>
    <img alt="A table"><p>Not translated</p><input placeholder="Town">"""
    assert foreign_words(page) == ["A table", "Not translated", "Town"]
