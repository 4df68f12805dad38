"""What the codes of the territory's own work are called, in French and English: parameters, contacts, calls."""

from typing import Final

from shared.phrases.names import Names

PARAMETER_GROUPS: Final[Names] = {
    "patronage": ("Mécénat", "Patronage"),
    "payments": ("Paiements", "Payments"),
    "inclusion": ("Achats inclusifs", "Inclusive purchasing"),
    "waste": ("Déchets", "Waste"),
    "following": ("Suivi du territoire", "The territory's follow-up"),
    "reminders": ("Relances", "Reminders"),
    "retention": ("Conservation", "Retention"),
}

FIGURE_UNITS: Final[Names] = {
    "euros": ("€", "€"),
    "percent": ("%", "%"),
    "permille": ("‰", "‰"),
    "kg": ("kg", "kg"),
    "hours": ("h", "h"),
    "days": ("jours", "days"),
    "months": ("mois", "months"),
    "years": ("ans", "years"),
    "suppliers": ("fournisseurs", "suppliers"),
    "times": ("fois", "times"),
}
# The same for one of them.
FIGURE_UNITS_ONE: Final[Names] = {
    **FIGURE_UNITS,
    "days": ("jour", "day"),
    "months": ("mois", "month"),
    "years": ("an", "year"),
    "suppliers": ("fournisseur", "supplier"),
    "times": ("fois", "time"),
}

CONTACT_MEANS: Final[Names] = {
    "phone": ("Appel", "Call"),
    "email": ("E-mail", "E-mail"),
    "visit": ("Visite", "Visit"),
    "meeting": ("Rendez-vous", "Meeting"),
}

CONTACT_RESULTS: Final[Names] = {
    "message_left": ("Message laissé", "Message left"),
    "no_answer": ("Pas de réponse", "No answer"),
    "reached": ("Échange avec la structure", "Talked with the organisation"),
    "will_act": ("La structure s'en occupe", "The organisation takes care of it"),
    "nothing_to_expect": ("Rien à attendre", "Nothing to expect"),
}

STUCK_GROUPS: Final[Names] = {
    "looks": ("À vérifier", "To check"),
    "needs": ("Besoins", "Needs"),
    "flows": ("Gisements et lots", "Flows and lots"),
    "agreements": ("Accords", "Agreements"),
    "collections": ("Enlèvements", "Collections"),
    "questions": ("Questions", "Questions"),
    "calls": ("Appels et abonnements", "Calls and subscriptions"),
    "organisations": ("Structures silencieuses", "Silent organisations"),
}

STUCK_KINDS: Final[Names] = {
    "look": ("En attente de votre regard", "Waiting for your look"),
    "need": ("Besoin sans personne en face", "Need that nobody fits"),
    "flow": ("Gisement sans personne en face", "Flow that nobody fits"),
    "untaken": ("Gisement dont rien n'a été pris", "Flow of which nothing was taken"),
    "lot": ("Lot sans preneur, bientôt perdu", "Lot without a taker, soon lost"),
    "proposal": ("Proposition sans décision", "Proposal without a decision"),
    "lapsed": ("Proposition arrivée à terme", "Proposal that has lapsed"),
    "chosen": ("Proposition choisie, sans accord écrit", "Chosen proposal without an agreement"),
    "unsigned": ("Accord non signé", "Agreement not signed"),
    "overrun": ("Accord au-delà de son terme", "Agreement past its end"),
    "unconfirmed": ("Enlèvement non confirmé", "Collection not confirmed"),
    "disputed": ("Pesées en désaccord", "Weights in dispute"),
    "missed": ("Enlèvement manqué, sans nouveau preneur", "Missed pick-up without a new taker"),
    "question": ("Question publique sans réponse", "Public question without an answer"),
    "subscription": ("Demande d'abonnement sans réponse", "Request to subscribe without an answer"),
    "call": ("Appel à projets sans décision", "Call for projects without a decision"),
    "supplier": ("Fournisseur qui n'a jamais répondu", "Supplier that never answered"),
    "silent": ("Structure qui n'a rien publié", "Organisation that published nothing"),
}

