"""The text of files, good and hostile: read in a process of its own within its limits."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import openpyxl
import pytest

from search.documents import extraction
from search.documents.extraction import Costs, Extraction, extract
from search.documents.formats import apart
from search.documents.reading import Limits
from tests.search.document_files import part_of, pdf, with_part, word, workbook

#: A sheet with a hidden row and two hidden columns, as Excel writes them.
SHEET = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<cols><col min="2" max="3" width="0" hidden="1"/><col min="4" max="4" width="9"/></cols>
<sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>Flights</t></is></c>
<c r="B1" t="inlineStr"><is><t>bank account</t></is></c><c r="C1"><v>17</v></c>
<c r="D1"><v>4800</v></c></row>
<row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t>bribes</t></is></c></row>
<row r="3" ht="15"><c r="A3" t="inlineStr"><is><t>Lodging</t></is></c></row>
</sheetData></worksheet>"""

_RUN = "<w:r><w:rPr>{}</w:rPr><w:t xml:space='preserve'>{} </w:t></w:r>"
#: What shows in it: "Shown outright again here row".
BODY = (
    "<w:p>"
    + _RUN.format("", "Shown")
    + _RUN.format('<w:vanish w:val="0"/>', "outright")
    + _RUN.format('<w:vanish w:val="1"/>', "never")
    + _RUN.format('<w:rStyle w:val="Secret"/>', "secret")
    + _RUN.format('<w:rStyle w:val="Secret"/><w:vanish w:val="false"/>', "again")
    + "</w:p><w:p><w:pPr><w:pStyle w:val='Notes'/></w:pPr>"
    + _RUN.format("", "notes")
    + "</w:p><w:p><w:moveFrom w:id='1' w:author='A'>"
    + _RUN.format("", "there")
    + "</w:moveFrom><w:moveTo w:id='2' w:author='A'>"
    + _RUN.format("", "here")
    + "</w:moveTo></w:p><w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc><w:p>"
    + _RUN.format("", "hidden")
    + "</w:p></w:tc></w:tr><w:tr><w:tc><w:p>"
    + _RUN.format("", "row")
    + "</w:p></w:tc></w:tr></w:tbl>"
)
#: A hidden style of characters, and one of paragraphs that inherits from a hidden one.
STYLES = """
<w:style w:type="character" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Base"><w:rPr><w:vanish w:val="true"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Notes"><w:basedOn w:val="Base"/></w:style>
"""


def word_xml(root: str, content: str) -> bytes:
    """Return a part of a DOCX, written by hand."""
    names = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<w:{root} xmlns:w="{names}">{content}</w:{root}>'.encode()


def read(content: bytes, extension: str, costs: Costs | None = None) -> Extraction:
    return extract(io.BytesIO(content), extension, costs)


def test_each_kind_of_file_gives_its_text() -> None:
    found = read(pdf(["A handbook for hosts", "Kosher kitchens"]), "pdf")
    assert (found.state, found.pages, found.is_cut) == ("read", 2, False)
    assert found.text.split("\n") == ["A handbook for hosts", "Kosher kitchens"]

    found = read(word("Guide for counsellors", "מדריך למדריכים", cells=["Day", "Evening"]), "docx")
    assert found.state == "read"
    for text in ("Guide for counsellors", "מדריך למדריכים", "Day", "Evening"):
        assert text in found.text

    found = read(workbook(["Flights", 4800.0], ["Lodging", 90], title="Kefiada"), "xlsx")
    assert found.text.split("\n") == ["Kefiada", "Flights  4800", "Lodging  90"]
    assert found.pages == 1

    assert read("מכתב להורים".encode("cp1255"), "txt").text == "מכתב להורים"
    assert read("\ufeffmenu,קובה".encode(), "csv").text == "menu,קובה"
    assert read("dépôt".encode("cp1252"), "txt").text == "dépôt"
    assert read("Letter".encode("utf-16"), "txt").text == "Letter"


def test_what_the_author_hid_is_not_read() -> None:
    assert "salary" not in read(word("Open", hidden="salary"), "docx").text
    assert "salary" not in read(workbook(["Open"], hidden="salary"), "xlsx").text


def test_hidden_rows_columns_and_sheets_are_not_read() -> None:
    file = with_part(workbook(["x"], hidden="salary"), "xl/worksheets/sheet1.xml", SHEET)
    book = part_of(file, "xl/workbook.xml")
    file = with_part(file, "xl/workbook.xml", book.replace(b'"hidden"', b'"veryHidden"'))
    assert b"veryHidden" in part_of(file, "xl/workbook.xml")
    found = read(file, "xlsx")
    assert (found.state, found.text.split("\n")) == ("read", ["Sheet", "Flights  4800", "Lodging"])


