"""Works and services: wide enough, named in both languages, and found from the titles that public buyers write."""

from __future__ import annotations

import pytest

from shared.vocabulary import by_cpv, categories, category, suggest

DONE = ("service", "support", "patronage", "csr")
# Titles in the manner of public buyers, written here, with the beginning of the code that fits.
TITLES = {
    "Maintenance des ascenseurs et monte-charges": "5075",
    "Vérification et maintenance des extincteurs et RIA": "504",
    "Maintenance des équipements biomédicaux de l'hôpital": "504",
    "Location et maintenance de photocopieurs multifonctions": "503",
    "Maintenance du matériel roulant tramway": "502",
    "Entretien et contrôle des aires de jeux": "5087",
    "Déneigement et salage des routes départementales": "906",
    "Curage des avaloirs et des réseaux d'assainissement": "904",
    "Collecte des ordures ménagères et assimilés": "905",
    "Traitement des déchets d'activités de soins à risques infectieux": "90524",
    "Exploitation de la station d'épuration": "904",
    "Relève des compteurs d'eau": "655",
    "Construction de 24 logements locatifs sociaux": "45211",
    "Travaux de renouvellement de canalisations d'eau potable": "4523",
    "Travaux de confortement de pont": "45221",
    "Location de grues et engins de chantier avec chauffeur": "455",
    "Mission de coordination sécurité et protection de la santé": "71317",
    "Levés topographiques et travaux de géomètre": "71355",
    "Élaboration du plan local d'urbanisme intercommunal": "714",
    "Repérage de l'amiante avant travaux": "716",
    "Assurance dommages aux biens": "66515",
    "Protection sociale complémentaire : prévoyance et santé des agents": "66512",
    "Souscription d'un emprunt": "66113",
    "Mission de commissariat aux comptes": "79212",
    "Télésurveillance et intervention sur alarme": "79711",
    "Numérisation de fonds d'archives": "799",
    "Plateforme de formation en ligne": "8042",
    "Services de médecine du travail": "85147",
    "Transports sanitaires et ambulances": "85143",
    "Gestion d'une crèche multi-accueil": "8531211",
    "Séjours de vacances pour enfants": "552",
    "Mise en fourrière de véhicules automobiles": "50118",
    "Location d'autocars avec conducteur": "60172",
    "Travail aérien et location d'hélicoptère": "604",
    "Transport maritime de passagers vers les îles": "606",
    "Agence de voyages et billetterie": "635",
    "Services postaux : affranchissement et remise du courrier": "641",
    "Services de télécommunications fixes et mobiles": "642",
    "Tierce maintenance applicative": "722",
    "Progiciel de gestion des ressources humaines": "484",
    "Dossier patient informatisé": "4818",
    "Audit de sécurité du système d'information": "728",
    "Débroussaillage des accotements routiers": "773",
    "Travaux sylvicoles et reboisement": "772",
    "Spectacle pyrotechnique du 14 juillet": "9236",
    "Exploitation du centre aquatique": "926",
    "Restauration d'œuvres et de collections du musée": "925",
    "Exploitation du camping municipal": "5522",
    "Location et entretien de linge et vêtements de travail": "983",
    "Fourniture d'électricité pour les bâtiments et l'éclairage public": "653",
}
ENGLISH_TITLES = {
    "Lift maintenance and repair": "5075",
    "Grounds maintenance services": "773",
    "Supply of temporary agency staff": "796",
    "Home to school transport": "601",
    "Refurbishment of a primary school": "452",
    "Legal services framework": "791",
    "Household waste collection": "905",
    "Domiciliary care services": "853",
    "Highway resurfacing works": "452",
    "Software support and maintenance": "722",
}


def found_codes(title: str, language: str) -> set[str]:
    return {code for found in suggest(title, language) for code in found.category.cpv}


def test_what_is_done_is_wide_enough() -> None:
    assert sum(entry.kind in DONE for entry in categories().values()) >= 700


def test_what_is_done_has_english_synonyms() -> None:
    done = [entry for entry in categories().values() if entry.kind in DONE]
    assert [entry.id for entry in done if len(entry.synonyms_en) < 3] == []


def test_a_gift_is_not_bought() -> None:
    assert [entry.id for entry in categories().values() if entry.kind == "patronage" and entry.cpv] == []


@pytest.mark.parametrize(("title", "code"), TITLES.items())
def test_a_title_leads_to_the_code_of_the_purchase(title: str, code: str) -> None:
    assert any(one.startswith(code) for one in found_codes(title, "fr"))


@pytest.mark.parametrize(("title", "code"), ENGLISH_TITLES.items())
def test_an_english_title_leads_there_too(title: str, code: str) -> None:
    assert any(one.startswith(code) for one in found_codes(title, "en"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("90400000", "sanitation"),  # a waste holds this code too, but works and services are done, not thrown away
        ("80540000", "environmental-education"),  # an action of social responsibility holds it too
        ("79410000", "management-consulting"),  # coaching of projects holds it too
        ("45230000", "roads-utilities"),
        ("45453000", "building-renovation"),
        ("77310000", "lawn-mowing"),
        ("50750000", "lift-maintenance"),
    ],
)
def test_a_code_leads_first_to_the_service_it_names(code: str, expected: str) -> None:
    assert by_cpv(code)[0].id == expected


def test_goods_come_first_for_the_code_of_goods() -> None:
    assert by_cpv("39130000")[0].kind == "product"
    assert category("office-furniture-refurbishing") in by_cpv("39130000")
