"""Suggestions while somebody types: every beginning of everyday phrases, slips included, in both languages."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from deploy.bench.figures import percentile
from shared.vocabulary import CodeScheme, categories, suggest, suggest_codes, warm_up

FIRST_ASKED: Final = 2  # letters from which a field's suggestions are of use


class Phrase(NamedTuple):
    """What somebody types, and a code that must be among those suggested once it is typed."""

    text: str
    scheme: CodeScheme
    code: str
    language: str = "fr"


PHRASES: Final = (
    Phrase("palettes en bois cassées", "ewc", "150103"),
    Phrase("paletes europe a donner", "ewc", "150103"),
    Phrase("drèches de brasserie", "ewc", "020704"),
    Phrase("marc de café", "ewc", "200108"),
    Phrase("huile de friture", "ewc", "200125"),
    Phrase("bouteilles en verre vides", "ewc", "150107"),
    Phrase("cartons de demenagement", "ewc", "150101"),
    Phrase("tubes néons usagés", "ewc", "200121"),
    Phrase("ordinateurs portables", "cpv", "30213100"),
    Phrase("mobillier de bureau", "cpv", "39130000"),
    Phrase("nettoyage de bureaux", "cpv", "90919200"),
    Phrase("traiteur pour séminaire", "cpv", "55520000"),
    Phrase("80 repas par mois pour nos salariés", "cpv", "55510000"),
    Phrase("tonte des pelouses", "cpv", "77314100"),
    Phrase("impression de flyers", "cpv", "79810000"),
    Phrase("réparation de vélos", "naf", "9529"),
    Phrase("reparer des palettes", "naf", "1624"),
    Phrase("gardiennage de nuit", "naf", "8010"),
    Phrase("blanchisserie", "naf", "9601"),
    Phrase("couture et retouches", "naf", "1413"),
    Phrase("broken pallets", "ewc", "150103", "en"),
    Phrase("spent grain", "ewc", "020704", "en"),
    Phrase("office cleaning", "cpv", "90919200", "en"),
    Phrase("offise furniture", "cpv", "39130000", "en"),
    Phrase("event catering", "cpv", "55520000", "en"),
    Phrase("bike repair", "naf", "9529", "en"),
    Phrase("15 01 03", "ewc", "150103"),
    Phrase("20 01 21", "ewc", "200121"),
    Phrase("90919200", "cpv", "909192"),
    Phrase("81.21", "naf", "8121"),
)


def measure_vocabulary() -> dict[str, Any]:
    """Categories and codes for each beginning, once each; refuses to time answers that are wrong."""
    began = time.perf_counter()
    warm_up()
    warm = time.perf_counter() - began
    if missed := [phrase.text for phrase in PHRASES if not _found(phrase)]:
        raise RuntimeError(f"These phrases do not lead to their code any more: {missed}")
    typed = list(chain.from_iterable(_typed(phrase) for phrase in PHRASES))
    return {
        "categories": len(categories()),
        "typed": len(typed),
        "warm_up_ms": round(warm * 1000, 1),
        "categories_of_a_text": _figures([_timed(suggest, each.text, each.language) for each in typed]),
        "codes_of_a_text": _figures([_timed(suggest_codes, each.text, each.scheme, each.language) for each in typed]),
    }


def _found(phrase: Phrase) -> bool:
    found = suggest_codes(phrase.text, phrase.scheme, phrase.language)
    return any(phrase.code.startswith(each.code) or each.code.startswith(phrase.code) for each in found)


def _typed(phrase: Phrase) -> Iterator[Phrase]:
    """The phrase as it grows under somebody's fingers."""
    for length in range(FIRST_ASKED, len(phrase.text) + 1):
        yield phrase._replace(text=phrase.text[:length])


def _timed(ask: Callable[..., object], *asked: str) -> tuple[float, float]:
    """Seconds by the clock, and seconds that a processor really worked: they differ on a busy machine."""
    began, worked = time.perf_counter(), time.thread_time()
    ask(*asked)
    return time.perf_counter() - began, time.thread_time() - worked


def _figures(samples: Sequence[tuple[float, float]]) -> dict[str, float]:
    clock, work = zip(*samples, strict=True)
    return {
        "p50_ms": percentile(clock, 0.5),
        "p99_ms": percentile(clock, 0.99),
        "work_p50_ms": percentile(work, 0.5),
        "work_p99_ms": percentile(work, 0.99),
    }
