"""Which attached files have the words that were looked for, and the piece of each that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, TextField, Value, When
from django.db.models.functions import Substr
from django.utils.safestring import SafeString

from portal.models import PortalDocument
from portal.visibility import open_documents
from search.analysis import TextQuery, index_forms
from search.highlight import snippet
from search.matching import Wanted
from search.models import DocumentText
from search.query import DocumentHit
from search.services.documents import PIECE

#: So many files are named in one hit.
MAX_DOCUMENTS = 2


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where in a document most of the wanted words stand together, and how many."""

    words: int
    start: int | None = None


def found_documents(
    attached: Mapping[int, Sequence[str]], words: TextQuery
) -> dict[int, tuple[DocumentHit, ...]]:
    """Return, by entry, the files that have something of `words`, those with most first.

    `attached` are the documents whose words a row holds, by entry. Whether everybody may take a
    file is asked again here, so nothing is shown of one that was closed a moment ago. At most four
    queries, none where nothing is attached.
    """
    wanted = {int(document) for documents in attached.values() for document in documents}
    if not wanted or not words:
        return {}
    documents = {
        document.pk: document
        for document in open_documents().filter(pk__in=wanted).only("title", "file", "language")
    }
    pieces = _pieces(documents, Wanted.of(words))
    texts = _texts({key: piece.start for key, piece in pieces.items() if piece.start is not None})
    found = {}
    for entry, keys in attached.items():
        having = sorted(
            (key for key in map(int, keys) if key in pieces),
            key=lambda key: (-pieces[key].words, key),
        )
        if having:
            found[entry] = tuple(
                _hit(documents[key], *texts.get(key, ("", "")), words)
                for key in having[:MAX_DOCUMENTS]
            )
    return found


def _count(wanted: Wanted, terms: str) -> int:
    """Return how much of what is wanted stands in a line of terms."""
    found = set(terms.split())
    row = f" {terms} "
    return (
        len(wanted.words & found)
        + sum(len(each) for each in wanted.together if each <= found)
        + sum(len(phrase) for phrase in wanted.phrases if f" {' '.join(phrase)} " in row)
    )


def _pieces(documents: Mapping[int, PortalDocument], wanted: Wanted) -> dict[int, _Piece]:
    """Return, for the documents with something wanted, the piece that has most of it."""
    lines = {
        key: (line, starts)
        for key, line, starts in DocumentText.objects.filter(
            document__in=documents,
            file_name=F("document__file"),
            file_hash=F("document__file_hash"),
        ).values_list("document_id", "terms", "pieces")
    }
    found = {}
    for key, document in documents.items():
        names = f"{document.title}\n{document.filename}"
        own = _count(wanted, " ".join(index_forms(names)))
        text, starts = lines.get(key, ("", []))
        best = _Piece(0)
        for start, line in zip(starts, text.split("\n"), strict=False):
            if (words := _count(wanted, line)) > best.words:
                best = _Piece(words, start)
        if own or best.words:
            found[key] = _Piece(best.words + own, best.start)
    return found


def _texts(starts: Mapping[int, int]) -> dict[int, tuple[str, str]]:
    """Return the text from each start on, and its language, by document."""
    if not starts:
        return {}
    begin = Case(
        *[When(pk=key, then=Value(start + 1)) for key, start in starts.items()],
        output_field=IntegerField(),
    )
    rows = DocumentText.objects.filter(pk__in=starts)
    part = Substr("text", begin, 2 * PIECE, output_field=TextField())
    return {
        key: (text, language)
        for key, text, language in rows.annotate(part=part).values_list("pk", "part", "language")
    }


def _hit(document: PortalDocument, text: str, language: str, words: TextQuery) -> DocumentHit:
    return DocumentHit(
        name=document.filename,
        title=document.title,
        url=document.url,
        snippet=snippet("", text, words) if text else SafeString(""),
        language=document.language or language,
    )
