"""Every kind of mail in both languages: both parts say the same, each in its direction."""

from __future__ import annotations

import functools
import re
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.urls import resolve, reverse
from django.utils.translation import override

from portal.mail import RenderedMail
from tests.mails import Kind, kinds

LANGUAGES = ("en", "he")
_HEBREW, _LATIN = re.compile("[א-ת]"), re.compile("[A-Za-z]")
#: What must never be read: marks of templates, of formats, of nothing.
MARKS = ("{{", "{%", "}}", "%}", "%(", "None", "\u2068\u2069", "&amp;amp;", "&lt;p", "\n\n\n\n")
_INVISIBLE = re.compile("[\u200f\u2066-\u2069]")

in_each_language = pytest.mark.parametrize("language", LANGUAGES)


@functools.cache
def written(language: str) -> list[tuple[Kind, RenderedMail]]:
    """Return all kinds of mail as they read in a language."""
    return [(kind, kind.render(language)) for kind in kinds()]


def visible(text: str) -> str:
    """Return what one reads of a text: one blank between words, no invisible marks."""
    return " ".join(_INVISIBLE.sub("", text).split())


def test_every_template_is_among_the_kinds() -> None:
    folder = settings.BASE_DIR / "templates" / "mail"
    names = {path.name.removesuffix("_subject.txt") for path in folder.glob("*_subject.txt")}
    found = kinds()
    assert names == {kind.template for kind in found}
    assert len({kind.name for kind in found}) == len(found)


@in_each_language
def test_each_has_a_subject_and_no_marks_of_a_template(language: str) -> None:
    for kind, mail in written(language):
        assert 5 < len(mail.subject) < 150, kind.name
        assert not set(mail.subject) & set("\r\n\t"), kind.name
        for text in (mail.subject, mail.text, mail.html):
            found = [mark for mark in MARKS if mark in text]
            assert not found, (kind.name, found)


def is_foreign(text: str, language: str) -> bool:
    """Whether a piece of a mail is of the other language, hence of the other direction."""
    if language == "en":
        return bool(_HEBREW.search(text))
    return bool(_LATIN.search(text)) and not _HEBREW.search(text)


@in_each_language
def test_language_and_direction_are_set(language: str) -> None:
    here, there = ("rtl", "ltr") if language == "he" else ("ltr", "rtl")
    for kind, mail in written(language):
        page = BeautifulSoup(mail.html, "html.parser")
        assert page.html is not None
        assert page.body is not None
        assert page.title is not None
        assert (page.html["lang"], page.html["dir"]) == (language, here), kind.name
        assert page.body["dir"] == here, kind.name  # mail programs throw <html> away
        assert visible(page.title.get_text()) == visible(mail.subject), kind.name
        for text in page.body.find_all(string=True):
            if is_foreign(text, language) and visible(text) != settings.SITE_NAME:
                part = text.find_parent(dir=True)
                assert part is not None
                assert part["dir"] == there, (kind.name, text)
                assert part["lang"] != language, (kind.name, text)


@in_each_language
def test_each_line_of_plain_text_reads_in_its_direction(language: str) -> None:
    for kind, mail in written(language):
        assert (_HEBREW if language == "he" else _LATIN).search(mail.subject), kind.name
        for line in mail.text.splitlines():
            if not line or line.startswith("http") or line == "-- ":
                continue
            if language == "he":
                assert line.startswith("\u200f"), (kind.name, line)
            outside = re.sub("\u2068[^\u2068\u2069]*\u2069", "", line)
            is_name = visible(line) == settings.SITE_NAME
            assert line.count("\u2068") == line.count("\u2069"), (kind.name, line)
            assert is_name or language == "he" or not _HEBREW.search(outside), (kind.name, line)


@in_each_language
def test_both_parts_say_the_same(language: str) -> None:
    for kind, mail in written(language):
        page = BeautifulSoup(mail.html, "html.parser")
        assert page.body is not None
        shown = visible(page.body.get_text(" ")).replace(" ", "")
        lines = [line for line in mail.text.splitlines() if line.strip() and line != "-- "]
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            words = visible(line).removeprefix("- ").removeprefix("+ ")
            if after.startswith("http") and words.endswith(":"):
                continue  # what a button says in the other part
            if not words.startswith("http"):
                assert words.replace(" ", "") in shown, (kind.name, words)
        addresses = {str(link["href"]) for link in page.find_all("a")}
        assert addresses == {line for line in mail.text.splitlines() if line.startswith("http")}


@in_each_language
def test_its_links_work_and_it_says_how_to_change_mails(language: str) -> None:
    for kind, mail in written(language):
        page = BeautifulSoup(mail.html, "html.parser")
        links = {str(link["href"]) for link in page.find_all("a")}
        for link in links:
            parts = urlsplit(link)
            assert f"{parts.scheme}://{parts.netloc}" == settings.BASE_URL
            code = parts.path.split("/")[1]
            with override(code if code in LANGUAGES else "en"):
                served = resolve(parts.path).url_name
            assert served != "wagtail_serve" or "/partnerships/" in parts.path, link
            assert link in mail.text.splitlines()
        with override(language):
            support = f"{settings.BASE_URL}{reverse('contact_support')}"
        assert support in links
        account = f"{settings.BASE_URL}{reverse('wagtailadmin_account')}"
        assert (account in links) == kind.has_account