# What to do about something stuck. Some have a step before the first basket (0) and in each of the three, the others
# one at first and one from the second basket on; {name} is whom to call, {other} who waits for it.
NEXT_STEPS: Final[Names] = {
    "need-0": ("Laisser venir les réponses", "Let answers come"),
    "need-1": (
        "Chercher une structure à inviter, et dire à {name} où l'on en est",
        "Look for an organisation to invite, and tell {name} how far it is",
    ),
    "need-2": ("Appeler {name} : élargir la zone ou les critères", "Call {name}: widen the area or the criteria"),
    "need-3": ("Appeler {name} : proposer de clore, et noter pourquoi", "Call {name}: offer to close it, and note why"),
    "flow-0": ("Laisser venir les preneurs", "Let takers come"),
    "flow-1": (
        "Chercher un preneur à inviter, et dire à {name} où l'on en est",
        "Look for a taker to invite, and tell {name} how far it is",
    ),
    "flow-2": (
        "Appeler {name} : élargir la zone, ou partager les lots",
        "Call {name}: widen the area, or share the lots",
    ),
    "flow-3": ("Appeler {name} : proposer une autre valorisation", "Call {name}: propose another recovery"),
    "silent-0": ("Laisser le temps de s'installer", "Give it time to settle in"),
    "silent-1": (
        "Appeler {name} : aider à publier une première annonce",
        "Call {name}: help to publish something for the first time",
    ),
    "silent-2": ("Rappeler {name} : demander ce qui bloque", "Call {name} again: ask what stands in the way"),
    "silent-3": ("Écrire à {name} : rester inscrite, ou non ?", "Write to {name}: stay signed up, or not?"),
    "look": ("Vérifier {name}, qui vous attend", "Check {name}, who waits for you"),
    "look-late": ("En retard : vérifier {name} aujourd'hui", "Late: check {name} today"),
    "untaken-0": ("Laisser venir les preneurs", "Let takers come"),
    "untaken-1": (
        "Relancer les preneurs possibles, et dire à {name} où l'on en est",
        "Remind possible takers, and tell {name} how far it is",
    ),
    "untaken-2": (
        "Appeler {name} : revoir horaires, minimum ou conditions d'enlèvement",
        "Call {name}: look again at hours, minimum or terms of collection",
    ),
    "untaken-3": ("Appeler {name} : proposer une autre valorisation", "Call {name}: propose another recovery"),
    "lot": ("Appeler des preneurs aujourd'hui, et prévenir {name}", "Call takers today, and warn {name}"),
    "proposal": (
        "Demander à {name} où en est son choix : {other} attend",
        "Ask {name} how far its choice is: {other} waits",
    ),
    "proposal-late": ("Appeler {name} : choisir, ou dire non à {other}", "Call {name}: choose, or say no to {other}"),
    "lapsed": ("Demander à {name} si sa proposition tient encore", "Ask {name} whether its proposal still stands"),
    "lapsed-late": (
        "Appeler {name} : renouveler sa proposition, ou la retirer",
        "Call {name}: renew its proposal, or take it back",
    ),
    "chosen": ("Proposer à {name} d'écrire l'accord avec {other}", "Offer {name} to write the agreement with {other}"),
    "chosen-late": (
        "Appeler {name} : écrire l'accord, {other} attend depuis longtemps",
        "Call {name}: write the agreement, {other} has waited for long",
    ),
    "unsigned": ("Rappeler à {name} de signer : {other} attend", "Remind {name} to sign: {other} waits"),
    "unsigned-late": (
        "Appeler {name} : signer, ou dire à {other} ce qui bloque",
        "Call {name}: sign, or tell {other} what stands in the way",
    ),
    "overrun": ("Demander à {name} si tout est fait, et de le dire", "Ask {name} whether all is done, and to say so"),
    "overrun-late": (
        "Appeler {name} et {other} : terminer l'accord ou l'annuler",
        "Call {name} and {other}: complete the agreement or cancel it",
    ),
    "unconfirmed": ("Demander à {name} si l'enlèvement a eu lieu", "Ask {name} whether the collection took place"),
    "unconfirmed-late": (
        "Appeler {name} et {other} : confirmer, ou déclarer l'enlèvement manqué",
        "Call {name} and {other}: confirm, or declare the pick-up missed",
    ),
    "disputed": (
        "Proposer à {name} et {other} de comparer leurs tickets de pesée",
        "Offer {name} and {other} to compare their weighing tickets",
    ),
    "disputed-late": (
        "Réunir {name} et {other} : s'accorder sur une pesée",
        "Bring {name} and {other} together: agree on one weight",
    ),
    "missed": ("Chercher un nouveau preneur avec {name}", "Look for a new taker with {name}"),
    "missed-late": ("Appeler {name} : proposer une autre valorisation", "Call {name}: propose another recovery"),
    "question": ("Rappeler à {name} de répondre à la question", "Remind {name} to answer the question"),
    "question-late": (
        "Appeler {name} : répondre avec elle, au téléphone",
        "Call {name}: answer together, on the phone",
    ),
    "subscription": ("Demander à {name} de répondre à {other}", "Ask {name} to answer {other}"),
    "subscription-late": (
        "Appeler {name} : accepter ou refuser, {other} attend depuis longtemps",
        "Call {name}: accept or refuse, {other} has waited for long",
    ),
    "call": ("Demander à {name} où en est sa décision", "Ask {name} how far its decision is"),
    "call-late": (
        "Appeler {name} : décider, et répondre aux candidats",
        "Call {name}: decide, and answer the applicants",
    ),
    "supplier": (
        "Appeler {name} : les demandes reçues lui conviennent-elles ?",
        "Call {name}: do the requests it receives suit it?",
    ),
    "supplier-late": (
        "Rappeler {name} : revoir son offre, ou la mettre en pause",
        "Call {name} again: look again at its offer, or pause it",
    ),
    "again": ("Rappeler {name} {day}", "Call {name} again {day}"),
}

# Which organisations a call may be open to, by what they come for.
CALL_OPEN_TO: Final[Names] = {
    "ess": ("Structures de l'ESS et projets", "Social-economy organisations and projects"),
    "buyer": ("Entreprises et acheteurs", "Companies and buyers"),
    "publisher": ("Détenteurs de matières", "Holders of material"),
    "partner": ("Partenaires", "Partners"),
}

MARKS: Final[Names] = {
    "4": ("4, tout à fait", "4, entirely"),
    "3": ("3, plutôt", "3, rather"),
    "2": ("2, en partie", "2, in part"),
    "1": ("1, peu", "1, hardly"),
    "0": ("0, pas du tout", "0, not at all"),
}
