"""The network's first load: languages, pages, site, vocabulary, facts, and a page for each fact.

Every step may run again: it adds what is missing and changes only what nobody changed since. A
stamp of the files lets a second run end at once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from home.models import HomePage
from home.services.demo.load import load_demo
from home.services.demo.reading import DEMO_DIR
from home.services.pages_load import (
    DATA_DIR,
    key_of,
    languages_first,
    load_pages,
    read_pages,
)
from partnerships.models import (
    Community,
    CommunityIndexPage,
    CommunityPage,
    Partnership,
    PartnershipIndexPage,
    PartnershipPage,
)
from partnerships.services import network_rows
from partnerships.services.network import load_figures, load_network_facts
from portal.fields import default_language
from portal.models import LoadedRow, PortalPage
from portal.services import vocabulary_load
from portal.services.bulk_pages import BulkPageWriter
from portal.services.language_tree import ensure_language_tree, paused
from portal.services.loading import LoadReport

Say = Callable[[str], None]

#: Raised when the code of the load changes what it makes of the same files.
VERSION = 1
WELCOME_SLUG = "home"
DEFAULT_PORTS = {"http": 80, "https": 443}


def load_network(say: Say = lambda text: None, *, again: bool = False) -> bool:
    """Load the network of Partnerships; returns whether there was anything to do.

    `again` loads although the files are those of the last time. `say` gets a line a step. Killed in
    the middle, the next run goes on: each step writes in short transactions.
    """
    stamp = _digest(
        [vocabulary_load.CONCEPTS_FILE, *_files(network_rows.DATA_DIR), *_files(DATA_DIR)],
        str(VERSION),
        settings.BASE_URL,
        repr(settings.LANGUAGES),
    )
    if _stamped("network") == stamp and not again:
        return False
    rows = network_rows.read_network()
    with paused():
        locales = languages_first()
        say(f"pages of the site: {load_pages(read_pages())}")
        set_site()
        say(f"concepts: {vocabulary_load.load_concepts()}")
        load_network_facts(rows, say)
        figures = yaml.safe_load((DATA_DIR / "figures.yaml").read_text(encoding="utf-8"))
        say(f"figures: {load_figures(figures)}")
        partnerships = Partnership.objects.filter(slug__in=rows.partnerships)
        communities = Community.objects.filter(slug__in=rows.communities)
        pages = load_fact_pages(PartnershipPage, PartnershipIndexPage, partnerships, locales)
        say(f"pages of Partnerships: {pages}")
        pages = load_fact_pages(CommunityPage, CommunityIndexPage, communities, locales)
        say(f"pages of communities: {pages}")
    for locale in locales:
        ensure_language_tree(locale)
    _set_stamp("network", stamp)
    return True


def load_demonstration(say: Say = lambda text: None, *, again: bool = False) -> bool:
    """Load the demonstration unless its files are those of the last time; returns whether it did.

    Once removed (`remove_demo`) it comes back only with `again`, or when its files change.
    """
    stamp = _digest(_files(DEMO_DIR), str(VERSION))
    if _stamped("demo") == stamp and not again:
        return False
    load_demo(say=say)
    _set_stamp("demo", stamp)
    return True


def set_site() -> None:
    """Let the default site show the front page at BASE_URL; Wagtail's welcome page goes."""
    home = HomePage.objects.filter(locale=Locale.get_default()).order_by("pk").first()
    if home is None:
        return
    address = urlsplit(settings.BASE_URL)
    with transaction.atomic():
        site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
        site.hostname = address.hostname or "localhost"
        site.port = address.port or DEFAULT_PORTS.get(address.scheme, 80)
        site.site_name = site.site_name or settings.SITE_NAME
        if site.pk is None or not isinstance(site.root_page.specific, HomePage):
            site.root_page = home
        site.save()
        welcome = Page.objects.filter(
            depth=2,
            slug=WELCOME_SLUG,
            numchild=0,
            content_type=ContentType.objects.get_for_model(Page),
        ).first()
        if welcome is not None:
            welcome.delete()
    Site.clear_site_root_paths_cache()


def load_fact_pages(
    model: type[Any],
    index_model: type[PortalPage],
    facts: Iterable[Partnership | Community],
    locales: list[Locale],
) -> LoadReport:
    """Write a page in each language for each fact that never had one.

    A page that was loaded once and then deleted stays deleted.
    """
    report = LoadReport()
    kind = model._meta.model_name
    parents = {page.locale_id: page for page in index_model.objects.all()}
    with_page = set(model.objects.values_list(f"{model.fact_field}_id", flat=True))
    known = set(LoadedRow.objects.filter(kind=kind).values_list("reference", flat=True))
    new = [fact for fact in facts if fact.pk not in with_page and fact.slug not in known]
    for locale in locales:
        parent = parents.get(locale.pk)
        if parent is None:
            continue
        with BulkPageWriter(validated=True) as writer:
            for fact in new:
                page = model(
                    title=fact.name.in_language(locale.language_code),
                    slug=fact.slug,
                    translation_key=key_of(f"{kind}/{fact.slug}"),
                    original_language=default_language(),
                    is_demo=fact.is_demo,
                    **{model.fact_field: fact},
                )
                writer.add(page, parent)
        report.created += writer.count
    LoadedRow.objects.bulk_create(
        LoadedRow(kind=kind, reference=fact.slug) for fact in facts if fact.slug not in known
    )
    return report


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(files: Iterable[Path], *more: str) -> str:
    digest = hashlib.sha256("\0".join(more).encode())
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _stamped(name: str) -> str:
    row = LoadedRow.objects.filter(kind="stamp", reference=name).first()
    return str(row.values.get("digest", "")) if row else ""


def _set_stamp(name: str, digest: str) -> None:
    LoadedRow.objects.update_or_create(
        kind="stamp",
        reference=name,
        defaults={"values": {"digest": digest}, "loaded_at": timezone.now()},
    )


def timed(say: Say) -> Say:
    """Return a `say` that adds the seconds since the last line."""
    begun = time.monotonic()

    def with_time(text: str) -> None:
        nonlocal begun
        now = time.monotonic()
        say(f"{text} ({now - begun:.1f} s)")
        begun = now

    return with_time
