"""The text of attached documents: read once a version, put into rows only while all may read it.

A document counts for a page only while nothing restricts its collection, whoever may see the page:
then no later change of the page's own rights can show what the file says. When a collection is
closed, the text is taken out of the rows in the same transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import CharField, F, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import CollectionViewRestriction

from portal.models import PortalDocument
from portal.visibility import PUBLIC, hidden_prefixes, open_documents
from search.analysis import ANALYSIS_VERSION, index_forms
from search.documents.extraction import Extraction, extract
from search.models import (
    ClosedDocument,
    DocumentState,
    DocumentText,
    LibraryEntry,
    LibraryFacet,
    LibraryText,
)
from search.services.versions import raise_versions

logger = logging.getLogger(__name__)

#: Facet rows that say which documents a page attaches, and whose words its row holds; they are
#: never counted or shown.
DOCUMENT_KEYS = "document"
DOCUMENT_TEXT_KEYS = "document_text"
#: Those that it attaches for the network alone; their words are in no row.
NETWORK_DOCUMENT_KEYS = "document_network"

#: How often a file is tried that this machine could not read (not: that can't be read).
MAX_ATTEMPTS = 3
#: Terms of all documents of a row; beyond it nobody searches, and PostgreSQL ends at a megabyte.
MAX_TERMS = 150_000
#: A document's text stands in pieces of about so many characters.
PIECE = 700


@dataclass(frozen=True, slots=True)
class AttachedTerms:
    """What documents add to a row: the terms, and which documents they are of."""

    terms: str = ""
    told: tuple[int, ...] = ()


# Reading ---------------------------------------------------------------------------------------


def unread_documents() -> QuerySet[PortalDocument]:
    """Return the documents whose file, as it is now, has not been read and may still be tried."""
    known = Q(library_text__file_name=F("file"), library_text__file_hash=F("file_hash"))
    final = ~Q(library_text__state=DocumentState.WAITING)
    tried = Q(library_text__attempts__gte=MAX_ATTEMPTS)
    done = known & (final | tried)
    return PortalDocument.objects.exclude(pk__in=PortalDocument.objects.filter(done).values("pk"))


def read_document(document_id: int) -> DocumentState | None:
    """Read a document whose file is new or has changed; return its state (None: it is gone).

    May run any number of times. A file that can't be read gets a state that says so and is left
    alone until it is replaced; raises what this machine itself refused (OSError), so that the task
    is tried again, MAX_ATTEMPTS times in all.
    """
    document = PortalDocument.objects.filter(pk=document_id).first()
    if document is None:
        return None
    row = _claim(document)
    if row.state != DocumentState.WAITING:
        return DocumentState(row.state)
    try:
        extraction = _twin(document) or _extract(document)
    except OSError:
        if row.attempts < MAX_ATTEMPTS:
            raise
        logger.exception("Document %s could not be read.", document_id)
        extraction = Extraction(DocumentState.FAILED)
    _keep(row, document, extraction)
    return DocumentState(extraction.state)


def _claim(document: PortalDocument) -> DocumentText:
    """Return the document's row for the file as it is now, one attempt further if it waits."""
    version = {"file_name": document.file.name, "file_hash": document.file_hash}
    with transaction.atomic():
        row, _created = DocumentText.objects.get_or_create(document=document, defaults=version)
        if (row.file_name, row.file_hash) != (document.file.name, document.file_hash):
            DocumentText.objects.filter(pk=row.pk).delete()
            row = DocumentText.objects.create(document=document, **version)
        if row.state == DocumentState.WAITING:
            row.attempts += 1
            row.save(update_fields=["attempts"])
    return row


def _twin(document: PortalDocument) -> Extraction | None:
    """Return what came of the same file in another document, if it was read already."""
    if not document.file_hash:
        return None
    same = DocumentText.objects.filter(
        file_hash=document.file_hash, state__in=[DocumentState.READ, DocumentState.EMPTY]
    ).exclude(pk=document.pk)
    twin = same.first()
    if twin is None or not _has_extension(twin.file_name, document.file_extension):
        return None
    return Extraction(twin.state, twin.text, twin.pages, twin.is_cut, twin.error)


