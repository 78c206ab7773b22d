"""The one gate, met on every way by which a practice can become public."""

from __future__ import annotations

import datetime
import html
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

from portal.blocks import plain_text
from portal.models import PortalImage
from portal.models.images import ConsentState, PeopleShown
from stories.models import PracticePage
from stories.practice_gate import TWELVE_FIELDS, RequiredField
from tests.factories import (
    ChallengePageFactory,
    ImageFactory,
    PracticePageFactory,
    ResourcePageFactory,
    StoryPageFactory,
    UserFactory,
    locale_of,
    page_of,
)
from tests.stories.posted import practice_form

pytestmark = pytest.mark.django_db

#: What an editor leaves empty, for each of the twelve.
EMPTY: dict[str, dict[str, Any]] = {
    "problem": {"problem": ""},
    "audience": {"audience": ""},
    "steps": {"steps": []},
    "roles": {"roles": []},
    "cost": {"costs": []},
    "timeline": {"lead_time_weeks": None},
    "results": {"results": []},
    "difficulties": {"difficulties": []},
    "transfer": {"must_keep": "<p> </p>"},
    "safeguarding": {"safeguarding": ""},
    "resources": {"resources": []},
    "contact": {"contact_role": "  "},
}
each_of_the_twelve = pytest.mark.parametrize(
    "required", TWELVE_FIELDS, ids=lambda required: required.code
)


