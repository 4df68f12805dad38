"""What messages between services, and the reasons for which one is put aside, are called in French and English."""

from typing import Final

from shared.phrases.names import Names

MESSAGE_NOUNS: Final[Names] = {
    "catalog.account": ("Connexion d'une personne", "How a person signs in"),
    "catalog.application": ("Candidature", "Application"),
    "catalog.call": ("Appel à projets", "Call for projects"),
    "catalog.consent": ("Accord pour publier au nom d'une structure", "Consent to post for an organisation"),
    "catalog.ending": ("Fin d'un statut ou d'un permis", "End of a status or a permit"),
    "catalog.entity": ("Entité", "Legal entity"),
    "catalog.flow": ("Gisement", "Material flow"),
    "catalog.link": ("Lien par e-mail", "Link by e-mail"),
    "catalog.lot": ("Lot", "Lot"),
    "catalog.member": ("Membre d'une équipe", "Member of a team"),
    "catalog.need": ("Besoin", "Need"),
    "catalog.offer": ("Activité", "Offer"),
    "catalog.organisation": ("Structure", "Organisation"),
    "catalog.reply": ("Réponse par e-mail refusée", "Answer by e-mail that was refused"),
    "catalog.session": ("Session fermée", "Session that ended"),
    "catalog.subscription": ("Abonnement à un gisement", "Subscription to a flow"),
    "catalog.taking": ("Part d'un lot", "Part of a lot"),
    "contacts.member": ("Adresse d'une personne", "Address of a person"),
    "matching.demand": ("Correspondances d'un besoin ou gisement", "Matches of a need or flow"),
    "matching.supplier": ("Sollicitation", "Solicitation"),
    "notifications.delivery": ("Envoi d'un message", "Delivery of a message"),
    "notifications.notification": ("Notification", "Notification"),
}

# By the fingerprint of the reason; any other is an error while applying it.
LETTER_REASONS: Final[Names] = {
    "unreadable": ("Illisible : ce n'est pas un message de Boucle.", "Unreadable: this is no message of Boucle's."),
    "the process died with it each time": (
        "Le service s'arrêtait chaque fois qu'il le lisait.",
        "The service stopped each time it read it.",
    ),
    "error": (
        "Lu, mais une erreur a empêché d'en tenir compte.",
        "Read, but an error kept it from being applied.",
    ),
}