#: Rows and columns that were made so small that nothing of them shows. "zeroHeight" hides the rows
#: that are not written: Excel writes those that show, without a word, and the others as hidden.
SMALL = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>
<cols><col min="2" max="2" width="0" customWidth="1"/></cols><sheetData>
<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>22</v></c><c r="C1"><v>3</v></c></row>
<row r="2" ht="0" customHeight="1"><c r="A2"><v>44</v></c></row></sheetData></worksheet>"""


def test_what_is_of_no_size_or_of_an_empty_format_is_not_read() -> None:
    file = with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", SMALL)
    assert read(file, "xlsx").text.split("\n") == ["Sheet", "1  3"]
    only_a = SMALL.replace(b"defaultRowHeight", b'defaultColWidth="0" defaultRowHeight')
    only_a = only_a.replace(b'<col min="2" max="2" width="0"', b'<col min="1" max="1" width="9"')
    file = with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", only_a)
    assert read(file, "xlsx").text.split("\n") == ["Sheet", "1"]
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Rent", 900])
    book.worksheets[0]["B1"].number_format = ";;;"
    book.save(buffer := io.BytesIO())
    assert read(buffer.getvalue(), "xlsx").text.split("\n") == ["Sheet", "Rent"]


def test_a_long_sheet_that_does_not_say_how_long_it_is_is_not_read_through() -> None:
    """Its end is no XML: who came there would fail."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 40_000))
    sheet = SMALL[: SMALL.index(b"<cols>")] + b"<sheetData>" + rows.encode() + b"<broken"
    file = with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", sheet)
    found = read(file, "xlsx", Costs(limits=Limits(rows=100)))
    assert (found.state, found.is_cut, found.error) == ("read", True, "")
    assert found.text.endswith("\n100")


def test_what_was_deleted_or_says_the_same_again_is_not_read() -> None:
    deleted = "<w:del w:id='1' w:author='A'>" + _RUN.format("", "struck") + "</w:del>"
    row = "<w:tr><w:trPr><w:del w:id='2' w:author='A'/></w:trPr><w:tc><w:p>{}</w:p></w:tc></w:tr>"
    names = "xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'"
    box = f"<w:txbxContent><w:p>{_RUN.format('', 'box')}</w:p></w:txbxContent>"
    body = (
        f"<w:p>{_RUN.format('', 'kept')}{deleted}</w:p>"
        f"<w:tbl>{row.format(_RUN.format('', 'row'))}</w:tbl>"
        f"<w:p><w:r><mc:AlternateContent {names}><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    file = with_part(word(), "word/document.xml", word_xml("document", f"<w:body>{body}</w:body>"))
    assert read(file, "docx").text.split() == ["kept", "box"]


LETTER = "מכתב להורים על הביקור של התלמידים"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (LETTER.encode("cp862"), LETTER),
        (LETTER.encode("utf-16-le"), LETTER),
        (LETTER.encode("utf-16-be"), LETTER),
        ("Letter to parents".encode("utf-16-le"), "Letter to parents"),
        ("שלום ".encode() * 50 + b"\xfe end", "שלום " * 50 + "\ufffd end"),
        ("אב".encode()[:3] + LETTER.encode(), "א\ufffd" + LETTER),
        (b"na\xefve caf\xe9", "naïve café"),
        (b"hosts \x96 guests", "hosts – guests"),
    ],
)
def test_letters_of_all_times_are_read(raw: bytes, text: str) -> None:
    assert read(raw, "txt").text == text


@pytest.mark.parametrize("content", [pdf(["x"]), word("x"), b"{\\rtf1 x}"])
def test_another_kind_of_file_is_no_text(content: bytes) -> None:
    assert read(content, "txt").state == "broken"


def test_a_pdf_of_which_no_page_can_be_read_is_broken_not_empty() -> None:
    whole = pdf(["x"])
    packed = zlib.compress(b" " * 200_000_000, 1)  # more than the library unpacks
    broken = whole.replace(
        re.search(rb"<<\s*/Length \d+\s*>>\s*stream.*?endstream", whole, re.DOTALL)[0],
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream",
    )
    found = read(broken, "pdf")
    assert (found.state, found.text) == ("broken", "")


