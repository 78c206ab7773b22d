"""Who may do what in sharing: one table, each act by each role, by service, screen, form and API.

Questions have a table of their own (`test_question_rights`), facts theirs (`test_permissions`).
What belongs to a side and what to the whole Partnership: docs/adr/0021.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partnerships.enums import Role
from stories.models import MailRhythm, SharingPreference
from tests.factories import UserFactory
from tests.site_tree import build_site, kept_for_module
from tests.stories.adopting import partnership, person
from tests.stories.rights import Stage, done_by_service, done_on_screen
from tests.stories.sharing import account_form

pytestmark = pytest.mark.django_db

#: The columns of the table, in its order and groups. Chairs and professionals have no admin;
#: “one side”, “Israel” and “abroad” are coordinators of that side alone.
COLUMNS = (
    *("anonymous", "no role", "professional"),
    *("other editor", "other coord."),
    *("giver chair", "giver editor", "giver coord.", "giver one side"),
    *("taker chair", "taker editor", "taker coord.", "taker Israel", "taker abroad"),
    *("staff", "superuser"),
)
#: x: may, -: is refused. The giver tells and recommends practices; the taker brought one over.
TABLE = """
    act                                                visitors others giver taker  network
    recommend a practice                                 ---      --    -xxx  -----    xx
    take a recommendation back                           ---      --    -xxx  -----    xx
    accept a recommendation                              ---      --    ----  -xxxx    xx
    decline a recommendation                             ---      --    ----  -xxxx    xx
    bring a practice over                                ---      --    ----  -xxxx    xx
    name a further source                                ---      --    ----  -xxxx    xx
    take a further source away                           ---      --    ----  -xxxx    xx
    take a kept title away                               ---      --    ----  -----    xx
    change how far it is                                 ---      --    ----  -xxxx    xx
    stop it                                              ---      --    ----  -xxxx    xx
    change its plan and contact                          ---      --    ----  -xxxx    xx
    agree for the taker that a stop is told              ---      --    ----  -xxxx    xx
    agree for the giver that a stop is told              ---      --    -xxx  -----    xx
    write the taker's own version                        ---      --    ----  -xxxx    xx
    tell those who took it over                          ---      --    -xxx  -----    xx
    report an outcome                                    ---      --    ----  -xxxx    xx
    correct what the taker's Israel side reported        ---      --    ----  -xxx-    xx
    answer an outcome for the taker                      ---      --    ----  -xxxx    xx
    answer an outcome for the giver                      ---      --    -xxx  -----    xx
    post a challenge                                     ---      --    ----  -xxxx    xx
    close a challenge                                    ---      --    ----  -xxxx    xx
    open a challenge again                               ---      --    ----  -xxxx    xx
    say that a challenge stands                          ---      --    ----  -xxxx    xx
    record an earlier run                                ---      --    ----  -----    xx
    take an earlier run away                             ---      --    ----  -----    xx
    accept an evaluation                                 ---      --    ----  -----    xx
    send an evaluation back                              ---      --    ----  -----    xx
    answer a visitor of the giver                        ---      --    --xx  -----    xx
    answer at the support desk                           ---      --    ----  -----    xx
    close all public forms                               ---      --    ----  -----    xx
    open the taker's forms again                         ---      --    ----  -----    xx
"""


def rights() -> dict[str, set[str]]:
    """Return the acts that each column of the table allows."""
    allowed: dict[str, set[str]] = {who: set() for who in COLUMNS}
    for line in TABLE.strip().splitlines()[1:]:
        *words, visitors, others, giver, taker, network = line.split()
        marks = visitors + others + giver + taker + network
        assert len(marks) == len(COLUMNS), line
        for who, mark in zip(COLUMNS, marks, strict=True):
            if mark == "x":
                allowed[who].add(" ".join(words))
    return allowed


RIGHTS = rights()


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """Make the stage once; every act is undone."""
    with kept_for_module(django_db_blocker):
        build_site()
        yield Stage()


def test_the_table_has_every_act(stage: Stage, db: None) -> None:
    acts = {" ".join(line.split()[:-5]) for line in TABLE.strip().splitlines()[1:]}
    assert acts == set(stage.acts())


@pytest.mark.parametrize("who", [who for who in COLUMNS if who != "anonymous"])
def test_the_services_hold_the_table(stage: Stage, who: str) -> None:
    done = {
        name
        for name, act in stage.acts().items()
        if (name in RIGHTS[who] if act.service is None else done_by_service(stage, act, who))
    }
    assert done == RIGHTS[who]


@pytest.mark.parametrize("who", COLUMNS)
def test_the_screens_hold_the_table_whatever_they_show(stage: Stage, who: str) -> None:
    client = Client()
    if who != "anonymous":
        client.force_login(stage.user(who))
    done = {name for name, act in stage.acts().items() if done_on_screen(act, client)}
    assert done == RIGHTS[who]


@pytest.mark.parametrize("who", ["anonymous", "giver coord.", "superuser"])
def test_no_public_page_or_form_does_any_of_it(stage: Stage, who: str) -> None:
    """What is posted to a public address with the fields of a screen changes nothing."""
    client = Client()
    if who != "anonymous":
        client.force_login(stage.user(who))
    key = stage.told.translation_key
    public = (
        stage.told.url,
        f"/en/practices/{key}/travelled/",
        f"/en/contact/{key}/",
        "/en/contact/support/",
    )
    for act in stage.acts().values():
        _address, data = act.screen
        for address in public:
            assert not done_on_screen(type(act)(act.changes, None, (address, data)), client), data


def test_the_api_only_reads(stage: Stage, db: None) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert {method for path in document["paths"].values() for method in path} == {"get"}
    client = Client()
    client.force_login(stage.user("superuser"))
    for path in document["paths"]:
        address = path.replace("{key}", str(stage.told.translation_key))
        for method in (client.post, client.put, client.patch, client.delete):
            assert method(address).status_code in (404, 405), address


def test_everybody_chooses_the_own_mails_and_nobody_s_else(db: None) -> None:
    ours = partnership()
    mine, other = person(Role.COORDINATOR, ours), person(Role.COORDINATOR, ours)
    client = Client()
    client.force_login(mine)
    data = account_form(client)
    data["recommendations-rhythm"] = MailRhythm.WEEKLY
    data |= {"user": other.pk, "recommendations-user": other.pk}
    assert client.post(reverse("wagtailadmin_account"), data).status_code == 302
    chosen = SharingPreference.objects.values_list("user", "rhythm")
    assert list(chosen) == [(mine.pk, MailRhythm.WEEKLY)]
    stranger = Client()
    stranger.force_login(UserFactory())
    stranger.post(reverse("wagtailadmin_account"), {**data, "recommendations-rhythm": "daily"})
    assert list(chosen.all()) == [(mine.pk, MailRhythm.WEEKLY)]
