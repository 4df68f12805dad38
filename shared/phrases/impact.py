"""What figures of confirmed exchanges are called, and how each came about, in French and English."""

from typing import Final

from shared.phrases.names import Names

# The codes are `shared.events.impact.Measure`; the last eight are the points of the metropolis's grid.
MEASURES: Final[Names] = {
    "mass": ("Matière détournée", "Material diverted"),
    "co2e": ("CO2e évité", "CO2e avoided"),
    "money": ("Euros à l'ESS", "Euros to the social economy"),
    "hours": ("Heures données", "Hours given"),
    "insertion": ("Heures d'insertion, estimées", "Inclusion hours, estimated"),
    "jobs": ("Économie locale et emploi", "Local economy and jobs"),
    "influence": ("Rayonnement de la métropole", "Influence of the metropolis"),
    "services": ("Services de proximité", "Local services"),
    "democracy": ("Démocratie et citoyenneté", "Democracy and citizenship"),
    "justice": ("Justice sociale et partage", "Social justice and sharing"),
    "equality": ("Égalité et émancipation", "Equality and emancipation"),
    "ties": ("Lien social", "Social ties"),
    "environment": ("Protection de l'environnement", "Protection of the environment"),
}

# By which rule an exchange counts for one of the eight points: `services.catalog.impact.reckoning.RULES`, in words.
RULES: Final[Names] = {
    "jobs": (
        "De l'argent va à une structure de l'ESS, par un accord terminé.",
        "Money goes to a social-economy organisation, by a completed agreement.",
    ),
    "influence": (
        "Les deux structures sont de deux intercommunalités.",
        "The two organisations are of two groups of communes.",
    ),
    "services": (
        "Une structure de l'ESS rend un service, par un accord terminé.",
        "A social-economy organisation provides a service, by a completed agreement.",
    ),
    "democracy": (
        "L'une des deux est une association, une coopérative ou une mutuelle.",
        "One of the two is an association, a cooperative or a mutual society.",
    ),
    "justice": (
        "Un don, un prêt ou une matière laissée sans prix, où l'une des deux est de l'ESS.",
        "A gift, a loan or material left free of charge, where one of the two is of the social economy.",
    ),
    "equality": (
        "L'une des deux est une structure d'insertion ou du travail adapté.",
        "One of the two works for inclusion or is adapted work.",
    ),
    "ties": (
        "Un partenariat (compétences, RSE) est allé à son terme.",
        "A partnership (skills, CSR) was carried out.",
    ),
    "environment": (
        "Une matière a quitté son détenteur, confirmée par les deux.",
        "Material has left its holder, confirmed by both.",
    ),
}

# How a figure came about; the codes are `services.catalog.impact.reckoning.Method`.
METHODS: Final[Names] = {
    "weighed": (
        "Le chiffre qui compte, confirmé par les deux structures, en kilogrammes.",
        "The figure that counts, confirmed by both organisations, in kilograms.",
    ),
    "by_volume": (
        "Le volume confirmé, fois la masse volumique usuelle de la catégorie : une estimation.",
        "The confirmed volume times the usual bulk density of the category: an estimate.",
    ),
    "by_piece": (
        "Le nombre confirmé, fois le poids usuel d'une pièce de la catégorie : une estimation.",
        "The confirmed number times the usual weight of a piece of the category: an estimate.",
    ),
    "no_weight": (
        "L'unité confirmée ne se convertit pas en kilogrammes : seule la quantité est gardée.",
        "The confirmed unit does not convert to kilograms: only the quantity is kept.",
    ),
    "making": (
        "La masse, fois ce qu'émet la fabrication d'un kilogramme neuf, au plus un neuf évité pour un réemployé. "
        "Ni transport ni réparation.",
        "The mass times what making a new kilogram emits, one new one spared at most for one reused. "
        "Neither transport nor repair.",
    ),
    "treatment": (
        "La masse, fois ce qu'émet le traitement d'un kilogramme jeté ; la fabrication évitée n'est pas comptée. "
        "Bornes : le traitement qui émet le moins et celui qui émet le plus.",
        "The mass times what treating a discarded kilogram emits; making that is spared is not counted. "
        "Range: the least and the most emitting treatment.",
    ),
    "signed_price": (
        "Le total hors taxes de l'accord, signé puis terminé par les deux parties.",
        "The total before tax of the agreement, signed and then completed by both sides.",
    ),
    "lines": (
        "Les lignes en heures ou en jours (7 h) d'un partenariat terminé.",
        "The lines in hours or days (7 h) of a completed partnership.",
    ),
    "parameter": (
        "Les euros versés à une structure d'insertion, divisés par le coût d'une heure : une estimation.",
        "The euros paid to an inclusion organisation, divided by the cost of an hour: an estimate.",
    ),
    "rule": ("Un échange compte une fois, par la règle écrite ici.", "An exchange counts once, by the rule above."),
}
