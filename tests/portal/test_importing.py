"""Reading files: encodings, delimiters, faults with their row and column, workbooks."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
import pytest
from django.utils import translation

from portal.importing import xlsx_reader
from portal.importing.columns import Choice, Column, Day, Flag, Number, Text, Whole
from portal.importing.importer import Importer, Row, run_import
from portal.importing.lines import Lines, Part
from portal.importing.names import NameIndex
from portal.importing.problems import FileUnusable
from portal.importing.report import Report, Tally
from portal.importing.texts import rich_text, stream_text
from portal.models import ConsentState

pytestmark = pytest.mark.django_db

HEADER = "reference,name,day"


class ThingImporter(Importer):
    """Takes everything that can be read, and keeps it for the test."""

    kind: ClassVar[str] = "things"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("reference", Text(20), required=True),
        Column("name", Text(30), required=True),
        Column("day", Day(), present=True),
        Column("count", Whole(1, 99)),
        Column("price", Number(0, places=2)),
        Column("open", Flag()),
        Column("consent", Choice(ConsentState)),
        Column("text", Text(multiline=True)),
        Column("steps", Lines((Part("when", Whole(), required=True), Part("what", Text())))),
    )

    def prepare(self) -> None:
        self.seen: list[Row] = []

    def check(self, rows: Sequence[Row]) -> Tally:
        for row in rows:
            self.check_reference(row)
        self.seen += rows
        return Tally(created=len(rows))

    def write(self, chunks: Iterator[list[Row]]) -> Iterator[Tally]:
        raise NotImplementedError("These tests only check.")


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Return a function that checks a file's bytes or text."""

    def check(
        content: str | bytes, name: str = "things.csv", **options: Any
    ) -> tuple[Report, list[Row]]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        importer = ThingImporter()
        report = run_import(importer, path, dry_run=True, **options)
        return report, getattr(importer, "seen", [])

    return check


def told(report: Report) -> list[tuple[int | None, str | None, str]]:
    return [(problem.row, problem.column, problem.reason) for problem in report.errors]


