"""`make gallery`: a picture of every page in every language, theme and width, with an index to choose from."""

import asyncio
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from deploy.bench.stage import stage
from shared.web.assets import BUILT
from tests.browser.cast import assemble
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.pages import LOOKS
from tests.browser.viewing import EVERY_VIEW, LANGUAGES, ROOT, THEMES, WIDTHS, Sight, view_all
from tests.support import a_chromium

GALLERY = ROOT / "build" / "gallery"
CHOICES = {"language": LANGUAGES, "shade": THEMES, "width": WIDTHS}


def main() -> None:
    """Names on the command line keep the looks whose name holds one of them."""
    asyncio.run(draw(sys.argv[1:]))


async def draw(words: list[str]) -> None:
    """Start a house with its demonstration, look at everything, write the index."""
    looks = [look for look in LOOKS if not words or any(word in look.name for word in words)]
    GALLERY.mkdir(parents=True, exist_ok=True)
    async with stage() as house, a_chromium(CHROMIUM, *ARGUMENTS) as chromium:
        await house.start()
        await house.ready()
        seen = await view_all(await assemble(house, chromium), looks, views=EVERY_VIEW, pictures=GALLERY)
    write_index(seen, GALLERY)
    print(f"{len(seen)} pictures: {GALLERY / 'index.html'}")  # noqa: T201 - it is a command


def write_index(seen: list[Sight], folder: Path) -> None:
    """One page with all pictures, in the project's own styles."""
    for part in BUILT.glob("*.woff2"):
        shutil.copy(part, folder)
    shutil.copy(next(BUILT.glob("app.*.css")), folder / "app.css")
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    page = templates.get_template("gallery.html").render(pictures=seen, choices=CHOICES, at=at)
    (folder / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
