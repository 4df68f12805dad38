"""The sentences of each topic."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from shared.phrases.voice import Voice


class Words(Protocol):
    """What gettext gives; the calls keep its names, so that extraction finds the sentences."""

    def gettext(self, message: str) -> str:
        """A sentence."""

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        """A sentence that counts."""


class Sentences(NamedTuple):
    """Title, text, why the person gets it, and the words of its one action."""

    title: str
    text: str
    why: str
    action: str


Params = Mapping[str, Any]

# Below, pages call a match a lead: a number so low would say that nothing fits.
LEAD_BELOW = 20


def _why_fitting(words: Words, params: Params) -> str:
    """Why a supplier is told of a demand."""
    _, score = words.gettext, int(params.get("score", 0))
    if score < LEAD_BELOW:
        return _("Vous recevez ceci parce que votre activité pourrait correspondre : c'est une piste.")
    return _("Vous recevez ceci parce que votre activité correspond (note {score} sur 100).").format(score=score)


def solicited(words: Words, params: Params) -> Sentences:
    """A supplier is asked."""
    _, is_flow = words.gettext, params["about_kind"] == "flow"
    title = _("Un gisement pour vous : {subject}") if is_flow else _("Un besoin pour vous : {subject}")
    author = params.get("author")
    text = (
        _("{author} aimerait savoir si cela vous intéresse.").format(author=author)
        if author
        else _("Une structure du territoire aimerait savoir si cela vous intéresse.")
    )
    action = _("Voir le gisement et répondre") if is_flow else _("Voir le besoin et répondre")
    return Sentences(title.format(subject=_subject(params)), text, _why_fitting(words, params), action)


def interested(words: Words, params: Params) -> Sentences:
    """The author learns that a supplier is interested, or is not any more."""
    _, no_more = words.gettext, bool(params.get("no_more"))
    title = _("{supplier} est intéressée par votre besoin")
    if no_more:
        title = _("{supplier} n'est plus intéressée par votre besoin")
    text = (
        _("« {subject} » : sa réponse a changé, ou elle l'a retirée.")
        if no_more
        else _("« {subject} » : voyez qui c'est et ce qu'elle vous écrit.")
    )
    return Sentences(
        title.format(supplier=params["supplier"]),
        text.format(subject=_subject(params)),
        _author_why(words, is_flow=False),
        _("Voir les réponses reçues"),
    )


def allocated(words: Words, params: Params) -> Sentences:
    """A taker is proposed for a part of a flow; nothing is agreed."""
    _ = words.gettext
    quantity = Voice(str(params["language"]), "supplier").quantity(params, "quantity")
    author = params.get("author")
    text = (
        _("{author} propose que vous preniez {quantity}. Dites-lui si cela vous convient.").format(
            author=author, quantity=quantity
        )
        if author
        else _("Son détenteur propose que vous preniez {quantity}. Dites-lui si cela vous convient.").format(
            quantity=quantity
        )
    )
    return Sentences(
        _("Une part pour vous : {subject}").format(subject=_subject(params)),
        text,
        _("Vous recevez ceci parce que votre activité correspond et que ce gisement est réparti entre preneurs."),
        _("Voir le gisement et répondre"),
    )


def new_for_you(words: Words, params: Params) -> Sentences:
    """A demand has just entered what fits a supplier; nobody asks yet."""
    _, is_flow = words.gettext, params["about_kind"] == "flow"
    return Sentences(
        _("Nouveau pour vous : {subject}").format(subject=_subject(params)),
        _("Il vient d'être publié et correspond à votre activité."),
        _why_fitting(words, params),
        _("Voir le gisement") if is_flow else _("Voir le besoin"),
    )


def matched(words: Words, params: Params) -> Sentences:
    """The author learns for the first time who fits."""
    _, is_flow, total = words.gettext, params["about_kind"] == "flow", int(params["total"])
    title = (
        words.ngettext(
            "{total} structure correspond à votre gisement", "{total} structures correspondent à votre gisement", total
        )
        if is_flow
        else words.ngettext(
            "{total} structure correspond à votre besoin", "{total} structures correspondent à votre besoin", total
        )
    )
    return Sentences(
        title.format(total=total),
        _("« {subject} » : les mieux placées sont sollicitées les premières.").format(subject=_subject(params)),
        _author_why(words, is_flow=is_flow),
        _("Voir qui correspond, et pourquoi"),
    )


def more_matched(words: Words, params: Params) -> Sentences:
    """The author learns that more fit than before."""
    _, is_flow, fresh = words.gettext, params["about_kind"] == "flow", int(params["fresh"])
    title = words.ngettext(
        "{fresh} structure de plus correspond : {subject}",
        "{fresh} structures de plus correspondent : {subject}",
        fresh,
    )
    return Sentences(
        title.format(fresh=fresh, subject=_subject(params)),
        words.ngettext("{total} structure en tout.", "{total} structures en tout.", int(params["total"])).format(
            total=params["total"]
        ),
        _author_why(words, is_flow=is_flow),
        _("Voir qui correspond, et pourquoi"),
    )


def unmatched(words: Words, params: Params) -> Sentences:
    """The author learns that nobody fits yet."""
    _, is_flow = words.gettext, params["about_kind"] == "flow"
    near = int(params.get("near_misses", 0))
    text = (
        words.ngettext(
            "{near} structure y est presque : un critère l'écarte.",
            "{near} structures y sont presque : un critère les écarte.",
            near,
        ).format(near=near)
        if near
        else _("Vous serez prévenu dès qu'une structure correspondra.")
    )
    title = (
        _("Personne encore pour votre gisement : {subject}")
        if is_flow
        else _("Personne encore pour votre besoin : {subject}")
    )
    return Sentences(
        title.format(subject=_subject(params)),
        text,
        _author_why(words, is_flow=is_flow),
        _("Voir ce qui bloque") if near else _("Revoir les critères"),
    )


def called(words: Words, params: Params) -> Sentences:
    """An organisation learns that a call it may answer has opened."""
    _ = words.gettext
    last = Voice(str(params["language"]), "supplier").day(params["closes_on"])
    return Sentences(
        _("Appel à projets : {subject}").format(subject=params["title"]),
        _("{caller} prend les candidatures jusqu'au {day}, ce jour-là compris.").format(
            caller=params["caller"], day=last
        ),
        _("Vous recevez ceci parce que cet appel est ouvert aux structures comme la vôtre."),
        _("Lire l'appel"),
    )


def applied(words: Words, params: Params) -> Sentences:
    """A caller learns that somebody applied, or applied again."""
    _ = words.gettext
    said = (
        _("{applicant} répond de nouveau à votre appel à projets, après s'être retirée.")
        if params.get("again")
        else _("{applicant} répond à votre appel à projets.")
    )
    return Sentences(
        _("Nouvelle candidature : {subject}").format(subject=params["title"]),
        said.format(applicant=params["applicant"]),
        _("Vous recevez ceci parce que votre structure a publié cet appel."),
        _("Lire la candidature"),
    )


def decided(words: Words, params: Params) -> Sentences:
    """An applicant learns what was decided, in the caller's own words."""
    _ = words.gettext
    title = _("Candidature retenue : {subject}") if params["retained"] else _("Candidature non retenue : {subject}")
    said = params["words"]
    return Sentences(
        title.format(subject=params["title"]),
        _("On vous écrit : « {words} »").format(words=said) if said else _("La décision est annoncée."),
        _("Vous recevez ceci parce que votre structure a répondu à cet appel à projets."),
        _("Lire la décision"),
    )


def _author_why(words: Words, *, is_flow: bool) -> str:
    _ = words.gettext
    return (
        _("Vous recevez ceci parce que votre structure a publié ce gisement.")
        if is_flow
        else _("Vous recevez ceci parce que votre structure a publié ce besoin.")
    )


def _subject(params: Params) -> str:
    place = params.get("place")
    # « 45 t de briques, Reynerie » says where already.
    said = place and str(place).partition(",")[0].partition(" (")[0] in str(params["title"])
    return f"{params['title']}, {place}" if place and not said else str(params["title"])
