"""Suggestions for everyday phrases: the right category among the first three, nothing for nothing, and quickly."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vocabulary import categories, suggest, warm_up

EVERYDAY = {
    "vieux canapé": "sofas",
    "palettes cassées": "wooden-pallets",
    "drêches de brasserie": "brewing-residues",
    "traiteur pour séminaire": "event-catering",
    "nettoyage de bureaux": "office-cleaning",
    "tonte des pelouses": "lawn-mowing",
    "200 bureaux amortis": "office-furniture",
    "marc de café": "coffee-grounds",
    "restes de cantine": "kitchen-waste",
    "briques de démolition": "bricks",
    "caisses PEHD": "plastic-crates",
    "ordinateurs portables à donner": "laptops",
    "écrans d'ordinateur usagés": "screens",
    "80 repas par mois pour nos salariés": "collective-catering",
    "heures d'insertion sur un chantier": "insertion-hours",
    "vingt jours de compétences": "skills-patronage",
    "local de 300 m² pour une ferme urbaine": "premises",
    "déchets verts": "green-waste",
    "invendus du marché": "food-surplus",
    "800 kg de tomates": "fruit-vegetables",
    "meubles réparables de déchèterie": "furniture",
    "laver les vitres de l'immeuble": "window-cleaning",
    "tondre la pelouse": "lawn-mowing",
    "mise sous pli de courriers": "packing-kitting",
    "réparation de vélos": "bike-repair",
    "location de vaisselle réutilisable": "event-hire",
    "flyers et affiches": "printing",
    "refonte du site internet": "web-development",
    "gardiennage de nuit": "guarding",
    "couturière pour retouches": "sewing",
    "déménager nos bureaux": "moving",
    "livraison à vélo": "last-mile-delivery",
    "destruction d'archives confidentielles": "archive-destruction",
    "peinture des salles de classe": "painting",
    "démolir un bâtiment": "deconstruction",
    "cours de français pour salariés": "language-basic-skills",
    "formation secourisme": "safety-training",
    "bilan carbone": "csr-environment-consulting",
    "places en crèche": "childcare",
    "chutes de tissu": "fabrics",
    "gravats": "concrete-rubble",
    "huile de friture": "used-cooking-oil",
    "bouteilles en verre vides": "glass-bottles",
    "cartons de déménagement": "cardboard-boxes",
    "campagne de dons en ligne": "crowdfunding",
    "intérimaires pour manutention": "temporary-work",
    "abattage d'arbres dangereux": "pruning",
    "plateaux-repas pour une réunion": "meal-trays",
    "câblage d'armoires électriques": "electrical-wiring",
    "maintenance des chaudières": "heating-maintenance",
}
TITLES = {
    "Marché public de nettoyage des locaux et de la vitrerie de la mairie": "office-cleaning",
    "Fourniture et livraison de repas en liaison froide pour les cantines scolaires": "collective-catering",
    "Accord-cadre d'entretien des espaces verts de la commune, lot 2 : élagage": "green-spaces",
    "Collecte et traitement des déchets d'équipements électriques et électroniques": "weee-collection",
    "Mission de maîtrise d'œuvre pour la réhabilitation du groupe scolaire": "architecture-engineering",
    "Acquisition de mobilier de bureau réemployé": "office-furniture",
    "Services d'assurances : flotte automobile et responsabilité civile": "insurance-banking",
}
SLIPS = {
    "canapes": "sofas",
    "PALETTE": "wooden-pallets",
    "palletes bois": "wooden-pallets",
    "netoyage bureau": "office-cleaning",
    "traitteur": "event-catering",
    "dreches": "brewing-residues",
    "ordinnateur": "computers",
    "matela": "beds-mattresses",
}
HALF_TYPED = {
    "palet": "wooden-pallets",
    "nettoyage de bur": "office-cleaning",
    "blanchiss": "laundry",
    "matel": "beds-mattresses",
}
ENGLISH = {
    "broken pallets": "wooden-pallets",
    "office cleaning": "office-cleaning",
    "old sofa": "sofas",
    "lawn mowing": "lawn-mowing",
    "wash our windows": "window-cleaning",
    "spent grain from a brewery": "brewing-residues",
    "lunch for a seminar": "event-catering",
}


def first(text: str, language: str = "fr", limit: int = 3) -> list[str]:
    return [found.category.id for found in suggest(text, language, limit)]


@pytest.mark.parametrize(
    ("text", "expected"), [*EVERYDAY.items(), *TITLES.items(), *SLIPS.items(), *HALF_TYPED.items()]
)
def test_the_category_meant_is_among_the_first_three(text: str, expected: str) -> None:
    assert expected in first(text)


def test_most_everyday_phrases_have_their_category_first() -> None:
    hits = sum(first(text, limit=1) == [expected] for text, expected in EVERYDAY.items())
    assert hits / len(EVERYDAY) >= 0.7


@pytest.mark.parametrize(("text", "expected"), ENGLISH.items())
def test_english_finds_the_same_categories(text: str, expected: str) -> None:
    assert expected in first(text, "en")


@pytest.mark.parametrize(
    "text", ["", "   ", "12 345", "de la avec les", "xqzvw", "besoin de fournitures urgent", "€€ !!"]
)
def test_nothing_is_suggested_for_what_says_nothing(text: str) -> None:
    assert suggest(text) == []


def test_names_find_their_own_category() -> None:
    lost = [entry.id for entry in categories().values() if entry.id not in first(entry.name_fr)]
    assert lost == []
    lost = [entry.id for entry in categories().values() if entry.id not in first(entry.name_en, "en")]
    assert lost == []


def test_a_suggestion_says_how_sure_it_is_and_why() -> None:
    best, *others = suggest("palettes cassées")
    assert best.category.id == "wooden-pallets"
    assert best.phrase == "palette cassée"
    assert best.score > 0.9
    assert all(best.score > other.score for other in others)


@given(st.text(max_size=80), st.integers(min_value=1, max_value=10))
def test_any_text_is_answered_in_order_and_within_bounds(text: str, limit: int) -> None:
    found = suggest(text, limit=limit)
    assert len(found) <= limit
    assert all(0.4 <= one.score <= 1 for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.category.id for one in found}) == len(found)


def test_typing_is_answered_at_once() -> None:
    warm_up()
    texts = [text[:length] for text in [*EVERYDAY, *TITLES] for length in range(3, len(text) + 1)]
    times = sorted(_timed(text) for text in texts)
    assert times[len(times) * 99 // 100] < 0.005


def _timed(text: str) -> float:
    """Of the processor, so that a busy machine does not count."""
    start = time.process_time()
    suggest(text)
    return time.process_time() - start
