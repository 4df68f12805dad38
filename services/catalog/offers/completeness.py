"""How much an offer says of itself, what is missing, and why that matters."""

from collections.abc import Callable
from typing import NamedTuple

from services.catalog.offers.models import Offer

ENOUGH_WORDS = 120


class Missing(NamedTuple):
    """One thing that is not said: the field that says it, its share, and why a reader misses it (French)."""

    field: str
    share: int
    name: str
    why: str


class Question(NamedTuple):
    """One thing an offer may say; `answered` looks whether it does."""

    missing: Missing
    answered: Callable[[Offer], bool]
    asked: Callable[[Offer], bool] = lambda _: True


# Shares are ours: what matching weighs most, most (design note on matching), then what buyers ask for first.
QUESTIONS = (
    Question(
        Missing("categories", 20, "Catégories précises", "Sans elles, on ne vous trouve que par vos mots."),
        lambda offer: bool(offer.categories),
    ),
    Question(
        Missing("zones", 15, "Zones d'intervention", "Sans elles, 30 km autour de vous : ni plus loin, ni moins."),
        lambda offer: bool(offer.zone_data),
    ),
    Question(
        Missing("quantity_value", 15, "Capacité", "Sans elle, un besoin trop grand vous est proposé aussi."),
        lambda offer: offer.quantity_value is not None,
    ),
    Question(
        Missing("description", 15, "Description", "C'est ce que l'on lit avant de vous choisir : quelques phrases."),
        lambda offer: len(offer.description) >= ENOUGH_WORDS,
    ),
    Question(
        Missing("references", 10, "Références", "Un client ou un chantier cité rassure plus qu'une promesse."),
        lambda offer: bool(offer.references),
    ),
    Question(
        Missing("lead_days", 5, "Délai", "Un besoin pressé cherche qui peut commencer tôt."),
        lambda offer: offer.lead_days is not None,
    ),
    Question(
        Missing("conditions", 5, "Conditions", "Acompte, visite, minimum : dits avant, ils ne surprennent pas."),
        lambda offer: bool(offer.conditions),
    ),
    Question(
        Missing("service_types", 5, "Type de prestation", "Un besoin qui en exige un écarte qui n'en dit rien."),
        lambda offer: bool(offer.service_types),
        asked=lambda offer: bool(offer.need_kinds),
    ),
    Question(
        Missing("level", 5, "Ce que devient la matière", "Le réemploi passe avant le recyclage."),
        lambda offer: offer.level is not None,
        asked=lambda offer: offer.takes_material,
    ),
    Question(
        Missing("permits", 10, "Autorisations", "Un papier exigé qui n'est pas déclaré vous écarte."),
        lambda offer: bool(offer.permits),
    ),
)


class Completeness(NamedTuple):
    """`percent` of what could be said is said; `missing` lists the rest, what matters most first."""

    percent: int
    missing: list[Missing]


def completeness(offer: Offer) -> Completeness:
    """Look at an offer whose organisation is loaded."""
    asked = [question for question in QUESTIONS if question.asked(offer)]
    missing = [question.missing for question in asked if not question.answered(offer)]
    whole = sum(question.missing.share for question in asked)
    lacking = sum(each.share for each in missing)
    return Completeness(round(100 * (whole - lacking) / whole), sorted(missing, key=lambda each: -each.share))
