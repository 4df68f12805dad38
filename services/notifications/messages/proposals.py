"""The sentences about proposals: to whose need it is, to whoever proposed, and to whoever is to take part."""

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.dealings import CHOSEN, NOT_CHOSEN
from shared.phrases.names import named


def proposed(words: Words, params: Params) -> Sentences:
    """The need's people learn that something was proposed, proposed anew, or taken back."""
    _, no_more = words.gettext, bool(params.get("no_more"))
    if no_more:
        title, text = _("{supplier} a retiré sa proposition"), _("« {subject} » : elle reste intéressée.")
    elif params.get("attached"):
        title = _("{supplier} joint un document à sa proposition")
        text = _("« {subject} » : ses prix et ses dates n'ont pas changé. Ouvrez sa proposition pour le lire.")
    elif int(params["revision"]) > 1:
        title, text = _("{supplier} a révisé sa proposition"), _("« {subject} » : comparez-la de nouveau.")
    else:
        title = _("{supplier} vous fait une proposition")
        text = _("« {subject} » : lisez ses prix et ses dates, comparez, puis choisissez.")
    return Sentences(
        title.format(supplier=params["supplier"]),
        text.format(subject=params["title"]),
        _("Vous recevez ceci parce que votre structure a publié ce besoin."),
        _("Comparer les propositions"),
    )


def chosen(words: Words, params: Params) -> Sentences:
    """Whoever proposed learns whether they were chosen, and why."""
    _ = words.gettext
    reason = named(CHOSEN if params["chosen"] else NOT_CHOSEN, params["reason"], params["language"])
    if params["chosen"]:
        title = _("Votre proposition est choisie : {subject}")
        text = _("{author} vous a choisis. La raison donnée : {reason}. Prenez contact pour la suite.")
    else:
        title = _("Votre proposition n'est pas retenue : {subject}")
        text = _("Merci d'avoir proposé. La raison donnée : {reason}. D'autres besoins vous attendent.")
    return Sentences(
        title.format(subject=params["title"]),
        text.format(author=params.get("author"), reason=_in_a_sentence(reason)),
        _("Vous recevez ceci parce que votre structure a fait cette proposition."),
        _("Lire la réponse"),
    )


def takes_part(words: Words, params: Params) -> Sentences:
    """A co-contractor is asked to confirm; or whoever named it learns what it says."""
    _ = words.gettext
    if params["asks"]:
        title, text = (
            _("{supplier} vous cite comme cotraitant"),
            _("« {subject} » : lisez la proposition, puis dites si vous participez."),
        )
        why = _("Vous recevez ceci parce que votre structure est citée dans cette proposition.")
        action = _("Lire la proposition et répondre")
    else:
        title = _("{supplier} participe à votre proposition")
        if not params["takes_part"]:
            title = _("{supplier} ne participe pas à votre proposition")
        text = _("« {subject} » : l'auteur du besoin le voit aussi.")
        why = _("Vous recevez ceci parce que votre structure a fait cette proposition.")
        action = _("Voir votre proposition")
    return Sentences(title.format(supplier=params["supplier"]), text.format(subject=params["title"]), why, action)


def _in_a_sentence(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
