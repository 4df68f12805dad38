"""What the codes of dealings are called, in French and English: answers, questions, proposals, agreements, takings."""

from typing import Final

from shared.phrases.names import Names

# What a figure of what left rests on; the codes are `shared.events.takings.Basis`.
BASES: Final[Names] = {
    "measured": ("Pesé ou compté", "Weighed or counted"),
    "estimated": ("Estimé", "Estimated"),
}

# Why a taking is called off before its slot; the codes are `shared.events.takings.Cancelled`.
CANCEL_REASONS: Final[Names] = {
    "no_vehicle": ("Pas de véhicule ou de chauffeur", "No vehicle or driver"),
    "no_room": ("Plus de place pour stocker", "No room left to store it"),
    "not_available": ("Le lot n'est plus disponible", "The lot is no longer available"),
    "quality": ("L'état ne convient pas", "Its condition does not suit"),
    "papers": ("Il manque un papier", "A paper is missing"),
    "mistake": ("C'est une erreur", "It was a mistake"),
    "other": ("Autre raison", "Another reason"),
}

# Why a holder refuses a subscription, and why a subscriber had nothing of a lot; the codes are those of
# `shared.events.subscriptions`.
SUBSCRIPTION_REFUSALS: Final[Names] = {
    "promised": ("Tout est déjà promis", "All of it is promised already"),
    "criteria": ("D'autres répondent mieux aux critères", "Others meet the criteria better"),
    "too_little": ("La part est trop petite", "The part is too small"),
    "too_much": ("La part est trop grande", "The part is too large"),
    "treatment": ("Le traitement ne convient pas", "The treatment does not suit"),
    "slot": ("Le créneau ne convient pas", "The slot does not suit"),
    "papers": ("Il manque un papier", "A paper is missing"),
    "other": ("Autre raison", "Another reason"),
}
UNSERVED: Final[Names] = {
    "nothing_left": ("il ne restait rien du lot", "nothing was left of the lot"),
    "below_minimum": ("ce qui restait était sous la part minimale", "what was left was below the smallest part"),
    "papers": ("il manque un papier valable, à vérifier", "a valid paper is missing, to be checked"),
    "slot": ("le créneau ou le transport ne convient plus", "the slot or the transport no longer suits"),
    "unit": ("le lot se mesure autrement", "the lot is measured otherwise"),
    "taker": ("le gisement ne s'ouvre plus à cette structure", "the flow is no longer open to this organisation"),
}

# Why a supplier says that a need is not for it; the codes are `shared.events.answers.Declined`.
DECLINE_REASONS: Final[Names] = {
    "too_far": ("C'est trop loin", "It is too far away"),
    "other_trade": ("Ce n'est pas notre métier", "It is not our trade"),
    "quantity": ("La quantité ne nous convient pas", "The quantity does not suit us"),
    "service_type": ("La forme de la prestation ne nous convient pas", "The form of service does not suit us"),
    "level": ("Nous ne traitons pas ainsi cette matière", "We do not treat this material that way"),
    "no_time": ("Pas de disponibilité à ces dates", "Not available on those dates"),
    "price": ("Le budget ne suffit pas", "The budget is too small"),
    "other": ("Autre raison", "Another reason"),
}

# Why a proposal is chosen, and why not; the codes are those of `shared.events.proposals`.
CHOSEN: Final[Names] = {
    "balance": ("Le meilleur équilibre", "The best balance"),
    "price": ("Le prix", "The price"),
    "delay": ("Les délais", "The dates"),
    "nearness": ("La proximité", "Nearness"),
    "social": ("L'utilité sociale", "Social value"),
    "environment": ("L'environnement", "The environment"),
    "quality": ("La qualité de ce qui est proposé", "The quality of what is proposed"),
    "other": ("Autre raison", "Another reason"),
}
NOT_CHOSEN: Final[Names] = {
    "another": ("Une autre proposition répondait mieux", "Another proposal fitted better"),
    "price": ("Le prix dépassait le budget", "The price was over the budget"),
    "delay": ("Les dates ne convenaient pas", "The dates did not suit"),
    "quantity": ("La quantité ne convenait pas", "The quantity did not suit"),
    "distance": ("C'était trop loin", "It was too far away"),
    "incomplete": ("Il manquait des précisions", "Details were missing"),
    "need_changed": ("Le besoin a changé", "The need has changed"),
    "need_ended": ("Le besoin s'est clos sans autre choix", "The need was closed without another choice"),
    "other": ("Autre raison", "Another reason"),
}

# What a supplier says in a proposal that it does for the environment.
COMMITMENTS: Final[Names] = {
    "recycled": ("Matières réemployées ou recyclées", "Reused or recycled materials"),
    "packaging": ("Emballages repris ou réutilisables", "Packaging taken back or reusable"),
    "transport": ("Livraison à vélo, électrique ou groupée", "Delivery by bike, electric or shared"),
    "measured": ("Empreinte mesurée et communiquée", "Footprint measured and told"),
}

# What proposals are compared by.
CRITERIA: Final[Names] = {
    "price": ("Prix", "Price"),
    "delay": ("Délai", "Delay"),
    "nearness": ("Distance", "Distance"),
    "social": ("Social", "Social"),
    "environment": ("Environnement", "Environment"),
    "completeness": ("Complétude", "Completeness"),
}

# What an agreement is, and why one is cancelled; the codes are those of `shared.events.agreements`.
NATURES: Final[Names] = {
    "order": ("Commande", "Order"),
    "gift": ("Don", "Gift"),
    "partnership": ("Partenariat", "Partnership"),
    "transfer": ("Cession", "Transfer"),
    "loan": ("Prêt", "Loan"),
}
CANCELLED_FOR: Final[Names] = {
    "need_changed": ("Le besoin a changé", "The need has changed"),
    "price": ("Le prix ou le budget a changé", "The price or the budget has changed"),
    "delay": ("Les dates ne peuvent pas être tenues", "The dates cannot be kept"),
    "not_delivered": ("Ce qui était prévu n'a pas été fait", "What was agreed was not done"),
    "quality": ("La qualité n'y est pas", "The quality is not there"),
    "unsigned": ("L'autre partie ne signe pas", "The other side does not sign"),
    "together": ("Nous l'avons décidé ensemble", "We decided it together"),
    "other": ("Autre raison", "Another reason"),
}
# What a partnership is about.
FOCUSES: Final[Names] = {
    "skills": ("Des compétences", "Skills"),
    "csr": ("Une action RSE", "A CSR project"),
}

# Why a question is shown to nobody any more; the codes are `shared.events.questions.HiddenFor`.
HIDING_REASONS: Final[Names] = {
    "abusive": ("Elle est injurieuse, ou n'a rien à faire ici", "It is abusive, or has no place here"),
    "names_someone": ("Elle nomme une personne ou une structure", "It names a person or an organisation"),
}
