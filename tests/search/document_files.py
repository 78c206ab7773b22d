"""Small real files for tests of documents, made by the libraries that others make them with."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence

import docx
import openpyxl
from docx.oxml import OxmlElement
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject


def pdf(pages: Iterable[str], password: str = "") -> bytes:
    """Return a PDF with a line of text (Latin letters) on each page; "" is a page without text."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    for text in pages:
        page = writer.add_blank_page(width=595, height=842)
        if text:
            content = DecodedStreamObject()
            content.set_data(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("latin-1"))
            page[NameObject("/Contents")] = writer._add_object(content)
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def word(*paragraphs: str, hidden: str = "", cells: Sequence[str] = ()) -> bytes:
    """Return a DOCX with these paragraphs, a hidden run, and a table of one row."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if hidden:
        run = document.add_paragraph("").add_run(hidden)
        run._r.get_or_add_rPr().append(OxmlElement("w:vanish"))
    if cells:
        row = document.add_table(rows=1, cols=len(cells)).rows[0]
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def workbook(*rows: Sequence[object], title: str = "Sheet", hidden: str = "") -> bytes:
    """Return an XLSX with these rows, and a hidden sheet that says `hidden`."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if hidden:
        other = book.create_sheet("Hidden")
        other["A1"] = hidden
        other.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_part(archive: bytes, name: str, content: bytes) -> bytes:
    """Return a packed file with one part replaced or added."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return made.getvalue()


def part_of(archive: bytes, name: str) -> bytes:
    """Return one part of a packed file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return file.read(name)
