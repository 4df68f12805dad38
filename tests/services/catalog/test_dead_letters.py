"""The territory's page of dead letters: catalog's own, and a place for the other services' parts."""

from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.shared.web.test_letters import a_letter
from tests.support import Isolated


async def test_one_page_holds_the_parts_of_all_three(catalog_database: Isolated, sign_up: SignUp) -> None:
    coordinator = await a_coordinator(sign_up, catalog_database)
    letter = await a_letter(catalog_database, consumer="relay", fingerprint="unreadable")
    page = (await coordinator.get("/territory/dead-letters")).text
    assert f"boucle dead-letters show {letter}" in page
    assert "Il n'a pas pu partir" in page.replace("’", "'")
    for part in ("/matching/dead-letters", "/notifications/dead-letters"):
        assert f'hx-get="{part}"' in page
    stranger = await sign_up()
    assert (await stranger.get("/territory/dead-letters")).status_code == 403
