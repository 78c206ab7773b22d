"""The admin's screens of facts: lists, forms, choosers and deletion by rights on rows."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page
from wagtail.snippets.models import get_snippet_models

from partnerships.enums import Role
from partnerships.models import (
    BudgetShare,
    Committee,
    Community,
    CommunityVariant,
    Event,
    Figure,
    ParticipationRow,
    Partnership,
    PartnershipKind,
    Program,
    RoleAssignment,
    SchoolTwin,
)
from portal.models import Concept
from portal.permissions import row_policy
from search.models import ExchangeRate, PromotedPage, PromotedResult, PromotionPhrase
from tests.admin_forms import add_child, posted
from tests.factories import (
    BudgetShareFactory,
    CommitteeFactory,
    CommunityFactory,
    ConceptFactory,
    EventFactory,
    ExchangeRateFactory,
    FigureFactory,
    MembershipFactory,
    ParticipationRowFactory,
    PartnershipFactory,
    PartnershipKindFactory,
    ProgramFactory,
    ProgramPageFactory,
    RoleAssignmentFactory,
    SchoolTwinFactory,
    StoryPageFactory,
    UserFactory,
    WayToTakePartFactory,
    page_of,
)

pytestmark = pytest.mark.django_db


def of_partnership(factory: Any) -> Callable[[Partnership], Any]:
    return lambda partnership: factory(partnership=partnership)


def recommendation() -> PromotedResult:
    made = PromotedResult(name="Hosts")
    made.phrases = [PromotionPhrase(text="host families")]
    made.pages = [PromotedPage(page=Page.objects.get(depth=1))]
    made.save()
    return made


MAKE: dict[type[Model], Callable[[Partnership], Any]] = {
    Partnership: lambda partnership: partnership,
    Community: lambda partnership: MembershipFactory(partnership=partnership).community,
    Program: of_partnership(ProgramFactory),
    Event: of_partnership(EventFactory),
    Committee: of_partnership(CommitteeFactory),
    SchoolTwin: of_partnership(SchoolTwinFactory),
    ParticipationRow: of_partnership(ParticipationRowFactory),
    BudgetShare: of_partnership(BudgetShareFactory),
    Figure: of_partnership(FigureFactory),
    PartnershipKind: lambda partnership: PartnershipKindFactory(key=f"kind-{partnership.pk}"),
    Concept: lambda partnership: ConceptFactory(),
    ExchangeRate: lambda partnership: ExchangeRateFactory(),
    RoleAssignment: of_partnership(RoleAssignmentFactory),
    PromotedResult: lambda partnership: recommendation(),
}
#: Which of add, change and delete the admin lets a role do to rows of its own Partnership.
EVERYTHING = {"add", "change", "delete"}
OWN: dict[Role, dict[type[Model], set[str]]] = {
    Role.NETWORK_STAFF: dict.fromkeys(MAKE, EVERYTHING),
    Role.COORDINATOR: {
        Partnership: {"change"},
        Community: {"change"},
        **dict.fromkeys(
            (Program, Event, Committee, SchoolTwin, ParticipationRow, BudgetShare, Figure),
            EVERYTHING,
        ),
    },
    Role.EDITOR: dict.fromkeys((Program, Event), EVERYTHING),
}
#: What all who edit may choose, of whichever Partnership.
CHOSEN_BY_ALL = {Community, PartnershipKind, Concept}

models = pytest.mark.parametrize("model", list(MAKE), ids=lambda model: model.__name__)
working_roles = pytest.mark.parametrize("role", list(OWN))


def address(row: Any, view: str) -> str:
    """The address of a screen of a row, or of its model's list."""
    model = row if isinstance(row, type) else type(row)
    args = [] if isinstance(row, type) else [row.pk]
    return reverse(model.snippet_viewset.get_url_name(view), args=args)


def chooser(row: Any, view: str) -> str:
    model = row if isinstance(row, type) else type(row)
    args = [row.pk] if view == "chosen" else []
    return reverse(model.snippet_viewset.chooser_viewset.get_url_name(view), args=args)


