"""What a flow's legal status asks of whoever takes it, as lines to show: to be checked, never advice."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.catalog.flows.models import Flow
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import Figure, value_of
from shared.events.facts import LegalStatus
from shared.vocabulary import UnitUnknown, normalise

# The masses above which a load of waste needs its carrier's receipt (code de l'environnement, R. 541-50).
RECEIPTS = (Code.TRANSPORT_RECEIPT, Code.TRANSPORT_RECEIPT_HAZARDOUS)

# What each status means; French sentences, translated where they are shown.
SENTENCES: dict[LegalStatus, str] = {
    LegalStatus.PRODUCT: "Un objet qui se réemploie pour ce qu'il est : il n'est jamais devenu un déchet.",
    LegalStatus.BY_PRODUCT: (
        "Issu d'une production dont il n'est pas le but, utilisé directement et à coup sûr : il n'est pas un déchet "
        "tant que les conditions de l'article L. 541-4-2 du code de l'environnement sont remplies."
    ),
    LegalStatus.SITE_MATERIAL: (
        "Trié sur le chantier par un opérateur qui en a le contrôle, pour être réemployé : il n'est pas un déchet "
        "(article L. 541-4-4 du code de l'environnement)."
    ),
    LegalStatus.WASTE: "Il suit les règles des déchets jusqu'à sa valorisation. Voici ce qu'il faut pour le prendre.",
    LegalStatus.END_OF_WASTE: (
        "Une opération de valorisation l'a fait sortir du statut de déchet (article L. 541-4-3 du code de "
        "l'environnement) : demandez-en la preuve."
    ),
}


class Duty(NamedTuple):
    """One thing the law asks; `is_asked` is None when it depends on what each taker does."""

    name: str
    words: str
    is_asked: bool | None = True


def receipt_above_kg(flow: Flow, figures: Iterable[Figure], *, on: date) -> Decimal:
    """The mass above which a load of it needs its carrier's receipt, on a day."""
    return value_of(figures, RECEIPTS[bool(flow.hazardous_codes)], on=on)


def duties(flow: Flow, lot_kg: Decimal | None, say: Callable[[str], str], *, receipt_above: Decimal) -> list[Duty]:
    """What taking waste asks for, in the language of `say`; nothing for what is not waste."""
    if not flow.is_waste:
        return []
    hazardous = bool(flow.hazardous_codes)
    receipt = say(
        "Exigé au-delà de {mass} kg de déchets dangereux par chargement (article R. 541-50)."
        if hazardous
        else "Exigé au-delà de {mass} kg par chargement (article R. 541-50)."
    ).format(mass=f"{receipt_above.normalize():f}")
    slip = say(
        "Référence exigée avant l'enlèvement (article R. 541-45)."
        if hazardous
        else "Réservé aux codes dangereux, marqués d'une étoile (article R. 541-45)."
    )
    return [
        Duty(say("Installation de tri ou de traitement"), say("Déclarée ou autorisée pour ces déchets.")),
        Duty(say("Récépissé de transport"), receipt, None if lot_kg is None else lot_kg > receipt_above),
        Duty(say("Bordereau de suivi"), slip, hazardous),
    ]


def mass_kg(value: Decimal, unit: str) -> Decimal | None:
    """Its mass; None when it is counted, or measured otherwise."""
    try:
        amount, base = normalise(value, unit)
    except UnitUnknown:
        return None
    return amount if base == "kg" else None