def _has_extension(name: str, extension: str) -> bool:
    return name.lower().endswith(f".{extension.lower()}")


def _extract(document: PortalDocument) -> Extraction:
    try:
        with document.open_file() as file:
            return extract(file, document.file_extension)
    except FileNotFoundError:
        return Extraction(DocumentState.MISSING)


def _keep(row: DocumentText, document: PortalDocument, extraction: Extraction) -> None:
    """Store what came of it and let the rows of the pages wait, in one transaction."""
    starts = piece_starts(extraction.text)
    values: dict[str, Any] = {
        "state": extraction.state,
        "text": extraction.text,
        "language": document.language or guess_language(extraction.text),
        "pieces": starts,
        "terms": _terms_of(extraction.text, starts),
        "analysis": ANALYSIS_VERSION,
        "pages": extraction.pages,
        "is_cut": extraction.is_cut,
        "error": extraction.error[:255],
        "read_at": timezone.now(),
    }
    same_file = DocumentText.objects.filter(
        pk=row.pk, file_name=row.file_name, file_hash=row.file_hash
    )
    with transaction.atomic():
        if same_file.update(**values):
            raise_rows_with([row.pk])


def _terms_of(text: str, starts: Sequence[int]) -> str:
    """Return a line of terms and key forms for each piece of a text."""
    parts = [text[start:end] for start, end in pairwise([*starts, len(text)])]
    return "\n".join(" ".join(index_forms(part)).strip() for part in parts)


def analyse_anew(limit: int = 50) -> int:
    """Make the terms of texts anew that an older analysis made; return how many were done."""
    outdated = DocumentText.objects.filter(state=DocumentState.READ)
    done = 0
    for row in outdated.exclude(analysis=ANALYSIS_VERSION)[:limit]:
        terms = _terms_of(row.text, row.pieces)
        with transaction.atomic():
            DocumentText.objects.filter(pk=row.pk, text=row.text).update(
                terms=terms, analysis=ANALYSIS_VERSION
            )
            raise_rows_with([row.pk])
        done += 1
    return done


def piece_starts(text: str) -> list[int]:
    """Return where each piece of a text begins: at a blank, near every PIECE characters."""
    starts = [0] if text else []
    while starts and starts[-1] + PIECE < len(text):
        wanted = starts[-1] + PIECE
        gaps = [at for at in (text.find("\n", wanted), text.find(" ", wanted)) if at >= 0]
        nearest = min(gaps, default=wanted)
        starts.append(nearest if nearest < wanted + PIECE else wanted)
    return starts


def guess_language(text: str) -> str:
    """Return "he" or "en" by the letters of a text; an empty string when neither prevails."""
    sample = text[:20_000]
    hebrew = sum("\u05d0" <= letter <= "\u05ea" for letter in sample)
    latin = sum(letter.isascii() and letter.isalpha() for letter in sample)
    if max(hebrew, latin) < 20 or (not hebrew * 2 < latin and not latin * 2 < hebrew):
        return ""
    return "he" if hebrew > latin else "en"


def read_anew(states: Collection[str] = ()) -> int:
    """Forget what came of reading documents (of these states, else of all that gave no text).

    They are read again by the scheduler's next look; return how many.
    """
    wanted = states or set(DocumentState.values) - {DocumentState.READ, DocumentState.UNSUPPORTED}
    return DocumentText.objects.filter(state__in=wanted).delete()[0]


# Rows ------------------------------------------------------------------------------------------


