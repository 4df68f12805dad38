"""The three services, each with an organisation's private things and with strangers at the door."""

import pytest

from tests.security.accounts import APP_SECRET
from tests.security.calls import a_call_of, an_application_of
from tests.security.catalog_scene import catalog_scene
from tests.security.imports import COLUMNS
from tests.security.matching_scene import matching_scene
from tests.security.notifications_scene import HOOK, notifications_scene
from tests.security.people import OWNER, SERVICES, STRANGERS, signed_in
from tests.security.postings import DRAFTS, OPEN, posted
from tests.security.scene import Scene
from tests.services.catalog.conftest import catalog_app, lasting_catalog, sign_up, visitor

__all__ = [
    "APP_SECRET",
    "COLUMNS",
    "DRAFTS",
    "HOOK",
    "OPEN",
    "OWNER",
    "SERVICES",
    "STRANGERS",
    "a_call_of",
    "an_application_of",
    "catalog_app",
    "catalog_scene",
    "lasting_catalog",
    "matching_scene",
    "notifications_scene",
    "posted",
    "sign_up",
    "signed_in",
    "visitor",
]


@pytest.fixture(params=SERVICES)
def scene(request: pytest.FixtureRequest) -> Scene:
    """Each service in turn."""
    found: Scene = request.getfixturevalue(f"{request.param}_scene")
    return found