def signed_in(role: Role, partnership: Partnership, **more: Any) -> Client:
    staff = role == Role.NETWORK_STAFF
    assignment = RoleAssignmentFactory(
        role=role, partnership=None if staff else partnership, **more
    )
    client = Client()
    client.force_login(assignment.user)
    client.user = assignment.user
    return client


def rows_of(response: Any) -> list[Any]:
    return list(response.context["object_list"])


def deletable(model: type[Model], role: Role, partnership: Partnership) -> Any:
    """Make a row on which nothing stands that keeps staff from deleting it."""
    if model is Community and role == Role.NETWORK_STAFF:
        return CommunityFactory()
    return MAKE[model](partnership)


def is_refused(response: Any) -> bool:
    return response.status_code == 302 and response.url == reverse("wagtailadmin_home")


def form_of(client: Client, where: str) -> Any:
    response = client.get(where)
    assert response.status_code == 200
    return response.context["form"]


def save(client: Client, where: str, **changes: Any) -> Any:
    """Open a form, change fields, and send it back."""
    return client.post(where, posted(form_of(client, where), **changes))


# Each role, each kind of fact, each screen


@models
@working_roles
def test_lists_hold_own_rows_only(model, role):
    own, other = PartnershipFactory(), PartnershipFactory()
    mine, theirs = MAKE[model](own), MAKE[model](other)
    client = signed_in(role, own)
    allowed = OWN[role].get(model, set())

    response = client.get(address(model, "list"))

    if not allowed:
        assert is_refused(response)
    else:
        listed = rows_of(response)
        assert mine in listed
        assert (theirs in listed) is (role == Role.NETWORK_STAFF)
        content = response.content.decode()
        assert (address(mine, "delete") in content) is ("delete" in allowed)


@models
@working_roles
def test_own_rows_open_and_others_do_not(model, role):
    own = PartnershipFactory()
    mine, theirs = MAKE[model](own), MAKE[model](PartnershipFactory())
    client = signed_in(role, own)
    allowed = OWN[role].get(model, set())
    staff = role == Role.NETWORK_STAFF

    views = [("edit", "change"), ("delete", "delete")]
    if role == Role.COORDINATOR:
        views += [("history", "change"), ("usage", "change")]
    for view, action in views:
        opened = client.get(address(mine, view))
        assert (opened.status_code == 200) is (action in allowed), (view, "own")
        opened = client.get(address(theirs, view))
        assert (opened.status_code == 200) is staff, (view, "other")
        assert staff or is_refused(opened)


@models
@working_roles
def test_own_rows_are_saved_and_others_are_not(model, role):
    own = PartnershipFactory()
    mine, theirs = MAKE[model](own), MAKE[model](PartnershipFactory())
    client = signed_in(role, own)
    as_shown = signed_in(Role.NETWORK_STAFF, own)
    allowed = OWN[role].get(model, set())

    for row, may_save in ((mine, "change" in allowed), (theirs, role == Role.NETWORK_STAFF)):
        form = form_of(client if may_save else as_shown, address(row, "edit"))
        response = client.post(address(row, "edit"), posted(form))
        assert response.status_code == 302
        logged = ModelLogEntry.objects.filter(user=client.user, object_id=str(row.pk))
        assert logged.filter(action="wagtail.edit").exists() is may_save
        assert is_refused(response) is not may_save


@models
@working_roles
def test_own_rows_are_deleted_and_others_are_not(model, role):
    own = PartnershipFactory()
    mine, theirs = deletable(model, role, own), deletable(model, role, PartnershipFactory())
    client = signed_in(role, own)
    allowed = OWN[role].get(model, set())

    for row, may_delete in ((mine, "delete" in allowed), (theirs, role == Role.NETWORK_STAFF)):
        client.post(address(row, "delete"))
        assert model._default_manager.filter(pk=row.pk).exists() is not may_delete
        logged = ModelLogEntry.objects.filter(user=client.user, action="wagtail.delete")
        assert logged.filter(object_id=str(row.pk)).exists() is may_delete


