"""What matching says of a draft, as its panel shows it: names, sentences, dates, and what a button would change."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from services.catalog.posting.view import period_words, quantity_words
from services.catalog.preview.asking import Asking
from shared.events.facts import Window
from shared.events.reasons import Constraint
from shared.phrases import say_gap, say_reason
from shared.phrases.gaps import CONSTRAINT_NAMES
from shared.phrases.names import INCLUSION_KINDS, PERMITS, named, short_supplier_kind
from shared.questions.preview import Likely, Missing, NearMisses, PlannedWave, Preview, Widening
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

CHIPS = 3
SHOWN_WAVES = 3
SHOWN_CRITERIA = 4
SOON = timedelta(minutes=1)

Say = Callable[[str], str]
Chip = tuple[str, str]
Fields = Mapping[str, Sequence[str]]


class Row(NamedTuple):
    """One supplier that fits."""

    likely: Likely
    about: str
    chips: Sequence[Chip]


class WaveRow(NamedTuple):
    """One wave; without `when` it begins as soon as the draft is published."""

    wave: PlannedWave
    when: str | None


class Option(NamedTuple):
    """One widening: what it is in a word or two, how many more, and the form's fields that it would set."""

    words: str
    more: int
    fields: Fields


class Criterion(NamedTuple):
    """One condition: its name, how many it alone keeps out, the best of them and its gap, how it can be widened."""

    name: str
    suppliers: int
    missing: Missing | None
    nearest: Chip | None
    options: Sequence[Option]


class Panel(NamedTuple):
    """`state` is `nothing` before anything is typed, `late` when matching does not answer, else `told`."""

    state: str
    preview: Preview | None = None
    of: str = "need"
    stands_in: str | None = None
    local_name: str | None = None
    is_purchase: bool = False
    rows: Sequence[Row] = ()
    waves: Sequence[WaveRow] = ()
    criteria: Sequence[Criterion] = ()


NOTHING, LATE = Panel("nothing"), Panel("late")


def panel_of(request: Req, asking: Asking | None, preview: Preview | None, now: datetime) -> Panel:
    """All that the panel shows."""
    language, say = visit_of(request).language, partial(gettext, request)
    if asking is None:
        return NOTHING
    if preview is None:
        return LATE._replace(of=asking.question.of)
    question = asking.question
    return Panel(
        state="told",
        preview=preview,
        of=question.of,
        stands_in=asking.stands_in.short_name if asking.stands_in else None,
        local_name=question.place.epci_name,
        is_purchase=question.of == "need" and question.kind == "procurement",
        rows=[_row(each, language) for each in preview.suppliers],
        waves=[_wave(each, language, now) for each in preview.waves[:SHOWN_WAVES] if each.suppliers or each.waiting],
        criteria=[_criterion(each, say, language) for each in preview.near_misses[:SHOWN_CRITERIA]],
    )


def _row(likely: Likely, language: str) -> Row:
    # « ESAT » says more than « Association »: what it is for before its legal form.
    telling = sorted(likely.kinds, key=lambda code: code not in INCLUSION_KINDS)
    kinds = [short_supplier_kind(code, language) for code in telling[:1]]
    chips = [say_reason(reason, language) for reason in likely.reasons[:CHIPS]]
    return Row(likely, ", ".join([*kinds, likely.place_name]), chips)


def _wave(wave: PlannedWave, language: str, now: datetime) -> WaveRow:
    return WaveRow(wave, i18n.moment(wave.due_at, language, now=now) if wave.due_at - now > SOON else None)


def _criterion(near: NearMisses, say: Say, language: str) -> Criterion:
    french, english = CONSTRAINT_NAMES[near.constraint]
    missing = near.nearest[0] if near.nearest else None
    nearest = say_gap(missing.gap, language) if missing else None
    options = [_option(each, say, language) for each in near.widenings]
    return Criterion(english if language == "en" else french, near.suppliers, missing, nearest, options)


def _option(widening: Widening, say: Say, language: str) -> Option:
    words, fields = OPTIONS[widening.constraint](widening, say, language)
    return Option(words, widening.more, fields)


def _radius(widening: Widening, say: Say, _language: str) -> tuple[str, Fields]:
    km = widening.radius_km
    words = say("Élargir à {km} km").format(km=km) if km else say("Sans limite de distance")
    return words, {"radius_km": [str(km) if km else ""]}


def _window(widening: Widening, say: Say, language: str) -> tuple[str, Fields]:
    window = widening.window or Window()
    fields = {
        "starts_on": [window.starts_on.isoformat() if window.starts_on else ""],
        "ends_on": [window.ends_on.isoformat() if window.ends_on else ""],
    }
    return say("Déplacer : {period}").format(period=period_words(window, language)), fields


def _minimum(widening: Widening, say: Say, language: str) -> tuple[str, Fields]:
    least = widening.minimum
    if least is None:
        return say("Sans part minimale"), {"minimum_value": [""]}
    words = say("Part minimale de {quantity}").format(quantity=quantity_words(least, language))
    return words, {"minimum_value": [str(least.value)]}


def _kinds(_widening: Widening, say: Say, _language: str) -> tuple[str, Fields]:
    return say("Ouvrir à toutes les structures"), {"supplier_kinds": [""]}


def _permits(widening: Widening, say: Say, language: str) -> tuple[str, Fields]:
    left = ", ".join(named(PERMITS, code, language) for code in widening.permits)
    words = say("N'exiger que : {permits}").format(permits=left) if left else say("N'exiger aucun document")
    return words, {"permits": list(widening.permits) or [""]}


def _receipt(_widening: Widening, say: Say, _language: str) -> tuple[str, Fields]:
    return say("Sans reçu fiscal"), {"receipt_wanted": [""]}


OPTIONS: Mapping[Constraint, Callable[[Widening, Say, str], tuple[str, Fields]]] = {
    Constraint.RADIUS: _radius,
    Constraint.WINDOW: _window,
    Constraint.MINIMUM: _minimum,
    Constraint.SUPPLIER_KIND: _kinds,
    Constraint.PERMIT: _permits,
    Constraint.ELIGIBILITY: _receipt,
}
