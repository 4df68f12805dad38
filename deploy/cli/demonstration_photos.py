"""Photos of the demonstration's collections, drawn when they are needed: nobody's yard is shown, no picture is kept."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFilter

SIZE: Final = (960, 720)
HORIZON: Final = 430
Colour = tuple[int, int, int]
SKY, WALL, YARD, SHADE = (196, 208, 214), (146, 150, 146), (112, 110, 106), (74, 72, 70)


class Goods(NamedTuple):
    """What lies there: how wide and high a piece is, in pixels, how many lie beside and upon each other, its colour."""

    width: int
    height: int
    beside: int
    upon: int
    colour: Colour


GOODS: Mapping[str, Goods] = {
    "pallets": Goods(width=230, height=34, beside=3, upon=9, colour=(182, 142, 92)),
    "wood": Goods(width=116, height=22, beside=6, upon=8, colour=(151, 108, 66)),
}


def photo_of_goods(code: str, *, seed: int) -> bytes:
    """A PNG of goods in a yard; the same for the same seed."""
    chance, goods = random.Random(seed), GOODS[code]  # noqa: S311 - a drawing hides nothing
    picture = Image.new("RGB", SIZE, SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 120, SIZE[0], HORIZON), fill=WALL)
    for door in range(60, SIZE[0], 300):
        draw.rectangle((door, 200, door + 200, HORIZON), fill=_other(WALL, -18))
    draw.rectangle((0, HORIZON, *SIZE), fill=YARD)
    _pile(draw, goods, chance)
    # As a phone sees it: softer than drawn, and with some noise.
    noise = Image.effect_noise(SIZE, 22).convert("RGB")
    return _png(Image.blend(picture.filter(ImageFilter.GaussianBlur(1.2)), noise, 0.08))


def _pile(draw: ImageDraw.ImageDraw, goods: Goods, chance: random.Random) -> None:
    ground = 610
    left = (SIZE[0] - goods.beside * (goods.width + 12)) // 2
    draw.ellipse((left - 30, ground - 14, SIZE[0] - left + 40, ground + 26), fill=SHADE)
    for place in range(goods.beside):
        for number in range(goods.upon - chance.randrange(3)):
            x = left + place * (goods.width + 12) + chance.randrange(-5, 6)
            y = ground - (number + 1) * goods.height
            colour = _other(goods.colour, chance.randrange(-22, 23))
            draw.rectangle((x, y, x + goods.width, y + goods.height - 3), fill=colour)
            # The blocks that a board rests on, and the gaps between them.
            third = goods.width // 3
            for gap in (x + third // 4, x + third + third // 4, x + 2 * third + third // 4):
                draw.rectangle((gap, y + goods.height // 2, gap + third // 2, y + goods.height - 3), fill=SHADE)


def _other(colour: Colour, by: int) -> Colour:
    red, green, blue = (max(0, min(255, part + by)) for part in colour)
    return red, green, blue


def _png(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()
