"""What may be refused about what an entity may issue or receive."""

from shared.refusal import Refusal


class FactUnknown(Refusal):
    """Not one of the three facts, or not declared."""

    status = 422
    field = "code"
    sentence = "Cette déclaration n'existe pas, ou plus."


class ArticleUnknown(Refusal):
    """Not one of those on which this fact may rest."""

    status = 422
    field = "article"
    sentence = "Choisissez l'article sur lequel votre déclaration repose."


class DecisionMissing(Refusal):
    """Some articles ask for a decree, a decision or an accreditation."""

    status = 422
    field = "decision"
    sentence = "Donnez le décret, la décision ou l'agrément : son numéro ou sa référence au Journal officiel."


class DecisionDateMissing(Refusal):
    """A decree has a date."""

    status = 422
    field = "decided_on"
    sentence = "Donnez la date de ce décret, de cette décision ou de cet agrément : aujourd'hui au plus tard."


class EndInThePast(Refusal):
    """What has ended is not declared."""

    status = 422
    field = "expires_on"
    sentence = "La fin est aujourd'hui au plus tôt."


class OwnersDeclare(Refusal):
    """What the whole entity may do is its owners' to say."""

    status = 403
    sentence = "Seul un responsable de la structure déclare ce qu'elle peut émettre ou recevoir."


class OwnFacts(Refusal):
    """Nobody checks themselves."""

    sentence = "Une autre personne du territoire vérifie votre structure."


class RefusalUnsaid(Refusal):
    """Whoever is refused reads why."""

    status = 422
    field = "words"
    sentence = "Dites pourquoi, en une phrase : elle est transmise telle quelle."


class FactChanged(Refusal):
    """It says something else than what the coordinator read."""

    sentence = "Cette déclaration a changé depuis que vous l'avez lue : relisez-la."
