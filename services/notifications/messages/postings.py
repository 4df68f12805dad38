"""The sentences about what the territory did to an organisation's postings: published for it, sent back, or let go."""

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.coordination import CONTACT_MEANS
from shared.phrases.names import named
from shared.phrases.voice import Voice


def posted_for(words: Words, params: Params) -> Sentences:
    """Whose posting it is learns who posted it for them, with which consent, and that it is theirs to change."""
    _, language = words.gettext, str(params["language"])
    title = {
        "need": _("{who} a publié un besoin en votre nom : {subject}"),
        "flow": _("{who} a publié un gisement en votre nom : {subject}"),
        "offer": _("{who} a publié une activité en votre nom : {subject}"),
    }[params["about_kind"]]
    means = named(CONTACT_MEANS, params["means"], language)
    text = _(
        "Votre accord y est noté : {day} ({means}). Si ce n'est pas ce que vous avez dit, modifiez cette publication "
        "ou retirez-la : elle est à vous."
    ).format(day=Voice(language, "supplier").day(params["given_on"]), means=means[:1].lower() + means[1:])
    if params.get("waits"):
        text += " " + _("Personne d'autre ne la voit avant que le territoire ait vérifié votre structure.")
    return Sentences(
        title.format(who=params["who"], subject=params["title"]),
        text,
        _("Vous recevez ceci parce qu'on a publié au nom de votre structure. Ce message ne se coupe pas."),
        _("Lire ce qui a été publié et noté"),
    )


def returned(words: Words, params: Params) -> Sentences:
    """The author learns what a coordinator wants changed before it is shown, or that it came to an end without it."""
    _, is_flow = words.gettext, params["about_kind"] == "flow"
    if params.get("abandoned"):
        return _abandoned(words, params)
    title = _("Gisement à revoir : {subject}") if is_flow else _("Besoin à revoir : {subject}")
    return Sentences(
        title.format(subject=params["title"]),
        _("Un coordinateur du territoire vous écrit : « {words} »").format(words=params["words"]),
        _("Vous recevez ceci parce que votre structure l'a envoyé en vérification."),
        _("Modifier et renvoyer"),
    )


def _abandoned(words: Words, params: Params) -> Sentences:
    _, is_flow = words.gettext, params["about_kind"] == "flow"
    title = _("Gisement abandonné : {subject}") if is_flow else _("Besoin abandonné : {subject}")
    return Sentences(
        title.format(subject=params["title"]),
        _("On vous demandait de le modifier, et rien n'est venu en dix jours. Pour le proposer de nouveau, copiez-le."),
        _("Vous recevez ceci parce que votre structure l'a envoyé en vérification."),
        _("Voir le gisement et le copier") if is_flow else _("Voir le besoin et le copier"),
    )
