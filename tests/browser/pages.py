"""Every page that a person can open, by who looks at it; each table says at what, and what of it is to be seen."""

from collections.abc import Iterable

from litestar import Litestar

from shared.web.urls import is_api
from tests.browser.look import Look
from tests.browser.no_pages import Route
from tests.browser.pages_of_accounts import OF_ACCOUNTS
from tests.browser.pages_of_members import OF_MEMBERS
from tests.browser.pages_of_territory import OF_TERRITORY
from tests.browser.pages_of_visitors import OF_VISITORS

LOOKS: list[Look] = [*OF_VISITORS, *OF_MEMBERS, *OF_ACCOUNTS, *OF_TERRITORY]


def page_routes(apps: Iterable[Litestar]) -> set[Route]:
    """What the services answer to GET, programs' interfaces and files left out."""
    return {
        route.path_format
        for app in apps
        for route in app.routes
        if "GET" in getattr(route, "methods", ()) and not _is_for_programs(route.path_format)
    }


def _is_for_programs(path: str) -> bool:
    return (is_api(path) and not path.endswith("/docs")) or path.startswith("/static")