def test_many_short_pieces_are_counted_with_their_lines() -> None:
    found = read(word(cells=["x"] * 60), "docx", Costs(limits=Limits(characters=40)))
    assert found.is_cut
    assert len(found.text) <= 40
    found = read(word(cells=["x" * 40, "y" * 1_000]), "docx", Costs(limits=Limits(characters=40)))
    assert found.is_cut
    assert found.text == "x" * 40


def test_word_shows_what_its_styles_and_revisions_show() -> None:
    file = with_part(word(), "word/document.xml", word_xml("document", f"<w:body>{BODY}</w:body>"))
    file = with_part(file, "word/styles.xml", word_xml("styles", STYLES))
    found = read(file, "docx")
    assert found.state == "read"
    assert found.text.split() == ["Shown", "outright", "again", "here", "row"]


def test_headers_and_footers_that_show_are_read() -> None:
    document = docx.Document()
    document.add_paragraph("Body")
    section = document.sections[0]
    section.header.paragraphs[0].text = "Kefiada"
    section.footer.paragraphs[0].text = "version two"
    section.first_page_header.paragraphs[0].text = "draft"  # no first page is set apart
    buffer = io.BytesIO()
    document.save(buffer)
    assert read(buffer.getvalue(), "docx").text.split("\n") == ["Body", "Kefiada", "version two"]
    section.different_first_page_header_footer = True
    buffer = io.BytesIO()
    document.save(buffer)
    assert "draft" in read(buffer.getvalue(), "docx").text


def test_hebrew_in_a_pdf_is_not_glued_to_numbers() -> None:
    assert apart("עם2025 ביולי12-התלמידים Kefiadaעם") == "עם 2025 ביולי 12-התלמידים Kefiada עם"
    assert apart('צה"ל COVID19 ב-12') == 'צה"ל COVID19 ב-12'


def test_a_scanned_file_has_no_text() -> None:
    found = read(pdf(["", ""]), "pdf")
    assert (found.state, found.text, found.pages) == ("empty", "", 2)


def test_encrypted_files_say_so() -> None:
    assert read(pdf(["secret"], password="open"), "pdf").state == "encrypted"
    # An encrypted workbook is no archive any more, but an OLE file that holds one.
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert read(ole, "xlsx").state == "encrypted"
    assert read(ole[:600], "docx").state == "unsupported"


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (b"%PDF-1.7 and then nothing", "pdf"),
        (b"", "pdf"),
        (b"PK\x03\x04 cut off", "docx"),
        (b"", "xlsx"),
        (word("A letter"), "xlsx"),
        (b"\x00\x01\x02\x03" * 100, "txt"),
        (with_part(word("x"), "word/document.xml", b"<w:document><w:body>"), "docx"),
        (with_part(workbook(["x"]), "xl/workbook.xml", b"<workbook"), "xlsx"),
    ],
)
def test_broken_files_are_broken(content: bytes, extension: str) -> None:
    found = read(content, extension)
    assert (found.state, found.text) == ("broken", "")
    assert found.error


def test_files_of_other_kinds_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "_process", None)
    assert read(b"BEGIN:VCALENDAR", "ics").state == "unsupported"


