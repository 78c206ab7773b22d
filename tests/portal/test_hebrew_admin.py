"""The admin in Hebrew: no word of ours is English, and Wagtail's gaps are filled where it shows."""

from __future__ import annotations

import gettext as gettext_module
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import wagtail
from django.conf import settings
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from partnerships.enums import Role
from tests import factories as make
from tests.translations import foreign_words, read_po

OWN = Path(settings.LOCALE_PATHS[1]) / "he" / "LC_MESSAGES"
#: Names of keys, formats, languages and the network.
KNOWN = (
    *("Partnership2Gether", "P2G", "Wagtail", "localhost", "Safed", "Tzfat"),
    *("Ctrl", "Shift", "Alt", "Esc", "English", "en, he"),
    "AVIF, GIF, HEIC, JPG, JPEG, PNG, WEBP",
)
#: Wagtail's own words that its English catalogue holds in another form.
WAGTAILS = ("Keyboard shortcuts are currently enabled; manage your", "to disable them.")


@cache
def wagtails_words() -> tuple[frozenset[str], re.Pattern[str]]:
    """Return Wagtail's own strings, and a pattern of those with gaps."""
    plain, with_gaps = set(), []
    for path in sorted(Path(wagtail.__file__).parent.rglob("locale/en/LC_MESSAGES/*.po")):
        for entry in read_po(path):
            for name in ("msgid", "msgid_plural"):
                for piece in re.split(r"<[^>]*>", entry.texts.get(name, "")):
                    words = " ".join(piece.split())
                    if "%(" in words and re.search(r"[a-z]{2}", re.sub(r"%\(\w+\)", "", words)):
                        gap = re.sub(r"%\\\(\w+\\\)[sd]", ".*", re.escape(words))
                        with_gaps.append(gap)
                    elif "%(" not in words:
                        plain.add(words.casefold())
    return frozenset(plain), re.compile("|".join(with_gaps), re.IGNORECASE)


def is_wagtails(text: str) -> bool:
    plain, with_gaps = wagtails_words()
    heading = text.partition(": ")[0].casefold()
    known = {text.casefold(), heading} & plain
    return bool(known) or text in WAGTAILS or bool(with_gaps.fullmatch(text))


def addresses(partnership: Any) -> list[str]:
    """Return the screens that a coordinator works on."""
    parent = make.page_of(partnership, "he")
    page = make.StoryPageFactory(
        parent=parent, language="he", title="סיפור", summary="ביום ראשון בישלנו יחד."
    )
    found = [
        reverse("wagtailadmin_home"),
        reverse("wagtailadmin_explore", args=[parent.pk]),
        reverse("wagtailadmin_pages:add_subpage", args=[parent.pk]),
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailimages:index"),
        reverse("wagtailimages_chooser:choose"),
    ]
    for app, model in (
        *(("stories", name) for name in ("practice", "story", "challenge", "resource")),
        *(("partnerships", name) for name in ("program", "event")),
    ):
        found.append(reverse("wagtailadmin_pages:add", args=[app, f"{model}page", parent.pk]))
    found += [
        reverse(f"{name}:index")
        for name in (
            *("practices", "stories", "challenges", "resources"),
            *("partnership_pages", "program_pages", "event_pages", "community_pages"),
        )
    ]
    for model in ("program", "event", "committee", "schooltwin", "participationrow", "figure"):
        found.append(reverse(f"wagtailsnippets_partnerships_{model}:list"))
        found.append(reverse(f"wagtailsnippets_partnerships_{model}:add"))
    return found


@pytest.mark.django_db
def test_a_coordinator_reads_no_english_of_ours() -> None:
    partnership = make.PartnershipFactory(name={"he": "עכו – אומהה"})
    user = make.UserFactory(email="x@example.org", preferred_language="he")
    make.RoleAssignmentFactory(user=user, role=Role.COORDINATOR, partnership=partnership)
    screens = addresses(partnership)
    names = {
        *Page.objects.filter(title__regex=r"^[ -~]*$").values_list("title", flat=True),
        "Moderators approval",
    }
    client = Client()
    client.force_login(user)
    ours: dict[str, list[str]] = {}
    wagtails: set[str] = set()
    for address in screens:
        answer = client.get(address)
        assert answer.status_code == 200, address
        html = answer.content.decode()
        if html.startswith("{"):
            html = json.loads(html)["html"]
        for text in foreign_words(html, known=(*KNOWN, *names)):
            if is_wagtails(text):
                wagtails.add(text)
            elif "example.org" not in text:
                ours.setdefault(text, []).append(address)
    assert not ours, "\n".join(ours)
    assert wagtails  # of these docs/hebrew.md tells


def test_what_is_filled_in_for_wagtail_is_still_wagtails() -> None:
    gone = [
        entry.texts["msgid"]
        for entry in read_po(OWN / "django.po")
        if "%(" not in entry.texts["msgid"]
        and not all(
            is_wagtails(words)
            for piece in re.split(r"<[^>]*>", entry.texts["msgid"])
            if len(words := " ".join(piece.split())) > 1
        )
    ]
    assert gone == []


def test_the_compiled_catalogue_is_not_stale() -> None:
    with (OWN / "django.mo").open("rb") as file:
        compiled: Any = gettext_module.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    wanted: dict[Any, str] = {}
    for entry in read_po(OWN / "django.po"):
        if "msgid_plural" in entry.texts:
            wanted |= {(entry.key, n): text for n, text in enumerate(entry.translations)}
        else:
            wanted[entry.key] = entry.translations[0]
    assert {key: text for key, text in compiled.items() if key} == wanted


# The door ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_sign_in_page_switches_its_language(client: Client) -> None:
    door = reverse("account_login")
    page = client.get(door, {"next": "/admin/"}).content.decode()
    assert 'lang="en" dir="ltr"' in page
    assert f'href="{door}?next=%2Fadmin%2F&amp;language=he" lang="he" dir="rtl"' in page
    answer = client.get(door, {"next": "/admin/", "language": "he"})
    assert '<html lang="he" dir="rtl">' in answer.content.decode()
    assert f'href="{door}?next=%2Fadmin%2F&amp;language=en"' in answer.content.decode()
    assert 'action="/accounts/login/?next=%2Fadmin%2F&amp;language=he"' in answer.content.decode()
    refused = client.post(f"{door}?language=he", {"login": "x@example.org", "password": "wrong"})
    assert '<html lang="he" dir="rtl">' in refused.content.decode()
    assert client.get(door, {"language": "xx"}).status_code == 200


@pytest.mark.django_db
def test_who_signs_in_in_the_other_language_arrives_at_the_admin(client: Client) -> None:
    make.RoleAssignmentFactory(
        user=make.UserFactory(email="here@example.org"), role=Role.NETWORK_STAFF
    )
    door = reverse("account_login")
    answer = client.post(
        f"{door}?next=/admin/&language=he",
        {"login": "here@example.org", "password": "correct horse battery", "next": "/admin/"},
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"
