"""Which index serves and which is being filled: two aliases tell, one request switches.

The aliases carry the digest of the mapping, so that code never searches an index that was made for
other code; while a new version starts, the old one keeps its own.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass

from elasticsearch import Elasticsearch

from .client import failures, understood
from .contents import TEXTS_OF_ROWS, Contents

#: The setting that says how often an index looks for what is new.
REFRESH = "refresh_interval"


@dataclass(frozen=True, slots=True)
class Present:
    """The indexes that stand behind the aliases, if any."""

    serving: str | None = None
    filling: str | None = None


class Indexes:
    """The indexes of one library that hold the same, told from others by `prefix`."""

    def __init__(
        self, client: Elasticsearch, prefix: str, contents: Contents = TEXTS_OF_ROWS
    ) -> None:
        self.client = client
        self.prefix = prefix
        self.contents = contents
        self.alias = f"{prefix}-{contents.infix}{contents.digest}"
        self.filling_alias = f"{self.alias}-next"

    def present(self) -> Present:
        """Return what stands behind the aliases now."""
        found = self.client.indices.get_alias(name=f"{self.alias}*").body
        with understood():
            by_alias = {alias: name for name, told in found.items() for alias in told["aliases"]}
        return Present(by_alias.get(self.alias), by_alias.get(self.filling_alias))

    def serves(self, timeout: float) -> bool:
        """Whether an index serves; raises EngineUnavailable after so many seconds."""
        soon = self.client.options(request_timeout=timeout)
        with failures():
            present = Indexes(soon, self.prefix, self.contents).present()
        return present.serving is not None

    def new_name(self) -> str:
        """Return a name that no index had yet."""
        return f"{self.alias}-{int(time.time())}-{secrets.token_hex(3)}"

    def create(self, name: str) -> None:
        """Make an empty index, to be filled: without a look at what is new until it serves."""
        self.client.indices.create(
            index=name,
            mappings=self.contents.mapping(),
            settings={**self.contents.settings(), REFRESH: "-1"},
            aliases={self.filling_alias: {"is_write_index": True}},
        )

    def switch(self, name: str) -> None:
        """Let the index `name`, which was being filled, serve; remove others that hold the same.

        Indexes of another digest go too: code that would search them falls back to the database.
        """
        actions: list[dict[str, object]] = [
            {"add": {"index": name, "alias": self.alias, "is_write_index": True}},
            {"remove": {"index": name, "alias": self.filling_alias, "must_exist": True}},
        ]
        others = [other for other in self.names() if other != name]
        actions += [{"remove_index": {"index": other}} for other in others]
        refresh = {REFRESH: self.contents.settings()[REFRESH]}
        self.client.indices.put_settings(index=name, settings=refresh)
        self.client.indices.update_aliases(actions=actions)

    def names(self) -> list[str]:
        """Return the indexes of this library that hold the same, whatever code made them."""
        found = self.client.indices.get(index=f"{self.prefix}-*", filter_path="*.aliases").body
        return [name for name in found if self.owns(name)]

    def owns(self, name: str) -> bool:
        """Whether this is the name of an index of this library that holds the same."""
        begin = re.escape(f"{self.prefix}-{self.contents.infix}")
        ours = rf"{begin}[0-9a-f]{{10}}-\d+-[0-9a-f]{{6}}"
        return re.fullmatch(ours, name) is not None

    def remove(self, name: str) -> None:
        """Remove an index, if it is there."""
        self.client.indices.delete(index=name, ignore_unavailable=True)

    def remove_all(self) -> None:
        """Remove every index of this library that holds the same."""
        for name in self.names():
            self.remove(name)
