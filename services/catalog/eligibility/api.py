"""The three facts as JSON: declared and checked by the same rules as on pages."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from services.catalog.eligibility.articles import THREE
from services.catalog.eligibility.commands import declare_fact, judge_fact
from services.catalog.eligibility.schemas import Declaring, FactOut, Facts, Looking
from services.catalog.organisations.errors import OrganisationToCheckUnknown
from services.catalog.organisations.queries import organisation_acting, organisation_by_id
from shared.clock import day_of
from shared.web.provided import Coordinator, Editor, Member, Now, Session
from shared.web.transactions import ONCE


@get("/api/v1/eligibility", tags=["eligibility"])
async def read_facts(session: Session, member: Member, now: Now) -> Facts:
    """The three facts of one's legal entity: what it declared and what a coordinator found."""
    entity = (await organisation_acting(session, member.organisation_id)).legal_entity
    return Facts([FactOut.of(code, entity.fact(code), day_of(now)) for code in THREE])


@post("/api/v1/eligibility", status_code=200, dependencies=ONCE, tags=["eligibility"])
async def declare(session: Session, editor: Editor, now: Now, data: JSONBody[Declaring]) -> FactOut:
    """Declare one of them: `tax_receipts`, `unsold_vat` or `food_aid_body`; owners alone."""
    return FactOut.of(data.code, await declare_fact(session, editor, data, now=now), day_of(now))


@post(
    "/api/v1/territory/organisations/{organisation_id:uuid}/eligibility",
    status_code=200,
    dependencies=ONCE,
    tags=["territory"],
)
async def judge(
    session: Session, coordinator: Coordinator, now: Now, organisation_id: FromPath[UUID], data: JSONBody[Looking]
) -> FactOut:
    """Check or refuse a fact of an organisation's legal entity, as it was declared on `stated_on`."""
    if await organisation_by_id(session, organisation_id) is None:
        raise OrganisationToCheckUnknown
    found = await judge_fact(session, coordinator, data, organisation_id=organisation_id, now=now)
    return FactOut.of(data.code, found, day_of(now))


ROUTES: list[ControllerRouterHandler] = [read_facts, declare, judge]
