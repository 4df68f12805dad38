"""The door of a whole service for an organisation that the territory suspended: it reads and ends, begins nothing."""

from collections.abc import Callable

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from shared.database import Database
from shared.database.statement import Statement
from shared.refusal import Refusal
from shared.web.csrf import SAFE_METHODS
from shared.web.visit import acting_of, visit_of

# A door of its own (decision 14): pages read no row that says so.
IS_SUSPENDED = Statement("SELECT is_suspended(:organisation)")


class OrganisationSuspendedNow(Refusal):
    """A coordinator suspended the organisation."""

    status = 403
    sentence = (
        "Votre structure est suspendue : elle lit, termine et annule, mais ne commence rien. Écrivez au territoire "
        "pour savoir pourquoi et la rétablir."
    )


class SuspensionGuard:
    """Refuses every unsafe route of a service that `goes_on` does not know, by its path as it is written.

    Catalog says in the identity that an organisation is suspended. Elsewhere an identity lives for a while:
    `hears_of_it` where the service's own tables know it from catalog's events, and whichever says so first decides.
    """

    def __init__(self, goes_on: Callable[[str], bool], *, hears_of_it: bool = False) -> None:
        self._goes_on = goes_on
        self._hears_of_it = hears_of_it

    async def __call__(self, connection: ASGIConnection, _handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
        """Raise `OrganisationSuspendedNow` where something would begin."""
        identity = visit_of(connection).identity  # type: ignore[arg-type]
        if identity is None or connection.scope.get("method") in SAFE_METHODS:
            return
        if self._goes_on(connection.scope["path_template"]):
            return
        if identity.is_suspended:
            raise OrganisationSuspendedNow
        if self._hears_of_it:
            database: Database = connection.app.state.database
            async with database.acting(acting_of(identity)) as session:
                if await IS_SUSPENDED.scalar(session, organisation=identity.organisation_id):
                    raise OrganisationSuspendedNow