def workbook(rows: list[list[Any]], **changes: Any) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, value in changes.items():
        sheet[cell] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(content: bytes, **parts: str | None) -> bytes:
    """Return the workbook with parts replaced: sheet, strings, or a new part by name."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
    new = {names.get(key, key): text for key, text in parts.items()}
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in old.namelist():
            target.writestr(item, new.pop(item, None) or old.read(item))
        for name, text in new.items():
            target.writestr(name, text or "")
    return file.getvalue()


HEBREW = "כרמיאל ומשגב"
ROWS = f"{HEADER}\na1,{HEBREW},2024-05-17\n"


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        (ROWS.encode(), "UTF-8"),
        (ROWS.encode("utf-8-sig"), "UTF-8 with mark"),
        (ROWS.encode("utf-16"), "UTF-16 with mark"),
        ("\ufeff".encode("utf-16-be") + ROWS.encode("utf-16-be"), "UTF-16 big endian"),
        (ROWS.replace(",", ";").encode(), "semicolons"),
        (ROWS.replace(",", "\t").encode(), "tabs"),
        (("sep=;\n" + ROWS.replace(",", ";")).encode(), "Excel's separator line"),
        (ROWS.replace("\n", "\r\n").encode(), "Windows line breaks"),
        (ROWS.replace("\n", "\r").encode(), "old Macintosh line breaks"),
        (ROWS.upper().replace("A1", "a1").encode(), "header in capitals"),
        (("\n\n" + ROWS).encode(), "blank lines before the header"),
        (f"{HEADER} \n a1 ,  {HEBREW} ,2024-05-17,,\n,,\n".encode(), "blanks and empty ends"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_text_files_are_read_right(content: bytes, codec: str, load: Any) -> None:
    report, rows = load(content)
    assert told(report) == []
    assert [row.values for row in rows] == [
        {"reference": "a1", "name": HEBREW, "day": datetime.date(2024, 5, 17)}
    ]


def test_quoted_newlines_delimiters_and_quotes_stay_in_their_cell(load: Any) -> None:
    report, rows = load('reference,name,day,text\na1,"a ""b"", c",,"one\r\n\ntwo; three"\nb,x,,\n')
    assert told(report) == []
    assert rows[0]["name"] == 'a "b", c'
    assert rows[0]["text"] == "one\n\ntwo; three"
    assert rows[1].number == 3


def test_windows_1255_is_read_when_declared_or_when_it_can_be_nothing_else(load: Any) -> None:
    text = f"{HEADER}\na1,{HEBREW} - “שותפות”,\na2,המועצה האזורית,\n"
    for options in ({"encoding": "windows-1255"}, {}):
        report, rows = load(text.encode("cp1255"), **options)
        assert told(report) == []
        assert rows[0]["name"] == f"{HEBREW} - “שותפות”"
    assert report.notes == ["The file was read as Windows-1255."]


@pytest.mark.parametrize(
    "content",
    [
        "Café de la Paix à Genève".encode("cp1252"),
        "Партнёрство городов и общин".encode("cp1251"),
        "αδελφοποίηση πόλεων και κοινοτήτων".encode("cp1253"),
        "שלום לכולם פה Zoomים".encode("cp1255") + b" \xff",
        "שלום".encode("cp1255"),
    ],
)
def test_other_old_encodings_are_refused_with_their_line(content: bytes, load: Any) -> None:
    report, _rows = load(HEADER.encode() + b"\na1," + content + b",\n")
    [(row, column, reason)] = told(report)
    assert (row, column) == (None, None)
    assert reason.startswith("Line 2 is not UTF-8 (byte 0x")
    assert "--encoding windows-1255" in reason


def test_wrongly_declared_encoding_is_refused(load: Any) -> None:
    report, _rows = load(f"{HEADER}\na,".encode() + b"\xff\xd9\xda,\n", encoding="windows-1255")
    assert "can't be read as Windows-1255" in told(report)[0][2]


FAULTS: list[tuple[str, str | bytes, int | None, str | None, str]] = [
    ("empty file", "", None, None, "The file is empty"),
    ("blank file", "\n \n", None, None, "The file is empty"),
    ("header alone", HEADER, None, None, "There are no rows"),
    ("missing column", "reference,day\na,\n", 1, "name", "The column is missing."),
    ("nearly named", "reference,names,day\na,b,\n", 1, "name", "is it the one called “names”?"),
    ("column twice", "reference,name,day,name\na,b,,c\n", 1, "name", "The column is there twice."),
    ("short row", f"{HEADER}\na,b,\nc,d\n", 3, None, "has 2 cells, the header has 3"),
    ("long row", f"{HEADER}\na,b,,c\n", 2, None, "has 4 cells, the header has 3"),
    ("quote left open", f'{HEADER}\na,"b,\nc,d,\n', 2, None, "is never closed"),
    ("text after quote", f'{HEADER}\na,"b"c,\n', 2, None, "goes on after its closing"),
    ("endless cell", f'{HEADER}\na,"{"x" * 200_000}",\n', 2, None, "more than 131072 characters"),
    ("NUL bytes", f"{HEADER}\na,b\0c,\n", None, None, "NUL bytes"),
    ("UTF-16 bare", ROWS.encode("utf-16-le"), None, None, "NUL bytes"),
    ("control letter", f"{HEADER}\na,b\x07c,\n", 2, "name", "no text has (U+0007)"),
    ("no reference", f"{HEADER}\n,b,\n", 2, "reference", "The cell is empty."),
    ("blank name", f"{HEADER}\na,  ,\n", 2, "name", "The cell is empty."),
    ("same reference", f"{HEADER}\na,b,\na,c,\n", 3, "reference", "of row 2 already"),
    ("long text", f"{HEADER}\na,{'b' * 31},\n", 2, "name", "At most 30 characters"),
    ("no date", f"{HEADER}\na,b,17.5.2024\n", 2, "day", "not a date written as 2024-05-17"),
    ("31 June", f"{HEADER}\na,b,2024-06-31\n", 2, "day", "“2024-06-31” is not a date"),
    ("a time", f"{HEADER}\na,b,2024-06-30 10:30\n", 2, "day", "is not a date"),
    ("no number", f"{HEADER},count\na,b,,many\n", 2, "count", "not a whole number"),
    ("half number", f"{HEADER},count\na,b,,1.5\n", 2, "count", "not a whole number"),
    ("Arabic digits", f"{HEADER},count\na,b,,١٢\n", 2, "count", "not a whole number"),
    ("too small", f"{HEADER},count\na,b,,0\n", 2, "count", "0 is too small; at least 1."),
    ("too large", f"{HEADER},count\na,b,,100\n", 2, "count", "100 is too large; at most 99."),
    ("thousands", f'{HEADER},price\na,b,,"1,200"\n', 2, "price", "no thousands separators"),
    ("three places", f"{HEADER},price\na,b,,1.234\n", 2, "price", "more than 2 digits after"),
    ("infinite", f"{HEADER},price\na,b,,inf\n", 2, "price", "is not a number"),
    ("perhaps", f"{HEADER},open\na,b,,perhaps\n", 2, "open", "neither yes nor no"),
    ("no choice", f"{HEADER},consent\na,b,,maybe\n", 2, "consent", "unknown, granted, withdrawn"),
    ("short line", f"{HEADER},steps\na,b,,| go\n", 2, "steps", "Line 1: “when” is missing"),
    ("bad part", f'{HEADER},steps\na,b,,"1|a\nx|b"\n', 2, "steps", "Line 2: when: “x” is not"),
    ("long line", f"{HEADER},steps\na,b,,1|a|b\n", 2, "steps", "it has 3 parts"),
    ("PDF", b"%PDF-1.7\n", None, None, "This is not a table"),
    ("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, None, "old Excel file (.xls)"),
    ("damaged zip", b"PK\x03\x04" + b"x" * 99, None, None, "damaged or no XLSX"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[0] for fault in FAULTS])
def test_each_fault_is_told_with_row_column_and_reason(
    fault: tuple[str, str | bytes, int | None, str | None, str], load: Any
) -> None:
    _name, content, row, column, reason = fault
    report, _rows = load(content)
    assert report.status == "refused"
    [(found_row, found_column, found_reason)] = told(report)
    assert (found_row, found_column) == (row, column)
    assert reason in found_reason


def test_a_file_full_of_faults_tells_each_of_them(load: Any) -> None:
    header = f"{HEADER},count,price,open,consent"
    bad = [
        line.decode() if isinstance(line, bytes) else line
        for line in (f"r{n},b,bad,bad,bad,bad,bad" for n in range(10))
    ]
    report, _rows = load("\n".join([header, *bad]))
    assert report.error_count == 50
    assert {(row, column) for row, column, _reason in told(report)} == {
        (row, column)
        for row in range(2, 12)
        for column in ("day", "count", "price", "open", "consent")
    }


def test_more_faults_than_fit_are_counted(load: Any) -> None:
    report, _rows = load("\n".join([HEADER, *[f"r{n},b,bad" for n in range(1500)]]))
    assert report.error_count == 1500
    assert len(report.errors) == 1000
    assert "… and 500 more of these." in list(report.lines())


def test_unknown_columns_are_left_out_with_a_warning_and_refused_when_strict(load: Any) -> None:
    content = f"{HEADER},colour\na,b,,red\n"
    report, _rows = load(content)
    assert report.status == "dry-run"
    assert report.warnings[0].column == "colour"
    assert "Known columns: reference, name, day, count" in report.warnings[0].reason
    report, _rows = load(content, strict=True)
    assert report.status == "refused"


def test_choices_are_taken_by_label_in_either_language(load: Any) -> None:
    with translation.override("he"):
        label = str(ConsentState.GRANTED.label)
    report, rows = load(f"{HEADER},consent\na,b,,GRANTED\nb,b,,given\nc,b,,{label}\nd,b,,\n")
    assert told(report) == []
    assert [row["consent"] for row in rows] == ["granted", "granted", "granted", ""]


@pytest.mark.parametrize("kind", ["missing", "directory", "forbidden"])
def test_a_file_that_cannot_be_opened_is_a_usage_error(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    if kind == "directory":
        path.mkdir()
    if kind == "forbidden":
        path = path / "below-a-file.csv"
        path.parent.write_text("")
    with pytest.raises(FileUnusable) as error:
        run_import(ThingImporter(), path, dry_run=True)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


# Workbooks -----------------------------------------------------------------------------------

SHEET_HEADER = ["reference", "name", "day", "count", "price", "open"]


def test_workbooks_are_read_with_dates_numbers_and_gaps(load: Any) -> None:
    content = workbook(
        [
            SHEET_HEADER,
            ["a1", HEBREW, datetime.date(2024, 5, 17), 5, 12.5, True],
            [],
            [7, "x", datetime.datetime(2024, 5, 17), 5.0, 12, "no", None],
            ["b", "y", "2024-05-17"],
        ]
    )
    report, rows = load(content, "things.xlsx")
    assert told(report) == []
    assert [row.number for row in rows] == [2, 4, 5]
    assert rows[0].values == {
        "reference": "a1",
        "name": HEBREW,
        "day": datetime.date(2024, 5, 17),
        "count": 5,
        "price": pytest.approx(12.5),
        "open": True,
    }
    assert rows[1]["reference"] == "7"
    assert rows[1]["count"] == 5
    assert {row["day"] for row in rows} == {datetime.date(2024, 5, 17)}


def test_a_workbook_is_known_by_content_not_by_name(load: Any) -> None:
    report, rows = load(workbook([["reference", "name", "day"], ["a", "b", None]]), "things.csv")
    assert told(report) == []
    assert len(rows) == 1


def test_only_the_first_visible_sheet_is_read_and_that_is_told(load: Any) -> None:
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.sheet_state = "hidden"
    for title, reference in (("Stories", "a"), ("Notes", "z")):
        sheet = book.create_sheet(title)
        sheet.append(["reference", "name", "day"])
        sheet.append([reference, "b", None])
    file = io.BytesIO()
    book.save(file)
    report, rows = load(file.getvalue(), "things.xlsx")
    assert [row["reference"] for row in rows] == ["a"]
    assert report.notes == ["Only the first sheet, “Stories”, was read; the workbook has 2."]


def test_a_formula_counts_by_its_stored_result_only(load: Any) -> None:
    content = workbook([["reference", "name", "day"], ["a", "b", None]], B2='="never computed"')
    report, _rows = load(content, "things.xlsx")
    assert told(report)[0][:2] == (2, "name")
    assert "a formula without a stored result" in told(report)[0][2]
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    stored = re.sub(
        r'<c r="B2"><f>("never computed")</f><v ?(?:/>|></v>)</c>',  # written with or without lxml
        r'<c r="B2" t="str"><f>\1</f><v>computed</v></c>',
        sheet,
    )
    assert stored != sheet
    report, rows = load(repacked(content, sheet=stored), "things.xlsx")
    assert told(report) == []
    assert rows[0]["name"] == "computed"


def test_an_error_value_is_told_by_its_cell(load: Any) -> None:
    content = workbook([["reference", "name", "day"], ["a", "b", None]], B2="#REF!")
    report, _rows = load(content, "things.xlsx")
    assert told(report) == [(2, "name", "The cell holds the error #REF!.")]


GOOD = workbook([["reference", "name", "day"], ["a", "b", None]])
ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst>&e;</sst>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (repacked(GOOD, strings=ENTITY), "declares entities"),
        (repacked(GOOD, sheet=ENTITY), "declares entities"),
        (repacked(GOOD, **{"xl/bomb.bin": "0" * 50_000_000}), "unpacks to more than 200 times"),
        (repacked(GOOD, sheet="<worksheet><broken"), "damaged or no XLSX"),
        (
            repacked(
                GOOD,
                sheet="<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>9</v></c>"
                "</row></sheetData></worksheet>".replace(
                    "<worksheet>",
                    "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>",
                ),
            ),
            "damaged or no XLSX|file is empty",
        ),
        (GOOD[: len(GOOD) // 2], "damaged or no XLSX"),
    ],
    ids=["entity", "entity in sheet", "bomb", "broken XML", "string out of range", "cut off"],
)
def test_harmful_and_damaged_workbooks_are_refused(content: bytes, reason: str, load: Any) -> None:
    report, _rows = load(content, "things.xlsx")
    assert report.status == "refused"
    assert any(part in told(report)[0][2] for part in reason.split("|"))


def test_a_workbook_that_unpacks_too_large_is_refused(
    load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_reader, "MAX_UNPACKED_BYTES", 2000)
    report, _rows = load(GOOD, "things.xlsx")
    assert "unpacks to more than 0 MB" in told(report)[0][2]


def test_an_archive_that_is_no_workbook_is_refused(load: Any) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    report, _rows = load(file.getvalue(), "things.xlsx")
    assert "no XLSX workbook" in told(report)[0][2]


# Texts and names -----------------------------------------------------------------------------


def test_text_becomes_paragraphs_and_headings_and_is_never_trusted() -> None:
    text = "# A start #\nOne & <b>two</b>\nthree\n\n \nfour\n## Then\n\n<script>x</script>"
    blocks = [(block["type"], block["value"]) for block in stream_text(text)]
    assert blocks == [
        ("heading", "A start"),
        ("paragraph", "<p>One &amp; &lt;b&gt;two&lt;/b&gt;<br/>three</p><p>four</p>"),
        ("heading", "Then"),
        ("paragraph", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
    ]
    assert rich_text("  \n ") == ""


def test_names_are_found_by_spelling_by_tier_and_by_their_parts() -> None:
    names: NameIndex[int] = NameIndex(tiers=2)
    names.add(1, ["Safed – Palm Beach"])
    names.add(1, ["Tzfat", "צפת", "Palm Beach"], 1)
    names.add(2, ["Be'er Sheva - Montreal"])
    names.add(2, ["Be'er Sheva", "באר שבע", "Montreal"], 1)
    names.add(3, ["Palm Beach", "Netanya"], 1)
    assert names.find("SAFED - PALM BEACH") == {1}
    assert names.find("Beer-Sheva / Montréal") == {2}
    assert names.find("צפת - Palm Beach") == {1}
    assert names.find("the Partnership of Tzfat and Palm Beach") == {1}
    assert names.find("Palm Beach") == {1, 3}
    assert names.find("Safed - Montreal") == set()
    assert names.find("P2G") == set()
    assert names.nearest("Montreel")[0] == "Montreal"
