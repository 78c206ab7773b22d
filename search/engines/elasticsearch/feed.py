"""Feeds the index from the table: the outbox, and the building of a new index beside it.

Rows whose version is above an index's cursor are its outbox; what was deleted waits in
`LibraryDeletion` until every index has heard of it. Versions become visible in their order, since
the clock's row is locked by who draws one until it commits; so no row is ever below the cursor
without having been sent.
"""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from elasticsearch import Elasticsearch

from portal.liveness import stop_requested
from search.engines.base import EngineUnavailable
from search.metrics import engine_log
from search.models import EngineIndex, LibraryClock, LibraryDeletion

from .client import failures
from .comparison import compare
from .documents import Document
from .indexes import Indexes
from .sending import Gone, mark, marked, send

logger = logging.getLogger(__name__)

#: Rows, or things of a new index, that are read and sent at once.
CHUNK = 400
#: So many chunks are sent before what was deleted or hidden meanwhile goes first.
CHUNKS_IN_A_ROW = 5

#: After so long without a step, whoever was filling an index is taken for dead.
FILLING_LEASE = datetime.timedelta(seconds=60)

#: Told after each step of a rebuild: things done, things in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Target:
    """An index that is fed: what is known of it, and the alias by which it is written."""

    state: EngineIndex
    alias: str


