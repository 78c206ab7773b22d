"""What a reader may see: one rule for listings, blocks, feeds, search and API.

A page is visible when it is live and no restriction on it or above it keeps the reader out.
Liveness is each page's own, as Wagtail serves it: a live child of an unpublished parent shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from wagtail.documents import get_document_model
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction
from wagtail.query import PageQuerySet

if TYPE_CHECKING:
    from portal.models import User


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads: nobody known, or an account with its groups."""

    user_id: int | None = None
    group_ids: frozenset[int] = frozenset()
    is_superuser: bool = False

    @property
    def is_signed_in(self) -> bool:
        """Whether the reader has an account."""
        return self.user_id is not None

    @classmethod
    def of(cls, user: User | None) -> Viewer:
        """Return the viewer for a user (anonymous and None are the public); one query at most."""
        if user is None or not user.is_authenticated:
            return PUBLIC
        return cls(
            user_id=user.pk,
            group_ids=frozenset(user.groups.values_list("pk", flat=True)),
            is_superuser=user.is_superuser,
        )


#: The reader of public pages. Public views pass this and never touch `request.user`.
PUBLIC = Viewer()
#: Anybody of the network, in no group: sees what needs nothing but to belong.
NETWORK = Viewer(user_id=0)

#: Say whether an account has a role in the network today; apps add theirs in `ready()`.
network_rules: list[Callable[[Any], bool]] = []


def belongs_to_network(user: Any) -> bool:
    """Whether `user` is signed in and has a role in force: whoever may see what is the network's.

    An account alone is not enough: it outlives the role.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or any(rule(user) for rule in network_rules)


def hidden_prefixes(viewer: Viewer = PUBLIC) -> list[str]:
    """Return the tree paths under which `viewer` may see nothing (one query, two if signed in).

    Shared passwords are not offered by the portal; if one exists, its pages are hidden.
    """
    return [restriction.page_path for restriction in _in_force(viewer)]


def hidden_pages(viewer: Viewer = PUBLIC) -> list[int]:
    """Return the ids of the pages under which `viewer` may see nothing; see `hidden_prefixes`."""
    return [restriction.page_id for restriction in _in_force(viewer)]


def _in_force(viewer: Viewer) -> list[Any]:
    """Return the restrictions that keep `viewer` out, each with its page's path.

    The path comes by a subquery: where no page is restricted, SQLite would begin a join with the
    pages, and go through all of them.
    """
    if viewer.is_superuser:
        return []
    path = Page.objects.filter(pk=OuterRef("page_id")).order_by().values("path")
    restrictions = PageViewRestriction.objects.annotate(page_path=Subquery(path))
    if viewer.is_signed_in:
        restrictions = restrictions.prefetch_related("groups")
    return [restriction for restriction in restrictions if _keeps_out(restriction, viewer)]


def _keeps_out(restriction: PageViewRestriction, viewer: Viewer) -> bool:
    kind = restriction.restriction_type
    if kind == PageViewRestriction.NONE:
        return False
    if not viewer.is_signed_in:
        return True
    if kind == PageViewRestriction.LOGIN:
        return False
    groups = {group.pk for group in restriction.groups.all()}
    return not (kind == PageViewRestriction.GROUPS and viewer.group_ids & groups)


def is_under(path: str, prefixes: Iterable[str]) -> bool:
    """Whether a tree path is one of `prefixes`, or lies under one."""
    return path.startswith(tuple(prefixes))


def outside(prefixes: list[str], field: str = "path") -> Q:
    """Return a condition that `field` (a tree path) lies under none of `prefixes`."""
    condition = Q()
    for prefix in prefixes:
        condition &= ~Q(**{f"{field}__startswith": prefix})
    return condition


def visible_pages(queryset: PageQuerySet, viewer: Viewer = PUBLIC) -> PageQuerySet:
    """Return the pages of `queryset` that `viewer` may see."""
    return queryset.live().filter(outside(hidden_prefixes(viewer)))


def open_documents() -> QuerySet:
    """Return the documents that everybody may take: no restriction on or above their collection.

    Who may see a page is no measure of who may take a file: one that is restricted in any way is
    left out, whoever asks (two queries with the result).
    """
    restrictions = CollectionViewRestriction.objects.exclude(
        restriction_type=CollectionViewRestriction.NONE
    )
    closed = list(restrictions.values_list("collection__path", flat=True))
    return get_document_model().objects.filter(outside(closed, "collection__path"))