@models
@working_roles
def test_bulk_deletion_reaches_own_rows_only_and_logs_each(model, role):
    own = PartnershipFactory()
    mine, theirs = deletable(model, role, own), deletable(model, role, PartnershipFactory())
    client = signed_in(role, own)
    allowed = OWN[role].get(model, set())
    bulk = reverse(
        "wagtail_bulk_action", args=[model._meta.app_label, model._meta.model_name, "delete"]
    )
    staff = role == Role.NETWORK_STAFF

    client.post(f"{bulk}?id={mine.pk}&id={theirs.pk}")

    kept = set(model._default_manager.filter(pk__in=[mine.pk, theirs.pk]))
    gone = {mine, theirs} if staff else {mine} if "delete" in allowed else set()
    assert kept == {mine, theirs} - gone
    logged = ModelLogEntry.objects.filter(user=client.user, action="wagtail.delete")
    assert logged.count() == len(gone)


@models
@working_roles
def test_choosers_offer_what_may_be_chosen(model, role):
    own = PartnershipFactory()
    mine, theirs = MAKE[model](own), MAKE[model](PartnershipFactory())
    client = signed_in(role, own)
    staff = role == Role.NETWORK_STAFF
    offers_mine = staff or model not in {RoleAssignment, ExchangeRate, PromotedResult}
    offers_theirs = staff or model in CHOSEN_BY_ALL

    for view in ("choose", "choose_results"):
        shown = client.get(chooser(model, view)).context["results"].object_list
        assert (mine in shown) is offers_mine
        assert (theirs in shown) is offers_theirs
    assert (client.get(chooser(mine, "chosen")).status_code == 200) is offers_mine
    assert (client.get(chooser(theirs, "chosen")).status_code == 200) is offers_theirs
    several = client.get(chooser(model, "chosen_multiple"), {"id": [mine.pk, theirs.pk]})
    assert len(several.json()["result"]) == offers_mine + offers_theirs


@models
@working_roles
def test_the_form_to_add_opens_for_those_who_may(model, role):
    client = signed_in(role, PartnershipFactory())

    response = client.get(address(model, "add"))

    assert (response.status_code == 200) is ("add" in OWN[role].get(model, set()))


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PROFESSIONAL])
def test_who_does_not_edit_reaches_no_screen(role):
    own = PartnershipFactory()
    client = signed_in(role, own)

    for model, make in MAKE.items():
        for where in (address(model, "list"), address(make(own), "edit"), chooser(model, "choose")):
            response = client.get(where)
            assert response.status_code == 302
            assert response.url.startswith(reverse("account_login"))


def test_the_tables_above_know_every_fact_of_the_admin():
    assert {model for model in get_snippet_models() if row_policy(model)} == set(MAKE)


# Saving


def test_an_editor_adds_an_event_with_its_names_in_both_languages():
    own = PartnershipFactory()
    client = signed_in(Role.EDITOR, own)

    response = save(
        client,
        address(Event, "add"),
        name={"en": "Summer camp", "he": "מחנה קיץ"},
        starts_at="2030-07-01 09:00",
        time_zone="Asia/Jerusalem",
    )

    event = Event.objects.get()
    assert response.url == address(Event, "list")
    assert (event.partnership, event.name) == (own, {"en": "Summer camp", "he": "מחנה קיץ"})
    assert ModelLogEntry.objects.get().action == "wagtail.create"


def test_the_only_partnership_one_acts_for_is_filled_in():
    own = PartnershipFactory()
    PartnershipFactory()

    assert form_of(signed_in(Role.EDITOR, own), address(Event, "add"))["partnership"].value() == (
        own.pk
    )


def test_an_invalid_row_is_shown_again_with_its_reason():
    client = signed_in(Role.EDITOR, PartnershipFactory())

    response = save(client, address(Event, "add"), name={"en": ""}, starts_at="2030-07-01 09:00")

    assert response.status_code == 200
    assert "name" in response.context["form"].errors
    assert not Event.objects.exists()


@pytest.mark.parametrize("model", [Program, Event, Committee, SchoolTwin, ParticipationRow, Figure])
@pytest.mark.parametrize("view", ["add", "edit"])
def test_no_row_is_handed_to_another_partnership(model, view):
    own, other = PartnershipFactory(), PartnershipFactory()
    mine = MAKE[model](own)
    client = signed_in(Role.COORDINATOR, own)
    where = address(mine if view == "edit" else model, view)
    data = posted(form_of(client, address(mine, "edit")), partnership=other)

    response = client.post(where, data)

    assert response.status_code == 200
    assert "partnership" in response.context["form"].errors
    assert not model._default_manager.filter(partnership=other).exists()


