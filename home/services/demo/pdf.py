"""Writes a small PDF with a text layer in Latin and Hebrew letters, by hand: no library is needed.

The fonts are those that readers' machines have (nothing is embedded). Hebrew is drawn as it is
seen, from left to right, with a table of what each glyph says, as most programs write it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_WIDTH, _HEIGHT, _MARGIN = 595, 842, 72
_SIZE, _HEADING, _LEADING = 12, 18, 1.6
#: The letters alef to tav stand at these codes of the Hebrew font, and have these names in it.
_FIRST_CODE, _FIRST_NAME, _ALEF, _LETTERS = 128, 57664, 0x5D0, 27
_HEBREW_WIDTH = 560  # of each glyph, in thousandths: about what fonts have


def pdf_file(pages: Sequence[Sequence[str]], title: str, language: str = "en") -> bytes:
    """Return a PDF with these lines on each page; a line that begins with "# " is a heading.

    A line is Latin (Windows-1252) or Hebrew, whose only other signs are blanks and commas.
    """
    objects: list[bytes] = []

    def add(content: str | bytes) -> int:
        objects.append(content if isinstance(content, bytes) else content.encode("cp1252"))
        return len(objects)

    catalog, tree = add(""), add("")
    info = add(f"<< /Title {_literal(title)} >>")
    latin = add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    hebrew = _hebrew_font(add)
    kids = []
    for lines in pages:
        content = add(_stream(_drawn(lines)))
        kids.append(
            add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] "
                f"/Resources << /Font << /F1 {latin} 0 R /F2 {hebrew} 0 R >> >> "
                f"/Contents {content} 0 R >>"
            )
        )
    refs = " ".join(f"{kid} 0 R" for kid in kids)
    objects[tree - 1] = f"<< /Type /Pages /Kids [{refs}] /Count {len(kids)} >>".encode()
    objects[catalog - 1] = (
        f"<< /Type /Catalog /Pages {tree} 0 R /Lang {_literal(language)} >>".encode()
    )
    return _joined(objects, catalog, info)


def _joined(objects: Sequence[bytes], catalog: int, info: int) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root {catalog} 0 R /Info {info} 0 R >>"
    return bytes(out) + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()


def _hebrew_font(add: Callable[[str | bytes], int]) -> int:
    last = _FIRST_CODE + _LETTERS - 1
    names = " ".join(f"/afii{_FIRST_NAME + at}" for at in range(_LETTERS))
    pairs = "\n".join(f"<{_FIRST_CODE + at:02X}> <{_ALEF + at:04X}>" for at in range(_LETTERS))
    says = add(
        _stream(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CMapName /Hebrew def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
            "2 beginbfchar\n<20> <0020>\n<2C> <002C>\nendbfchar\n"
            f"{_LETTERS} beginbfchar\n{pairs}\nendbfchar\n"
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
        )
    )
    looks = add(
        "<< /Type /FontDescriptor /FontName /Arial /Flags 32 /FontBBox [-100 -220 1000 920] "
        "/ItalicAngle 0 /Ascent 905 /Descent -212 /CapHeight 716 /StemV 80 >>"
    )
    widths = " ".join(["280"] * (_FIRST_CODE - 32) + [str(_HEBREW_WIDTH)] * _LETTERS)
    return add(
        f"<< /Type /Font /Subtype /TrueType /BaseFont /Arial /FirstChar 32 /LastChar {last} "
        f"/Widths [{widths}] /FontDescriptor {looks} 0 R /ToUnicode {says} 0 R "
        f"/Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding "
        f"/Differences [{_FIRST_CODE} {names}] >> >>"
    )


def _stream(content: str) -> bytes:
    data = content.encode("cp1252")
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _drawn(lines: Sequence[str]) -> str:
    """Return the operators that draw lines from the top of a page downwards."""
    drawn, down = [], float(_HEIGHT - _MARGIN)
    for line in lines:
        size = _HEADING if line.startswith("# ") else _SIZE
        text = line.removeprefix("# ")
        if _is_hebrew(text):
            font, at = "F2", _WIDTH - _MARGIN - _hebrew_width(text) * size / 1000
            shown = "".join(f"{_code(letter):02X}" for letter in reversed(text))
            shown = f"<{shown}>"
        else:
            font, at, shown = "F1", float(_MARGIN), _literal(text)
        drawn.append(f"BT /{font} {size} Tf {at:.1f} {down:.1f} Td {shown} Tj ET")
        down -= size * _LEADING
    return "\n".join(drawn)


def _is_hebrew(text: str) -> bool:
    return any(_ALEF <= ord(letter) < _ALEF + _LETTERS for letter in text)


def _code(letter: str) -> int:
    at = ord(letter) - _ALEF
    return _FIRST_CODE + at if 0 <= at < _LETTERS else ord(letter)


def _hebrew_width(text: str) -> int:
    return sum(_HEBREW_WIDTH if _is_hebrew(letter) else 280 for letter in text)


def _literal(text: str) -> str:
    """Return a string of PDF."""
    return "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"
