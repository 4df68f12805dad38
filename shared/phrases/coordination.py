"""What the codes of the territory's own work are called, in French and English: parameters, contacts, calls."""

from typing import Final

from shared.phrases.names import Names

PARAMETER_GROUPS: Final[Names] = {
    "patronage": ("Mécénat", "Patronage"),
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

# What to do about something stuck, before the first basket (0) and in each of the three; {name} is whom to call.
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