@pytest.mark.parametrize("model", [Event, BudgetShare, Figure])
def test_no_coordinator_makes_a_row_of_the_whole_network(model):
    own = PartnershipFactory()
    mine = MAKE[model](own)

    response = save(signed_in(Role.COORDINATOR, own), address(mine, "edit"), partnership="")

    assert "partnership" in response.context["form"].errors
    assert not model._default_manager.filter(partnership=None).exists()


def test_network_staff_make_rows_of_the_whole_network():
    figure = FigureFactory()

    save(signed_in(Role.NETWORK_STAFF, figure.partnership), address(figure, "edit"), partnership="")

    figure.refresh_from_db()
    assert figure.partnership is None


def test_an_event_takes_no_program_of_another_partnership():
    event = EventFactory()
    client = signed_in(Role.EDITOR, event.partnership)

    response = save(client, address(event, "edit"), program=ProgramFactory())

    assert "program" in response.context["form"].errors


def test_what_identifies_a_partnership_is_for_staff():
    own = PartnershipFactory(slug="arad-delaware")
    identity = {"slug", "kind", "verification", "reference"}

    coordinator = signed_in(Role.COORDINATOR, own)
    staff = signed_in(Role.NETWORK_STAFF, own)
    save(coordinator, address(own, "edit"), name={"en": "Arad"}, slug="elsewhere")

    own.refresh_from_db()
    assert (own.name["en"], own.slug) == ("Arad", "arad-delaware")
    assert not identity & set(form_of(coordinator, address(own, "edit")).fields)
    assert identity <= set(form_of(staff, address(own, "edit")).fields)


def test_the_one_who_entered_a_number_is_remembered():
    row = ParticipationRowFactory()
    client = signed_in(Role.COORDINATOR, row.partnership)

    save(client, address(row, "edit"), count=31)

    row.refresh_from_db()
    assert (row.count, row.entered_by) == (31, client.user)


def test_a_row_that_others_stand_on_is_kept_with_a_reason():
    community = MembershipFactory().community
    client = signed_in(Role.NETWORK_STAFF, PartnershipFactory())

    response = client.post(address(community, "delete"))

    assert Community.objects.filter(pk=community.pk).exists()
    assert response.status_code == 302
    assert list(get_messages(response.wsgi_request))


# Rows inside a form


def members_form(client: Client, partnership: Partnership, **changes: Any) -> dict[str, Any]:
    return posted(form_of(client, address(partnership, "edit")), **changes)


def test_a_coordinator_adds_a_community_and_lets_one_leave():
    own = PartnershipFactory(with_members=True)
    leaving = own.memberships.get(side="diaspora")
    joining = CommunityFactory()
    client = signed_in(Role.COORDINATOR, own)
    data = members_form(client, own)
    index = next(
        number for number in range(2) if str(data[f"memberships-{number}-id"]) == str(leaving.pk)
    )
    data[f"memberships-{index}-left_on"] = "2020-05-01"
    add_child(
        data,
        "memberships",
        community=joining.pk,
        side="diaspora",
        role="partner",
        sort_order=3,
        joined_precision="year",
        left_precision="year",
    )

    response = client.post(address(own, "edit"), data)

    assert response.status_code == 302
    leaving.refresh_from_db()
    assert leaving.left_on == datetime.date(2020, 5, 1)
    assert own.memberships.filter(community=joining).exists()


