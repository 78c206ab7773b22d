"""Reads the text of PDF, DOCX, XLSX and plain text; runs in a process of its own, without Django.

What the author took out of sight stays so: hidden sheets, rows and columns; text that is hidden
(by itself, by a style, with its row of a table), deleted or moved elsewhere; comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from search.documents.archives import check_archive, failure
from search.documents.reading import (
    BROKEN,
    ENCRYPTED,
    UNSUPPORTED,
    Limits,
    Progress,
    Reader,
    Unreadable,
)
from search.documents.texts import read_text
from search.documents.workbooks import read_xlsx


def read_pdf(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the text of each page; a page that can't be read does not cost the others."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(ENCRYPTED, "It opens with a password only.")
        progress.pages = len(reader.pages)
    except (DependencyError, NotImplementedError):
        raise Unreadable(ENCRYPTED, "It is encrypted.") from None
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable(BROKEN, f"It is no whole PDF ({type(error).__name__}).") from None
    for number in range(progress.pages):
        if number >= limits.pages:
            progress.is_cut = True
            return
        try:
            yield apart(reader.pages[number].extract_text())
        except MemoryError:
            raise
        except Exception:
            progress.is_cut = True


#: Where letters of Hebrew meet those of another alphabet, or digits.
_MEETING = re.compile("(?<=[\u05d0-\u05ea])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[\u05d0-\u05ea])")


def apart(text: str) -> str:
    """Return the text of a PDF with a blank between Hebrew and what stands beside it.

    Programs write each direction by itself, and the blank between them gets lost: "עם2025".
    """
    return _MEETING.sub(" ", text)


def read_docx(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the paragraphs of the body, of tables and text boxes too, then headers and footers."""
    import docx

    check_archive(path, limits, "word")
    try:
        document = docx.Document(str(path))
        hidden = _hidden_styles(document.styles.element)
        stories = [document.element.body, *_headers(document)]
    except Exception as error:
        raise failure(error, "DOCX") from None
    for story in stories:
        yield from _paragraphs(story, hidden)


def _paragraphs(story: Any, hidden: frozenset[str]) -> Iterator[str]:
    """Yield the text of a body, header or footer, without what its author took out of sight."""
    from docx.oxml.ns import qn

    words, space = qn("w:t"), {qn("w:tab"), qn("w:br")}
    paragraph: list[str] = []
    for element in story.iter(qn("w:p"), words, *space):
        if element.tag == words:
            if _shows(element.getparent(), hidden):
                paragraph.append(element.text or "")
        elif element.tag in space:
            paragraph.append(" ")
        elif paragraph:
            yield "".join(paragraph)
            paragraph = []
    yield "".join(paragraph)


def _shows(run: Any, hidden: frozenset[str]) -> bool:
    """Whether a run of text is seen: what it says of itself goes before what its styles say."""
    from docx.oxml.ns import qn

    if run is None:
        return True
    paragraph, row = qn("w:p"), qn("w:tr")
    gone = (qn("w:moveFrom"), qn("w:del"), _FALLBACK)
    styles = [_value(run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}"))]
    for around in run.iterancestors(*gone, paragraph, row):
        if around.tag == paragraph:
            if len(styles) == 1:  # the innermost: a text box stands within another paragraph
                style = around.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
                styles.append(_value(style) if style is not None else _DEFAULT_STYLE)
        elif around.tag != row or _is_off(around.find(qn("w:trPr"))):
            return False  # it was moved away or deleted, says the same again, or its row is hidden
    vanishes = _is_on(run.find(f"{qn('w:rPr')}/{qn('w:vanish')}"))
    return not (hidden.intersection(styles) if vanishes is None else vanishes)


def _is_off(about_row: Any) -> bool:
    """Whether a row of a table is hidden or deleted, by what is said of it."""
    from docx.oxml.ns import qn

    if about_row is None:
        return False
    return bool(_is_on(about_row.find(qn("w:hidden")))) or about_row.find(qn("w:del")) is not None


#: What programs show that do not know a newer kind of box; its text stands in that, too.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
#: Stands for the style of paragraphs that name none.
_DEFAULT_STYLE = ""


def _hidden_styles(styles: Any) -> frozenset[str]:
    """Return the styles whose text is hidden, by themselves or by what they are based on."""
    from docx.oxml.ns import qn

    by_id = {style.get(qn("w:styleId")): style for style in styles.findall(qn("w:style"))}
    default = _is_on(
        styles.find(
            "/".join(qn(f"w:{tag}") for tag in ("docDefaults", "rPrDefault", "rPr", "vanish"))
        )
    )

    def is_hidden(style_id: str | None) -> bool:
        for _step in by_id:  # styles of a broken file may be based on one another
            if (style := by_id.get(style_id)) is None:
                break
            own = _is_on(style.find(f"{qn('w:rPr')}/{qn('w:vanish')}"))
            if own is not None:
                return own
            style_id = _value(style.find(qn("w:basedOn")))
        return bool(default)

    found = {str(style_id) for style_id in by_id if is_hidden(style_id)}
    plain = [
        style_id
        for style_id, style in by_id.items()
        if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in _ON
    ]
    if default or found.intersection(map(str, plain)):
        found.add(_DEFAULT_STYLE)
    return frozenset(found)


_ON = frozenset({"1", "true", "on"})


def _value(element: Any) -> str | None:
    """Return the value of an element of Word's; None if there is no such element or value."""
    from docx.oxml.ns import qn

    return None if element is None else element.get(qn("w:val"))


def _is_on(switch: Any) -> bool | None:
    """Return whether a switch is on, which it is without a value too; None if there is none."""
    if switch is None:
        return None
    value = _value(switch)
    return value is None or value in _ON


def _headers(document: Any) -> Iterator[Any]:
    """Yield the headers and footers that a section shows, each once."""
    from docx.oxml.ns import qn

    has_even = _is_on(document.settings.element.find(qn("w:evenAndOddHeaders")))
    seen: set[str] = set()
    for section in document.element.body.iter(qn("w:sectPr")):
        shown = {"default", None}
        if _is_on(section.find(qn("w:titlePg"))):
            shown.add("first")
        if has_even:
            shown.add("even")
        for place in section.iterchildren(qn("w:headerReference"), qn("w:footerReference")):
            key = place.get(qn("r:id"))
            if place.get(qn("w:type")) not in shown or key in seen:
                continue
            seen.add(key)
            rel = document.part.rels.get(key)
            if rel is not None and not rel.is_external and hasattr(rel.target_part, "element"):
                yield rel.target_part.element


READERS: dict[str, Reader] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "xlsx": read_xlsx,
    "txt": read_text,
    "csv": read_text,
}


def read_pieces(path: Path, extension: str, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the text of a file piece by piece, until it is long enough; raises Unreadable."""
    reader = READERS.get(extension)
    if reader is None:
        raise Unreadable(UNSUPPORTED, f"Files of the kind “{extension}” are not read.")
    left = limits.characters
    for piece in reader(path, limits, progress):
        piece = piece.replace("\x00", "").encode("utf-8", "ignore").decode()
        if not piece.strip():
            continue
        if len(piece) > left:
            progress.is_cut = True
            yield piece[: max(left, 0)]
            return
        left -= len(piece) + 1  # a line of its own
        yield piece
