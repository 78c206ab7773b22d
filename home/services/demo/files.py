"""Makes the files of the demonstration: workbooks and texts that hold what resources promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import yaml
from django.core.files.base import ContentFile
from openpyxl import Workbook
from wagtail.models import Collection
from wagtail.utils.file import hash_filelike

from home.services.demo.pdf import pdf_file
from home.services.demo.pictures import COLLECTION
from portal.models import PortalDocument

#: Stands in each file: it may be sent on without the page that marks it.
NOTE = "An example from the demonstration of the portal: nothing in it happened."


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """The files of the demonstration: how many were made, all by their names and by resource.

    `by_resource` has those that are the file of a resource, by its reference.
    """

    made: int
    by_name: Mapping[str, PortalDocument]
    by_resource: Mapping[str, PortalDocument]


def write_files(folder: Path, say: Callable[[str], None]) -> DemoFiles:
    """Make the files that are missing.

    They stand in the collection of the pictures, which are drawn before. The worker reads what they
    say, as it does of every document.
    """
    path = folder / "files.yaml"
    entries = yaml.safe_load(path.read_text("utf-8")) if path.exists() else []
    collection = Collection.objects.get(name=COLLECTION, depth=2)
    there = {each.title: each for each in PortalDocument.objects.filter(is_demo=True)}
    made = [entry for entry in entries if entry["title"] not in there]
    for entry in made:
        there[entry["title"]] = _write(entry, collection)
    say(f"demonstration: {len(made)} files made")
    files = [(entry, there[entry["title"]]) for entry in entries]
    return DemoFiles(
        len(made),
        {entry["name"]: file for entry, file in files},
        {entry["resource"]: file for entry, file in files if "resource" in entry},
    )


def _write(entry: dict[str, Any], collection: Collection) -> PortalDocument:
    content = _content(entry)
    file = ContentFile(content, name=entry["name"])
    return PortalDocument.objects.create(
        title=entry["title"],
        file=file,
        file_size=file.size,
        file_hash=hash_filelike(BytesIO(content)),
        collection=collection,
        language=entry["language"],
        is_demo=True,
    )


def _content(entry: dict[str, Any]) -> bytes:
    if "sheets" in entry:
        return workbook(entry["sheets"])
    if "pages" in entry:
        first, *others = entry["pages"]
        return pdf_file([[*first, NOTE], *others], entry["title"], entry["language"])
    return text_file(entry["paragraphs"])


def workbook(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a workbook with these sheets, each a list of rows."""
    book = Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.append([NOTE])
    book.remove(book.worksheets[0])  # the empty one that every new workbook has
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def text_file(paragraphs: Sequence[str]) -> bytes:
    """Return a document of paragraphs; "# " begins a heading, "- " an item of a list."""
    text = docx.Document()
    for paragraph in paragraphs:
        if paragraph.startswith("# "):
            text.add_heading(paragraph.removeprefix("# "), level=1)
        elif paragraph.startswith("- "):
            text.add_paragraph(paragraph.removeprefix("- "), style="List Bullet")
        else:
            text.add_paragraph(paragraph)
    text.add_paragraph(NOTE)
    stream = BytesIO()
    text.save(stream)
    return stream.getvalue()