def test_a_coordinator_does_not_delete_members():
    own = PartnershipFactory(with_members=True)
    client = signed_in(Role.COORDINATOR, own)
    data = members_form(client, own)
    data["memberships-0-DELETE"] = "on"

    response = client.post(address(own, "edit"), data)

    assert "date on which it left" in str(response.context["form"].non_field_errors())
    assert own.memberships.count() == 2


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.EDITOR])
def test_ways_of_the_other_side_are_kept_from_a_role_of_one_side(role):
    own = PartnershipFactory()
    program = ProgramFactory(partnership=own)
    mine = WayToTakePartFactory(program=program, side="israel", sort_order=0)
    theirs = WayToTakePartFactory(program=program, side="diaspora", sort_order=1)
    client = signed_in(role, own, side="israel")

    def edited(number: int) -> Any:
        data = posted(form_of(client, address(program, "edit")))
        data[f"ways-{number}-title_en"] = "Changed"
        return client.post(address(program, "edit"), data)

    assert edited(1).status_code == 200
    assert edited(0).status_code == 302
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.title["en"], theirs.title["en"] == "Changed") == ("Changed", False)


@pytest.mark.parametrize(
    "change",
    [{"ways-0-side": "diaspora"}, {"ways-1-side": "israel"}, {"ways-1-DELETE": "on"}],
    ids=["give away", "take", "delete"],
)
def test_ways_do_not_change_sides_by_a_role_of_one_side(change):
    own = PartnershipFactory()
    program = ProgramFactory(partnership=own)
    WayToTakePartFactory(program=program, side="israel", sort_order=0)
    WayToTakePartFactory(program=program, side="diaspora", sort_order=1)
    client = signed_in(Role.EDITOR, own, side="israel")

    data = {**posted(form_of(client, address(program, "edit"))), **change}
    response = client.post(address(program, "edit"), data)

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert sorted(program.ways.values_list("side", flat=True)) == ["diaspora", "israel"]


def test_an_unchanged_row_of_the_other_side_does_not_stand_in_the_way():
    own = PartnershipFactory()
    program = ProgramFactory(partnership=own)
    WayToTakePartFactory(program=program, side="diaspora")
    client = signed_in(Role.EDITOR, own, side="israel")

    response = save(client, address(program, "edit"), name={"en": "Renamed"})

    assert response.status_code == 302


def test_a_seat_is_held_by_somebody_of_the_partnership():
    own = PartnershipFactory()
    chair = RoleAssignmentFactory(role=Role.CHAIR, partnership=own).user
    stranger = RoleAssignmentFactory(role=Role.CHAIR).user
    committee = CommitteeFactory(partnership=own)
    client = signed_in(Role.COORDINATOR, own)

    def seat(holder: Any) -> Any:
        data = posted(form_of(client, address(committee, "edit")))
        add_child(data, "seats", side="israel", role="chair", holder=holder.pk, sort_order=0)
        return client.post(address(committee, "edit"), data)

    assert seat(stranger).status_code == 200
    assert seat(chair).status_code == 302
    assert committee.seats.get().holder == chair


def test_a_coordinator_is_not_shown_the_people_of_others():
    own = PartnershipFactory()
    stranger = RoleAssignmentFactory().user

    page = signed_in(Role.COORDINATOR, own).get(address(CommitteeFactory(partnership=own), "edit"))

    assert stranger.email not in page.content.decode()


# Pages choose facts by the same rights


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_page_takes_no_program_of_another_partnership(language):
    own = PartnershipFactory()
    parent = page_of(own, language)
    client = signed_in(Role.EDITOR, own)
    where = reverse("wagtailadmin_pages:add", args=["partnerships", "programpage", parent.pk])
    mine, theirs = ProgramFactory(partnership=own), ProgramFactory()

    def made_with(program: Program) -> Any:
        form = form_of(client, where)
        data = posted(form, title="A program", slug=f"p-{program.pk}", program=program)
        return client.post(where, {**data, "body-count": 0})

    refused = made_with(theirs)
    assert refused.status_code == 200
    assert "program" in refused.context["form"].errors
    taken = made_with(mine)
    assert taken.status_code == 302, taken.context["form"].errors


def test_a_program_page_of_another_partnership_does_not_open():
    page = ProgramPageFactory()
    client = signed_in(Role.EDITOR, PartnershipFactory())

    assert is_refused(client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])))
    assert is_refused(client.get(reverse("wagtailadmin_pages:edit", args=[StoryPageFactory().pk])))


