"""INVARIANT: a suspended organisation reads, ends and completes; it begins and binds nothing, by whatever route."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from services.catalog.organisations.suspension import GOES_ON, goes_on
from services.matching import suspension as matching
from services.matching.organisations.handlers import HANDLERS as MATCHING
from services.notifications import suspension as notifications
from services.notifications.audience.handlers import HANDLERS as NOTIFICATIONS
from shared.events.catalog import OrganisationRegistered, OrganisationSuspended, OrganisationVerified
from shared.identity import Identity, Signer, Verifier
from shared.identity.identity import SUSPENDED
from shared.messaging.handling import Handlers
from shared.web.visit import IDENTITY_COOKIE
from tests.security.conftest import OWNER
from tests.security.scene import Scene
from tests.services.matching import scenes
from tests.support import csrf_headers, set_identity

# What begins or binds something, by the route's path: a new route takes a stand here, or in its `suspension.GOES_ON`.
REFUSED = [
    "/agreements/{agreement_id}",
    "/agreements/{agreement_id}/gift",
    "/agreements/{agreement_id}/sign",
    "/api/v1/agreements",
    "/api/v1/agreements/{agreement_id}",
    "/api/v1/agreements/{agreement_id}/gift",
    "/api/v1/agreements/{agreement_id}/sign",
    "/api/v1/answers",
    "/api/v1/answers/{answer_id}",
    "/api/v1/billing-mandates",
    "/api/v1/campaigns",
    "/api/v1/campaigns/{campaign_id}",
    "/api/v1/campaigns/{campaign_id}/publish",
    "/api/v1/eligibility",
    "/api/v1/flows",
    "/api/v1/flows/call-offs",
    "/api/v1/flows/lots/{lot_id}",
    "/api/v1/flows/{flow_id}",
    "/api/v1/flows/{flow_id}/publish",
    "/api/v1/flows/{flow_id}/resume",
    "/api/v1/gifts/attestations",
    "/api/v1/gifts/papers",
    "/api/v1/gifts/profile",
    "/api/v1/gifts/statement",
    "/api/v1/gifts/replacements",
    "/api/v1/invitations",
    "/api/v1/invitations/{invitation_id}/resend",
    "/api/v1/needs",
    "/api/v1/needs/{need_id}",
    "/api/v1/needs/{need_id}/publish",
    "/api/v1/offers",
    "/api/v1/offers/{offer_id}",
    "/api/v1/offers/{offer_id}/publish",
    "/api/v1/offers/{offer_id}/resume",
    "/api/v1/pledges",
    "/api/v1/projects",
    "/api/v1/proposals",
    "/api/v1/proposals/{proposal_id}",
    "/api/v1/proposals/{proposal_id}/accept",
    "/api/v1/proposals/{proposal_id}/files",
    "/api/v1/proposals/{proposal_id}/files/{file_id}/remove",
    "/api/v1/questions",
    "/api/v1/questions/{question_id}/reply",
    "/api/v1/subscriptions",
    "/api/v1/subscriptions/terms/{flow_id}",
    "/api/v1/subscriptions/{subscription_id}/accept",
    "/api/v1/subscriptions/{subscription_id}/resume",
    "/api/v1/takings",
    "/api/v1/takings/holds",
    "/api/v1/takings/{taking_id}/extend",
    "/api/v1/takings/{taking_id}/take",
    "/api/v1/team/{member_id}",
    "/api/v1/territory/organisations/{organisation_id}/eligibility",
    "/api/v1/territory/organisations/{organisation_id}/flows",
    "/api/v1/territory/organisations/{organisation_id}/needs",
    "/api/v1/territory/organisations/{organisation_id}/offers",
    "/calls",
    "/calls/applications/{application_id}",
    "/calls/applications/{application_id}/files",
    "/calls/applications/{application_id}/files/{file_id}/remove",
    "/calls/{call_id}",
    "/calls/{call_id}/announce",
    "/calls/{call_id}/apply",
    "/calls/{call_id}/files",
    "/calls/{call_id}/files/{file_id}/remove",
    "/calls/{call_id}/publish",
    "/campaigns",
    "/campaigns/{campaign_id}",
    "/campaigns/{campaign_id}/pledge",
    "/campaigns/{campaign_id}/publish",
    "/campaigns/{row_id}/files",
    "/campaigns/{row_id}/files/{file_id}/remove",
    "/collections/calendar",
    "/flows",
    "/flows/begin",
    "/flows/lots/{lot_id}",
    "/flows/lots/{lot_id}/hold",
    "/flows/lots/{lot_id}/take",
    "/flows/preview",
    "/flows/{flow_id}",
    "/flows/{flow_id}/call-off",
    "/flows/{flow_id}/copy",
    "/flows/{flow_id}/publish",
    "/flows/{flow_id}/resume",
    "/flows/{flow_id}/subscribe",
    "/flows/{flow_id}/subscriptions",
    "/flows/{row_id}/files",
    "/flows/{row_id}/files/{file_id}/remove",
    "/flows/{row_id}/questions",
    "/flows/{row_id}/review",
    "/flows/{row_id}/steps/{code}",
    "/flows/{row_id}/steps/{code}/keep",
    "/flows/{row_id}/steps/{code}/preview",
    "/flows/{row_id}/widen",
    "/gifts/attest",
    "/gifts/papers/{paper_id}/replace",
    "/gifts/profile",
    "/gifts/statement",
    "/gifts/{gift_id}/papers/{paper_kind}",
    "/imports",
    "/imports/{import_id}/columns",
    "/imports/{import_id}/run",
    "/needs",
    "/needs/begin",
    "/needs/preview",
    "/needs/{need_id}",
    "/needs/{need_id}/copy",
    "/needs/{need_id}/declined",
    "/needs/{need_id}/interested",
    "/needs/{need_id}/proposal",
    "/needs/{need_id}/publish",
    "/needs/{row_id}/files",
    "/needs/{row_id}/files/{file_id}/remove",
    "/needs/{row_id}/questions",
    "/needs/{row_id}/review",
    "/needs/{row_id}/steps/{code}",
    "/needs/{row_id}/steps/{code}/keep",
    "/needs/{row_id}/steps/{code}/preview",
    "/needs/{row_id}/widen",
    "/offers",
    "/offers/begin",
    "/offers/{offer_id}",
    "/offers/{offer_id}/publish",
    "/offers/{offer_id}/resume",
    "/offers/{row_id}/files",
    "/offers/{row_id}/files/{file_id}/remove",
    "/offers/{row_id}/review",
    "/offers/{row_id}/steps/{code}",
    "/offers/{row_id}/steps/{code}/keep",
    "/organisation/asks",
    "/organisation/edit",
    "/organisation/eligibility",
    "/organisation/files",
    "/organisation/files/{file_id}/remove",
    "/organisation/keys",
    "/organisation/siret",
    "/organisation/sites",
    "/organisation/sites/{site_id}",
    "/organisation/sites/{site_id}/remove",
    "/organisation/statuses",
    "/organisation/team/invitations",
    "/organisation/team/invitations/{invitation_id}/resend",
    "/organisation/team/requests/{claim_id}/accept",
    "/organisation/team/{member_id}/role",
    "/payments/mandates",
    "/projects/new",
    "/projects/{project_id}/join",
    "/proposals/{proposal_id}/accept",
    "/proposals/{proposal_id}/agreement",
    "/proposals/{proposal_id}/files",
    "/proposals/{proposal_id}/files/{file_id}/remove",
    "/questions/{question_id}/reply",
    "/subscriptions/{subscription_id}/accept",
    "/subscriptions/{subscription_id}/resume",
    "/takings/{taking_id}/agreement",
    "/takings/{taking_id}/extend",
    "/takings/{taking_id}/take",
    "/territory/campaigns/{campaign_id}/send-back",
    "/territory/claims/{claim_id}",
    "/territory/claims/{claim_id}/letter",
    "/territory/flows/{flow_id}/send-back",
    "/territory/needs/{need_id}/send-back",
    "/territory/organisations/{organisation_id}",
    "/territory/organisations/{organisation_id}/contacts",
    "/territory/organisations/{organisation_id}/eligibility",
    "/territory/organisations/{organisation_id}/post",
    "/territory/organisations/{organisation_id}/statuses",
    "/territory/parameters/{parameter}",
]
REFUSED_ELSEWHERE = {
    "matching": ["/matching/allocation", "/matching/api/v1/allocation", "/matching/flows/{demand_id}/allocation"],
    "notifications": [
        f"{prefix}/webhooks{path}"
        for prefix in ("/notifications", "/notifications/api/v1")
        for path in (
            "",
            "/{webhook_id}",
            "/{webhook_id}/deliveries/{delivery_id}/replay",
            "/{webhook_id}/replay",
            "/{webhook_id}/resume",
            "/{webhook_id}/test",
        )
    ],
}
WHY = "elle lit, termine et annule"
# Its pages say it at the top whatever they answer; a refusal says it in the page itself, or as its detail.
REFUSED_FOR = re.compile(rf'(<h1[^>]*>|<p>|"detail": ?")[^<"]*{WHY}')


async def test_every_route_that_changes_something_takes_a_stand(catalog_scene: Scene) -> None:
    unsafe = {route.path for route in catalog_scene.routes if route.is_unsafe}
    assert {path for path in unsafe if not goes_on(path)} == set(REFUSED)
    # Pages and programs name some of the same things otherwise: at least one of the two is there.
    assert [path for path in GOES_ON if not {path, path.removeprefix("/api/v1"), f"/api/v1{path}"} & unsafe] == []


@pytest.mark.promise(47)
async def test_a_suspended_organisation_ends_things_and_begins_none(catalog_scene: Scene) -> None:
    (own,) = catalog_scene.ids["organisation_id"]
    async with catalog_scene.database.sessions.begin() as session:
        await session.execute(text("UPDATE organisations SET state = 'suspended' WHERE id = :id"), {"id": own})
    wrong = []
    for route in catalog_scene.routes:
        if not route.is_unsafe or route.path.startswith(("/session", "/account", "/sign-")):
            continue
        address = next(route.addresses(catalog_scene.ids))
        async with catalog_scene.aside():
            answer = await catalog_scene.ask(OWNER, route, address)
        is_refused = answer.status_code == 403 and REFUSED_FOR.search(answer.text) is not None
        if is_refused is goes_on(route.path):
            wrong.append(f"{route} {answer.status_code}")
    assert wrong == []


async def test_its_pages_say_so_at_the_top_and_others_do_not(catalog_scene: Scene) -> None:
    own = catalog_scene.people[OWNER]
    assert WHY not in (await own.get("/needs")).text
    async with catalog_scene.database.sessions.begin() as session:
        await session.execute(
            text("UPDATE organisations SET state = 'suspended' WHERE id = :id"),
            {"id": catalog_scene.ids["organisation_id"][0]},
        )
    for path in ("/needs", "/dashboard", "/account"):
        answer = await own.get(path)
        assert (answer.status_code, WHY in answer.text) == (200, True), path
    assert WHY not in (await catalog_scene.people["nobody"].get("/needs")).text


class Elsewhere(NamedTuple):
    """A service beside catalog, what it says goes on, and how it hears of catalog's events."""

    scene: Scene
    goes_on: Callable[[str], bool]
    handlers: Handlers

    @property
    def owner(self) -> Identity:
        """Whose scene it is, as its token says."""
        verifier = Verifier(self.scene.app.state.settings.identity_keys_file)
        identity = verifier.read(self.scene.people[OWNER].cookies[IDENTITY_COOKIE])
        assert identity is not None
        return identity

    async def hear(self, kind: type[Any], version: int) -> None:
        """What catalog tells of the owner's organisation."""
        registered = scenes.organisation(organisation_id=self.owner.organisation_id, version=version)
        assert isinstance(registered, OrganisationRegistered)
        event = kind(**dict(registered))
        async with self.scene.database.sessions.begin() as session:
            await self.handlers[kind](session, event)

    async def refused(self) -> set[str]:
        """The paths at which the owner is told that its organisation is suspended."""
        found = set()
        for route in self.scene.routes:
            if route.is_unsafe:
                async with self.scene.aside():
                    answer = await self.scene.ask(OWNER, route, next(route.addresses(self.scene.ids)))
                if answer.status_code == 403 and REFUSED_FOR.search(answer.text) is not None:
                    found.add(route.path)
        return found


