"""What may be refused about a proposal."""

from shared.refusal import Refusal


class ProposalUnknown(Refusal):
    """No such proposal, one that was withdrawn, or one that is neither for nor from this organisation."""

    status = 404
    sentence = "Cette proposition n'existe pas, ou elle a été retirée."


class NeedTakesNoProposals(Refusal):
    """It is closed or withdrawn: nothing is revised or chosen any more."""

    sentence = "Ce besoin est clos : on n'y propose et on n'y choisit plus rien."


class ProposedAlready(Refusal):
    """There is one proposal of an organisation to a need; it is revised, not made again."""

    sentence = "Votre structure a déjà une proposition pour ce besoin. Révisez-la plutôt que d'en faire une autre."


class ProposalSettled(Refusal):
    """It was chosen or not: that is final."""

    sentence = "L'auteur du besoin a tranché : cette proposition ne change plus."


class ProposalLapsed(Refusal):
    """Its supplier is not bound by it any more."""

    sentence = "Cette proposition n'est plus valable. Demandez à la structure de la renouveler, puis choisissez."


class NothingProposed(Refusal):
    """It was taken back already."""

    sentence = "Cette proposition est déjà retirée."


class ValidityInThePast(Refusal):
    """A proposal binds its supplier for a day at least."""

    status = 422
    field = "valid_until"
    sentence = "Votre proposition doit valoir au moins jusqu'à aujourd'hui."


class WorkEndsBeforeItStarts(Refusal):
    """Two dates in the wrong order."""

    status = 422
    field = "ends_on"
    sentence = "La fin vient avant le début."


class WorkOverAlready(Refusal):
    """Work that was done before it was proposed would be the soonest of all."""

    status = 422
    field = "ends_on"
    sentence = "Cette date de fin est déjà passée."


class TotalTooLarge(Refusal):
    """A slip of the keyboard, and more than a column holds."""

    status = 422
    field = "lines"
    sentence = "Le total dépasse un milliard d'euros : vérifiez les quantités et les prix."


class CoContractorUnknown(Refusal):
    """Only organisations of the marketplace can be asked to confirm."""

    status = 422
    field = "co_contractors"
    sentence = "Aucune structure de Boucle n'a le SIRET {siret}. Vérifiez-le, ou proposez-lui de s'inscrire."


class CoContractorUnfit(Refusal):
    """Nobody is their own co-contractor, nor their buyer's."""

    status = 422
    field = "co_contractors"
    sentence = "Le SIRET {siret} est le vôtre ou celui de l'auteur du besoin : un cotraitant est une autre structure."


class NotAskedToTakePart(Refusal):
    """Only who is named in a proposal says whether they take part in it."""

    status = 404
    sentence = "Votre structure n'est pas citée dans cette proposition."


class NotChosenReasonMissing(Refusal):
    """Whoever is not chosen learns why."""

    status = 422
    field = "reason"
    sentence = "Choisissez la raison la plus proche : la structure la lira."


class DecisionNamesAuthor(Refusal):
    """The need hides its author's name from whom it does not choose, and the word to them says it."""

    status = 422
    field = "words"
    sentence = "Votre mot contient le nom de votre structure, que ce besoin cache. Retirez-le, puis envoyez."


class ChosenReasonMissing(Refusal):
    """A choice is recorded with its reason."""

    status = 422
    field = "reason"
    sentence = "Choisissez la raison la plus proche : elle garde la trace de votre choix."
