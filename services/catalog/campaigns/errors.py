"""What may be refused about campaigns and pledges."""

from shared.refusal import Refusal


class CampaignUnknown(Refusal):
    """No such campaign, or one that is not published."""

    status = 404
    sentence = "Cette campagne n'existe pas, ou plus."


class NamedCampaignUnknown(CampaignUnknown):
    """The same of one that a body names."""

    status = 422
    field = "campaign_id"


class SocialEconomyOnly(Refusal):
    """Campaigns are opened by the social economy, and by projects that a partner holds."""

    status = 403
    sentence = "Une campagne s'ouvre par une structure de l'économie sociale et solidaire, ou par un projet accompagné."


class CampaignPublishedAlready(Refusal):
    """It was heard of once already."""

    sentence = "Cette campagne est déjà publiée."


class CampaignFrozen(Refusal):
    """Whoever pledges must be able to rely on what they read; only words change."""

    sentence = "Une campagne publiée garde son objectif, sa règle, ses dates, ses étapes et ses contreparties."


class CampaignOver(Refusal):
    """Closed or called off."""

    sentence = "Cette campagne est terminée."


class CampaignNotSubmitted(Refusal):
    """Only what waits for a look is accepted or sent back."""

    sentence = "Cette campagne n'attend pas de vérification."


class CampaignIncomplete(Refusal):
    """Nobody can pledge to what does not say this."""

    status = 422
    sentence = "À remplir avant de publier."

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class DatesInDisorder(Refusal):
    """It opens, then closes, and not in the past."""

    status = 422
    field = "ends_on"
    sentence = "Le dernier jour vient après l'ouverture, et au plus tôt aujourd'hui."


class CampaignTooLong(Refusal):
    """A promise that nobody remembers is none."""

    status = 422
    field = "ends_on"
    sentence = "Une campagne dure un an au plus."


class ThresholdAboveGoal(Refusal):
    """The least that is enough is at most the goal."""

    status = 422
    field = "threshold_euros"
    sentence = "Le seuil ne dépasse pas l'objectif."


class StepAboveGoal(Refusal):
    """What a step allows is reached before the goal, or with it."""

    status = 422
    field = "steps"
    sentence = "Une étape ne dépasse pas l'objectif."


class CounterpartTooLarge(Refusal):
    """Above a share of the gift what is given back makes it a purchase (dated figure `gift_counterpart`)."""

    status = 422
    field = "counterparts"
    sentence = (
        "« {words} » vaut plus de {percent} % de la promesse dont elle remercie ({most} € au plus) : au-delà ce n'est "
        "plus un don, selon l'usage de l'administration fiscale, à vérifier. Baissez sa valeur ou demandez plus."
    )


class ReasonMissing(Refusal):
    """Who pledged reads why."""

    status = 422
    field = "reason"
    sentence = "Dites pourquoi : celles et ceux qui ont promis le liront."


class OwnCampaign(Refusal):
    """Nobody gives to themselves: the same legal entity."""

    sentence = "C'est une campagne de votre propre entité : elle ne peut pas se promettre un don."


class PublicMoney(Refusal):
    """A public donor does not do patronage (domain.md, rule 7)."""

    status = 403
    sentence = (
        "Un territoire ne fait pas de mécénat : soutenez cette campagne par un appel à projets ou une subvention."
    )


class CampaignNotOpenYet(Refusal):
    """Pledges are made between two days, both included."""

    sentence = "Cette campagne ne prend pas encore de promesse : elle ouvre le {opens}."


class PledgeUnknown(Refusal):
    """No such pledge, or one of others."""

    status = 404
    sentence = "Cette promesse n'existe pas, ou plus."


class NothingPledged(Refusal):
    """There is nothing to take back."""

    sentence = "Votre structure n'a rien promis à cette campagne, ou l'a déjà repris."
