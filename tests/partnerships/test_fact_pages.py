"""Pages of facts: a program's or event's page stands below its own Partnership, nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from partnerships.models import Event, EventPage, PartnershipPage, Program, ProgramPage
from portal.services.bulk_pages import BulkPageWriter
from tests import factories as make
from tests.admin_forms import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> PartnershipPage:
    """A Partnership's page."""
    return make.page_of(make.PartnershipFactory(name={"en": "Akko - Omaha"}))


@pytest.fixture
def other() -> PartnershipPage:
    """Another Partnership's page."""
    return make.page_of(make.PartnershipFactory(name={"en": "Arad - Delaware"}))


def page_for(fact: Program | Event) -> ProgramPage | EventPage:
    """Return an unsaved page for a fact."""
    if isinstance(fact, Program):
        return ProgramPage(title="A page", slug="a-page", program=fact)
    return EventPage(title="A page", slug="a-page", event=fact)


@pytest.fixture(params=["program", "event"])
def fact(request: Any, home: PartnershipPage) -> Program | Event:
    """A program, or an event, of the first Partnership."""
    factory = make.ProgramFactory if request.param == "program" else make.EventFactory
    return factory(partnership=home.partnership)


def test_a_fact_of_another_partnership_is_refused_and_named(
    fact: Program | Event, home: PartnershipPage, other: PartnershipPage
) -> None:
    with pytest.raises(ValidationError) as refused:
        other.add_child(instance=page_for(fact))
    [message] = refused.value.message_dict[page_for(fact).fact_field]
    assert "Akko - Omaha" in message
    assert home.add_child(instance=page_for(fact)).live


def test_changing_the_fact_of_a_live_page_meets_the_same_answer(
    fact: Program | Event, other: PartnershipPage, home: PartnershipPage
) -> None:
    page = home.add_child(instance=page_for(fact))
    stranger = type(fact).objects.get(pk=fact.pk)
    stranger.pk, stranger.partnership = None, other.partnership
    stranger.key, stranger.reference = make.uuid.uuid4(), "stranger"
    if isinstance(stranger, Program):
        stranger.slug = "stranger"
    stranger.save()
    setattr(page, page.fact_field, stranger)
    revision = page.save_revision(clean=False)
    with pytest.raises(ValidationError, match="Arad - Delaware"):
        revision.publish()


def test_the_bulk_writer_refuses_it_before_anything_is_written(
    fact: Program | Event, other: PartnershipPage
) -> None:
    with pytest.raises(ValidationError, match="Akko - Omaha"), BulkPageWriter() as writer:
        writer.add(page_for(fact), other)
    assert not type(page_for(fact)).objects.exists()


def test_it_can_not_be_moved_to_another_partnership(
    fact: Program | Event, home: PartnershipPage, other: PartnershipPage
) -> None:
    page = home.add_child(instance=page_for(fact))
    assert page.can_move_to(home)
    assert not page.can_move_to(other)


def test_an_event_of_the_whole_network_may_be_told_by_any(other: PartnershipPage) -> None:
    page = other.add_child(instance=page_for(make.EventFactory(partnership=None)))
    assert page.live


def test_the_editor_is_told_at_the_field_and_nothing_is_saved(
    client: Client, fact: Program | Event, other: PartnershipPage
) -> None:
    client.force_login(make.UserFactory(is_superuser=True))
    kind = page_for(fact)._meta.model_name
    address = reverse("wagtailadmin_pages:add", args=["partnerships", kind, other.pk])
    form = client.get(address).context["form"]
    field = page_for(fact).fact_field
    data = posted(form, **{"title": "A page", "slug": "a-page", field: fact})
    data |= {"body-count": "0"}
    for action in ({}, {"action-publish": "on"}):
        response = client.post(address, data | action)
        assert response.status_code == 200
        assert "Akko - Omaha" in str(response.context["form"].errors[field])
    assert not type(page_for(fact)).objects.exists()
