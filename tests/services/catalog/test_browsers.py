"""What a session's browser is called."""

import pytest

from services.catalog.accounts.browsers import guessed

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0": (
        "Edge", "Windows",
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15": (
        "Safari", "macOS",
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit Version/18.1 Mobile/15E148 Safari/604.1": (
        "Safari", "iPhone",
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0": ("Firefox", "Linux"),
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36": ("Chrome", "Android"),
    "curl/8.5": (None, None),
    "": (None, None),
}  # fmt: skip


@pytest.mark.parametrize(("agent", "names"), AGENTS.items())
def test_a_browser_has_the_name_its_owner_knows(agent: str, names: tuple[str | None, str | None]) -> None:
    assert guessed(agent) == names


def test_a_phone_is_known_as_one() -> None:
    assert guessed("Mozilla/5.0 (iPhone; like Mac OS X)").is_handheld
    assert not guessed("Mozilla/5.0 (X11; Linux x86_64)").is_handheld
