"""Which facts the public may see, and where: the door for other apps, API and feeds."""

from partnerships.presentation.public import PageLink, PublicScope, page_links

__all__ = ["PageLink", "PublicScope", "page_links"]
