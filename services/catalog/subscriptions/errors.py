"""What may be refused about subscriptions: asking for one, deciding, ending, and the terms of a flow."""

from shared.refusal import Refusal


class SubscriptionUnknown(Refusal):
    """No such subscription, or one of two other organisations."""

    status = 404
    sentence = "Cet abonnement n'existe pas, ou plus."


class FlowNotRepeated(Refusal):
    """Of a flow with one lot one takes a part."""

    sentence = "Ce gisement n'a qu'un lot : prenez-en une part sur sa page. On s'abonne à ceux qui reviennent."


class FlowNotOpen(Refusal):
    """Nobody subscribes to what releases no lot."""

    sentence = "Ce gisement n'est pas publié en ce moment : revenez quand il l'est."


class HazardousByHand(Refusal):
    """Each load has its own tracking slip (code de l'environnement, R. 541-45)."""

    sentence = (
        "À vérifier : un déchet dangereux part avec un bordereau de suivi par chargement (article R. 541-45 du code de "
        "l'environnement). Il se prend lot par lot, avec la référence de chacun : on ne s'y abonne pas."
    )


class OnePart(Refusal):
    """A part is a quantity or a share, not both and not none."""

    status = 422
    field = "quantity_value"
    sentence = "Dites une quantité de chaque lot, ou un pourcentage : l'un des deux."


class PartNotOfThisUnit(Refusal):
    """A quantity is measured as the flow is."""

    status = 422
    field = "quantity_unit"
    sentence = "Cette unité ne se convertit pas dans celle du gisement. Choisissez la sienne, ou un pourcentage."


class EndsBeforeItBegins(Refusal):
    """Its days are in order."""

    status = 422
    field = "until_on"
    sentence = "Le dernier jour est avant le premier."


class BeginsInThePast(Refusal):
    """Nobody subscribes to yesterday's lots."""

    status = 422
    field = "from_on"
    sentence = "Le premier jour est passé. Choisissez-en un à venir."


class LastsTooLong(Refusal):
    """A subscription is dated so that it is looked at again."""

    status = 422
    field = "until_on"
    sentence = "Un abonnement dure {most} ans au plus : renouvelez-le ensuite."


class SlotOutsideHours(Refusal):
    """It is picked up while somebody is there."""

    status = 422
    field = "slot_from"
    sentence = "Ce gisement s'enlève entre {opens} et {closes}. Choisissez des heures là-dedans, dans l'ordre."


class AskedAlready(Refusal):
    """One question at a time."""

    sentence = "Votre structure a déjà demandé un abonnement à ce gisement : le détenteur n'a pas encore répondu."


class CallMissing(Refusal):
    """A public body chooses among those who answered a call, not whoever came first."""

    sentence = (
        "À vérifier : le détenteur est une structure publique, qui choisit ses abonnés après un appel ouvert à tous. "
        "Aucun appel n'est ouvert pour ce gisement. Ses lots restent à prendre un par un."
    )


class CallNotOpen(Refusal):
    """It is asked for between two days."""

    sentence = "L'appel à abonnement se tient du {opens} au {closes}. En dehors, aucune demande n'est reçue."


class CallNotClosed(Refusal):
    """All who answer are decided on together."""

    sentence = "L'appel court jusqu'au {closes} inclus : les demandes se décident toutes après, sur les mêmes critères."


class PublicHolderCalls(Refusal):
    """What is open to all without a choice is not what the call was for."""

    status = 422
    field = "open_to_all"
    sentence = (
        "À vérifier : votre structure est publique, elle choisit ses abonnés après un appel. Donnez ses dates et ses "
        "critères à la place."
    )


class CallIncomplete(Refusal):
    """A call has both its days."""

    status = 422
    field = "call_closes_on"
    sentence = "Un appel a un premier et un dernier jour, dans l'ordre : donnez les deux."


class CriteriaMissing(Refusal):
    """Whoever answers reads what is compared."""

    status = 422
    field = "criteria"
    sentence = "Écrivez les critères : ceux qui répondent doivent les lire avant."


class CallUnderWay(Refusal):
    """What people answer to does not change under them."""

    status = 422
    field = "criteria"
    sentence = "L'appel est ouvert : ses critères et son premier jour ne changent plus ; sa fin peut seulement reculer."


class FallbackUnknown(Refusal):
    """Somebody who is known for this flow."""

    status = 422
    field = "fallback_id"
    sentence = "Choisissez une structure qui a déjà pris de ce gisement, ou qui y est abonnée."


class OnlyTheHolderDecides(Refusal):
    """Whose flow it is."""

    status = 403
    sentence = "Seul le détenteur du gisement accepte ou refuse."


class RefusalReasonMissing(Refusal):
    """Whoever asked reads why."""

    status = 422
    field = "reason"
    sentence = "Choisissez la raison la plus proche : celui qui demande la lira."


class NotAsked(Refusal):
    """It has had its answer."""

    sentence = "Cet abonnement n'attend plus de réponse."


class NotRunning(Refusal):
    """Nothing to pause."""

    sentence = "Cet abonnement ne court pas : il attend une réponse, ou il est en pause ou terminé."


class NotPaused(Refusal):
    """Nothing to resume."""

    sentence = "Cet abonnement n'est pas en pause."


class OtherPaused(Refusal):
    """Who paused resumes."""

    status = 403
    sentence = "C'est l'autre structure qui l'a mis en pause : elle seule le reprend."


class OverAlready(Refusal):
    """It has ended."""

    sentence = "Cet abonnement est déjà terminé, ou se termine."
