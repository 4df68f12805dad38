"""Which browser a session is in, guessed plainly from what it says of itself."""

from typing import NamedTuple

# In this order: most browsers also claim to be others.
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
HANDHELD = frozenset({"iPhone", "iPad", "Android"})


class Guess(NamedTuple):
    """A browser and its system, each None when it says nothing known."""

    browser: str | None
    system: str | None

    @property
    def is_handheld(self) -> bool:
        """True for a phone or a tablet."""
        return self.system in HANDHELD


def guessed(user_agent: str) -> Guess:
    """The names people know, without versions."""
    browser = next((name for sign, name in BROWSERS if f"{sign}/" in user_agent), None)
    system = next((name for sign, name in SYSTEMS if sign in user_agent), None)
    return Guess(browser, system)
