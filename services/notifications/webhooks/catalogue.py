"""Which events a webhook may be told, by type: what concerns one organisation, and nothing about a person.

Every event that Boucle knows stands in one of the two tables, or a test fails: a new one is told to nobody until
somebody has thought about who may read it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

from shared.events import Event, registry

# A message of ours that is no event: it only shows that messages arrive.
TEST: Final = "boucle.webhook.test.v1"

Names = Mapping[str, tuple[str, str]]

# By the thing they tell about: what happened to it, in French and English.
GROUPS: Final[Mapping[tuple[str, str], Names]] = {
    ("Vos besoins", "Your needs"): {
        "catalog.need.submitted.v1": ("Envoyé en vérification", "Sent for a check"),
        "catalog.need.returned.v1": ("Renvoyé par le territoire", "Sent back by the territory"),
        "catalog.need.abandoned.v1": ("Abandonné faute de modification", "Abandoned for want of changes"),
        "catalog.need.published.v1": ("Publié", "Published"),
        "catalog.need.updated.v1": ("Modifié", "Changed"),
        "catalog.need.withdrawn.v1": ("Retiré", "Withdrawn"),
        "catalog.need.closed.v1": ("Clos, avec son issue", "Closed, with its outcome"),
        "catalog.answer.given.v1": ("Réponse d'une structure, ou changée", "Answer of a supplier, or changed"),
    },
    ("Propositions", "Proposals"): {
        "catalog.proposal.made.v1": ("Proposition reçue, ou révisée", "Proposal received, or revised"),
        "catalog.proposal.attached.v1": (
            "Document joint à une proposition reçue",
            "Document put beside a proposal received",
        ),
        "catalog.proposal.withdrawn.v1": ("Proposition reçue, puis retirée", "Proposal received, then withdrawn"),
        "catalog.proposal.accepted.v1": ("Votre proposition est choisie", "Your proposal is chosen"),
        "catalog.proposal.rejected.v1": ("Votre proposition n'est pas retenue", "Your proposal is not chosen"),
        "catalog.participation.asked.v1": ("On vous cite comme cotraitant", "You are named as a co-contractor"),
        "catalog.participation.answered.v1": ("Réponse d'un cotraitant", "Answer of a co-contractor"),
    },
    ("Règlements", "Settlements"): {
        "catalog.settlement.due.v1": ("Somme due par un accord", "Amount due under an agreement"),
        "catalog.settlement.billed.v1": ("Facture notée", "Invoice named"),
        "catalog.settlement.credited.v1": ("Avoir noté", "Credit note named"),
        "catalog.settlement.declared.v1": ("Déclaré payé", "Declared paid"),
        "catalog.settlement.confirmed.v1": ("Paiement confirmé", "Payment confirmed"),
        "catalog.settlement.disputed.v1": ("Paiement contesté", "Payment disputed"),
        "catalog.settlement.returned.v1": ("Remboursement déclaré", "Refund declared"),
        "catalog.settlement.refunded.v1": ("Remboursement confirmé", "Refund confirmed"),
        "catalog.settlement.voided.v1": ("Annulé avec l'accord", "Voided with the agreement"),
        "catalog.settlement.overdue.v1": ("En retard", "Overdue"),
        "catalog.settlement.failed.v1": ("Paiement en ligne sans suite", "Online payment failed"),
        "catalog.settlement.contested.v1": ("Contesté à la banque", "Disputed at the bank"),
        "catalog.mandate.given.v1": ("Mandat de facturation reçu", "Mandate to bill received"),
        "catalog.mandate.ended.v1": ("Mandat de facturation terminé", "Mandate to bill ended"),
    },
    ("Accords", "Agreements"): {
        "catalog.agreement.concluded.v1": ("Accord conclu, à signer", "Agreement concluded, to be signed"),
        "catalog.agreement.changed.v1": (
            "Accord modifié, à signer de nouveau",
            "Agreement changed, to be signed again",
        ),
        "catalog.agreement.signed.v1": ("Signé par l'autre partie", "Signed by the other side"),
        "catalog.agreement.running.v1": ("Signé par les deux parties", "Signed by both sides"),
        "catalog.agreement.advanced.v1": ("Étape cochée par l'autre partie", "Milestone ticked by the other side"),
        "catalog.agreement.completed.v1": ("Accord terminé", "Agreement completed"),
        "catalog.agreement.cancelled.v1": ("Accord annulé par l'autre partie", "Agreement cancelled by the other side"),
    },
    ("Dons", "Gifts"): {
        "catalog.gift.promised.v1": ("Don promis", "Gift promised"),
        "catalog.gift.valued.v1": ("Don estimé par son donateur", "Gift valued by its donor"),
        "catalog.gift.delivered.v1": ("Don confirmé par son bénéficiaire", "Gift confirmed by its recipient"),
        "catalog.gift.sheet_signed.v1": ("Feuille de présence signée", "Attendance sheet signed"),
        "catalog.gift.receipted.v1": ("Reçu ou attestation établi", "Receipt or attestation issued"),
        "catalog.gift.receipt_cancelled.v1": ("Reçu ou attestation annulé", "Receipt or attestation cancelled"),
        "catalog.gift.receipt_voided.v1": ("Reçu ou attestation annulé pour de bon", "Paper void for good"),
        "catalog.gift.returned.v1": ("Somme d'un don rendue", "Money of a gift given back"),
        "catalog.gift.withdrawn.v1": ("Promesse de don retirée", "Promise of a gift withdrawn"),
        "catalog.eligibility.declared.v1": ("Éligibilité déclarée", "Eligibility declared"),
        "catalog.eligibility.checked.v1": ("Éligibilité vérifiée", "Eligibility checked"),
        "catalog.eligibility.refused.v1": ("Éligibilité refusée", "Eligibility refused"),
    },
    ("Échanges", "Exchanges"): {
        "catalog.message.posted.v1": ("Message reçu", "Message received"),
    },
    ("Questions publiques", "Public questions"): {
        "catalog.question.asked.v1": ("Question qu'on vous pose", "Question that you are asked"),
        "catalog.question.withdrawn.v1": ("Question reprise par qui l'a posée", "Question taken back by who asked"),
        "catalog.question.answered.v1": (
            "Réponse à votre question, ou corrigée",
            "Answer to your question, or corrected",
        ),
        "catalog.question.hidden.v1": ("Votre question masquée", "Your question hidden"),
    },
    ("Vos gisements et leurs lots", "Your flows and their lots"): {
        "catalog.flow.submitted.v1": ("Envoyé en vérification", "Sent for a check"),
        "catalog.flow.returned.v1": ("Renvoyé par le territoire", "Sent back by the territory"),
        "catalog.flow.abandoned.v1": ("Abandonné faute de modification", "Abandoned for want of changes"),
        "catalog.flow.published.v1": ("Publié", "Published"),
        "catalog.flow.updated.v1": ("Modifié, ou repris", "Changed, or running again"),
        "catalog.flow.paused.v1": ("Mis en pause", "Paused"),
        "catalog.flow.withdrawn.v1": ("Retiré", "Withdrawn"),
        "catalog.flow.taken.v1": ("Tout est pris", "All of it taken"),
        "catalog.lot.released.v1": ("Lot disponible", "Lot available"),
        "catalog.lot.changed.v1": ("Lot modifié", "Lot changed"),
        "catalog.lot.expired.v1": ("Lot expiré", "Lot expired"),
        "catalog.taking.held.v1": ("Option posée ou prolongée", "Option taken or kept longer"),
        "catalog.taking.ending.v1": ("Option bientôt terminée", "Option about to end"),
        "catalog.taking.released.v1": ("Option relâchée ou passée", "Option let go or over"),
        "catalog.taking.made.v1": ("Part d'un lot prise", "Part of a lot taken"),
        "catalog.taking.cancelled.v1": ("Enlèvement annulé", "Pick-up called off"),
        "catalog.taking.missed.v1": ("Enlèvement manqué", "Pick-up missed"),
        "catalog.taking.done.v1": ("Chiffre d'un enlèvement, dit ou corrigé", "Figure of a pick-up, said or corrected"),
        "catalog.taking.disputed.v1": ("Enlèvement : chiffres à accorder", "Pick-up: figures to agree on"),
        "catalog.taking.confirmed.v1": ("Enlèvement confirmé par les deux", "Pick-up confirmed by both"),
        "catalog.taking.unconfirmed.v1": ("Enlèvement à confirmer", "Pick-up to be confirmed"),
        "catalog.subscription.asked.v1": ("Abonnement demandé", "Subscription asked for"),
        "catalog.subscription.accepted.v1": ("Abonnement accepté", "Subscription accepted"),
        "catalog.subscription.refused.v1": ("Abonnement refusé", "Subscription refused"),
        "catalog.subscription.paused.v1": ("Abonnement en pause", "Subscription paused"),
        "catalog.subscription.resumed.v1": ("Abonnement repris", "Subscription running again"),
        "catalog.subscription.ended.v1": ("Abonnement terminé", "Subscription ended"),
        "catalog.subscription.unserved.v1": ("Abonné sans part d'un lot", "Subscriber without a part of a lot"),
    },
    ("Vos activités", "Your offers"): {
        "catalog.offer.published.v1": ("Publiée", "Published"),
        "catalog.offer.updated.v1": ("Modifiée, ou reprise", "Changed, or running again"),
        "catalog.offer.paused.v1": ("Mise en pause", "Paused"),
        "catalog.offer.withdrawn.v1": ("Retirée", "Withdrawn"),
    },
    ("Impact", "Impact"): {
        "catalog.impact.recorded.v1": (
            "Ce qui est compté d'un échange confirmé, ou recalculé",
            "What a confirmed exchange counts for, or computed anew",
        ),
    },
    ("Correspondances", "Matches"): {
        "matching.demand.matched.v1": ("Qui correspond à ce que vous cherchez", "Who fits what you seek"),
        "matching.demand.unmatched.v1": ("Personne n'y correspond", "Nobody fits it"),
        "matching.supplier.solicited.v1": ("On vous sollicite", "You are asked"),
        "matching.allocation.accepted.v1": ("Répartition que vous avez acceptée", "Split that you accepted"),
    },
    ("Appels à projets", "Calls for projects"): {
        "catalog.application.submitted.v1": ("Candidature reçue", "Application received"),
        "catalog.application.decided.v1": ("Réponse à votre candidature", "Answer to your application"),
    },
    ("Campagnes et promesses", "Campaigns and pledges"): {
        "catalog.campaign.submitted.v1": ("Campagne envoyée en vérification", "Campaign sent for a check"),
        "catalog.campaign.returned.v1": ("Campagne renvoyée par le territoire", "Campaign sent back by the territory"),
        "catalog.campaign.published.v1": ("Campagne publiée", "Campaign published"),
        "catalog.campaign.updated.v1": (
            "Campagne modifiée, ou son total promis",
            "Campaign changed, or its pledged sum",
        ),
        "catalog.campaign.opened.v1": ("Campagne ouverte", "Campaign opened"),
        "catalog.campaign.closed.v1": ("Campagne terminée, avec son issue", "Campaign ended, with its outcome"),
        "catalog.pledge.made.v1": ("Promesse reçue, ou changée", "Pledge received, or changed"),
        "catalog.pledge.withdrawn.v1": ("Promesse reçue, puis reprise", "Pledge received, then taken back"),
        "catalog.pledge.confirmed.v1": ("Votre promesse est confirmée", "Your pledge is confirmed"),
        "catalog.pledge.lapsed.v1": ("Votre promesse est sans suite", "Your pledge has lapsed"),
        "catalog.pledge.due.v1": ("Votre don n'est pas confirmé", "Your gift is not confirmed"),
    },
    ("Votre structure", "Your organisation"): {
        "catalog.organisation.updated.v1": ("Fiche modifiée", "Record changed"),
        "catalog.organisation.verified.v1": ("Vérifiée par le territoire", "Checked by the territory"),
        "catalog.organisation.suspended.v1": ("Suspendue", "Suspended"),
        "catalog.consent.noted.v1": ("Publié en votre nom, avec votre accord", "Published for you, with your consent"),
        "catalog.ending.noticed.v1": ("Fin proche d'un statut ou d'un permis", "A status or permit ends soon"),
    },
}
PUBLIC: Final[Names] = {code: names for group in GROUPS.values() for code, names in group.items()}
# What no webhook is told, and why.
PRIVATE: Final[Mapping[str, str]] = {
    "catalog.call.opened.v1": "concerns who may apply, not one organisation",
    "catalog.entity.changed.v1": "a legal person's, which may have many establishments",
    "catalog.organisation.registered.v1": "comes before anybody could add a webhook",
    "catalog.member.joined.v1": "about a person",
    "catalog.member.changed.v1": "about a person",
    "catalog.member.left.v1": "about a person",
    "catalog.session.revoked.v1": "about a person",
    "catalog.link.requested.v1": "about a person",
    "catalog.account.changed.v1": "about a person",
    "catalog.reply.refused.v1": "about a person",
    "contacts.member.reached.v1": "personal data",
    "notifications.letter.sent.v1": "about a person",
    "notifications.notification.created.v1": "only says that something else was told",
    "notifications.delivery.failed.v1": "only says that something else was told",
}


class Choices(NamedTuple):
    """A heading and what may be ticked below it: (type, words)."""

    title: str
    options: list[tuple[str, str]]


def choices(language: str) -> list[Choices]:
    """Everything that may be chosen, in a language."""
    which = 1 if language.startswith("en") else 0
    return [
        Choices(title[which], [(code, names[which]) for code, names in group.items()])
        for title, group in GROUPS.items()
    ]


def public_kinds() -> list[type[Event]]:
    """The classes of the events that a webhook may be told."""
    return [kind for code, kind in registry().items() if code in PUBLIC]


def whose(event: Event) -> UUID:
    """The organisation that an event concerns, which alone is told."""
    return UUID(str(event.organisation_id))  # type: ignore[attr-defined] # each public one has it: a test says so
