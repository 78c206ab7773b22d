"""What stands round every page: navigation, the languages of this page, the footer's links.

Read from the page tree of the reader's language, in a fixed number of queries, for the public:
nothing here looks at user, session or cookies.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language
from wagtail.models import Page, Site
from wagtail.query import PageQuerySet

from portal.fields import text_direction
from portal.fixed_addresses import HOME_DEPTH
from portal.models import PortalPage
from portal.visibility import hidden_prefixes, outside


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A link to a page that stands right under the front page."""

    title: str
    url: str
    kind: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """Where a language of the portal is to be read from here.

    `is_translation` is false where this page does not exist in that language and the link leads to
    the front page instead.
    """

    code: str
    name: str
    direction: str
    url: str
    is_current: bool
    is_translation: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What `base.html` draws round the content.

    `main` holds the live index pages, `more` the other live pages under the front page;
    `addresses` maps a page type ("partnershipindexpage") to the address of its index.
    """

    home_url: str = ""
    main: list[NavigationLink] = field(default_factory=list)
    more: list[NavigationLink] = field(default_factory=list)
    languages: list[LanguageLink] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def alternates(self) -> list[LanguageLink]:
        """The languages in which this very page is there (for `hreflang`)."""
        return [link for link in self.languages if link.is_current or link.is_translation]

    @property
    def other_languages(self) -> list[LanguageLink]:
        """The languages one can switch to."""
        return [link for link in self.languages if not link.is_current]


def build_frame(
    request: HttpRequest, page: Page | None = None, *, is_in_every_language: bool = False
) -> Frame:
    """Return the frame of `page`, or of an address that is no page (four queries, Site aside).

    `is_in_every_language`: this address, which is no page, answers below each language's prefix.
    """
    site = Site.find_for_request(request)
    if site is None:
        return Frame(languages=_languages([], None, {}))
    language = get_language() or settings.LANGUAGE_CODE
    hidden = outside(hidden_prefixes())
    wanted = Q(translation_key=site.root_page.translation_key, depth=HOME_DEPTH)
    if page is not None and page.pk:
        wanted |= Q(translation_key=page.translation_key)
    twins = list(
        Page.objects.live().filter(wanted).filter(hidden).select_related("locale").order_by("depth")
    )
    homes = {
        twin.locale.language_code: twin
        for twin in twins
        if twin.translation_key == site.root_page.translation_key
    }
    home = homes.get(language)
    links, addresses = _links(request, home, page, hidden)
    own_key = page.translation_key if page is not None else None
    languages = _languages(
        [twin for twin in twins if twin.translation_key == own_key], request, homes
    )
    if is_in_every_language:
        languages = [
            replace(link, url=translate_url(request.path, link.code), is_translation=True)
            for link in languages
        ]
    return Frame(
        home_url=(home.get_url(request) or "") if home else f"/{language}/",
        main=[link for link, is_index in links if is_index],
        more=[link for link, is_index in links if not is_index],
        languages=languages,
        addresses=addresses,
    )


def _links(
    request: HttpRequest, home: Page | None, page: Page | None, hidden: Q
) -> tuple[list[tuple[NavigationLink, bool]], dict[str, str]]:
    """Return the links under the front page, each with whether it is an index, and addresses."""
    links: list[tuple[NavigationLink, bool]] = []
    addresses: dict[str, str] = {}
    if home is None:
        return links, addresses
    for child in pages_right_below(home).live().filter(hidden).order_by("path"):
        model = child.specific_class
        if model is None or not issubclass(model, PortalPage):
            continue
        kind = model._meta.model_name or ""
        url = child.get_url(request) or ""
        if model.is_skeleton:
            addresses[kind] = url
        is_current = bool(page is not None and page.path and page.path.startswith(child.path))
        links.append((NavigationLink(child.title, url, kind, is_current), model.is_skeleton))
    return links, addresses


def pages_right_below(parent: Page) -> PageQuerySet:
    """Return the pages right below `parent` (one query beside the result's).

    By their very paths: `child_of` looks at all that lies below, and below a front page that is the
    whole network (70 ms with 100,000 pages on SQLite, for each public page).
    """
    interval = Page._get_children_path_interval(parent.path)
    below = Page.objects.filter(path__range=interval).order_by("-path")
    last = below.values_list("path", flat=True).first()  # of the last child, or below it
    if last is None:
        return Page.objects.none()
    begin = len(parent.path)
    steps = Page._str2int(last[begin : begin + Page.steplen])
    paths = [Page._get_path(parent.path, parent.depth + 1, step + 1) for step in range(steps)]
    return Page.objects.filter(path__in=paths)


def _languages(
    twins: list[Page], request: HttpRequest | None, homes: dict[str, Page]
) -> list[LanguageLink]:
    """Return a link a language: to the twin of this page, else to that language's front page."""
    current = get_language() or settings.LANGUAGE_CODE
    by_language = {twin.locale.language_code: twin for twin in twins}
    links = []
    for code, name in settings.LANGUAGES:
        twin = by_language.get(code)
        target = twin or homes.get(code)
        links.append(
            LanguageLink(
                code=code,
                name=name,
                direction=text_direction(code),
                url=(target.get_url(request) or "") if target else f"/{code}/",
                is_current=code == current,
                is_translation=twin is not None,
            )
        )
    return links
