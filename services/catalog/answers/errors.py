"""What may be refused about an answer to a need."""

from shared.refusal import Refusal


class AnswerUnknown(Refusal):
    """No such answer, or one that this organisation neither gave nor received."""

    status = 404
    sentence = "Cette réponse n'existe pas, ou plus."


class NamedNeedUnknown(Refusal):
    """The body names a need that this organisation does not see."""

    status = 422
    field = "need_id"
    sentence = "Ce besoin n'existe pas, ou plus."


class NeedTakesNoAnswers(Refusal):
    """It is closed, withdrawn, not published, or its deadline has passed."""

    sentence = "Ce besoin ne prend plus de réponse. D'autres sont ouverts dans la liste des besoins."


class TenderAnsweredElsewhere(Refusal):
    """A formal tender is answered on its buyer's own platform."""

    sentence = (
        "C'est un marché public formel : on y répond sur le profil de l'acheteur. La page du besoin en donne l'adresse."
    )


class OwnNeed(Refusal):
    """Nobody answers themselves; the same legal entity is the same party."""

    status = 403
    sentence = "Ce besoin est celui de votre entité : une autre structure doit y répondre."


class SocialEconomyOnly(Refusal):
    """Needs are put to the social economy."""

    status = 403
    sentence = (
        "Seules les structures de l'ESS répondent aux besoins. Si la vôtre en est une, dites-le sur la page de votre "
        "structure, puis revenez."
    )


class ConfirmBeforeAnswering(Refusal):
    """Nobody could write back to an address that has not answered its own letter."""

    status = 403
    sentence = (
        "Confirmez d'abord votre adresse e-mail : ouvrez la lettre qui vous attend, appuyez sur son bouton, "
        "puis répondez."
    )


class ReasonMissing(Refusal):
    """A no says why: it teaches matching what to ask next time."""

    status = 422
    field = "reason"
    sentence = "Choisissez la raison la plus proche : elle évite qu'on vous sollicite à tort."


class AnsweredAlready(Refusal):
    """There is one answer of an organisation to a need; it is changed, not given again."""

    sentence = "Votre structure a déjà répondu à ce besoin. Changez sa réponse plutôt que d'en donner une autre."


class NothingToWithdraw(Refusal):
    """It was taken back already."""

    sentence = "Cette réponse est déjà retirée."


class ProposalStands(Refusal):
    """From a proposal on, that is what a supplier answers."""

    sentence = "Votre structure a fait une proposition. Retirez-la d'abord, puis changez votre réponse."


class AnswerSettled(Refusal):
    """Its need's author has chosen."""

    sentence = "L'auteur du besoin a tranché : cette réponse ne change plus."


class AnswerLinkUnknown(Refusal):
    """The address is not one that a letter of ours gave, or its reader acts for that organisation no more."""

    status = 404
    sentence = "Ce lien de réponse ne s'ouvre pas."
