"""The sentence about messages between two organisations: that there is one, never its words nor who wrote it."""

from services.notifications.messages.topics import Params, Sentences, Words


def messaged(words: Words, params: Params) -> Sentences:
    """An organisation learns that the other side wrote."""
    _, is_flow = words.gettext, bool(params.get("is_flow"))
    return Sentences(
        _("Un message pour vous : {subject}").format(subject=params["title"]),
        _("La structure avec qui vous êtes en échange sur ce gisement vous écrit. Lisez son message, et répondez-y.")
        if is_flow
        else _(
            "La structure avec qui vous êtes en échange sur ce besoin vous écrit. Lisez son message, et répondez-y."
        ),
        _("Vous recevez ceci parce que votre structure est l'une des deux de cet échange."),
        _("Lire le message"),
    )
