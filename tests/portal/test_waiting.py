"""“What waits for me”: each kind of thing, for whom, where it leads, and at which price."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from partnerships.enums import Role, SeatRole, Side
from partnerships.models import CommitteeSeat
from portal.models import MailState, OutgoingMail, ScheduledJob, ScheduleRefusal, User
from portal.waiting import WaitingGroup, what_waits
from stories.models import PracticePage
from tests import factories as make
from tests.translations import foreign_words

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
#: Commands, and a word of Wagtail's own.
KNOWN = ("manage.py mail_queue", "manage.py failed_tasks", "Toggle section")
DAY = datetime.timedelta(days=1)


def person(role: Role, partnership: Any = None, **more: Any) -> User:
    """Return an account with one role, as a request would read it."""
    user = make.UserFactory(**more)
    make.RoleAssignmentFactory(user=user, role=role, partnership=partnership)
    return User.objects.get(pk=user.pk)


def waits(user: User) -> dict[str, WaitingGroup]:
    return {group.key: group for group in what_waits(User.objects.get(pk=user.pk))}


def titles(group: WaitingGroup | None) -> list[str]:
    """Return the titles of a group's lines, without markup."""
    if group is None:
        return []
    return [str(line.title).replace("<bdi>", "").replace("</bdi>", "") for line in group.lines]


@pytest.fixture
def mine() -> Any:
    make.locale_of("he")
    return make.PartnershipFactory(name={"en": "Akko - Omaha", "he": "עכו - אומהה"})


@pytest.fixture
def coordinator(mine: Any) -> User:
    make.page_of(mine)
    return person(Role.COORDINATOR, mine)


def draft(parent: Any, user: User, **fields: Any) -> Any:
    page = make.StoryPageFactory(parent=parent, live=False, **fields)
    page.save_revision(user=user, log_action=True)
    return page


# Pages ------------------------------------------------------------------------------------------


def test_my_drafts_wait_and_lead_to_their_editor(coordinator: User, mine: Any) -> None:
    page = draft(make.page_of(mine), coordinator, title="Half a story")
    changed = make.StoryPageFactory(parent=make.page_of(mine), title="Changed since")
    changed.save_revision(user=coordinator)
    group = waits(coordinator)["drafts"]
    assert titles(group) == ["Changed since", "Half a story"]
    assert group.total == 2
    assert group.lines[1].url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert str(group.lines[1].where) == "<bdi>Akko - Omaha</bdi>"
    assert group.lines[0].note != group.lines[1].note


def test_drafts_of_others_are_theirs_and_drafts_elsewhere_are_not_shown(
    coordinator: User, mine: Any
) -> None:
    draft(make.page_of(mine), make.UserFactory(), title="Of a colleague")
    draft(make.PartnershipPageFactory(), coordinator, title="Where I may not write any more")
    make.StoryPageFactory(parent=make.page_of(mine), title="Live and done")
    assert "drafts" not in waits(coordinator)
    assert "drafts_of_others" not in waits(coordinator)


def test_staff_see_the_drafts_of_the_whole_network(coordinator: User, mine: Any) -> None:
    draft(make.page_of(mine), coordinator, title="Half a story")
    draft(make.PartnershipPageFactory(), make.UserFactory(), title="Elsewhere")
    staff = person(Role.NETWORK_STAFF)
    assert set(titles(waits(staff)["drafts_of_others"])) == {"Half a story", "Elsewhere"}
    assert "drafts" not in waits(staff)


def lag(page: Page, hours: float) -> None:
    """Let a page's publication be so many hours ago."""
    when = timezone.now() - datetime.timedelta(hours=hours)
    Page.objects.filter(pk=page.pk).update(last_published_at=when)


def translated(parent: Any, hours: float, twin_hours: float | None, **fields: Any) -> Any:
    """Make a story told in English so long ago, and its Hebrew text (None: none)."""
    page = make.StoryPageFactory(parent=parent, original_language="en", **fields)
    lag(page, hours)
    if twin_hours is not None:
        twin = make.StoryPageFactory(
            parent=make.page_of(parent.partnership, "he"),
            language="he",
            translation_key=page.translation_key,
            original_language="en",
            title=f"{page.title} (he)",
        )
        lag(twin, twin_hours)
    return page


