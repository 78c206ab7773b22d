"""Reads what translators write: entries of a .po file, and the words of a page."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)\s+(".*")$')


@dataclass
class Entry:
    """One string and its translations (several for a plural)."""

    texts: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """What a compiled catalogue finds it by."""
        context = self.texts.get("msgctxt")
        return f"{context}\x04{self.texts['msgid']}" if context else self.texts["msgid"]

    @property
    def translations(self) -> list[str]:
        """The translations, in the order of the plural forms."""
        return [text for name, text in self.texts.items() if name.startswith("msgstr")]


def read_po(path: Path) -> list[Entry]:
    """Return the entries of a .po file without its header; obsolete ones are left out."""
    entries: list[Entry] = []
    current, last = Entry(), ""
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if not line.strip():
            if current.texts.get("msgid"):
                entries.append(current)
            current, last = Entry(), ""
        elif line.startswith("#,"):
            current.flags |= {flag.strip() for flag in line[2:].split(",")}
        elif line.startswith("#"):
            continue
        elif match := _LINE.match(line):
            last = match[1]
            current.texts[last] = ast.literal_eval(match[2])
        else:
            current.texts[last] += ast.literal_eval(line)
    return entries


VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "path", "circle", "source"}
SILENT = {"script", "style", "code", "bdi", "svg"}
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
_WORD = re.compile(r"[A-Za-z]{2,}")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+|\S+\.(?:org|com|net)\S*")


class ForeignWords(HTMLParser):
    """Collects Latin words of a page that nothing marks as another language.

    Left out: what stands under `lang` of another language, names in `<bdi>`, code, addresses.
    """

    def __init__(self, language: str) -> None:
        super().__init__(convert_charrefs=True)
        self.language = language
        self.open: list[tuple[str, bool]] = []
        self.words: list[str] = []

    @property
    def is_left_out(self) -> bool:
        return any(out for _tag, out in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        out = tag in SILENT or values.get("lang", self.language) != self.language
        if not (out or self.is_left_out):
            for name in SPOKEN_ATTRIBUTES & set(values):
                self.collect(values[name] or "")
            if tag == "meta" and values.get("name") == "description":
                self.collect(values.get("content") or "")
        if tag not in VOID:
            self.open.append((tag, out))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.is_left_out:
            self.collect(data)

    def collect(self, text: str) -> None:
        """Note a text if it has Latin words that are no address."""
        if _WORD.search(_ADDRESS.sub("", text)):
            self.words.append(" ".join(text.split()))


def foreign_words(page: str, language: str = "he", known: tuple[str, ...] = ()) -> list[str]:
    """Return the texts of a page with Latin words, apart from those in `known`."""
    parser = ForeignWords(language)
    parser.feed(page)
    return [
        text
        for text in parser.words
        if _WORD.search(_ADDRESS.sub("", re.sub("|".join(map(re.escape, known)) or "$^", "", text)))
    ]
