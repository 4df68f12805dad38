"""Every reason and every gap is said, in French and English, to both sides."""

from decimal import Decimal
from itertools import product

import pytest

from shared.events.reasons import Constraint, Feature, Gap, Reason, Value
from shared.phrases import gaps, reasons
from shared.phrases.gaps import say_gap
from shared.phrases.reasons import say_reason
from shared.phrases.voice import To

QUANTITIES: dict[str, Value] = {
    "asked": Decimal(80),
    "asked_unit": "meal",
    "asked_period": "month",
    "possible": Decimal(150),
    "possible_unit": "meal",
    "possible_period": "month",
}
MINIMUM: dict[str, Value] = {
    "whose": "supply",
    "minimum": Decimal(500),
    "minimum_unit": "kg",
    "minimum_period": "once",
    "given": Decimal("0.2"),
    "given_unit": "t",
    "given_period": "week",
}
REASONS: list[tuple[Feature, dict[str, Value], str, str]] = [
    (
        Feature.CATEGORY,
        {"demand": "wooden-pallets", "supply": "wooden-pallets", "same": True},
        "Même catégorie : palettes en bois",
        "Same category: wooden pallets",
    ),
    (
        Feature.CATEGORY,
        {"demand": "wooden-pallets", "supply": "wooden-crates", "same": False},
        "Catégorie proche",
        "Close category",
    ),
    (Feature.CODE, {"scheme": "ewc", "code": "150103", "same": True}, "Code déchet 15 01 03, le même", "Waste code"),
    (Feature.CODE, {"scheme": "cpv", "code": "909", "same": False}, "Code CPV de la famille de 909", "CPV code"),
    (Feature.TEXT, {"words": "palettes, bois"}, "Mots communs : palettes, bois", "Words in common: palettes, bois"),
    (
        Feature.DISTANCE,
        {"km": Decimal("6.2"), "rough": False, "radius_km": Decimal("30.0"), "around": "Launaguet"},
        "À 6 km : dans son rayon de 30 km",
        "6 km away, inside their 30 km",
    ),
    (
        Feature.DISTANCE,
        {"km": "0.4", "rough": False, "zone": "Toulouse Métropole", "zone_kind": "epci"},
        "À moins de 1 km : dans sa zone, Toulouse Métropole",
        "Less than 1 km away, inside their area",
    ),
    (Feature.DISTANCE, {"km": "12.4", "rough": True}, "À environ 12 km", "About 12 km away"),
    (
        Feature.QUANTITY,
        QUANTITIES,
        "Demandé : 80 repas par mois ; possible : 150 repas par mois",
        "Asked: 80 meals a month; possible: 150 meals a month",
    ),
    (Feature.SERVICE_TYPE, {"type": "making"}, "Fabrication, comme demandé", "Making, as asked"),
    (Feature.LEVEL, {"level": "reuse"}, "Débouché : réemploi", "Outcome: reuse"),
    (Feature.SOCIAL, {"kind": "ACI"}, "Emploie des personnes en insertion (ACI)", "Employs people in work integration"),
    (Feature.SOCIAL, {"kind": "ESAT"}, "Emploie des personnes handicapées (ESAT)", "people with disabilities (ESAT)"),
    (Feature.SOCIAL, {"kind": "scic"}, "Économie sociale : SCIC", "Social economy"),
    (Feature.FRESHNESS, {"days": 3}, "Activité récente", "Recent offer"),
    (Feature.FRESHNESS, {"days": 200}, "Activité publiée 7 mois avant", "Offer published 7 months before"),
]
GAPS: list[tuple[Constraint, dict[str, Value], str, str]] = [
    (Constraint.KIND, {"asked": "patronage", "served": "csr"}, "Ne répond pas à ce genre de besoin : mécénat", "kind"),
    (Constraint.KIND, {"asked": "flow", "served": "csr"}, "Ne prend pas de matière", "Does not take material"),
    (
        Constraint.AREA,
        {"place": "Bessières", "zones": 1, "km": 4, "radius_km": 30, "around": "Launaguet"},
        "Son rayon s'arrête 4 km avant Bessières",
        "Their radius stops 4 km short of Bessières",
    ),
    (
        Constraint.AREA,
        {"place": "Muret", "zones": 1, "zone": "Toulouse Métropole", "zone_kind": "epci"},
        "Sa zone, Toulouse Métropole, ne couvre pas Muret",
        "Their area, Toulouse Métropole, does not cover Muret",
    ),
    (Constraint.AREA, {"place": "Muret", "zones": 0}, "N'a indiqué aucune zone", "Named no area"),
    (
        Constraint.RADIUS,
        {"km": 4, "distance_km": 34, "radius_km": 30, "place": "Toulouse"},
        "À 34 km : 4 km au-delà de votre rayon de 30 km",
        "34 km away, 4 km beyond your 30 km",
    ),
    (
        Constraint.WINDOW,
        {"days": 1, "opens_on": "2027-02-01", "wanted_until": "2027-01-31"},
        "Disponible le 1er février 2027 : 1 jour après la fin voulue, 31 janvier 2027",
        "Available on 1 Feb",
    ),
    (
        Constraint.WINDOW,
        {"days": 31, "closed_on": "2026-12-01", "wanted_from": "2027-01-01"},
        "Disponible jusqu'au 1er décembre 2026 : 31 jours avant le début voulu",
        "Available until",
    ),
    (
        Constraint.PERMIT,
        {"missing": "permit", "permit": "insurance"},
        "Il manque : assurance responsabilité",
        "Missing",
    ),
    (
        Constraint.PERMIT,
        {"missing": "permit", "permit": "insurance", "expired_on": "2026-10-31"},
        "Assurance responsabilité civile : échéance passée, 31 octobre 2026",
        "expired on",
    ),
    (Constraint.LEGAL_STATUS, {"missing": "ewc"}, "Déchet sans code", "Waste without a code"),
    (Constraint.LEGAL_STATUS, {"missing": "code", "code": "160213"}, "déchet dangereux 16 02 13*", "16 02 13*"),
    (Constraint.LEGAL_STATUS, {"missing": "permit", "permit": "waste_treatment"}, "Il manque : installation", "site"),
    (Constraint.ELIGIBILITY, {}, "Ne peut pas émettre de reçu fiscal", "May not issue tax receipts"),
    (Constraint.SUPPLIER_KIND, {"wanted": "ESAT, EA", "found": "scop"}, "N'est pas : ESAT, EA", "Is not: ESAT, EA"),
    (
        Constraint.MINIMUM,
        MINIMUM,
        "Se déplace à partir de 500 kg ; vous proposez 0,2 t par semaine",
        "Comes from 500 kg",
    ),
    (Constraint.MINIMUM, {**MINIMUM, "whose": "demand"}, "Prend jusqu'à 0,2 t par semaine", "Takes up to 0.2 t a week"),
    (Constraint.PAUSED, {}, "Activité en pause", "Offer paused"),
    (Constraint.SAME_ENTITY, {}, "Même entité juridique", "Same legal entity"),
    (Constraint.BLOCKED, {}, "Mise en relation écartée", "Not to be matched"),
]
VOICES: list[tuple[str, To]] = [("fr", "author"), ("fr", "supplier"), ("en", "author"), ("en", "supplier")]