def test_missing_hidden_and_older_translations_wait(coordinator: User, mine: Any) -> None:
    parent = make.page_of(mine)
    missing = translated(parent, 1, None, title="Not begun")
    older = translated(parent, 2, 30, title="Older")
    hidden = translated(parent, 3, 3, title="Hidden")
    twin = hidden.get_translations().get()
    twin.specific.unpublish()
    translated(parent, 4, 3.95, title="Together")
    translated(parent, 30, 2, title="Newer")
    translated(make.PartnershipPageFactory(), 1, None, title="Of others")
    translated(parent, 1, None, title="A draft", live=False)
    group = waits(coordinator)["translations"]
    assert titles(group) == ["Not begun", "Older", "Hidden"]
    notes = [str(line.note) for line in group.lines]
    assert [note.partition(": ")[2] for note in notes] == [
        "not begun",
        "older than the original",
        "begun, not public",
    ]
    assert {note.partition(": ")[0] for note in notes} == {"Hebrew"}
    assert group.lines[0].url == reverse(
        "simple_translation:submit_page_translation", args=[missing.pk]
    )
    assert group.lines[1].url == reverse(
        "wagtailadmin_pages:edit", args=[older.get_translations().get().pk]
    )
    assert Client().get(group.lines[0].url).status_code == 302
    client = Client()
    client.force_login(coordinator)
    assert client.get(group.lines[0].url).status_code == 200


def test_a_practice_says_which_of_the_twelve_it_lacks_in_its_newest_draft(
    coordinator: User, mine: Any
) -> None:
    parent = make.page_of(mine)
    page = make.PracticePageFactory(parent=parent, live=False, title="Nearly", audience="")
    page.audience, page.problem, page.steps = "teens", "", []
    page.save_revision(user=coordinator)
    whole = make.PracticePageFactory(parent=parent, live=False, title="Whole", audience="")
    whole.audience = "teens"
    whole.save_revision()
    make.PracticePageFactory(title="Of others", live=False, bare=True).save_revision()
    make.PracticePageFactory(parent=parent, title="Live")
    group = waits(coordinator)["unfinished_practices"]
    assert titles(group) == ["Nearly"]
    assert group.lines[0].note == (
        "2 of the twelve are missing: the problem, how it works, step by step"
    )


def test_a_refused_publication_waits_with_its_reason(coordinator: User, mine: Any) -> None:
    refusals = []
    for parent in (make.page_of(mine), make.PartnershipPageFactory()):
        page = make.PracticePageFactory(parent=parent, live=False, title="Refused")
        revision = page.save_revision()
        refusals.append(
            ScheduleRefusal.objects.create(
                key=f"publish:{revision.pk}", error="No audience.", next_attempt_at=timezone.now()
            )
        )
    group = waits(coordinator)["refused"]
    assert [line.note for line in group.lines] == ["No audience."]
    assert waits(person(Role.NETWORK_STAFF))["refused"].total == 2


# Facts ------------------------------------------------------------------------------------------


def way(partnership: Any, title: str, days: int | None, **fields: Any) -> Any:
    program = make.ProgramFactory(partnership=partnership, **fields.pop("program", {}))
    deadline = None if days is None else TODAY() + days * DAY
    return make.WayToTakePartFactory(
        program=program, title={"en": title}, deadline=deadline, **fields
    )


def test_near_and_passed_deadlines_wait(coordinator: User, mine: Any) -> None:
    near = way(mine, "Near", 30)
    way(mine, "Today", 0)
    way(mine, "Far", 31)
    way(mine, "Never", None)
    way(mine, "Passed", -1)
    way(mine, "Passed and closed", -1, is_closed=True)
    way(mine, "Of a program that ended", -1, program={"status": "ended"})
    way(make.PartnershipFactory(), "Of others", 5)
    way(make.PartnershipFactory(), "Of others, passed", -5)
    groups = waits(coordinator)
    assert titles(groups["deadlines"]) == ["Today", "Near"]
    assert titles(groups["past_deadlines"]) == ["Passed"]
    client = Client()
    client.force_login(coordinator)
    link = groups["deadlines"].lines[1].url
    assert str(near.program_id) in link
    assert client.get(link).status_code == 200


