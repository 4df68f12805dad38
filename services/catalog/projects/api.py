"""A holder's projects as JSON."""

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from services.catalog.projects.commands import begin_project
from services.catalog.projects.queries import project_of, projects_of
from services.catalog.projects.schemas import ProjectFacts, ProjectOut
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE


class Projects(Struct, frozen=True):
    """One page of what one's organisation holds or has held; `next` is the cursor of the following one."""

    items: list[ProjectOut]
    next: str | None


@get("/")
async def list_projects(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Projects:
    """The projects that one's organisation holds or has held, the first one first."""
    rows = await projects_of(session, member.organisation_id, after=place_of(cursor, UUID), limit=limit + 1)
    return Projects(*listed(rows, limit, ProjectOut.of))


@get("/{project_id:uuid}")
async def read_project(session: Session, member: Member, project_id: FromPath[UUID]) -> ProjectOut:
    """One of them."""
    return ProjectOut.of(await project_of(session, member.organisation_id, project_id))


@post("/", dependencies=ONCE)
async def create_project(session: Session, editor: Editor, now: Now, data: JSONBody[ProjectFacts]) -> ProjectOut:
    """Begin a project without a SIRET; for partners and territories."""
    return ProjectOut.of(await begin_project(session, editor, data, now=now))


ROUTES = [
    Router("/api/v1/projects", route_handlers=[list_projects, read_project, create_project], tags=["projects"]),
]