def is_for_network(document: PortalDocument) -> bool:
    """Whether a file is for the network: a page keeps it so, and none gives it to everybody.

    A page that is not live any more, or was deleted, keeps it closed; only one that everybody may
    see opens it. Two queries for files that no page closes, four at most else.
    """
    having = LibraryFacet.objects.filter(value=str(document.pk))
    kept = ClosedDocument.objects.filter(pk=document.pk)
    if not having.filter(name=NETWORK_DOCUMENT_KEYS).exists() and not kept.exists():
        return False
    public = LibraryEntry.objects.visible(PUBLIC, hidden_prefixes(PUBLIC))
    return not having.filter(name=DOCUMENT_KEYS, entry__in=public.values("pk")).exists()


def keep_closed(entry: LibraryEntry) -> None:
    """Note which files a row keeps for the network; it is about to be deleted."""
    keys = LibraryFacet.objects.filter(entry=entry, name=NETWORK_DOCUMENT_KEYS)
    if wanted := [int(key) for key in keys.values_list("value", flat=True)]:
        ClosedDocument.objects.bulk_create(
            [ClosedDocument(document=one) for one in PortalDocument.objects.filter(pk__in=wanted)],
            ignore_conflicts=True,
        )


def attached_terms(attached: Mapping[int, Sequence[int]]) -> dict[int, AttachedTerms]:
    """Return, by page, what its documents add to its row; no query when none has any."""
    wanted = {document for documents in attached.values() for document in documents}
    if not wanted:
        return {}
    terms = _terms_of_open(wanted)
    found = {}
    for page_id, documents in attached.items():
        told = tuple(sorted(document for document in documents if document in terms))
        joined = " ".join(terms[document] for document in told)
        found[page_id] = AttachedTerms(joined[:MAX_TERMS], told)
    return found


def _terms_of_open(documents: Collection[int]) -> dict[int, str]:
    """Return the terms of those documents that everybody may take: their names and their text."""
    terms = {}
    for document in open_documents().filter(pk__in=documents).select_related("library_text"):
        names = f"{document.title}\n{document.filename}"
        words = " ".join(index_forms(names))
        text: DocumentText | None = getattr(document, "library_text", None)
        if text and (text.file_name, text.file_hash) == (document.file.name, document.file_hash):
            words = f"{words} {text.terms}"
        terms[document.pk] = " ".join(words.split())
    return terms


def rows_with(documents: Iterable[int]) -> QuerySet[LibraryEntry]:
    """Return the rows of the pages that attach one of these documents."""
    keys = [str(document) for document in documents]
    having = LibraryFacet.objects.filter(name=DOCUMENT_KEYS, value__in=keys)
    return LibraryEntry.objects.filter(pk__in=having.values("entry_id"))


def raise_rows_with(documents: Iterable[int]) -> int:
    """Let the rows of the pages that attach one of these documents be built anew."""
    rows = rows_with(documents)
    return raise_versions(rows) if rows.exists() else 0


def withdraw(documents: QuerySet[PortalDocument]) -> int:
    """Take the words of these documents out of all rows, now; return how many rows had any.

    The rows wait for the worker, who puts back what their other documents say.
    """
    keys = documents.annotate(key=Cast("pk", CharField())).values("key")
    having = LibraryFacet.objects.filter(name=DOCUMENT_TEXT_KEYS, value__in=keys)
    with transaction.atomic():
        entries = list(having.values_list("entry_id", flat=True).distinct())
        if not entries:
            return 0
        LibraryText.objects.filter(entry__in=entries).update(documents_terms="")
        LibraryFacet.objects.filter(entry__in=entries, name=DOCUMENT_TEXT_KEYS).delete()
        return raise_versions(LibraryEntry.objects.filter(pk__in=entries))


def withdraw_closed() -> int:
    """Take the words of documents that not everybody may take any more out of all rows.

    Whoever closes a collection calls this; the scheduler does too, for ways that tell nobody (a
    collection that is moved, a bulk change). Return how many rows had any.
    """
    if not CollectionViewRestriction.objects.exists():
        return 0
    is_open = open_documents().values("pk")
    return withdraw(PortalDocument.objects.exclude(pk__in=is_open).order_by())