def test_a_coordinator_of_one_side_sees_no_ways_of_the_other(mine: Any) -> None:
    make.page_of(mine)
    user = make.UserFactory()
    make.RoleAssignmentFactory(user=user, role=Role.COORDINATOR, partnership=mine, side=Side.ISRAEL)
    way(mine, "Ours", 5, side=Side.ISRAEL)
    way(mine, "Joint", 6)
    way(mine, "Theirs", 7, side=Side.DIASPORA)
    assert titles(waits(user)["deadlines"]) == ["Ours", "Joint"]


def test_terms_that_end_wait(coordinator: User, mine: Any) -> None:
    ours = make.CommitteeFactory(partnership=mine)
    for committee, title, days in (
        (ours, "Soon", 60),
        (ours, "Just ended", -10),
        (ours, "Far", 200),
        (ours, "Long ago", -400),
        (make.CommitteeFactory(partnership=mine, is_active=False), "Of a closed one", 10),
        (make.CommitteeFactory(), "Of others", 10),
    ):
        CommitteeSeat.objects.create(
            committee=committee,
            side=Side.ISRAEL,
            role=SeatRole.MEMBER,
            title={"en": title},
            term_to=TODAY() + days * DAY,
        )
    group = waits(coordinator)["seats"]
    assert titles(group) == ["Just ended", "Soon"]
    assert "ended" in str(group.lines[0].note)
    assert "ends" in str(group.lines[1].note)


def test_figures_older_than_a_year_wait_unless_a_newer_one_is_there(
    coordinator: User, mine: Any
) -> None:
    old, new = TODAY() - 400 * DAY, TODAY() - 30 * DAY
    make.FigureFactory(partnership=mine, key="old", as_of=old, label={"en": "Old"})
    make.FigureFactory(partnership=mine, key="kept", as_of=old, label={"en": "Kept"})
    make.FigureFactory(partnership=mine, key="kept", as_of=new, label={"en": "Kept"})
    make.FigureFactory(key="others", as_of=old, label={"en": "Of others"})
    make.FigureFactory(partnership=None, key="network", as_of=old, label={"en": "Of all"})
    make.FigureFactory(partnership=None, key="old", as_of=new, label={"en": "Same key"})
    assert titles(waits(coordinator)["figures"]) == ["Old"]
    assert set(titles(waits(person(Role.NETWORK_STAFF))["figures"])) == {
        "Old",
        "Of others",
        "Of all",
    }


def test_events_that_were_held_ask_for_a_summary(coordinator: User, mine: Any) -> None:
    now = timezone.now()
    for name, days, summary, partnership in (
        ("Held", -3, {}, mine),
        ("Told", -3, {"en": "It was warm."}, mine),
        ("To come", 3, {}, mine),
        ("Long ago", -500, {}, mine),
        ("Of others", -3, {}, make.PartnershipFactory()),
    ):
        make.EventFactory(
            partnership=partnership, name={"en": name}, summary=summary, starts_at=now + days * DAY
        )
    make.EventFactory(
        partnership=mine, name={"en": "Goes on"}, starts_at=now - DAY, ends_at=now + DAY
    )
    assert titles(waits(coordinator)["events"]) == ["Held"]


def test_roles_that_end_wait_for_staff_alone(coordinator: User, mine: Any) -> None:
    make.RoleAssignmentFactory(partnership=mine, ends_on=TODAY() + 10 * DAY)
    make.RoleAssignmentFactory(partnership=mine, ends_on=TODAY() + 100 * DAY)
    assert "roles" not in waits(coordinator)
    assert waits(person(Role.NETWORK_STAFF))["roles"].total == 1


# The network's work -----------------------------------------------------------------------------


