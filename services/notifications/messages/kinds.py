"""Every topic once: what it is called, when it comes, what it says, and how often one is told unless one chooses.

A new topic is one more entry of `KINDS`: it is then told, planned, gathered, and shown among the preferences.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.notifications.messages import (
    agreements,
    endings,
    exchanges,
    payments,
    postings,
    programs,
    proposals,
    questions,
    replies,
    security,
    takings,
    topics,
)
from services.notifications.messages.topics import Sentences, Words
from services.notifications.rhythm import Channel, Rhythm

Say = Callable[[Words, Mapping[str, Any]], Sentences]


class Group(StrEnum):
    """What one does when it comes: preferences are read by this."""

    ASKED = "asked"
    POSTINGS = "postings"
    ACCOUNT = "account"


@dataclass(frozen=True)
class TopicKind:
    """One topic; `says` has all its sentences by name: its own, and those that only open pages are told.

    `email` is the rhythm of whoever chose none; None where no letter is ever written. `is_fixed` when nobody may
    switch it off, `is_silent` when no notice of it lies in an inbox.
    """

    name: str
    title: str
    when: str
    group: Group
    says: Mapping[str, Say]
    email: Rhythm | None = None
    is_fixed: bool = False
    is_silent: bool = False

    def proposed(self, channel: Channel) -> Rhythm | None:
        """How often, unless one chooses; None where the channel never carries it."""
        if channel is Channel.LIVE:
            return None if self.is_silent else Rhythm.AT_ONCE
        return self.email

    def offered(self, channel: Channel) -> Sequence[Rhythm]:
        """What one may choose: an open page says it at once or not at all."""
        if self.is_fixed or self.proposed(channel) is None:
            return ()
        return (Rhythm.AT_ONCE, Rhythm.NEVER) if channel is Channel.LIVE else tuple(Rhythm)


def _beginning(prefix: str) -> Mapping[str, Say]:
    return {name: say for name, say in security.TOPICS.items() if name.startswith(prefix)}


KINDS: Mapping[str, TopicKind] = {
    kind.name: kind
    for kind in (
        TopicKind(
            "solicited",
            "On vous sollicite",
            "Quand un besoin ou un gisement vous correspond et que son auteur attend de savoir s'il vous intéresse.",
            Group.ASKED,
            {"solicited": topics.solicited},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "allocated",
            "On vous propose une part",
            "Quand le détenteur d'un gisement le répartit et vous propose d'en prendre une part.",
            Group.ASKED,
            {"allocated": topics.allocated},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "takes-part",
            "Cotraitance",
            "Quand une structure vous cite dans sa proposition, ou qu'un cotraitant cité par vous répond.",
            Group.ASKED,
            {"takes-part": proposals.takes_part},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "new-for-you",
            "Nouveau pour vous",
            "Dès qu'une annonce qui vous correspond est publiée, avant que l'on vous sollicite.",
            Group.ASKED,
            {"new-for-you": topics.new_for_you},
        ),
        TopicKind(
            "proposed",
            "Propositions reçues",
            "Quand une structure fait une proposition pour votre besoin, la révise, y joint un document ou la retire.",
            Group.POSTINGS,
            {"proposed": proposals.proposed},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "chosen",
            "Suite de vos propositions",
            "Quand votre proposition est choisie, ou ne l'est pas, avec la raison donnée.",
            Group.ASKED,
            {"chosen": proposals.chosen},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "agreement",
            "Accords",
            "Quand un accord de votre structure est conclu, modifié, signé, avance, se termine ou s'annule.",
            Group.ASKED,
            {"agreement": agreements.agreed},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "settlement",
            "Règlements",
            "Quand une somme est due par un accord, déclarée payée, confirmée, contestée, rendue, ou en retard.",
            Group.ASKED,
            {"settlement": payments.settled},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "messaged",
            "Messages",
            "Quand une structure avec qui vous êtes en échange vous écrit : une fois, tant que vous n'avez pas lu.",
            Group.ASKED,
            {"messaged": exchanges.messaged},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "interested",
            "Une structure est intéressée",
            "Quand une structure se dit intéressée par votre besoin, ou ne l'est plus.",
            Group.POSTINGS,
            {"interested": topics.interested},
            email=Rhythm.HOURLY,
        ),
        TopicKind(
            "questioned",
            "Questions à vous",
            "Quand une structure pose une question sur votre besoin ou votre gisement.",
            Group.POSTINGS,
            {"questioned": questions.questioned},
            email=Rhythm.HOURLY,
        ),
        TopicKind(
            "replied",
            "Réponses à vos questions",
            "Quand une question que votre structure a posée reçoit une réponse, ou qu'elle est masquée.",
            Group.ASKED,
            {"replied": questions.replied},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "clarified",
            "Précisions sur un besoin",
            "Quand l'auteur d'un besoin qui vous intéresse répond à la question d'une autre structure.",
            Group.ASKED,
            {"clarified": questions.clarified},
            email=Rhythm.DAILY,
        ),
        TopicKind(
            "taken",
            "Vos lots sont pris",
            "Quand une structure prend une part d'un de vos lots, la garde, annule, ne vient pas ou l'a enlevée.",
            Group.POSTINGS,
            {"taken": takings.taken},
            email=Rhythm.HOURLY,
        ),
        TopicKind(
            "pick-up",
            "Vos enlèvements",
            "Quand un enlèvement est annulé, manqué, à confirmer ou confirmé, et avant qu'une option se termine.",
            Group.ASKED,
            {"pick-up": takings.pick_up},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "matched",
            "Des structures correspondent",
            "La première fois que des structures correspondent à votre annonce ; les suivantes s'affichent ici.",
            Group.POSTINGS,
            {"matched": topics.matched, "more-matched": topics.more_matched},
            email=Rhythm.DAILY,
        ),
        TopicKind(
            "unmatched",
            "Personne encore",
            "Quand personne ne correspond à votre annonce, avec ce qui bloque.",
            Group.POSTINGS,
            {"unmatched": topics.unmatched},
            email=Rhythm.DAILY,
        ),
        TopicKind(
            "returned",
            "À revoir",
            "Quand un coordinateur demande de changer une annonce avant de la publier, ou qu'elle est abandonnée.",
            Group.POSTINGS,
            {"returned": postings.returned},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "posted-for",
            "Publié en votre nom",
            "Quand le territoire publie une annonce ou une activité pour votre structure, avec l'accord qu'il a noté.",
            Group.POSTINGS,
            {"posted-for": postings.posted_for},
            email=Rhythm.AT_ONCE,
            is_fixed=True,
        ),
        TopicKind(
            "called",
            "Appels à projets ouverts",
            "Quand s'ouvre un appel à projets auquel votre structure peut répondre.",
            Group.ASKED,
            {"called": topics.called},
            email=Rhythm.DAILY,
        ),
        TopicKind(
            "applied",
            "Candidatures reçues",
            "Quand une structure répond à un appel à projets de la vôtre.",
            Group.ASKED,
            {"applied": topics.applied},
            email=Rhythm.DAILY,
        ),
        TopicKind(
            "decided",
            "Réponse à votre candidature",
            "Quand l'appel à projets auquel vous avez répondu est tranché.",
            Group.POSTINGS,
            {"decided": topics.decided},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "ending",
            "Fins de statuts et de permis",
            "Soixante jours puis quatorze jours avant la fin d'un statut ou d'un permis, et le lendemain de sa fin.",
            Group.ASKED,
            {"ending": endings.ending},
            email=Rhythm.AT_ONCE,
        ),
        TopicKind(
            "account-links",
            "Liens que vous demandez",
            "Quand vous demandez un lien pour vous connecter, confirmer une adresse ou rejoindre une structure.",
            Group.ACCOUNT,
            _beginning(security.LINK),
            email=Rhythm.AT_ONCE,
            is_fixed=True,
            is_silent=True,
        ),
        TopicKind(
            "account-changes",
            "Sécurité du compte",
            "Quand la manière d'entrer dans votre compte change : mot de passe, adresse, seconde preuve.",
            Group.ACCOUNT,
            _beginning(security.CHANGED),
            email=Rhythm.AT_ONCE,
            is_fixed=True,
            is_silent=True,
        ),
        TopicKind(
            replies.REPLY_REFUSED,
            "Réponses non transmises",
            "Quand une réponse que vous envoyez par e-mail ne peut pas être transmise, avec la raison.",
            Group.ACCOUNT,
            {replies.REPLY_REFUSED: replies.reply_refused},
            email=Rhythm.AT_ONCE,
            is_fixed=True,
            is_silent=True,
        ),
        TopicKind(
            "webhook-failing",
            "Webhook en panne",
            "Quand un webhook de votre structure ne reçoit plus rien, avant qu'il soit arrêté.",
            Group.ACCOUNT,
            {"webhook-failing": programs.webhook_failing},
            email=Rhythm.AT_ONCE,
            is_fixed=True,
        ),
        TopicKind(
            "webhook-stopped",
            "Webhook arrêté",
            "Quand un webhook de votre structure a été arrêté.",
            Group.ACCOUNT,
            {"webhook-stopped": programs.webhook_stopped},
            email=Rhythm.AT_ONCE,
            is_fixed=True,
        ),
    )
}
# What a person may choose about.
CHOSEN = tuple(kind for kind in KINDS.values() if not kind.is_fixed)
SAYS: Mapping[str, Say] = {name: say for kind in KINDS.values() for name, say in kind.says.items()}
