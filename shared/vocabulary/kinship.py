"""Words of one meaning whose stems differ: verbs with their nouns, and the near synonyms of the trade."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from shared.vocabulary.text import stems

# One family a line. A word may stand in several families; kinship does not travel from one to the next.
FRENCH: Final = """
nettoyage nettoyer lavage laver ménage
blanchisserie laverie lavage laver lessive
tonte tondre pelouse gazon
peinture peindre peintre
réparation réparer dépannage dépanner
réparation rénovation remise-en-état
entretien entretenir maintenance
collecte ramassage ramasser enlèvement enlever récupération récupérer évacuation évacuer reprise
tri trier
broyage broyer
location louer
don donner offrir
rénovation réfection réhabilitation rénover restauration
démolition démolir déconstruction
construction construire bâtir
couture coudre couturière couturier
repassage repasser
livraison livrer livreur
impression imprimer imprimerie imprimeur
traduction traduire traducteur
formation former formateur
cours enseignement
gardiennage garder gardien
élagage élaguer taille tailler
abattage abattre
jardinage jardin jardinier
plantation planter
cuisine cuisiner cuisinier
repas déjeuner dîner menu
stockage stocker entreposage entreposer
emballage emballer conditionnement conditionner
assemblage assembler montage monter
soudure souder
hébergement héberger
recrutement recruter embauche embaucher
conseil consultant consulting
graphisme graphiste
photographie photographe photo
vidéo film
électricité électricien électrique
plomberie plombier
maçonnerie maçon
menuiserie menuisier
ordinateur pc
vêtement habit
canapé divan sofa
déchets rebuts ordures
bus autocar car
école scolaire écolier
hôpital hospitalier
ville urbain municipal communal
voiture automobile auto véhicule
vélo cycle bicyclette
arbre arbres
dératisation rat rats rongeurs
vitres vitrerie carreaux
numérisation numériser scanner
financement financer
informatique numérique
événement événementiel manifestation
véhicule camion
alimentaire nourriture aliments
transport transporter
destruction détruire
compostage composter
réemploi réutilisation
recyclage recycler
assurance assurer
"""
ENGLISH: Final = """
cleaning cleaner wash washing
repair fix mend maintenance
collection pick-up removal
hire rent rental lease
gift donation donate give
furniture desk
moving removal relocation
catering caterer meal lunch
printing print
translation translate translator
training course
transport transportation haulage
garden gardening
building construction
waste rubbish trash garbage scrap
clothes clothing garment
computer pc
bicycle bike cycle
"""


@cache
def kin(language: str) -> Mapping[str, frozenset[str]]:
    """Per stem the other stems of its families."""
    families: dict[str, set[str]] = {}
    for line in (ENGLISH if language == "en" else FRENCH).split("\n"):
        family = set(stems(line, language))
        for stem in family:
            families.setdefault(stem, set()).update(family - {stem})
    return {stem: frozenset(others) for stem, others in families.items()}