def test_every_feature_and_constraint_is_said_here_and_named() -> None:
    assert {feature for feature, *_ in REASONS} == set(Feature) == set(reasons.SENTENCES)
    assert set(reasons.FEATURE_NAMES) == set(reasons.FEATURE_MEANINGS) == set(Feature)
    assert (
        {constraint for constraint, *_ in GAPS} == set(Constraint) == set(gaps.SENTENCES) == set(gaps.CONSTRAINT_NAMES)
    )


@pytest.mark.parametrize(("feature", "values", "french", "english"), REASONS)
def test_reasons_in_both_languages(feature: Feature, values: dict[str, Value], french: str, english: str) -> None:
    reason = Reason(feature=feature, points=Decimal(10), values=values)
    assert french in say_reason(reason, "fr")[1]
    assert english in say_reason(reason, "en")[1]


@pytest.mark.parametrize(("constraint", "values", "french", "english"), GAPS)
def test_gaps_in_both_languages(constraint: Constraint, values: dict[str, Value], french: str, english: str) -> None:
    gap = Gap(constraint=constraint, values=values)
    assert french in say_gap(gap, "fr")[1]
    assert english in say_gap(gap, "en")[1]


def test_the_supplier_hears_of_itself() -> None:
    distance = Reason(feature=Feature.DISTANCE, points=Decimal(9), values=REASONS[5][1])
    assert say_reason(distance, "fr", to="supplier") == ("map-pin", "À 6 km : dans votre rayon de 30 km")
    area = Gap(constraint=Constraint.AREA, values=GAPS[2][1])
    assert say_gap(area, "fr", to="supplier") == ("ruler", "Votre rayon s'arrête 4 km avant Bessières")


@pytest.mark.parametrize(("voice", "case"), list(product(VOICES, range(len(REASONS)))))
def test_a_reason_that_travelled_as_json_is_said_the_same(voice: tuple[str, To], case: int) -> None:
    feature, values, *_ = REASONS[case]
    reason = Reason(feature=feature, points=Decimal(10), values=values)
    travelled = Reason.model_validate_json(reason.model_dump_json())
    assert say_reason(travelled, voice[0], to=voice[1]) == say_reason(reason, voice[0], to=voice[1])


@pytest.mark.parametrize(("voice", "case"), list(product(VOICES, range(len(GAPS)))))
def test_a_gap_that_travelled_as_json_is_said_the_same(voice: tuple[str, To], case: int) -> None:
    constraint, values, *_ = GAPS[case]
    gap = Gap(constraint=constraint, values=values)
    travelled = Gap.model_validate_json(gap.model_dump_json())
    assert say_gap(travelled, voice[0], to=voice[1]) == say_gap(gap, voice[0], to=voice[1])