def test_the_page_chooser_shows_no_drafts_of_others():
    own, other = PartnershipFactory(), PartnershipFactory()
    mine = StoryPageFactory(parent=page_of(own), live=False)
    told = StoryPageFactory(parent=page_of(other))
    theirs = StoryPageFactory(parent=page_of(other), live=False)
    client = signed_in(Role.EDITOR, own)

    def offered(partnership: Partnership) -> set[int]:
        where = reverse("wagtailadmin_choose_page_child", args=[page_of(partnership).pk])
        return {page.pk for page in client.get(where).context["table"].data}

    assert mine.pk in offered(own)
    assert told.pk in offered(other)
    assert theirs.pk not in offered(other)


def test_the_log_of_facts_is_reported_to_staff_only():
    own = PartnershipFactory()
    editor, staff = signed_in(Role.EDITOR, own), signed_in(Role.NETWORK_STAFF, own)
    save(editor, address(EventFactory(partnership=own, name={"en": "Picnic"}), "edit"))
    report = reverse("wagtailadmin_reports:site_history")

    assert "Picnic" in staff.get(report).content.decode()
    assert "Picnic" not in signed_in(Role.EDITOR, own).get(report).content.decode()


# Lists


@models
def test_lists_run_the_same_number_of_queries_with_2_and_20_rows(model):
    own = PartnershipFactory()
    client = signed_in(Role.NETWORK_STAFF, own)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            assert client.get(address(model, "list")).status_code == 200
        return len(context)

    def add(count: int) -> None:
        for _ in range(count):
            MAKE[model](PartnershipFactory())

    add(2)
    queries()  # warm: content types, site
    few = queries()
    add(18)

    assert queries() == few


@pytest.mark.parametrize("model", [Program, Community])
def test_a_coordinators_list_runs_the_same_number_of_queries_with_2_and_20_rows(model):
    own = PartnershipFactory()
    client = signed_in(Role.COORDINATOR, own)

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            assert client.get(address(model, "list")).status_code == 200
        return len(context)

    for _ in range(2):
        MAKE[model](own)
    queries()
    few = queries()
    for _ in range(18):
        MAKE[model](own)

    assert queries() == few


@pytest.mark.parametrize("query", ["SAFED", "צפת", "Tzfat", "tzefat-slug"])
@pytest.mark.parametrize("view", ["list", "chooser"])
def test_a_community_is_found_by_any_of_its_names(view, query):
    safed = CommunityFactory(slug="tzefat-slug", name={"en": "Safed", "he": "צפת"})
    CommunityVariant.objects.create(community=safed, text="Tzfat")
    CommunityFactory(name={"en": "Arad", "he": "ערד"})
    client = signed_in(Role.NETWORK_STAFF, PartnershipFactory())

    if view == "list":
        found = rows_of(client.get(address(Community, "list"), {"q": query}))
    else:
        found = client.get(chooser(Community, "choose"), {"q": query}).context["results"]

    assert list(found) == [safed]


def test_a_list_is_ordered_by_the_readers_names():
    for english, hebrew in (("Arad", "ת"), ("Haifa", "ב"), ("Eilat", "א")):
        CommunityFactory(name={"en": english, "he": hebrew})
    client = signed_in(Role.NETWORK_STAFF, PartnershipFactory())
    client.user.preferred_language = "he"
    client.user.save()

    assert [str(row.name["en"]) for row in rows_of(client.get(address(Community, "list")))] == [
        "Eilat",
        "Haifa",
        "Arad",
    ]
    backwards = client.get(address(Community, "list"), {"ordering": "-name"})
    assert [str(row.name["en"]) for row in rows_of(backwards)] == ["Arad", "Haifa", "Eilat"]


def test_a_name_in_the_other_language_is_marked_in_lists():
    CommunityFactory(name={"he": "צפת"})

    page = signed_in(Role.NETWORK_STAFF, PartnershipFactory()).get(address(Community, "list"))

    assert '<bdi lang="he" dir="rtl">צפת</bdi>' in page.content.decode()


