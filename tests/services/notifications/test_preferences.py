"""What a person chooses: shown, kept, refused by name where it cannot be, and theirs alone."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.notifications.deliveries.loop import deliver_next, prepare
from services.notifications.messages.kinds import CHOSEN, KINDS
from services.notifications.preferences.schemas import WholeForm
from services.notifications.rhythm import Channel
from shared.database import Database
from shared.database.both import Databases
from shared.identity import Identity, Role
from shared.web.application import Application
from tests.services.notifications.actors import (
    Actor,
    Clock,
    Stage,
    a_demand,
    a_match,
    actor,
    contact,
    joined,
    matched,
    solicited,
)
from tests.services.notifications.listening import listening
from tests.services.notifications.test_inbox import as_actor
from tests.services.notifications.test_stream import open_app
from tests.support import an_identity

__all__ = ["open_app"]

PAGE, API = "/notifications/preferences", "/notifications/api/v1/preferences"
FORM = {
    **{f"live-{kind.name}": "at_once" for kind in CHOSEN},
    **{f"email-{kind.name}": "daily" for kind in CHOSEN if kind.email},
    "opens": "9", "closes": "17", "days": "every",
}  # fmt: skip


@pytest.fixture
def claire() -> Identity:
    return an_identity(organisation_name="Traiteur solidaire")


def rhythms(answer: httpx.Response) -> dict[str, dict[str, str]]:
    return {each["topic"]: each["rhythms"] for each in answer.json()["topics"]}


def chosen_in(html: str, field: str) -> str:
    select = re.search(rf'<select class="inp" name="{field}".*?</select>', html, re.DOTALL)
    assert select is not None
    return str(re.findall(r'value="(\w+)" selected', select[0])[0])


async def test_without_a_choice_the_page_shows_what_is_proposed(visit: Any, claire: Identity) -> None:
    page = (await visit(claire).get(PAGE)).text
    assert chosen_in(page, "email-solicited") == "at_once"
    assert chosen_in(page, "email-matched") == "daily"
    assert page.count('type="checkbox"') == len(CHOSEN)
    assert page.count(" checked") == len(CHOSEN) + 1, "and one choice of days"
    assert "pour Traiteur solidaire" in page
    assert "Quand un besoin ou un gisement vous correspond" in page


async def test_a_new_topic_shows_by_itself(visit: Any, claire: Identity) -> None:
    page = (await visit(claire).get(PAGE)).text
    for kind in CHOSEN:
        assert f'id="topic-{kind.name}"' in page
        assert f"live-{kind.name}" in WholeForm.model_fields


async def test_what_is_saved_is_shown_again(visit: Any, claire: Identity) -> None:
    me = visit(claire)
    form = {name: value for name, value in FORM.items() if name != "live-solicited"} | {"email-matched": "never"}
    answer = await me.post(PAGE, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    kept = await me.get(API)
    assert rhythms(kept)["solicited"] == {"live": "never", "email": "daily"}
    assert rhythms(kept)["matched"]["email"] == "never"
    assert kept.json()["hours"] == {"opens": 9, "closes": 17, "days": "every"}
    page = (await me.get(PAGE)).text
    assert chosen_in(page, "email-matched") == "never"
    assert "Vos préférences sont enregistrées." in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email-solicited": "yearly"}, "email-solicited"),
        ({"email-solicited": ""}, "email-solicited"),
        ({"closes": "8"}, "closes"),
        ({"opens": "25"}, "opens"),
        ({"days": "sundays"}, "days"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    visit: Any, claire: Identity, stage: Stage, change: dict[str, str], field: str
) -> None:
    answer = await visit(claire).post(PAGE, data=FORM | {"email-matched": "weekly"} | change)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}' in answer.text
    assert chosen_in(answer.text, "email-matched") == "weekly"
    assert [await stage.rows(f"SELECT * FROM {table}") for table in ("preferences", "mail_hours")] == [[], []]


async def test_account_and_security_are_shown_and_cannot_be_switched_off(visit: Any, claire: Identity) -> None:
    me = visit(claire)
    page = (await me.get(PAGE)).text
    choices = page[page.index('id="asked"') : page.index('id="hours"')]
    fixed = [kind for kind in KINDS.values() if kind.is_fixed]
    assert choices.count("disabled") == len(fixed)
    for group in {kind.group.value for kind in fixed}:
        assert f'aria-describedby="{group}-fixed"' in choices
        assert choices.count(f'id="{group}-fixed"') == 1
    assert "Cela ne se coupe pas" in choices
    change = {"choices": [{"topic": "account-changes", "channel": "email", "rhythm": "never"}]}
    answer = await me.patch(API, json=change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "topic")


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"topic": "weather", "channel": "email", "rhythm": "daily"}, "TopicUnknown"),
        ({"topic": "new-for-you", "channel": "email", "rhythm": "daily"}, "RhythmNotOffered"),
        ({"topic": "solicited", "channel": "live", "rhythm": "daily"}, "RhythmNotOffered"),
    ],
)
async def test_a_program_is_told_what_is_not_offered(
    visit: Any, claire: Identity, choice: dict[str, str], code: str
) -> None:
    answer = await visit(claire).patch(API, json={"choices": [choice]})
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:boucle:problem:{code}")


async def test_a_program_changes_what_it_names_and_nothing_else(visit: Any, claire: Identity) -> None:
    me = visit(claire)
    choice = {"topic": "solicited", "channel": "email", "rhythm": "weekly"}
    answer = await me.patch(API, json={"choices": [choice], "hours": {"opens": 7, "closes": 24, "days": "working"}})
    assert rhythms(answer)["solicited"] == {"live": "at_once", "email": "weekly"}
    assert rhythms(answer)["matched"] == {"live": "at_once", "email": "daily"}
    assert answer.json()["hours"]["opens"] == 7
    titles = {each["topic"]: each["title"] for each in (await me.get(f"/en{API}")).json()["topics"]}
    assert titles["solicited"] == "You are asked"


async def test_each_chooses_for_themselves(visit: Any, claire: Identity) -> None:
    colleague = an_identity(organisation_id=claire.organisation_id)
    await visit(claire).post(PAGE, data=FORM)
    assert rhythms(await visit(colleague).get(API))["solicited"]["email"] == "at_once"


async def test_a_change_counts_at_once_for_what_waits(
    visit: Any, claire: Identity, stage: Stage, database: Database, clock: Clock
) -> None:
    """The page's own role has it planned again, of its member alone."""
    me, colleague = as_actor(claire), Actor(claire.organisation_id, actor("x").member_id, "x")
    await stage.tell(joined(me), contact(me), joined(colleague), contact(colleague))
    await visit(claire).post(PAGE, data=FORM)
    await stage.tell(solicited(me, a_demand(actor("Ville"))))
    await prepare(database, clock)
    page = (await visit(claire).get(PAGE)).text
    await visit(claire).post(PAGE, data=FORM | {"email-solicited": "never"})
    await prepare(database, clock)
    rows = await stage.rows("SELECT member_id, state, rhythm FROM deliveries ORDER BY state")
    assert [(row["member_id"] == me.member_id, row["state"], row["rhythm"]) for row in rows] == [
        (False, "pending", "at_once"),
        (True, "unwanted", "never"),
    ]
    assert "Votre prochaine lettre" in page


