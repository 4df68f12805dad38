"""The sentences about campaigns and pledges: what was promised, how it ended, and when money is asked for."""

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.voice import Voice
from shared.web import i18n


def campaign(words: Words, params: Params) -> Sentences:
    """Whose campaign it is hears of a pledge, of its first day, and of its end."""
    _, step, count = words.gettext, str(params["step"]), int(params.get("pledges", 0))
    known = {
        "subject": params["title"],
        "partner": params.get("partner", ""),
        "amount": _euros(params, "amount_cents"),
        "before": _euros(params, "before_cents"),
        "pledged": _euros(params, "pledged_cents"),
        "counted": words.ngettext("{count} promesse", "{count} promesses", count).format(count=count),
        "last": Voice(str(params["language"]), "supplier").day(params["closes_on"]) if "closes_on" in params else "",
    }
    title, text = _of_owner(words)[step]
    return Sentences(
        title.format(**known),
        text.format(**known),
        _("Vous recevez ceci parce que votre structure a ouvert cette campagne."),
        _("Voir les promesses"),
    )


def pledge(words: Words, params: Params) -> Sentences:
    """Who promised hears what became of the campaign, how to give, and that nothing is due when it failed."""
    _, step = words.gettext, str(params["step"])
    known = {
        "subject": params["title"],
        "partner": params["partner"],
        "amount": _euros(params, "amount_cents"),
        "words": params.get("words", ""),
        "days": params.get("days", 0),
    }
    title, text = _of_supporter(words)[step]
    return Sentences(
        title.format(**known),
        text.format(**known),
        _("Vous recevez ceci parce que votre structure a promis un don à cette campagne."),
        _("Voir la campagne"),
    )


def _of_owner(words: Words) -> dict[str, tuple[str, str]]:
    _ = words.gettext
    return {
        "opened": (
            _("Votre campagne est ouverte : {subject}"),
            _("Elle prend les promesses jusqu'au {last}, ce jour-là compris. Partagez son adresse."),
        ),
        "made": (_("{partner} promet {amount}"), _("« {subject} » : remerciez-la, et voyez où en est la campagne.")),
        "changed": (_("{partner} promet maintenant {amount}"), _("« {subject} » : elle avait promis {before}.")),
        "withdrawn": (
            _("{partner} a repris sa promesse"),
            _("« {subject} » : {amount} de moins. Une promesse se reprend jusqu'au dernier jour."),
        ),
        "succeeded": (
            _("Votre campagne a réussi : {subject}"),
            _("{pledged} promis, {counted}. Écrivez à chacune comment verser, puis confirmez ce que vous recevez."),
        ),
        "lapsed": (
            _("Votre campagne n'a pas abouti : {subject}"),
            _("{pledged} promis, {counted} : ce n'est pas assez par votre règle. Rien n'est dû, chacune est prévenue."),
        ),
        "cancelled": (
            _("Votre campagne est annulée : {subject}"),
            _("Plus rien n'est dû. Chaque structure qui avait promis est prévenue, avec votre raison."),
        ),
    }


def _of_supporter(words: Words) -> dict[str, tuple[str, str]]:
    _ = words.gettext
    return {
        "confirmed": (
            _("La campagne a réussi : {subject}"),
            _(
                "Vous aviez promis {amount} : c'est le moment de donner. {partner} vous dit comment verser ; votre don "
                "compte quand elle confirme l'avoir reçu."
            ),
        ),
        "not_reached": (
            _("La campagne n'a pas abouti : {subject}"),
            _("Son seuil n'est pas atteint : vos {amount} ne sont pas dus. {partner} vous remercie d'y avoir cru."),
        ),
        "cancelled": (
            _("La campagne est annulée : {subject}"),
            _("{partner} l'a annulée : « {words} ». Vos {amount} ne sont pas dus."),
        ),
        "due": (
            _("Votre don de {amount} est-il parti ?"),
            _(
                "« {subject} » a réussi il y a {days} jours et {partner} n'a pas encore confirmé l'avoir reçu. "
                "S'il est versé, dites-le-lui."
            ),
        ),
    }


def _euros(params: Params, name: str) -> str:
    return i18n.euros(params.get(name), str(params["language"]))
