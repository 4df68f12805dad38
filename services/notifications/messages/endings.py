"""The sentences about statuses and permits that end: which one, when, and where its new end is said."""

from collections.abc import Mapping
from typing import Any

from services.notifications.messages.topics import Sentences, Words
from shared.phrases.names import ELIGIBILITIES, PERMITS, SUPPLIER_KINDS, named
from shared.phrases.voice import Voice

NAMES = {**SUPPLIER_KINDS, **ELIGIBILITIES, **PERMITS}


def ending(words: Words, params: Mapping[str, Any]) -> Sentences:
    """A status or a permit ends soon, or has ended."""
    _, is_over = words.gettext, bool(params.get("is_over"))
    name = named(NAMES, params["code"], params["language"])
    last = Voice(str(params["language"]), "supplier").day(params["expires_on"])
    title = _("« {name} » a pris fin le {day}") if is_over else _("« {name} » prend fin le {day}")
    text = (
        _("Cela ne compte plus dans vos correspondances. Une fois renouvelé, indiquez la nouvelle fin.")
        if is_over
        else _("Passé ce jour, cela ne comptera plus dans vos correspondances. Renouvelez, puis indiquez la fin.")
    )
    site = params.get("site")
    return Sentences(
        title.format(name=name, day=last),
        f"{_('Site : {site}.').format(site=site)} {text}" if site else text,
        _("Vous recevez ceci parce que votre structure l'indique sur sa page, avec cette date."),
        _("Ouvrir le site") if site else _("Indiquer la nouvelle fin"),
    )
