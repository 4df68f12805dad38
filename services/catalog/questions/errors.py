"""What may be refused about a public question and its answer."""

from shared.refusal import Refusal


class QuestionUnknown(Refusal):
    """No such question, or one that is not this organisation's to read, answer or take back."""

    status = 404
    sentence = "Cette question n'existe pas, ou plus."


class NamedPostingUnknown(Refusal):
    """The body names a need or a flow that this organisation does not see."""

    status = 422
    sentence = "Cette annonce n'existe pas, ou plus."

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class NeedTakesNoQuestions(Refusal):
    """It is closed, withdrawn, not published, or its deadline has passed."""

    sentence = "Ce besoin ne prend plus de question : il est clos, ou sa date limite est passée."


class FlowTakesNoQuestions(Refusal):
    """It is paused, ended or not published."""

    sentence = "Ce gisement ne prend pas de question en ce moment : il est en pause, ou terminé."


class TenderAskedElsewhere(Refusal):
    """The questions of a formal tender are asked on its buyer's own platform, where all candidates read them."""

    sentence = (
        "C'est un marché public formel : ses questions se posent sur le profil de l'acheteur. La page du besoin en "
        "donne l'adresse."
    )


class OwnPosting(Refusal):
    """Nobody asks themselves; the same legal entity is the same party."""

    status = 403
    sentence = "Cette annonce est celle de votre entité : les autres structures vous y posent leurs questions."


class ConfirmBeforeAsking(Refusal):
    """The answer could not be told to an address that has not answered its own letter."""

    status = 403
    sentence = (
        "Confirmez d'abord votre adresse e-mail : ouvrez la lettre qui vous attend, appuyez sur son bouton, "
        "puis posez votre question."
    )


class TooManyWaiting(Refusal):
    """As many questions of this organisation as may wait here do."""

    field = "words"
    sentence = (
        "{count} de vos questions attendent déjà leur réponse ici. Retirez-en une, ou posez celle-ci quand l'une "
        "d'elles aura sa réponse."
    )


class QuestionNamesAsker(Refusal):
    """Its words would say to everybody who asks."""

    status = 422
    field = "words"
    sentence = "Votre question contient le nom de votre structure, qu'elle rendrait public. Retirez-le, puis envoyez."


class ReplyNamesAuthor(Refusal):
    """The need hides its author's name, and the answer says it."""

    status = 422
    field = "reply"
    sentence = "Votre réponse contient le nom de votre structure, que ce besoin cache. Retirez-le, puis envoyez."


class PostingOver(Refusal):
    """What it is about has ended: nobody waits for this answer any more."""

    sentence = "Cette annonce est terminée : on ne répond plus aux questions posées."


class RepliedAlready(Refusal):
    """An answer is public, and so is what it answers."""

    sentence = "Cette question a reçu une réponse : elles restent publiques toutes les deux."


class QuestionOver(Refusal):
    """It was taken back or hidden."""

    sentence = "Cette question a été retirée ou masquée : il n'y a plus rien à en faire."