@pytest.mark.parametrize("extension", ["docx", "xlsx"])
def test_entities_are_refused_before_they_are_parsed(extension: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("topsecret")
    name = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml"}[extension]
    whole = word("&x;") if extension == "docx" else workbook(["&x;"])
    inside = part_of(whole, name).replace(b"&amp;x;", b"&x;")
    head, _, rest = inside.partition(b"?>")
    outside = f'?><!DOCTYPE x [<!ENTITY x SYSTEM "file://{secret}">]>'.encode()
    found = read(with_part(whole, name, head + outside + rest), extension)
    assert found.state == "broken"
    assert "topsecret" not in found.text + found.error
    laughs = b'?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY x "&a;&a;&a;&a;&a;&a;">]>'
    assert read(with_part(whole, name, head + laughs + rest), extension).state == "broken"


@pytest.mark.parametrize("extension", ["docx", "xlsx"])
def test_a_zip_bomb_is_not_unpacked(extension: str) -> None:
    whole = word("small") if extension == "docx" else workbook(["small"])
    name = {"docx": "word/bomb.xml", "xlsx": "xl/bomb.xml"}[extension]
    bomb = with_part(whole, name, b"\0" * 60_000_000)
    assert len(bomb) < 200_000
    assert read(bomb, extension).state == "costly"


def test_a_pdf_of_ten_thousand_pages_is_read_in_part() -> None:
    found = read(pdf(f"Leaf {number}" for number in range(10_000)), "pdf")
    assert found.state == "read"
    assert found.is_cut
    assert found.pages == 10_000
    assert "Leaf 0" in found.text
    assert "Leaf 499" in found.text
    assert "Leaf 500" not in found.text


def test_long_texts_and_long_sheets_are_cut() -> None:
    limits = Limits(characters=1000, rows=10)
    found = read(("word " * 1000).encode(), "txt", Costs(limits=limits))
    assert len(found.text) <= 1000
    assert found.is_cut
    found = read(workbook(*[[f"row{n}"] for n in range(50)]), "xlsx", Costs(limits=limits))
    assert "row9" in found.text
    assert "row10" not in found.text
    assert found.is_cut


def test_a_cell_at_the_far_end_costs_no_million_rows() -> None:
    cells = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'
    whole = workbook(["near"])
    sheet = part_of(whole, "xl/worksheets/sheet1.xml").replace(
        b"</sheetData>", cells + b"</sheetData>"
    )
    found = read(with_part(whole, "xl/worksheets/sheet1.xml", sheet), "xlsx")
    assert found.state == "read"
    assert "near" in found.text


def test_memory_is_limited() -> None:
    whole = word("small")
    inside = part_of(whole, "word/document.xml")
    many = b"<w:p><w:r><w:t>cell</w:t></w:r></w:p>" * 200_000
    large = with_part(whole, "word/document.xml", inside.replace(b"<w:sectPr", many + b"<w:sectPr"))
    assert read(large, "docx").state == "read"
    found = read(large, "docx", Costs(memory=120 * 1024 * 1024))
    assert found.state in ("costly", "broken")  # libxml2 says of either that it can't parse
    assert not found.text


@contextmanager
def child_that_hangs(monkeypatch: pytest.MonkeyPatch, program: str) -> Iterator[None]:
    """Let another program stand for the reader: what it does is what a hostile file could do."""
    started = extraction._process
    monkeypatch.setattr(
        extraction, "_process", lambda command, file: started([command[0], "-c", program], file)
    )
    yield


def test_what_takes_too_long_is_killed_and_what_came_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = 'import json,time;print(json.dumps({"text":"first page","pages":3}),flush=True);'
    with child_that_hangs(monkeypatch, told + "time.sleep(60)"):
        found = read(b"x", "txt", Costs(wall_seconds=1.0))
    assert (found.state, found.text, found.is_cut) == ("read", "first page", True)


def test_what_says_nothing_in_time_is_too_costly(monkeypatch: pytest.MonkeyPatch) -> None:
    with child_that_hangs(monkeypatch, "import time;time.sleep(60)"):
        assert read(b"x", "txt", Costs(wall_seconds=0.5)).state == "costly"


def test_a_reader_that_says_too_much_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    with child_that_hangs(monkeypatch, "while True: print('x' * 100000)"):
        found = read(b"x", "txt", Costs(limits=Limits(characters=1000)))
    assert found.state == "costly"


def test_processor_time_is_limited() -> None:
    program = (
        "from search.documents.child import restrict\nrestrict(1 << 30, 1, 60)\nwhile True: pass"
    )
    with pytest.MonkeyPatch.context() as patch, child_that_hangs(patch, program):
        assert read(b"x", "txt", Costs(wall_seconds=30)).state == "costly"


def test_a_reader_that_crashes_leaves_a_broken_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with child_that_hangs(monkeypatch, "import os; os.abort()"):
        assert read(b"x", "txt").state == "broken"


def test_the_reader_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "of-the-portal")
    program = 'import json,os;print(json.dumps({"text":repr(os.environ),"pages":0}))'
    with child_that_hangs(monkeypatch, program):
        assert "of-the-portal" not in read(b"x", "txt", Costs(wall_seconds=10)).text


def test_a_reader_ends_by_itself_where_nobody_watches_it_any_more() -> None:
    program = (
        "import time\nfrom search.documents.child import restrict\n"
        "restrict(1 << 30, 20, -4.8)\ntime.sleep(60)"
    )
    with pytest.MonkeyPatch.context() as patch, child_that_hangs(patch, program):
        assert read(b"x", "txt", Costs(wall_seconds=40)).state == "costly"


def test_nothing_is_left_in_the_folder_for_temporary_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert read(b"Letter", "txt").text == "Letter"
    with child_that_hangs(monkeypatch, "import time;time.sleep(60)"):
        read(b"x", "txt", Costs(wall_seconds=0.3))
    assert list(tmp_path.iterdir()) == []