def test_filters_narrow_a_list_and_offer_own_partnerships_only():
    first, second, other = PartnershipFactory(), PartnershipFactory(), PartnershipFactory()
    event = EventFactory(partnership=first)
    EventFactory(partnership=second)
    client = signed_in(Role.EDITOR, first)
    RoleAssignmentFactory(user=client.user, partnership=second)

    response = client.get(address(Event, "list"), {"partnership": first.pk})
    unknown = client.get(address(Event, "list"), {"partnership": other.pk})

    assert rows_of(response) == [event]
    offered = response.context["filters"].form.fields["partnership"].queryset
    assert set(offered) == {first, second}
    assert unknown.status_code == 200
    assert other not in {row.partnership for row in rows_of(unknown)}


def test_the_list_of_events_tells_the_day_by_the_events_own_clock():
    own = PartnershipFactory()
    late = datetime.datetime(2031, 1, 5, 22, 30, tzinfo=datetime.UTC)
    EventFactory(partnership=own, starts_at=late, ends_at=None, time_zone="America/New_York")
    EventFactory(partnership=own, starts_at=late, ends_at=None, time_zone="Asia/Jerusalem")

    page = signed_in(Role.NETWORK_STAFF, own).get(address(Event, "list")).content.decode()

    assert "01/05/2031 5:30 p.m." in page
    assert "01/06/2031 12:30 a.m." in page
    assert "Just now" not in page


# Menu, languages


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.NETWORK_STAFF, ["Partnerships", "Figures", "Vocabulary", "People"], []),
        (Role.COORDINATOR, ["Partnerships", "Figures"], ["Vocabulary", "People"]),
        (Role.EDITOR, ["Partnerships"], ["Figures", "Vocabulary", "People"]),
    ],
)
def test_the_menu_shows_what_one_may_touch(role, shown, hidden):
    from wagtail.admin.menu import admin_menu

    client = signed_in(role, PartnershipFactory())
    request = client.get(reverse("wagtailadmin_home")).wsgi_request

    labels = {str(item.label) for item in admin_menu.menu_items_for_request(request)}

    assert labels >= set(shown)
    assert not labels & set(hidden)
    assert "Snippets" not in labels


@models
@pytest.mark.parametrize(("language", "direction"), [("he", "rtl")])
def test_forms_come_in_the_persons_language(model, language, direction):
    own = PartnershipFactory()
    client = signed_in(Role.NETWORK_STAFF, own)
    client.user.preferred_language = language
    client.user.save()

    content = client.get(address(MAKE[model](own), "edit")).content.decode()

    assert f'dir="{direction}"' in content
    assert f'lang="{language}"' in content


def test_choosers_speak_the_language_of_each_reader():
    client = signed_in(Role.NETWORK_STAFF, PartnershipFactory())
    shown = {}
    for language in ("en", "he", "en"):
        client.user.preferred_language = language
        client.user.save()
        shown[language] = client.get(address(Event, "add")).content.decode()

    assert "Choose community" in shown["en"]
    assert "בחירה: קהילה" in shown["he"]
    assert "Choose community" not in shown["he"]


def test_translated_fields_have_an_input_a_language_in_its_direction():
    content = (
        signed_in(Role.NETWORK_STAFF, PartnershipFactory())
        .get(address(PartnershipKind, "add"))
        .content.decode()
    )

    assert 'name="label_en"' in content
    assert 'lang="he"' in content
    assert 'dir="rtl"' in content


def test_concepts_are_ticked_under_their_kinds():
    topic, audience = ConceptFactory(kind="topic"), ConceptFactory(kind="audience")
    program = ProgramFactory()
    client = signed_in(Role.EDITOR, program.partnership)

    content = client.get(address(program, "edit")).content.decode()
    save(client, address(program, "edit"), concepts=[topic, audience])

    assert content.index("<legend>Audience</legend>") > 0
    assert set(Program.objects.get().concepts.all()) == {topic, audience}


def test_rights_end_at_once_in_an_open_session():
    own = PartnershipFactory()
    event = EventFactory(partnership=own)
    client = signed_in(Role.EDITOR, own)
    assert client.get(address(event, "edit")).status_code == 200

    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    RoleAssignment.objects.filter(user=client.user).update(ends_on=yesterday)

    assert is_refused(client.get(address(event, "edit")))


def test_a_person_without_any_role_is_offered_nothing():
    client = Client()
    client.force_login(UserFactory())

    assert client.get(address(Event, "list")).status_code == 302
