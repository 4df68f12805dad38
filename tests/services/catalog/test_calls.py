"""Calls for projects: written, opened on their day, answered once, weighed in secret, decided for all at once."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from services.catalog.calls.errors import AnswerMissing, ApplicationSent, CallIncomplete, CallNotOpen, DatesInDisorder
from services.catalog.calls.models import Application, ApplicationState, Call, CallState
from services.catalog.calls.opening import move_calls_on
from services.catalog.organisations.models import Organisation
from shared.clock import day_of, now
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.coordinators import a_coordinator, with_roles
from tests.services.catalog.test_files import PDF
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated

TODAY = day_of(now())
CALL: dict[str, Any] = {
    "title": "Réemploi dans les quartiers",
    "purpose": "Faire naître trois ateliers de réparation.",
    "open_to": ["ess"],
    "who": "Un an d'existence.",
    "amount_euros": "15 000",
    "criteria_lines": "Utilité pour le quartier\nSolidité du budget",
    "closes_on": (TODAY + timedelta(days=10)).isoformat(),
}
ANSWER = {"title": "L'atelier du coin", "amount_euros": "4000,50", "answer_1": "Beaucoup.", "answer_2": "Il tient."}


@pytest.fixture
async def coordinator(sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    return await a_coordinator(sign_up, catalog_database)


@pytest.fixture
async def workshop(coordinator: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Atelier", roles=["ess"])


async def a_call(caller: httpx.AsyncClient, *, publish: bool = True, **changes: Any) -> str:
    """The address of a call."""
    answer = await post(caller, "/calls", **{**CALL, **changes})
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    if publish:
        assert (await post(caller, f"{address}/publish")).headers["location"] == address
    return address


async def answered(workshop: httpx.AsyncClient, call: str) -> str:
    """The address of an application that was sent."""
    sent = await post(workshop, f"{call}/apply", **ANSWER, then="submit")
    assert sent.headers["location"].startswith("/calls/applications/"), sent.text
    address: str = sent.headers["location"]
    return address


async def close(database: Isolated) -> None:
    """Let the last day of every call be over."""
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE calls SET opens_on = opens_on - 20, closes_on = closes_on - 20"))


def call_of(state: CallState = CallState.DRAFT, **changes: Any) -> Call:
    values = {"title": "T", "purpose": "P", "open_to": ["ess"], "criteria": ["C"], "closes_on": TODAY, **changes}
    owner = Organisation(id=uuid4(), name="Métropole")
    return Call(id=uuid4(), state=state, version=0, organisation=owner, organisation_id=owner.id, **values)


@pytest.mark.parametrize("missing", ["title", "purpose", "open_to", "criteria", "closes_on"])
def test_what_nobody_could_answer_is_not_published(missing: str) -> None:
    with pytest.raises(CallIncomplete) as caught:
        call_of(CallState.DRAFT, **{missing: None}).publish(TODAY, now())
    assert caught.value.field == missing


@pytest.mark.parametrize(("opens", "closes", "decides"), [(0, -1, None), (3, 2, None), (0, 5, 4), (-9, -1, None)])
def test_dates_follow_each_other(opens: int, closes: int, decides: int | None) -> None:
    days = {"opens_on": opens, "closes_on": closes, "decides_on": decides}
    dated: dict[str, Any] = {
        name: None if after is None else TODAY + timedelta(days=after) for name, after in days.items()
    }
    with pytest.raises(DatesInDisorder):
        call_of(**dated).publish(TODAY, now())


def test_a_call_takes_applications_from_its_first_day_to_its_last() -> None:
    first, last = date(2026, 11, 10), date(2026, 11, 20)
    call = call_of(CallState.ANNOUNCED, opens_on=first, closes_on=last)
    taken = [day for day in range(8, 23) if call.takes_applications(date(2026, 11, day))]
    assert taken == list(range(10, 21))
    assert [type(each).__name__ for each in call.move_on(first, now())] == ["CallOpened"]
    assert call.move_on(first, now()) == []
    call.move_on(last + timedelta(days=1), now())
    assert call.state is CallState.CLOSED


def test_an_application_is_sent_once_whole_and_in_time() -> None:
    call = call_of(CallState.OPEN, opens_on=TODAY)
    application = Application(
        id=uuid4(),
        state=ApplicationState.DRAFT,
        version=0,
        title="T",
        answers=[""],
        organisation=Organisation(name="A"),
    )
    with pytest.raises(AnswerMissing) as caught:
        application.submit(call, TODAY, now())
    assert caught.value.field == "answer_1"
    application.answers = ["Oui."]
    with pytest.raises(CallNotOpen):
        application.submit(call, TODAY + timedelta(days=1), now())
    application.organisation_id = uuid4()
    application.submit(call, TODAY, now())
    with pytest.raises(ApplicationSent):
        application.submit(call, TODAY, now())
    with pytest.raises(ApplicationSent):
        application.write({"title": "Autre"}, now())


async def test_a_draft_is_nobody_elses_and_a_published_call_is_everybodys(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    call = await a_call(coordinator, publish=False)
    assert (await workshop.get(call)).status_code == 404
    assert (await visitor.get(f"/api/v1{call}")).status_code == 404
    await post(coordinator, f"{call}/publish")
    assert "15\N{NARROW NO-BREAK SPACE}000" in (await visitor.get(call)).text
    (listed,) = (await visitor.get("/api/v1/calls")).json()["items"]
    assert (listed["state"], listed["amount_cents"], listed["criteria"]) == (
        "open", 1_500_000, ["Utilité pour le quartier", "Solidité du budget"],
    )  # fmt: skip
    (opened,) = await events(catalog_database, "catalog.call.opened.v1")
    assert opened["data"]["organisation_name"] == "Toulouse Métropole"
    assert "Réemploi dans les quartiers" in (await visitor.get("/calls")).text
    assert "Réemploi dans les quartiers" in (await visitor.get("/")).text
    assert "Réemploi dans les quartiers" in (await workshop.get("/dashboard")).text
    assert (await coordinator.get(f"{call}/edit")).status_code == 409
    changed = await post(coordinator, call, **{**CALL, "title": "Autre chose"}, _version="2")
    assert (changed.status_code, "ne se modifie plus" in changed.text) == (422, True)


async def test_what_is_missing_is_said_beside_its_field_and_the_draft_is_kept(coordinator: httpx.AsyncClient) -> None:
    call = await a_call(coordinator, publish=False, purpose="", criteria_lines="")
    answer = await post(coordinator, f"{call}/publish")
    assert (answer.status_code, 'href="#purpose"' in answer.text) == (422, True)
    assert 'value="Réemploi dans les quartiers"' in answer.text
    wrong = await post(coordinator, "/calls", **{**CALL, "amount_euros": "beaucoup", "closes_on": "demain"})
    assert all(f'href="#{field}"' in wrong.text for field in ("amount_euros", "closes_on"))


async def test_a_call_opens_and_closes_on_its_days(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    call = await a_call(coordinator, opens_on=(TODAY + timedelta(days=2)).isoformat())
    assert "Ouvre bientôt" in (await workshop.get(call)).text
    assert (await post(workshop, f"{call}/apply", **ANSWER)).status_code == 409
    assert await events(catalog_database, "catalog.call.opened.v1") == []
    async with catalog_database.sessions.begin() as session:
        await session.execute(text("UPDATE calls SET opens_on = :today"), {"today": TODAY})
    assert await move_calls_on(catalog_database) == 1
    assert len(await events(catalog_database, "catalog.call.opened.v1")) == 1
    await close(catalog_database)
    assert await move_calls_on(catalog_database) == 1
    assert await move_calls_on(catalog_database) == 0
    assert "en cours d" in (await workshop.get(call)).text


async def test_a_draft_is_kept_sent_once_and_read_by_the_caller_only_then(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    call = await a_call(coordinator)
    kept = await post(workshop, f"{call}/apply", title="L'atelier du coin", then="keep")
    assert kept.headers["location"] == f"{call}/apply"
    assert "L&#39;atelier du coin" in (await workshop.get(f"{call}/apply")).text
    assert "Aucune candidature" in (await coordinator.get(f"{call}/applications")).text
    refused = await post(workshop, f"{call}/apply", title="L'atelier du coin", answer_1="Oui.", then="submit")
    assert (refused.status_code, 'href="#answer_2"' in refused.text) == (422, True)
    assert "Oui." in (await workshop.get(f"{call}/apply")).text
    application = await answered(workshop, call)
    assert (await post(workshop, f"{call}/apply", **ANSWER)).status_code == 409
    (sent,) = await events(catalog_database, "catalog.application.submitted.v1")
    assert sent["data"]["applicant_name"] == "Atelier"
    assert "Il tient." in (await coordinator.get(application)).text
    stranger = await sign_up()
    assert (await stranger.get(application)).status_code == 404
    assert (await stranger.get(f"{call}/applications")).status_code == 404


async def test_one_takes_it_back_while_the_call_is_open_and_the_caller_reads_it_no_more(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    call = await a_call(coordinator)
    application = await answered(workshop, call)
    assert (await post(workshop, f"{call}/withdraw")).headers["location"] == call
    assert (await coordinator.get(application)).status_code == 404
    assert (await post(workshop, f"{call}/withdraw")).status_code == 409
    await close(catalog_database)
    assert (await post(workshop, f"{call}/apply", **ANSWER)).status_code == 409
    assert (await workshop.get(f"{call}/apply")).headers["location"] == application
    assert "Reprendre" not in (await workshop.get(application)).text


async def test_what_was_taken_back_is_written_anew_and_sent_again_while_the_call_is_open(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    """INVARIANT: what the caller thought of it before decides nothing about what came since."""
    call = await a_call(coordinator)
    application = await answered(workshop, call)
    assert (await post(coordinator, application, mark_1="1", retained="no", words="Trop court.")).status_code == 303
    await post(workshop, f"{call}/withdraw")
    assert "Reprendre ma candidature" in (await workshop.get(call)).text
    assert f'href="{call}/apply"' in (await workshop.get(application)).text
    kept = await post(workshop, f"{call}/apply", **{**ANSWER, "answer_2": "Il tient mieux."}, then="keep")
    assert kept.status_code == 303
    assert (await coordinator.get(application)).status_code == 404, "as long as it is not sent again"
    assert (await answered(workshop, call)) == application
    first, second = await events(catalog_database, "catalog.application.submitted.v1")
    assert (first["data"]["again"], second["data"]["again"]) == (False, True)
    assert "relisez-la" in (await coordinator.get(application)).text
    assert "1/8" not in (await coordinator.get(f"{call}/applications")).text
    await close(catalog_database)
    assert (await post(coordinator, f"{call}/announce")).status_code == 409
    await post(coordinator, application, mark_1="4", retained="yes", words="Bravo.")
    assert "relisez-la" not in (await coordinator.get(application)).text
    assert (await post(coordinator, f"{call}/announce")).status_code == 303


async def test_decisions_are_told_to_all_at_once_after_the_end(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    other = await sign_up(organisation_name="Ressourcerie", roles=["ess"])
    call = await a_call(coordinator)
    first, second = await answered(workshop, call), await answered(other, call)
    assert (await post(coordinator, first, mark_1="4", mark_2="3", retained="yes", words="Bravo.")).status_code == 303
    assert (await post(coordinator, f"{call}/announce")).status_code == 409
    await close(catalog_database)
    assert (await post(coordinator, f"{call}/announce")).status_code == 409
    unkind = await post(coordinator, second, retained="no")
    assert (unkind.status_code, 'href="#words"' in unkind.text) == (422, True)
    await post(coordinator, second, mark_1="1", retained="no", words="Une autre année.")
    page = (await coordinator.get(f"{call}/applications")).text
    assert page.index("7/8") < page.index("1/8")
    # Until then nobody else knows.
    assert "Bravo." not in (await workshop.get(first)).text
    assert "7/8" not in (await workshop.get(first)).text
    assert (await post(coordinator, f"{call}/announce")).status_code == 303
    assert "Bravo." in (await workshop.get(first)).text
    assert "Une autre année." in (await other.get(second)).text
    told = await events(catalog_database, "catalog.application.decided.v1")
    assert sorted((each["data"]["retained"], each["data"]["words"]) for each in told) == [
        (False, "Une autre année."), (True, "Bravo."),
    ]  # fmt: skip
    assert (await post(coordinator, first, retained="no", words="Non.")).status_code == 409
    assert (await post(coordinator, f"{call}/announce")).status_code == 409


async def test_who_may_call_and_who_may_apply(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    buyer = await sign_up(roles=["buyer"])
    partner = await with_roles(sign_up, catalog_database, 4, name="Réseau", roles=["partner"])
    assert (await workshop.get("/calls/new")).status_code == 403
    assert (await post(workshop, "/calls", **CALL)).status_code == 403
    call = await a_call(partner)
    assert (await post(buyer, f"{call}/apply", **ANSWER)).status_code == 403
    assert (await post(partner, f"{call}/apply", **ANSWER)).status_code == 409
    application = await answered(workshop, call)
    # Another caller's applications are not the coordinator's to read.
    assert (await coordinator.get(application)).status_code == 404
    assert (await post(coordinator, application, retained="yes")).status_code == 404


async def test_documents_follow_what_they_belong_to(
    coordinator: httpx.AsyncClient, workshop: httpx.AsyncClient, sign_up: SignUp
) -> None:
    async def send(client: httpx.AsyncClient, about: str) -> httpx.Response:
        token = await csrf_of(client, "/needs/new")
        return await client.post(f"{about}/files", data={"_csrf": token}, files={"file": ("plan.pdf", PDF)})

    call, stranger = await a_call(coordinator, publish=False), await sign_up()
    assert (await send(coordinator, call)).status_code == 303
    file = (await coordinator.get(call)).text.partition(f'href="{call}/files/')[2].partition('"')[0]
    assert (await stranger.get(f"{call}/files/{file}")).status_code == 404
    await post(coordinator, f"{call}/publish")
    assert (await stranger.get(f"{call}/files/{file}")).content == PDF
    assert (await send(coordinator, call)).status_code == 409
    await post(workshop, f"{call}/apply", **ANSWER)
    form = (await workshop.get(f"{call}/apply")).text
    application = "/calls/applications/" + form.partition('action="/calls/applications/')[2].partition("/")[0]
    assert (await send(workshop, application)).status_code == 303
    mine = (await workshop.get(f"{call}/apply")).text.partition(f'href="{application}/files/')[2].partition('"')[0]
    assert (await coordinator.get(f"{application}/files/{mine}")).status_code == 404
    await answered(workshop, call)
    assert (await coordinator.get(f"{application}/files/{mine}")).content == PDF
    assert (await stranger.get(f"{application}/files/{mine}")).status_code == 404
    assert (await send(workshop, application)).status_code == 409
