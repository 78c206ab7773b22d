"""Looks through an archive (DOCX, XLSX) before a library sees it: no bombs, no entities."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from search.documents.reading import BROKEN, COSTLY, ENCRYPTED, UNSUPPORTED, Limits, Unreadable

#: A part of an archive may grow this much by unpacking; XML of real files grows 5 to 30 times.
MAX_RATIO = 200
RATIO_MATTERS_FROM = 10 * 1024 * 1024
MAX_PARTS = 5000
_BLOCK = 1 << 18
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0[DE]\0|\0<\0!\0[DE]", re.IGNORECASE)


def check_archive(path: Path, limits: Limits, folder: str) -> None:
    """Raise Unreadable for bombs, entities, encrypted parts, and what has no `folder` inside.

    Every part is unpacked once without being kept: what an archive says of its sizes is no proof.
    """
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            whole = file.read()
            if "EncryptedPackage".encode("utf-16-le") in whole:
                raise Unreadable(ENCRYPTED, "It opens with a password only.")
            raise Unreadable(UNSUPPORTED, "It is a file of an older kind.")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MAX_PARTS or len(names) != len(parts):
                raise Unreadable(BROKEN, "Its inside is not that of such a file.")
            if not any(name.startswith(f"{folder}/") for name in names):
                raise Unreadable(BROKEN, "It is another kind of file than its name says.")
            left = limits.unpacked
            for part in parts:
                left -= _unpack(archive, part, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise Unreadable(BROKEN, f"It can't be unpacked ({type(error).__name__}).") from None
    except (NotImplementedError, RuntimeError):
        raise Unreadable(ENCRYPTED, "Its parts are encrypted.") from None


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Return the size of an unpacked part; raises Unreadable where it is too much or has a DTD."""
    if part.flag_bits & 0x1:
        raise Unreadable(ENCRYPTED, "Its parts are encrypted.")
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    size, tail = 0, b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > left:
                raise Unreadable(COSTLY, "It grows too large when it is unpacked.")
            if size > RATIO_MATTERS_FROM and size > MAX_RATIO * max(part.compress_size, 1):
                raise Unreadable(COSTLY, "It grows too much when it is unpacked.")
            if is_xml and _DOCTYPE.search(tail + block):
                raise Unreadable(BROKEN, "It declares entities, which no such file does.")
            tail = block[-32:]
    return size


def failure(error: Exception, kind: str) -> Unreadable:
    """Return what an error of a library says of a file; lxml tells of memory in its own words."""
    if isinstance(error, MemoryError) or "memory" in str(error).lower():
        return Unreadable(COSTLY, "It takes too much memory.")
    return Unreadable(BROKEN, f"It is no whole {kind} ({type(error).__name__}).")
