"""Factories of the suite, in alphabetical order; parents are made when none is given.

Pages hang in a tree a language: `language="he"` puts a page under the Hebrew front page. A
`PracticePageFactory` fills the twelve fields that the gate asks for; `bare=True` leaves them out.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from decimal import Decimal
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Locale, Page, Site
from wagtail_factories import ImageFactory as WagtailImageFactory
from wagtail_factories import PageFactory

from home.models import HomePage, StandardPage
from partnerships.enums import PARTNERSHIP_ROLES, Role, Side
from partnerships.models import (
    BudgetShare,
    Committee,
    Community,
    CommunityIndexPage,
    CommunityPage,
    Event,
    EventPage,
    Figure,
    Membership,
    ParticipationRow,
    Partnership,
    PartnershipIndexPage,
    PartnershipKind,
    PartnershipPage,
    Program,
    ProgramIndexPage,
    ProgramPage,
    RoleAssignment,
    SchoolTwin,
    WayToTakePart,
)
from portal.models import Concept, PortalDocument, PortalImage, User
from portal.models.images import ConsentState, PeopleShown
from search.models import ExchangeRate, LibraryIndexPage
from stories.models import ChallengePage, PracticePage, ResourcePage, StoryPage


def locale_of(language: str) -> Locale:
    """Return the locale, made when it is missing."""
    return Locale.objects.get_or_create(language_code=language)[0]


def home_page(language: str = "en") -> HomePage:
    """Return the front page of a language, made (with the default site) when it is missing."""
    found = HomePage.objects.filter(locale__language_code=language).first()
    return found or HomePageFactory(language=language)


def _twin_that_came_by_itself(model_class: Any, kwargs: dict[str, Any]) -> Any:
    """Return the skeleton page of this language that stands for what is asked for, if any."""
    if not model_class.is_skeleton:
        return None
    pages = model_class.objects.filter(locale=kwargs["locale"])
    if fact_field := getattr(model_class, "fact_field", ""):
        pages = pages.filter(**{fact_field: kwargs[fact_field]})
    return pages.first()


class PortalPageFactory(PageFactory):
    """Base of the page factories: `language` says in which tree.

    A skeleton page that came by itself with its twin (`portal.services.language_tree`) is taken
    and given the wanted fields.
    """

    class Meta:
        abstract = True

    class Params:
        language = "en"

    @classmethod
    def _create_instance(cls, model_class: Any, parent: Page, kwargs: dict[str, Any]) -> Any:
        page = _twin_that_came_by_itself(model_class, kwargs)
        if page is None:
            return super()._create_instance(model_class, parent, kwargs)
        for name, value in kwargs.items():
            setattr(page, name, value)
        page.save()
        return page

    title = factory.Sequence(lambda n: f"Page {n}")
    slug = factory.Sequence(lambda n: f"page-{n}")
    locale = factory.LazyAttribute(lambda obj: locale_of(obj.language))
    parent = factory.LazyAttribute(lambda obj: home_page(obj.language))


class BudgetShareFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BudgetShare

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    year = factory.Sequence(lambda n: 1994 + n % 100)
    goal = "personal_connections"
    percent = "40.00"


class ChallengePageFactory(PortalPageFactory):
    class Meta:
        model = ChallengePage

    title = factory.Sequence(lambda n: f"Challenge {n}")
    summary = "Teens stop writing to each other after a month."
    problem = "<p>They meet for a week, and then it is quiet.</p>"
    parent = factory.LazyAttribute(lambda obj: PartnershipPageFactory(language=obj.language))


class CommitteeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Committee

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    kind = "joint_steering"
    name = factory.Sequence(lambda n: {"en": f"Committee {n}", "he": f"ועדה {n}"})


class CommunityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Community

    slug = factory.Sequence(lambda n: f"community-{n}")
    name = factory.Sequence(lambda n: {"en": f"Community {n}", "he": f"קהילה {n}"})
    country_code = "US"
    time_zone = "America/New_York"


class CommunityIndexPageFactory(PortalPageFactory):
    class Meta:
        model = CommunityIndexPage

    title = "Communities"
    slug = "communities"


class CommunityPageFactory(PortalPageFactory):
    class Meta:
        model = CommunityPage

    community = factory.SubFactory(CommunityFactory)
    title = factory.LazyAttribute(lambda obj: obj.community.name[obj.language])
    slug = factory.SelfAttribute("community.slug")
    parent = factory.LazyAttribute(
        lambda obj: (
            CommunityIndexPage.objects.filter(locale=obj.locale).first()
            or CommunityIndexPageFactory(language=obj.language)
        )
    )


class ConceptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Concept
        django_get_or_create = ("key",)

    key = factory.Sequence(lambda n: f"concept_{n}")
    kind = "topic"
    label = factory.LazyAttribute(lambda obj: {"en": obj.key.title(), "he": f"נושא {obj.key}"})


class DocumentFactory(factory.django.DjangoModelFactory):
    """A file; `content` (bytes) and `name` say which. It is read when the caller's task runs."""

    class Meta:
        model = PortalDocument

    class Params:
        content = b"Twelve families cooked soup."
        name = "letter.txt"

    title = factory.Sequence(lambda n: f"Document {n}")
    file = factory.LazyAttribute(lambda obj: ContentFile(obj.content, name=obj.name))
    file_hash = factory.LazyAttribute(
        lambda obj: hashlib.sha1(obj.content, usedforsecurity=False).hexdigest()
    )


class EventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Event

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    name = factory.Sequence(lambda n: {"en": f"Event {n}", "he": f"אירוע {n}"})
    starts_at = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=30))


class EventPageFactory(PortalPageFactory):
    class Meta:
        model = EventPage

    event = factory.SubFactory(EventFactory)
    title = factory.LazyAttribute(lambda obj: obj.event.name[obj.language])
    parent = factory.LazyAttribute(
        lambda obj: page_of(obj.event.partnership, language=obj.language)
    )


class ExchangeRateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ExchangeRate

    currency = factory.Sequence(lambda n: f"A{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}")
    per_euro = Decimal("2.5")
    as_of = datetime.date(2025, 1, 31)
    source = "A bank"


class FigureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Figure

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    key = factory.Sequence(lambda n: f"figure-{n}")
    value = "46"
    label = {"en": "host families", "he": "משפחות מארחות"}
    as_of = datetime.date(2020, 1, 1)


class HomePageFactory(PortalPageFactory):
    class Meta:
        model = HomePage
        skip_postgeneration_save = True

    title = factory.LazyAttribute(lambda obj: {"he": "שותפות ביחד"}.get(obj.language, "Home"))
    slug = factory.SelfAttribute("language")
    parent = factory.LazyFunction(lambda: Page.objects.get(depth=1))

    @factory.lazy_attribute
    def translation_key(self) -> uuid.UUID:
        """Front pages share the key of the default site's, as translations do."""
        root = HomePage.objects.filter(sites_rooted_here__is_default_site=True).first()
        return root.translation_key if root else uuid.uuid4()

    @factory.post_generation
    def site(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Hang the default site on the first front page."""
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            Site.objects.create(hostname="localhost", port=80, root_page=self, is_default_site=True)
        elif not HomePage.objects.filter(pk=site.root_page_id).exists():
            site.root_page = self
            site.save()


class ImageFactory(WagtailImageFactory):
    class Meta:
        model = PortalImage

    title = factory.Sequence(lambda n: f"Picture {n}")
    people_shown = PeopleShown.ADULTS
    consent_state = ConsentState.GRANTED


class LibraryIndexPageFactory(PortalPageFactory):
    class Meta:
        model = LibraryIndexPage

    title = "Library"
    slug = "library"


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    community = factory.SubFactory(CommunityFactory)
    side = factory.LazyAttribute(
        lambda obj: Side.ISRAEL if obj.community.country_code == "IL" else Side.DIASPORA
    )


class ParticipationRowFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ParticipationRow

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    year = factory.Sequence(lambda n: 1994 + n % 100)
    side = Side.ISRAEL
    mode = "in_person"
    count = 30
    method = "counted"


class PartnershipFactory(factory.django.DjangoModelFactory):
    """A Partnership; `with_members` gives it a community on each side."""

    class Meta:
        model = Partnership
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"partnership-{n}")
    name = factory.Sequence(lambda n: {"en": f"Partnership {n}", "he": f"שותפות {n}"})
    kind = factory.LazyFunction(lambda: PartnershipKindFactory())

    @factory.post_generation
    def with_members(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Add a place in Israel and a community abroad."""
        if create and extracted:
            for country in ("IL", "US"):
                MembershipFactory(
                    partnership=self, community=CommunityFactory(country_code=country)
                )


class PartnershipIndexPageFactory(PortalPageFactory):
    class Meta:
        model = PartnershipIndexPage

    title = "Partnerships"
    slug = "partnerships"


class PartnershipKindFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PartnershipKind
        django_get_or_create = ("key",)

    key = "city_to_city"
    label = {"en": "City to city", "he": "עיר לעיר"}


class PartnershipPageFactory(PortalPageFactory):
    class Meta:
        model = PartnershipPage

    partnership = factory.SubFactory(PartnershipFactory)
    title = factory.LazyAttribute(lambda obj: obj.partnership.name[obj.language])
    slug = factory.SelfAttribute("partnership.slug")
    parent = factory.LazyAttribute(
        lambda obj: (
            PartnershipIndexPage.objects.filter(locale=obj.locale).first()
            or PartnershipIndexPageFactory(language=obj.language)
        )
    )


def page_of(partnership: Partnership, language: str = "en") -> PartnershipPage:
    """Return the Partnership's page in a language, made when it is missing.

    Its pages in all languages share a translation key, as `ensure_language_tree` makes them.
    """
    pages = PartnershipPage.objects.filter(partnership=partnership)
    found = pages.filter(locale__language_code=language).first()
    if found:
        return found
    twin = pages.first()
    shared = {"translation_key": twin.translation_key} if twin else {}
    return PartnershipPageFactory(partnership=partnership, language=language, **shared)


class PracticePageFactory(PortalPageFactory):
    """A practice that may be public; `bare=True` leaves the twelve fields out."""

    class Meta:
        model = PracticePage

    class Params:
        bare = factory.Trait(
            live=False,
            problem="",
            audience="",
            steps=[],
            roles=[],
            costs=[],
            lead_time_weeks=None,
            duration_days=None,
            results=[],
            difficulties=[],
            must_keep="",
            may_change="",
            safeguarding="",
            resources=[],
            contact_role="",
        )

    title = factory.Sequence(lambda n: f"Practice {n}")
    network_parts: list[str] = []
    summary = "Two classes cook the same soup in two kitchens."
    problem = "<p>The classes met once and then forgot each other.</p>"
    audience = "classes of the sixth year and their teachers"
    steps = [
        {
            "type": "step",
            "value": {
                "title": "Choose a recipe",
                "text": "<p>Each class sends three.</p>",
                "side": "both",
                "weeks_before": 6,
                "duration": "a week",
                "materials": "a shared document",
                "tip": "Ask the grandparents.",
            },
        }
    ]
    roles = [
        {
            "type": "role",
            "value": {"side": "israel", "role": "teacher", "people": 1, "hours": 20},
        }
    ]
    costs = [
        {
            "type": "cost",
            "value": {
                "category": "materials",
                "item": "vegetables",
                "payer": "israel",
                "amount": "120.00",
                "currency": "ILS",
                "year": 2024,
                "is_each_run": True,
                "is_in_kind": False,
            },
        }
    ]
    lead_time_weeks = 8
    duration_days = 1
    results = [
        {
            "type": "result",
            "value": {
                "indicator": "pupils who still write",
                "baseline": "2 of 30",
                "after": "17 of 30",
                "method": "counted by the teachers",
            },
        }
    ]
    difficulties = [
        {
            "type": "difficulty",
            "value": {"difficulty": "Time zones", "answer": "<p>One class came early.</p>"},
        }
    ]
    must_keep = "<p>Both classes cook at the same hour.</p>"
    may_change = "<p>The recipe.</p>"
    safeguarding = "<p>Parents agree in writing to the video call.</p>"
    resources = [
        {"type": "resource", "value": {"title": "Letter to parents", "note": "from the contact"}}
    ]
    contact_role = "coordinator of school twinning"
    parent = factory.LazyAttribute(lambda obj: PartnershipPageFactory(language=obj.language))


class ProgramFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Program

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    slug = factory.Sequence(lambda n: f"program-{n}")
    name = factory.Sequence(lambda n: {"en": f"Program {n}", "he": f"תוכנית {n}"})


class ProgramIndexPageFactory(PortalPageFactory):
    class Meta:
        model = ProgramIndexPage

    title = "Programs"
    slug = "programs"


class ProgramPageFactory(PortalPageFactory):
    class Meta:
        model = ProgramPage

    program = factory.SubFactory(ProgramFactory)
    title = factory.LazyAttribute(lambda obj: obj.program.name[obj.language])
    slug = factory.SelfAttribute("program.slug")
    parent = factory.LazyAttribute(
        lambda obj: page_of(obj.program.partnership, language=obj.language)
    )


class ResourcePageFactory(PortalPageFactory):
    class Meta:
        model = ResourcePage

    title = factory.Sequence(lambda n: f"Resource {n}")
    summary = "A checklist for host families."
    address = "https://example.org/checklist"
    parent = factory.LazyAttribute(lambda obj: PartnershipPageFactory(language=obj.language))


class RoleAssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RoleAssignment

    user = factory.LazyFunction(lambda: UserFactory())
    role = Role.EDITOR
    partnership = factory.LazyAttribute(
        lambda obj: PartnershipFactory() if obj.role in PARTNERSHIP_ROLES else None
    )


class SchoolTwinFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SchoolTwin

    partnership = factory.LazyFunction(lambda: PartnershipFactory())
    israel_school = factory.Sequence(lambda n: {"en": f"School {n} in Israel"})
    diaspora_school = factory.Sequence(lambda n: {"en": f"School {n} abroad"})
    level = "primary"


class StandardPageFactory(PortalPageFactory):
    class Meta:
        model = StandardPage


class StoryPageFactory(PortalPageFactory):
    class Meta:
        model = StoryPage

    title = factory.Sequence(lambda n: f"Story {n}")
    summary = "Twelve families cooked together on a Sunday."
    body = [{"type": "paragraph", "value": "<p>It smelled of cumin in two time zones.</p>"}]
    parent = factory.LazyAttribute(lambda obj: PartnershipPageFactory(language=obj.language))


class UserFactory(factory.django.DjangoModelFactory):
    """An account; `password` (default "correct horse battery") signs in."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person-{n}@example.org")
    password = factory.django.Password("correct horse battery")


class WayToTakePartFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WayToTakePart

    program = factory.SubFactory(ProgramFactory)
    kind = "host"
    title = factory.Sequence(lambda n: {"en": f"Way {n}", "he": f"דרך {n}"})