async def test_the_page_says_what_waits_and_when_it_leaves(
    visit: Any, app: Application, claire: Identity, stage: Stage, database: Database, clock: Clock
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    me = as_actor(claire)
    await stage.tell(joined(me), contact(me))
    await visit(claire).post(PAGE, data=FORM)
    assert "Rien n’attend de partir." in (await visit(claire).get(PAGE)).text
    await stage.tell(*(solicited(me, a_demand(actor("Ville"))) for _ in range(2)))
    await prepare(database, clock)
    page = (await visit(claire).get(PAGE)).text
    assert "2 nouvelles attendent de partir." in page
    assert 'datetime="2026-11-25T09:00+01:00"' in page, "nine in Paris, when the hours open"


async def test_a_viewer_is_told_that_letters_go_to_others(visit: Any, app: Application) -> None:
    app.state.settings = app.state.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    page = (await visit(an_identity(role=Role.VIEWER)).get(PAGE)).text
    assert "les lettres vont à qui peut répondre" in page


async def test_without_a_mail_server_the_page_says_so(visit: Any, claire: Identity) -> None:
    assert "aucune lettre ne part" in (await visit(claire).get(PAGE)).text


async def test_a_visitor_signs_in_first(client: Any) -> None:
    assert (await client.get(PAGE)).headers["location"].startswith("/sign-in")
    assert (await client.get(API)).status_code == 401


async def test_what_is_muted_reaches_open_pages_without_words_and_lies_in_the_inbox(
    open_app: Application, databases: Databases, stage: Stage, claire: Identity, token: Callable[[Identity], str]
) -> None:
    """The page refreshes and the bell counts; nothing pops up."""
    colleague = an_identity(organisation_id=claire.organisation_id)
    async with databases.at_work().sessions.begin() as session:
        mute = "INSERT INTO preferences VALUES (:member, :topic, 'live', 'never', now())"
        for topic in ("solicited", "new-for-you"):
            await session.execute(text(mute), {"member": claire.member_id, "topic": topic})
    me, buyer = as_actor(claire), actor("Ville")
    async with listening(open_app, token(claire)) as quiet, listening(open_app, token(colleague)) as loud:
        await stage.tell(matched(a_demand(buyer), [a_match(me)]), solicited(me, a_demand(buyer)))
        heard = [each["title"][:12] for each in (await loud.until(3))[1:]]
        silent = (await quiet.until(3))[1:]
    assert heard == ["Nouveau pour", "Un besoin po"]
    assert [("title" in each, each["kind"], each.get("unread")) for each in silent] == [
        (False, "new-for-you", None),
        (False, "solicited", 1),
    ]
    async with listening(open_app, token(claire), last_event_id="0") as again:
        resumed = (await again.until(3))[1:]
    assert ["title" in each for each in resumed] == [False, False]


async def test_no_letter_leaves_of_what_only_pages_show(stage: Stage, database: Database, clock: Clock) -> None:
    me = actor("Palettes")
    await stage.tell(joined(me), contact(me), matched(a_demand(actor("Ville")), [a_match(me)]))
    await deliver_next(database, {}, clock)
    assert await stage.rows("SELECT id FROM deliveries") == []
    assert {channel.value for channel in Channel} == {"live", "email"}
