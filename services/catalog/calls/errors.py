"""What may be refused about calls for projects and applications."""

from shared.refusal import Refusal


class CallUnknown(Refusal):
    """No such call, or one that is not published."""

    status = 404
    sentence = "Cet appel à projets n'existe pas, ou plus."


class CallersOnly(Refusal):
    """A call is the territory's or a partner's."""

    status = 403
    sentence = "Un appel à projets se publie par le territoire ou par un partenaire."


class CallPublished(Refusal):
    """Whoever applies must be able to rely on what they read."""

    sentence = "Cet appel est publié : il ne se modifie plus."


class CallIncomplete(Refusal):
    """Nobody can apply to what does not say this."""

    status = 422
    sentence = "À remplir avant de publier."

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class DatesInDisorder(Refusal):
    """It opens, closes, and then is decided; none of it in the past."""

    status = 422
    field = "closes_on"
    sentence = "Les dates se suivent : ouverture, puis clôture (au plus tôt aujourd'hui), puis décision."


class CallNotOpen(Refusal):
    """Applications are taken between two days."""

    sentence = "Cet appel ne prend pas de candidature aujourd'hui. Ce que vous avez écrit est gardé."


class NotForYou(Refusal):
    """The call says who may apply."""

    status = 403
    sentence = "Cet appel n'est pas ouvert aux structures comme la vôtre."


class OwnCall(Refusal):
    """Nobody decides about themselves."""

    sentence = "Votre structure publie cet appel : elle n'y répond pas."


class ApplicationUnknown(Refusal):
    """No such application, or nobody else's business."""

    status = 404
    sentence = "Cette candidature n'existe pas, ou plus."


class ApplicationSent(Refusal):
    """It is sent once; what was read does not change."""

    sentence = "Cette candidature est envoyée : elle ne se modifie plus."


class AnswerMissing(Refusal):
    """Every criterion gets a word."""

    status = 422
    sentence = "Répondez en quelques mots avant d'envoyer."

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class CallNotClosed(Refusal):
    """Nobody is told before everybody could apply."""

    sentence = "Les décisions s'annoncent une fois l'appel clos."


class KindWordMissing(Refusal):
    """Whoever is not retained is told why, kindly."""

    status = 422
    field = "words"
    sentence = "Écrivez un mot à la structure : elle le lira tel quel."


class DecisionsMissing(Refusal):
    """All are told at once, so none may be left open."""

    sentence = "Il reste des candidatures sans décision : {left}."
