"""The sentence about an answer by e-mail that was not posted: why, and where to write instead."""

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.names import named
from shared.phrases.replies import REFUSED

REPLY_REFUSED = "reply-refused"


def reply_refused(words: Words, params: Params) -> Sentences:
    """A person learns that what they answered was not passed on."""
    _, title = words.gettext, params.get("title")
    reason = params["reason"] if params["reason"] in REFUSED else "other"
    return Sentences(
        _("Votre réponse n'a pas été transmise : {subject}").format(subject=title)
        if title
        else _("Votre réponse n'a pas été transmise"),
        named(REFUSED, reason, params["language"]),
        _("Vous recevez ceci parce que vous avez répondu par e-mail à un message reçu sur Boucle."),
        _("Ouvrir l'échange"),
    )
