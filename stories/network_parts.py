"""Which parts of a page are for the network alone, and what the public is told instead.

Everything is public but what its Partnership marks (docs/adr/0013). The public sees that such parts
exist and how to ask for access; the page's `network/` address shows them. Texts for the library,
documents and previews ask the same `closed_parts`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from portal.network_address import NETWORK_PATH, NetworkAddressMixin
from portal.visibility import NETWORK
from stories.enums import NetworkPart


def default_network_parts() -> list[str]:
    """Return what a new practice keeps for the network until its Partnership says otherwise."""
    return [NetworkPart.BUDGET.value, NetworkPart.CONTACT.value, NetworkPart.FORMS.value]


class NetworkPartsMixin(NetworkAddressMixin):
    """A page of which some parts are for the network alone.

    `part_fields` names the fields of each part that can be closed. The context has `closed`, the
    parts that this reader does not see, and `reserved`, those that the public does not see.
    """

    part_fields: ClassVar[Mapping[str, Sequence[str]]]

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """A revision from before parts could be kept keeps what the page does (migration 0007)."""
        if hasattr(self, "network_parts"):
            content = {"network_parts": list(self.network_parts), **content}
        return super().with_content_json(content)

    preview_modes: ClassVar[list[tuple[str, Any]]] = [
        ("", _("As everybody sees it")),
        ("network", _("As the network sees it")),
    ]

    @property
    def closed_parts(self) -> frozenset[str]:
        """The parts that are marked for the network, filled or not."""
        raise NotImplementedError

    def has_part(self, part: str) -> bool:
        """Whether there is anything in a part."""
        return any(bool(getattr(self, name)) for name in self.part_fields[part])

    @property
    def reserved_parts(self) -> frozenset[str]:
        """The parts for the network that have something in them."""
        return frozenset(part for part in self.closed_parts if self.has_part(part))

    def network_fields(self) -> frozenset[str]:
        """Return the fields whose words and files nothing public may hold."""
        return fields_of(self.part_fields, self.closed_parts)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add which parts are not shown, and where the network sees them."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["reserved"] = context["closed"] = self.reserved_parts
        context["network_address"] = NETWORK_PATH
        return context

    def network_context(self) -> dict[str, Any]:
        """Return the same with nothing left out, and the names of what others don't see."""
        kept = self.reserved_parts
        labels = [part.label for part in NetworkPart if part.value in kept]
        return {**super().network_context(), "closed": frozenset(), "kept_labels": labels}

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show an editor the page of either reader."""
        if mode_name == "network":
            return self.network_response(request, NETWORK)
        response: HttpResponse = super().serve_preview(request, mode_name)
        return response


def fields_of(part_fields: Mapping[str, Sequence[str]], parts: Collection[str]) -> frozenset[str]:
    """Return the fields of some parts."""
    return frozenset(name for part in parts for name in part_fields.get(part, ()))
