"""Every page of the three services, with data, in two languages, two themes and two widths, in a real browser."""

from collections.abc import Iterable
from itertools import combinations, product

import pytest
from litestar import Litestar

from services.catalog.app import create_app as create_catalog
from services.catalog.settings import Settings as CatalogSettings
from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from services.notifications.app import create_app as create_notifications
from services.notifications.settings import Settings as NotificationsSettings
from tests.browser.cast import Cast
from tests.browser.look import LIVE_MAP
from tests.browser.no_pages import NO_PAGES
from tests.browser.pages import LOOKS, page_routes
from tests.browser.viewing import LANGUAGES, ROOT, THEMES, WIDTHS, Sight, view_all

REPORT = ROOT / "build" / "axe.md"
MAP_BUDGET = 720_000  # bytes of a live map, fetched once and kept: library, worker, styles, outlines
PICTURES_BUDGET = 40_000  # bytes of the maps that are pictures on one page: two themes, wide and narrow
BUDGET = 60_000  # bytes of bodies as sent: the page, its parts, styles, scripts, fonts and icons
SEEN = {look.route for look in LOOKS}

pytestmark = pytest.mark.browser


@pytest.fixture
def apps(
    catalog_settings: CatalogSettings,
    matching_settings: MatchingSettings,
    notifications_settings: NotificationsSettings,
) -> list[Litestar]:
    """The three services as they are put together for a run."""
    return [
        create_catalog(catalog_settings),
        create_matching(matching_settings),
        create_notifications(notifications_settings),
    ]


@pytest.fixture(scope="session")
async def sights(cast: Cast) -> list[Sight]:
    """All that was seen, looked at once for all the tests here."""
    seen = await view_all(cast, LOOKS)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(report(seen)) + "\n", encoding="utf-8")
    return seen


def report(seen: Iterable[Sight]) -> Iterable[str]:
    """A table with one line a page and language: its weight, and what axe found at each width."""
    yield "| page | who | language | kB gz | wide | narrow | side scroll | said |"
    yield "|---|---|---|--:|--:|--:|--:|---|"
    by_page: dict[tuple[str, str], list[Sight]] = {}
    for sight in seen:
        by_page.setdefault((sight.look.name, sight.language), []).append(sight)
    for (name, language), sights in by_page.items():
        found = [str(len(sight.violations)) for sight in sights]
        wide = max(sight.overflow for sight in sights)
        said = "; ".join(complaint for sight in sights for complaint in sight.complaints)
        weight = f"{sights[0].weight / 1000:.1f}"
        yield f"| {name} | {sights[0].look.who} | {language} | {weight} | {' | '.join(found)} | {wide} px | {said} |"


def wrong(sights: Iterable[Sight], says: str) -> list[str]:
    """`says` of those whose list or number of that name is not empty."""
    return [f"{sight}: {found}" for sight in sights if (found := getattr(sight, says))]


def test_every_page_of_the_services_is_looked_at(apps: list[Litestar]) -> None:
    """INVARIANT: a route that answers GET is in the table of pages, or says there why it is none."""
    served = page_routes(apps)
    assert served - SEEN - set(NO_PAGES) == set(), "add it to a table of tests/browser/pages_of_….py"
    assert set(NO_PAGES) - served == set()
    assert SEEN - served - {"/nowhere", "/broken", "/away"} == set()


def test_everything_was_seen_in_every_language_theme_and_width(sights: list[Sight]) -> None:
    """And in every two of these together."""
    seen = {"language": LANGUAGES, "theme": THEMES, "width": WIDTHS}
    for one, other in combinations(seen, 2):
        looked_at = {(sight.look.name, getattr(sight, one), getattr(sight, other)) for sight in sights}
        assert looked_at == {(look.name, *both) for look in LOOKS for both in product(seen[one], seen[other])}
    assert [f"{sight}: {sight.status}" for sight in sights if sight.status != sight.look.status] == []


def test_axe_finds_no_violation(sights: list[Sight]) -> None:
    """WCAG 2.0, 2.1 and 2.2, levels A and AA, and axe's best practices."""
    assert wrong(sights, "violations") == []


def test_no_page_complains_in_the_console_or_misses_a_request(sights: list[Sight]) -> None:
    assert wrong(sights, "complaints") == []


def test_no_page_scrolls_sideways(sights: list[Sight]) -> None:
    assert wrong(sights, "overflow") == []


def test_every_icon_that_a_page_names_is_drawn(sights: list[Sight]) -> None:
    assert wrong(sights, "blank") == []


def test_every_page_says_its_language_and_has_one_title(sights: list[Sight]) -> None:
    assert [str(sight) for sight in sights if (sight.lang, sight.headings) != (sight.language, 1)] == []
    assert [str(sight) for sight in sights if not sight.title.removesuffix(" | Boucle").strip()] == []


def test_a_first_visit_of_any_page_is_under_60_kb(sights: list[Sight]) -> None:
    assert [f"{sight}: {sight.weight}" for sight in sights if sight.weight > BUDGET] == []


def test_only_pages_with_a_live_map_load_one_and_maps_are_weighed_apart(sights: list[Sight]) -> None:
    """INVARIANT: a page without a live map brings nothing of it; at most pictures of one."""
    live = {look.name for look in LOOKS if look.shows == LIVE_MAP}
    heavy = [sight for sight in sights if sight.map_weight > PICTURES_BUDGET]
    assert {sight.look.name for sight in heavy} == live
    assert [f"{sight}: {sight.map_weight}" for sight in heavy if sight.map_weight > MAP_BUDGET] == []