def test_failed_work_and_mails_wait_for_staff_alone(coordinator: User, settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    DBTaskResult.objects.create(
        task_path="portal.tasks.make_renditions",
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        status="FAILED",
        run_after=timezone.now(),
        finished_at=timezone.now(),
    )
    ScheduledJob.objects.create(name="publish", failures=2, error="locked")
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    for number, (state, created) in enumerate(
        (
            (MailState.FAILED, timezone.now()),
            (MailState.UNKNOWN, timezone.now()),
            (MailState.QUEUED, long_ago),
            (MailState.QUEUED, timezone.now()),
            (MailState.SENT, long_ago),
        )
    ):
        OutgoingMail.objects.create(
            key=str(number),
            to="a@example.org",
            subject="x",
            language="en",
            state=state,
            created_at=created,
        )
    staff = waits(person(Role.NETWORK_STAFF))
    assert titles(staff["failed_tasks"]) == ["make_renditions"]
    assert titles(staff["failed_jobs"]) == ["publish"]
    assert staff["mails"].total == 3
    assert not {"failed_tasks", "failed_jobs", "mails"} & waits(coordinator).keys()


# The panel --------------------------------------------------------------------------------------


def home(user: User) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(reverse("wagtailadmin_home"))
    assert response.status_code == 200
    return response.content.decode()


def test_the_panel_is_the_first_on_the_home_page(coordinator: User, mine: Any) -> None:
    draft(make.page_of(mine), coordinator, title="Half a story")
    html = home(coordinator)
    assert "Half a story" in html
    assert html.index("what-waits") < html.index("recent-edits")


def test_who_has_nothing_to_do_is_told_so(coordinator: User) -> None:
    assert "Nothing waits for you." in home(coordinator)


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PROFESSIONAL])
def test_who_does_not_edit_has_nothing_waiting(role: Role, mine: Any) -> None:
    draft(make.page_of(mine), make.UserFactory())
    way(mine, "Near", 5)
    make.FigureFactory(partnership=mine)
    assert waits(person(role, mine if role == Role.CHAIR else None)) == {}


def fill(partnership: Any, user: User) -> None:
    """Add one of everything that can wait."""
    parent = make.page_of(partnership)
    draft(parent, user)
    translated(parent, 1, None)
    translated(parent, 2, 30)
    practice = make.PracticePageFactory(parent=parent, bare=True)
    revision = practice.save_revision(user=user)
    ScheduleRefusal.objects.create(
        key=f"publish:{revision.pk}", error="x", next_attempt_at=timezone.now()
    )
    way(partnership, "Near", 5)
    way(partnership, "Passed", -5)
    CommitteeSeat.objects.create(
        committee=make.CommitteeFactory(partnership=partnership),
        side=Side.ISRAEL,
        term_to=TODAY() + DAY,
    )
    make.FigureFactory(partnership=partnership)
    make.EventFactory(partnership=partnership, starts_at=timezone.now() - DAY)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.NETWORK_STAFF])
def test_much_takes_as_many_queries_as_little(role: Role, mine: Any) -> None:
    make.page_of(mine)
    user = person(role, mine if role == Role.COORDINATOR else None)
    fill(mine, user)
    what_waits(User.objects.get(pk=user.pk))

    def queries() -> int:
        asking = User.objects.get(pk=user.pk)
        with CaptureQueriesContext(connection) as captured:
            what_waits(asking)
        return len(captured)

    few = queries()
    for _number in range(6):
        fill(mine, user)
    groups = waits(user)
    assert len(groups["drafts"].lines) == 5
    assert groups["drafts"].more > 0
    assert queries() == few
    assert few < 60


def test_the_panel_speaks_hebrew(mine: Any) -> None:
    make.page_of(mine)
    user = person(Role.NETWORK_STAFF, preferred_language="he")
    fill(mine, user)
    with override("he"):
        html = render_to_string("portal/admin/waiting_panel.html", {"groups": what_waits(user)})
    assert "ממתין" in html
    assert foreign_words(html, known=KNOWN) == []


def test_a_title_in_the_other_language_is_marked(mine: Any) -> None:
    make.page_of(mine)
    user = person(Role.COORDINATOR, mine)
    draft(make.page_of(mine), user, title="Half a story")
    with override("he"):
        [line] = waits(user)["drafts"].lines
    assert line.title == '<bdi lang="en" dir="ltr">Half a story</bdi>'
    assert PracticePage.objects.count() == 0