def edit_url(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def draft(**fields: Any) -> PracticePage:
    page = PracticePageFactory(live=False, **fields)
    page.save_revision()
    return page


def reload(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


def errors_of(refusal: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    return refusal.value.message_dict


def test_there_are_twelve() -> None:
    assert set(EMPTY) == {required.code for required in TWELVE_FIELDS}
    assert len(TWELVE_FIELDS) == 12


def test_a_full_practice_may_be_public() -> None:
    page = draft()
    page.get_latest_revision().publish()
    assert reload(page).live


# Each of the twelve -----------------------------------------------------------------------------


@each_of_the_twelve
def test_the_editor_refuses_to_publish_and_says_why_at_the_field(
    required: RequiredField, admin_client: Any
) -> None:
    page = draft()
    form = practice_form(page, "action-publish", **EMPTY[required.code])
    response = admin_client.post(edit_url(page), form)
    assert response.status_code == 200
    [message] = response.context["form"].errors[required.field]
    assert str(required.why) in message
    assert not reload(page).live


@each_of_the_twelve
def test_publishing_by_code_is_refused(required: RequiredField) -> None:
    page = draft(**EMPTY[required.code])
    with pytest.raises(ValidationError) as refusal:
        page.get_latest_revision().publish()
    [message] = errors_of(refusal)[required.field]
    assert str(required.why) in message
    assert not reload(page).live


@each_of_the_twelve
def test_saving_it_live_is_refused_as_the_api_saves(required: RequiredField) -> None:
    page = draft(**EMPTY[required.code])
    page.live = True
    with pytest.raises(ValidationError) as refusal:
        page.save()
    assert required.field in errors_of(refusal)
    with pytest.raises(ValidationError):
        page.full_clean()


@pytest.mark.parametrize(
    ("field", "fields"),
    [("lead_time_weeks", {"duration_days": None}), ("must_keep", {"may_change": "<p> </p>"})],
    ids=["timeline", "transfer"],
)
def test_half_of_what_has_two_parts_is_not_enough(field: str, fields: dict[str, Any]) -> None:
    page = draft(**fields)
    with pytest.raises(ValidationError) as refusal:
        page.get_latest_revision().publish()
    assert set(errors_of(refusal)) == {field}
    assert not reload(page).live


def test_all_that_is_missing_is_told_at_once(admin_client: Any) -> None:
    page = draft()
    missing = {name: value for fields in EMPTY.values() for name, value in fields.items()}
    response = admin_client.post(edit_url(page), practice_form(page, "action-publish", **missing))
    errors = response.context["form"].errors
    assert {required.field for required in TWELVE_FIELDS} <= set(errors)
    shown = html.unescape(html.unescape(response.content.decode()))
    for required in TWELVE_FIELDS:
        assert str(required.why).split("“")[0] in shown


def test_ticking_that_it_costs_nothing_counts_as_cost() -> None:
    page = draft(costs=[], has_no_cost=True)
    page.get_latest_revision().publish()
    assert reload(page).live


def test_a_title_longer_than_a_card_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        draft(title="x" * 101).get_latest_revision().publish()
    assert "title" in errors_of(refusal)


def test_ages_upside_down_are_refused_when_public_and_kept_in_a_draft(admin_client: Any) -> None:
    page = draft()
    form = practice_form(page, "action-publish", age_from=12, age_to=9)
    response = admin_client.post(edit_url(page), form)
    assert "age_to" in response.context["form"].errors
    response = admin_client.post(edit_url(page), practice_form(page, age_from=12, age_to=9))
    assert response.status_code == 302


# Other ways to become public --------------------------------------------------------------------


def test_an_incomplete_practice_does_not_go_live_when_its_hour_comes() -> None:
    page = draft(problem="")
    page.go_live_at = timezone.now() + datetime.timedelta(hours=1)
    revision = page.save_revision()
    revision.publish()
    assert not reload(page).live
    earlier = timezone.now() - datetime.timedelta(minutes=1)
    page.revisions.filter(pk=revision.pk).update(approved_go_live_at=earlier)
    content = page.revisions.get(pk=revision.pk)
    content.content["go_live_at"] = earlier.isoformat()
    content.save()
    call_command("publish_scheduled")
    assert not reload(page).live
    page.revisions.filter(pk=revision.pk).update(approved_go_live_at=earlier)
    with pytest.raises(ValidationError):
        page.revisions.get(pk=revision.pk).publish()


def test_scheduling_an_incomplete_practice_is_refused_in_the_editor(admin_client: Any) -> None:
    page = draft()
    later = (timezone.now() + datetime.timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    form = practice_form(page, "action-publish", problem="", go_live_at=later)
    response = admin_client.post(edit_url(page), form)
    assert "problem" in response.context["form"].errors
    assert not page.revisions.filter(approved_go_live_at__isnull=False).exists()


def workflow() -> Workflow:
    task = GroupApprovalTask.objects.create(name="A look")
    flow = Workflow.objects.create(name="Before it is public")
    WorkflowTask.objects.create(workflow=flow, task=task, sort_order=0)
    return flow


@pytest.mark.parametrize(("fields", "is_public"), [({"problem": ""}, False), ({}, True)])
def test_the_last_approval_meets_the_gate(fields: dict[str, Any], is_public: bool) -> None:
    page = draft(**fields)
    staff = UserFactory(is_superuser=True)
    state = workflow().start(page, staff)
    if is_public:
        state.current_task_state.approve(user=staff)
    else:
        with pytest.raises(ValidationError):
            state.current_task_state.approve(user=staff)
    assert reload(page).live is is_public


def test_handing_an_incomplete_practice_to_the_workflow_is_refused(admin_client: Any) -> None:
    page = draft()
    flow = workflow()
    flow.workflow_pages.create(page=page.get_parent())
    form = practice_form(page, "action-submit", problem="")
    response = admin_client.post(edit_url(page), form)
    assert "problem" in response.context["form"].errors
    assert reload(page).current_workflow_state is None


def test_a_copy_that_is_kept_live_meets_the_gate() -> None:
    page = PracticePageFactory()
    PracticePage.objects.filter(pk=page.pk).update(problem="")
    with pytest.raises(ValidationError):
        reload(page).copy(update_attrs={"slug": "again"}, keep_live=True)
    assert PracticePage.objects.count() == 1


def test_publishing_several_at_once_publishes_none_when_one_is_refused(admin_client: Any) -> None:
    pages = [draft(title="Complete"), draft(title="Without a problem", problem="")]
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    ids = "&".join(f"id={page.pk}" for page in pages)
    explorer = reverse("wagtailadmin_explore", args=[pages[0].get_parent().pk])
    response = admin_client.post(f"{url}?{ids}&next={explorer}", {"next": explorer})
    assert response.status_code == 302
    assert response["Location"] == explorer
    [message] = messages_of(response)
    assert "“Without a problem” was not published." in message
    assert "Others search by the problem they have." in message
    assert not any(reload(page).live for page in pages)


@pytest.mark.parametrize("is_modal", [True, False])
def test_an_approval_that_the_gate_refuses_is_explained(is_modal: bool, admin_client: Any) -> None:
    page = draft(problem="")
    state = workflow().start(page, UserFactory())
    url = reverse(
        "wagtailadmin_pages:workflow_action",
        args=[page.pk, "approve", state.current_task_state.pk],
    )
    headers = {"x-requested-with": "XMLHttpRequest"} if is_modal else {}
    response = admin_client.post(url, {"comment": ""}, headers=headers)
    if is_modal:
        assert response.json() == {"step": "success", "redirect": reverse("wagtailadmin_home")}
    else:
        assert response["Location"] == reverse("wagtailadmin_home")
    assert "Others search" in messages_of(response)[0]
    state.refresh_from_db()
    assert state.status == state.STATUS_IN_PROGRESS


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# Drafts may lack everything ---------------------------------------------------------------------


def test_a_draft_may_lack_everything(admin_client: Any) -> None:
    page = PracticePageFactory(bare=True)
    missing = {name: value for fields in EMPTY.values() for name, value in fields.items()}
    form = practice_form(page, **missing, summary="")
    response = admin_client.post(edit_url(page), form)
    assert response.status_code == 302


def test_a_new_draft_may_lack_everything(admin_client: Any) -> None:
    empty = PracticePageFactory.build(bare=True, title="Only a title", slug="only", summary="")
    parent = page_of(PracticePageFactory().partnership)
    missing = {name: value for fields in EMPTY.values() for name, value in fields.items()}
    url = reverse("wagtailadmin_pages:add", args=["stories", "practicepage", parent.pk])
    response = admin_client.post(url, practice_form(empty, **missing))
    assert response.status_code == 302
    assert not PracticePage.objects.get(slug="only").live


def test_the_draft_of_a_live_practice_may_lack_what_autosave_meets(admin_client: Any) -> None:
    page = PracticePageFactory()
    form = practice_form(page, problem="", steps=[])
    response = admin_client.post(edit_url(page), form, headers={"accept": "application/json"})
    assert response.json()["success"] is True
    assert reload(page).problem
    assert plain_text(reload(page).get_latest_revision_as_object().problem).strip() == ""


# Translations -----------------------------------------------------------------------------------


def translation(page: PracticePage) -> PracticePage:
    page_of(page.partnership, "he")
    copy = page.copy_for_translation(locale_of("he"))
    return PracticePage.objects.get(pk=copy.pk)


def test_a_translation_needs_no_neutral_field_once_the_original_is_public() -> None:
    copy = translation(PracticePageFactory())
    copy.costs = []
    copy.lead_time_weeks = None
    copy.save_revision().publish()
    assert reload(copy).live


def test_a_translation_of_an_incomplete_practice_never_public_is_refused() -> None:
    copy = translation(draft(costs=[]))
    with pytest.raises(ValidationError) as refusal:
        copy.save_revision().publish()
    assert "costs" in errors_of(refusal)


@pytest.mark.parametrize(
    "code", [required.code for required in TWELVE_FIELDS if not required.is_neutral]
)
def test_a_translation_needs_its_own_texts(code: str, admin_client: Any) -> None:
    copy = translation(PracticePageFactory())
    copy.save_revision()
    form = practice_form(copy, "action-publish", **EMPTY[code])
    response = admin_client.post(edit_url(copy), form)
    field = next(required.field for required in TWELVE_FIELDS if required.code == code)
    assert field in response.context["form"].errors
    assert not reload(copy).live


def test_an_error_at_a_field_that_a_translation_does_not_show_is_told_above(
    admin_client: Any,
) -> None:
    copy = translation(draft(costs=[]))
    copy.save_revision()
    response = admin_client.post(edit_url(copy), practice_form(copy, "action-publish"))
    assert "costs" in response.context["form"].non_field_errors()[0]


# Pictures ---------------------------------------------------------------------------------------

#: Days from today, of the test's own day.
EXPIRY = "consent_expires_in"
REFUSED: list[dict[str, Any]] = [
    {"people_shown": PeopleShown.UNKNOWN},
    {"consent_state": ConsentState.UNKNOWN},
    {"people_shown": PeopleShown.MINORS, "consent_state": ConsentState.WITHDRAWN},
    {EXPIRY: -1},
]
ALLOWED: list[dict[str, Any]] = [
    {"people_shown": PeopleShown.NONE, "consent_state": ConsentState.UNKNOWN},
    {"people_shown": PeopleShown.MINORS},
    {EXPIRY: 0},
]


def dated(consent: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the days counted from today, as the test runs."""
    fields = {**consent}
    if EXPIRY in fields:
        days = datetime.timedelta(days=fields.pop(EXPIRY))
        fields["consent_expires_on"] = timezone.localdate() + days
    return fields


def with_picture(image: PortalImage) -> Any:
    value = {"image": image.pk, "decorative": False, "alt_text": "A table"}
    return [{"type": "picture", "value": {"image": value, "caption": ""}}]


@pytest.mark.parametrize("consent", REFUSED)
@pytest.mark.parametrize("page_type", [StoryPageFactory, ChallengePageFactory, ResourcePageFactory])
def test_a_main_picture_without_consent_keeps_the_page_in(
    consent: dict[str, Any], page_type: Any
) -> None:
    page = page_type(live=False, hero_image=ImageFactory(title="The square", **dated(consent)))
    with pytest.raises(ValidationError) as refusal:
        page.save_revision().publish()
    [message] = errors_of(refusal)["hero_image"]
    assert "The square" in message
    assert not reload(page).live


@pytest.mark.parametrize("consent", ALLOWED)
def test_a_picture_with_consent_lets_the_page_out(consent: dict[str, Any]) -> None:
    page = StoryPageFactory(live=False, hero_image=ImageFactory(**dated(consent)))
    page.save_revision().publish()
    assert reload(page).live


def test_every_picture_in_the_text_without_consent_is_named() -> None:
    refused = [ImageFactory(title=name, **REFUSED[0]) for name in ("The square", "The kitchen")]
    body = [
        block for image in [*refused, ImageFactory(title="Fine")] for block in with_picture(image)
    ]
    page = StoryPageFactory(live=False, body=body)
    with pytest.raises(ValidationError) as refusal:
        page.save_revision().publish()
    [message] = errors_of(refusal)["body"]
    assert "“The kitchen”, “The square”" in message
    assert "Fine" not in message


def test_a_gallery_is_looked_into() -> None:
    [picture] = with_picture(ImageFactory(title="The square", **REFUSED[1]))
    gallery = {"type": "gallery", "value": {"heading": "", "pictures": [picture["value"]]}}
    page = StoryPageFactory(live=False, body=[gallery])
    with pytest.raises(ValidationError) as refusal:
        page.save_revision().publish()
    assert "body" in errors_of(refusal)


def test_the_editor_shows_which_picture_and_where(admin_client: Any) -> None:
    page = draft()
    image = ImageFactory(title="The square", **REFUSED[0])
    form = practice_form(page, "action-publish", hero_image=image)
    response = admin_client.post(edit_url(page), form)
    [message] = response.context["form"].errors["hero_image"]
    assert "The square" in message
    assert message in html.unescape(response.content.decode())


def test_a_live_page_whose_consent_ended_is_refused_at_its_next_publication() -> None:
    image = ImageFactory()
    page = StoryPageFactory(hero_image=image)
    PortalImage.objects.filter(pk=image.pk).update(consent_state=ConsentState.WITHDRAWN)
    with pytest.raises(ValidationError):
        reload(page).save_revision().publish()


# Resources --------------------------------------------------------------------------------------


def test_a_resource_needs_a_file_an_address_or_a_text() -> None:
    page = ResourcePageFactory(live=False, address="")
    with pytest.raises(ValidationError) as refusal:
        page.save_revision().publish()
    assert "document" in errors_of(refusal)
    page.body = [("paragraph", "<p>The checklist itself.</p>")]
    page.save_revision().publish()
    assert reload(page).live