@pytest.fixture(params=REFUSED_ELSEWHERE)
def elsewhere(request: pytest.FixtureRequest) -> Elsewhere:
    """Each service beside catalog."""
    scene: Scene = request.getfixturevalue(f"{request.param}_scene")
    if request.param == "matching":
        return Elsewhere(scene, matching.goes_on, MATCHING)
    return Elsewhere(scene, notifications.goes_on, NOTIFICATIONS)


async def test_elsewhere_every_route_that_changes_something_takes_a_stand(elsewhere: Elsewhere) -> None:
    unsafe = {route.path for route in elsewhere.scene.routes if route.is_unsafe}
    refused = set(REFUSED_ELSEWHERE[elsewhere.scene.app.service])
    assert {path for path in unsafe if not elsewhere.goes_on(path)} == refused
    if elsewhere.scene.app.service == "notifications":
        assert unsafe >= notifications.GOES_ON


@pytest.mark.promise(47)
async def test_elsewhere_it_begins_nothing_as_soon_as_the_service_hears_of_it(elsewhere: Elsewhere) -> None:
    refused = set(REFUSED_ELSEWHERE[elsewhere.scene.app.service])
    assert await elsewhere.refused() == set()
    # Its token was made before, and lives on.
    await elsewhere.hear(OrganisationSuspended, 5)
    assert await elsewhere.refused() == refused
    await elsewhere.hear(OrganisationVerified, 6)
    assert await elsewhere.refused() == set()


async def test_elsewhere_it_begins_nothing_as_soon_as_its_token_says_so(elsewhere: Elsewhere, signer: Signer) -> None:
    client, owner = elsewhere.scene.people[OWNER], elsewhere.owner
    told = replace(owner, roles=owner.roles | {SUSPENDED})
    set_identity(client, signer.mint(told))
    client.headers.update(csrf_headers(client, elsewhere.scene.app, told))
    assert await elsewhere.refused() == set(REFUSED_ELSEWHERE[elsewhere.scene.app.service])