class Feed:
    """Brings the indexes of one library that hold the same up to the table."""

    def __init__(self, client: Elasticsearch, indexes: Indexes) -> None:
        self.client = client
        self.indexes = indexes
        self.contents = indexes.contents

    def keep(self) -> int:
        """Send what waits; build an index where none serves. Return how much was sent."""
        if not self.has_work():
            return 0
        engine_log.note(self.contents.lag, self.waiting())
        if not any(target.state.is_serving for target in self.targets()):
            if self._is_being_filled():
                return 0
            self.rebuild()
        return self.drain()

    def look(self) -> None:
        """Ask whether the index is there and agrees with the table; if not, build it anew.

        What waits tells nothing of an index whose data are gone while nobody publishes, nor of a
        database that was put back.
        """
        if not any(target.state.is_serving for target in self.targets()):
            self.keep()

    # The outbox ------------------------------------------------------------------------------

    def waiting(self) -> int:
        """Return how many rows the serving index was not sent as they are; asks the table only."""
        state = self._serving_state()
        if state is None:
            return int(self.contents.rows().count())
        return self._after(state).count() + self._deletions().count()

    def has_work(self) -> bool:
        """Whether anything waits, by few and cheap questions to the table."""
        states = list(self._states())
        if not any(state.is_serving for state in states):
            return True
        return self._deletions().exists() or any(self._after(state).exists() for state in states)

    def drain(self) -> int:
        """Send what waits, in chunks, to every index; return how many rows and deletions.

        What is hidden goes before all else, however much waits. Raises EngineUnavailable when it
        could not be sent: it waits on, and nothing is lost.
        """
        done = 0
        hidden_to: dict[str, int] = {}
        while True:
            sent, is_drained = self._drain_some(hidden_to)
            done += sent
            if is_drained or stop_requested():
                return done

    def _drain_some(self, hidden_to: dict[str, int]) -> tuple[int, bool]:
        """Send deletions, what is hidden, and some chunks; return how much, and whether it is all.

        `hidden_to` tells, by index, up to which version what is hidden was sent.
        """
        deletions = list(self._deletions().order_by("pk")[: CHUNK * 10])
        targets = self.targets()  # asked for after the deletions: see `_register`
        if not targets:
            return 0, True
        if deletions:
            items = self._ended({deletion.thing_key: deletion.version for deletion in deletions})
            for target in targets:
                send(self.client, target.alias, items, refresh=True)
            LibraryDeletion.objects.filter(pk__in=[one.pk for one in deletions]).delete()
            engine_log.note(self.contents.sent, len(deletions))
        done, is_drained = len(deletions), True
        for target in targets:
            name = target.state.name
            if self._after(target.state)[CHUNK:].exists():
                hidden_to[name] = self._hide(target, hidden_to.get(name, target.state.version - 1))
            sent, is_last = self._drain_rows(target)
            done, is_drained = done + sent, is_drained and is_last
        clock = _clock()  # nothing newer was sent
        for target in targets:
            mark(self.client, target.alias, clock)
        return done, is_drained

    def _hide(self, target: Target, after: int) -> int:
        """Send what waits and the public may not see, above a version; return up to which."""
        clock = _clock()
        rows = self.contents.hidden(self._after(target.state).filter(version__gt=after))
        things = list(
            dict.fromkeys(rows.order_by("version", "pk").values_list("thing_key", flat=True))
        )
        for start in range(0, len(things), CHUNK):
            found = self.contents.documents(things[start : start + CHUNK])
            send(self.client, target.alias, found, refresh=start + CHUNK >= len(things))
        return clock

    def targets(self) -> list[Target]:
        """Return the serving index and the one being filled, as far as the database knows them.

        An index that was fed further than the table has come is of a later state of it: the
        database was put back. It is removed, and the database answers until there is a new one.
        """
        with failures():
            present = self.indexes.present()
        states = {state.name: state for state in self._states()}
        fed = marked(self.client, self.indexes.alias) if present.serving in states else 0
        clock = _clock()  # after all that it is compared with: other workers feed, too
        found = []
        for name, alias in (
            (present.serving, self.indexes.alias),
            (present.filling, self.indexes.filling_alias),
        ):
            state = states.pop(name or "", None)
            if state is None:
                continue
            serves = alias == self.indexes.alias
            if state.version > clock or (serves and fed > clock):
                logger.error("Index %s is ahead of the table, which was put back; removed.", name)
                with failures():
                    self.indexes.remove(state.name)
                state.delete()
                continue
            if state.is_serving != serves:  # whoever switched it did not live to say so
                state.is_serving = serves
                EngineIndex.objects.filter(pk=state.pk).update(is_serving=serves)
            found.append(Target(state, alias))
        for state in states.values():
            # Its data is gone from Elasticsearch, or whoever registered it made none.
            if state.is_serving or state.touched_at < timezone.now() - FILLING_LEASE:
                state.delete()
        return found

    def _drain_rows(self, target: Target) -> tuple[int, bool]:
        """Send some chunks of the rows that wait; return how many rows, and whether it is all."""
        done = 0
        state = target.state
        for _number in range(CHUNKS_IN_A_ROW):
            rows = list(
                self._after(state)
                .order_by("version", "pk")
                .values_list("version", "pk", "thing_key")[:CHUNK]
            )
            if not rows:
                return done, True
            things = list(dict.fromkeys(key for _version, _pk, key in rows))
            is_last = len(rows) < CHUNK
            send(self.client, target.alias, self.contents.documents(things), refresh=is_last)
            state.version, state.entry_id, _key = rows[-1]
            _before(state).update(version=state.version, entry_id=state.entry_id)
            done += len(rows)
            engine_log.note(self.contents.sent, len(rows))
            if is_last or stop_requested():
                return done, is_last
        return done, False

    def resend(self, things: Sequence[uuid.UUID]) -> int:
        """Send these things anew to the serving index, whatever versions it has of them."""
        with transaction.atomic():
            version = LibraryClock.draw()
        for start in range(0, len(things), CHUNK):
            items = self._ended(dict.fromkeys(things[start : start + CHUNK], version))
            send(self.client, self.indexes.alias, items, refresh=True)
        return len(things)

    def mend(self) -> int:
        """Send anew what differs from the table; return how many things did."""
        self.look()
        self.keep()
        with failures():
            return self.resend(compare(self.client, self.indexes.alias, self.contents).things)

    def rewind(self) -> bool:
        """Let what the serving index does not say it was fed be sent anew; return whether it is so.

        Its own mark tells: it is below the cursor where the index was emptied or put back.
        """
        state = self._serving_state()
        fed = marked(self.client, self.indexes.alias) if state else 0
        if state is None or fed >= state.version:
            return False
        logger.warning("Index %s was fed less far than was noted; it is sent anew.", state.name)
        EngineIndex.objects.filter(pk=state.pk).update(version=fed, entry_id=0)
        return True

    # A new index -----------------------------------------------------------------------------

    def rebuild(self, progress: Progress = lambda done, total: None) -> bool:
        """Fill a new index from the table and let it serve; return whether it came to its end.

        A rebuild that was broken off goes on where it was. Memory does not grow with the table:
        a chunk is read while the one before is sent. The outbox keeps going meanwhile.
        """
        state = self._resumed() or self._register()
        total = self.contents.rows().values("thing_key").distinct().count()
        with ThreadPoolExecutor(1) as sender:
            sent: Future[int] | None = None
            keys: Sequence[uuid.UUID] = ()
            while True:
                following = self._things_after(keys[-1] if keys else state.streamed_to)
                built = self.contents.documents(following)
                if sent is not None:
                    sent.result()
                    state.streamed += len(keys)
                    state.streamed_to = keys[-1]
                    state.save(update_fields=["streamed", "streamed_to", "touched_at"])
                    progress(state.streamed, total)
                if not following:
                    break
                if stop_requested():
                    return False
                sent, keys = sender.submit(self._fill, built), following
        self._catch_up(state)
        with failures():
            self.client.indices.refresh(index=self.indexes.filling_alias)
            self.indexes.switch(state.name)
        with transaction.atomic():
            EngineIndex.objects.filter(pk=state.pk).update(is_serving=True)
            others = EngineIndex.objects.exclude(pk=state.pk)
            gone = [other.pk for other in others if self.indexes.owns(other.name)]
            EngineIndex.objects.filter(pk__in=gone).delete()
        logger.info("Index %s serves: %s things.", state.name, state.streamed)
        return True

    def _is_being_filled(self) -> bool:
        """Whether another process was filling a new index a moment ago."""
        lately = timezone.now() - FILLING_LEASE
        return self._states().filter(is_serving=False, touched_at__gt=lately).exists()

    def _fill(self, built: Sequence[Document]) -> int:
        return send(self.client, self.indexes.filling_alias, built)

    def _catch_up(self, state: EngineIndex) -> None:
        """Send what was written while the index was filled."""
        state.refresh_from_db()
        while not stop_requested() and self._after(state).exists():
            self._drain_rows(Target(state, self.indexes.filling_alias))
        self.drain()

    def _things_after(self, key: uuid.UUID | None) -> list[uuid.UUID]:
        rows = self.contents.rows().order_by("thing_key")
        things = rows.values_list("thing_key", flat=True)
        if key is not None:
            things = things.filter(thing_key__gt=key)
        return list(things.distinct()[:CHUNK])

    def _resumed(self) -> EngineIndex | None:
        """Return the index that a broken rebuild left, if it can be gone on with."""
        with failures():
            name = self.indexes.present().filling
        if name is None:
            return None
        state = self._states().filter(name=name).first()
        if state is None:  # it was never registered, or is of another database
            with failures():
                self.indexes.remove(name)
        return state

    def _register(self) -> EngineIndex:
        """Make a new index; its outbox begins now.

        The clock is drawn from: a transaction that deletes rows either has committed by then, and
        is seen, or finds the index registered and notes what it deletes. And of two workers that
        find no index one is first: two that are filled at once could not be told apart.
        """
        with transaction.atomic():
            version = LibraryClock.draw()
            if self._is_being_filled():
                raise EngineUnavailable("another process has begun to build the index")
            name = self.indexes.new_name()
            state = EngineIndex.objects.create(
                name=name, version=version, holds=self.contents.holds
            )
        try:
            with failures():
                self.indexes.create(name)
        except EngineUnavailable:
            state.delete()
            raise
        return state

    def _states(self) -> QuerySet[EngineIndex]:
        return EngineIndex.objects.filter(name__startswith=f"{self.indexes.alias}-")

    def _serving_state(self) -> EngineIndex | None:
        return self._states().filter(is_serving=True).first()

    def _deletions(self) -> QuerySet[LibraryDeletion]:
        return LibraryDeletion.objects.filter(holds=self.contents.holds)

    def _after(self, state: EngineIndex) -> QuerySet[Any]:
        """Return the rows that the index was not sent as they are."""
        rows = self.contents.rows().filter(version__gte=state.version)
        return rows.filter(Q(version__gt=state.version) | Q(pk__gt=state.entry_id))

    def _ended(self, versions: dict[uuid.UUID, int]) -> list[Document | Gone]:
        """Return what is to be sent of things that lost a row: what is left, or that nothing is."""
        found = self.contents.documents(list(versions))
        left = {document.thing_key: document for document in found}
        items: list[Document | Gone] = []
        for key, version in versions.items():
            if document := left.get(key):
                newest = max(version, document.version)
                items.append(Document(key, newest, document.text, document.rows))
            else:
                items.append(Gone(key, version))
        return items


def _clock() -> int:
    return LibraryClock.objects.values_list("value", flat=True).first() or 0


def _before(state: EngineIndex) -> QuerySet[EngineIndex]:
    """Return the state in the database, unless somebody else has brought it further."""
    return EngineIndex.objects.filter(
        Q(version__lt=state.version) | Q(version=state.version, entry_id__lt=state.entry_id),
        pk=state.pk,
    )
