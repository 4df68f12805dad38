"""An amount in letters, as a French receipt writes it beside the figures: traditional spelling.

Written here: the library for this writes « zéro euros » and « un million euros ».
"""

from typing import Final

SMALL: Final = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize"),
    *("quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
TENS: Final = (
    "",
    "",
    "vingt",
    "trente",
    "quarante",
    "cinquante",
    "soixante",
    "soixante",
    "quatre-vingt",
    "quatre-vingt",
)
SCALES: Final = ((10**9, "milliard"), (10**6, "million"))


def amount_in_letters(cents: int) -> str:
    """« mille deux cents euros et vingt et un centimes »; cents from 0, below a thousand milliards of euros."""
    euros, rest = divmod(cents, 100)
    parts = []
    if euros or not rest:
        # « Un million d'euros », but « un million deux cents euros ».
        of = "d'" if euros and euros % 10**6 == 0 else ""
        parts.append(f"{in_letters(euros)} {of}euro{'s' if euros > 1 else ''}")
    if rest:
        parts.append(f"{in_letters(rest)} centime{'s' if rest > 1 else ''}")
    return " et ".join(parts)


def in_letters(number: int) -> str:
    """A whole number from 0, below 10**12."""
    words = []
    for size, name in SCALES:
        count, number = divmod(number, size)
        if count:
            words.append(f"{_below_thousand(count)} {name}{'s' if count > 1 else ''}")
    thousands, number = divmod(number, 1000)
    if thousands:
        # « Quatre-vingt mille », « deux cent mille »: before mille nothing takes an s.
        words.append("mille" if thousands == 1 else f"{_below_thousand(thousands, ends=False)} mille")
    if number or not words:
        words.append(_below_thousand(number))
    return " ".join(words)


def _below_thousand(number: int, *, ends: bool = True) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest, ends=ends)
    count = "cent" if hundreds == 1 else f"{SMALL[hundreds]} cent"
    if not rest:
        return f"{count}s" if hundreds > 1 and ends else count
    return f"{count} {_below_hundred(rest, ends=ends)}"


def _below_hundred(number: int, *, ends: bool) -> str:
    if number < len(SMALL):
        return SMALL[number]
    tens, unit = divmod(number, 10)
    if tens in (7, 9):
        unit += 10
    if not unit:
        return f"{TENS[tens]}s" if tens == 8 and ends else TENS[tens]
    joint = " et " if unit in (1, 11) and tens < 8 else "-"
    return f"{TENS[tens]}{joint}{SMALL[unit]}"
