"""HTML forms read through the same pydantic models as JSON; what was typed is kept, errors name their field."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin

from litestar.datastructures import FormMultiDict
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.versions import VERSION
from shared.refusal import Refusal
from shared.web.asked import Row
from shared.web.pages import Req, gettext

Model = TypeVar("Model", bound=BaseModel)

SENTENCES: Mapping[str, str] = {
    "missing": "À remplir.",
    "string_too_short": "À remplir : {min_length} caractères au moins.",
    "string_too_long": "Trop long : {max_length} caractères au plus.",
    "int_parsing": "Écrivez un nombre entier, par exemple 25.",
    "decimal_parsing": "Écrivez un nombre, par exemple 2,5.",
    "decimal_max_places": "{decimal_places} chiffres au plus après la virgule, par exemple 2,5.",
    "decimal_max_digits": "Trop de chiffres : {max_digits} au plus.",
    "decimal_whole_digits": "Trop de chiffres : {whole_digits} au plus avant la virgule.",
    "finite_number": "Écrivez un nombre, par exemple 2,5.",
    "float_parsing": "Écrivez un nombre, par exemple 2,5.",
    "date_from_datetime_parsing": "Écrivez une date, par exemple 2026-12-11.",
    "date_parsing": "Écrivez une date, par exemple 2026-12-11.",
    "greater_than": "Un nombre plus grand que {gt}.",
    "greater_than_equal": "Un nombre d'au moins {ge}.",
    "less_than_equal": "Un nombre d'au plus {le}.",
    "enum": "Choisissez une des réponses proposées.",
    "literal_error": "Choisissez une des réponses proposées.",
    "too_short": "Choisissez au moins une réponse.",
    "too_long": "Choisissez-en moins : {max_length} au plus.",
    "string_pattern_mismatch": "Le format n'est pas le bon.",
    "nul_character": "Un caractère de ce texte ne peut pas être enregistré. Retapez-le au lieu de le coller.",
    "extra_forbidden": "Champ inconnu.",
}


VERSION_FIELD = "_version"


class SavedMeanwhile(Refusal):
    """Somebody else saved while this person was writing."""

    sentence = (
        "Quelqu'un a enregistré une autre version pendant que vous écriviez. Votre saisie est gardée ci-dessous : "
        "enregistrez-la pour la mettre à la place, ou rouvrez la page pour lire l'autre."
    )


@dataclass
class Form(Generic[Model]):
    """A form as sent: `data` when it is right, otherwise `errors` by field; `typed` is what the person wrote.

    `version` is that of the row the form was filled in from; None for something new.
    """

    typed: dict[str, Any] = field(default_factory=dict)
    data: Model | None = None
    errors: dict[str, str] = field(default_factory=dict)
    version: int | None = None

    def refuse_when_changed(self, version: int) -> None:
        """Raise `SavedMeanwhile` when the row, locked, has moved on; sent again, the form puts itself in its place."""
        if self.version != version:
            self.version = version
            raise SavedMeanwhile

    def errors_in(self, order: Sequence[str]) -> dict[str, str]:
        """The errors as the page asks for their fields, from top to bottom; any other comes after."""
        return {name: self.errors[name] for name in order if name in self.errors} | self.errors

    def refuse(self, request: Req, refusal: Refusal) -> "Form[Model]":
        """Attach a rule's refusal to its field (or to the whole form, under the empty name)."""
        self.errors[refusal.field or ""] = gettext(request, refusal.sentence).format(**refusal.values)
        return self


async def read_form(request: Req, model: type[Model]) -> Form[Model]:
    """Read the request's form into `model`; empty inputs count as absent, a comma in a number as a point."""
    sent = await request.form()
    return _read(request, model, _typed(sent, model), sent)


async def read_part(
    request: Req,
    model: type[Model],
    fields: Collection[str],
    rest: Mapping[str, Any],
    *,
    mend: Callable[[dict[str, Any]], None] = lambda typed: None,  # noqa: ARG005 - nothing to mend
) -> Form[Model]:
    """Read a form that asks only some of a model's fields; what it does not ask is as in `rest`.

    `mend` may change what was typed before it is judged: an answer that another answer took the question from.
    """
    sent = await request.form()
    asked = _typed(sent, model)
    known = {name: value for name, value in rest.items() if name in model.model_fields}
    typed = {**known, **{name: asked.get(name, "") for name in fields}}
    mend(typed)
    return _read(request, model, typed, sent)


def _read(request: Req, model: type[Model], typed: dict[str, Any], sent: FormMultiDict) -> Form[Model]:
    form: Form[Model] = Form(typed=typed, version=_number(sent.get(VERSION_FIELD)))
    try:
        form.data = model.model_validate({name: value for name, value in typed.items() if value not in ("", [])})
    except ValidationError as error:
        form.errors = field_errors(error, lambda sentence: gettext(request, sentence))
    return form


@asynccontextmanager
async def kept_when_refused(request: Req, session: AsyncSession, form: Form[Any]) -> AsyncIterator[None]:
    """Do all of it or nothing: what a rule refuses is undone and said in the form, which keeps what was typed.

    Without a form sent (a button pressed), only what one of its fields can mend is said there; the rest is raised.
    """
    try:
        async with session.begin_nested():
            yield
    except Refusal as refusal:
        if form.data is None and refusal.field is None:
            raise
        form.refuse(request, refusal)


def _typed(sent: FormMultiDict, model: type[BaseModel]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if rows_of := _rows_in(info.annotation):
            typed[name] = _rows(sent, rows_of)
        elif get_origin(info.annotation) in (list, tuple, set, frozenset):
            values: Sequence[Any] = sent.getall(name, [])
            typed[name] = [value for value in values if value != ""]
        elif name in sent:
            value = sent[name]
            # A browser counts a line's end as one character, and sends two.
            typed[name] = value.replace("\r\n", "\n").strip() if isinstance(value, str) else value
    return typed


def _rows_in(annotation: Any) -> type[Row] | None:
    """The model of a list's rows, where a field is a list of them."""
    inner = get_args(annotation)[0] if get_origin(annotation) is list else None
    return inner if isinstance(inner, type) and issubclass(inner, Row) else None


def _rows(sent: FormMultiDict, model: type[Row]) -> list[dict[str, str]]:
    """The n-th input of each of a row's names makes the n-th row; a row without anything typed is none."""
    columns = {name: [str(each).strip() for each in sent.getall(name, [])] for name in model.model_fields}
    names = [name for name, cells in columns.items() if cells]
    rows = zip(*(columns[name] for name in names), strict=False)
    filled = (dict(zip(names, cells, strict=True)) for cells in rows if any(cells))
    return [{name: cell for name, cell in row.items() if cell} for row in filled]


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and VERSION.fullmatch(text) else None


def field_errors(error: ValidationError, translate: Callable[[str], str]) -> dict[str, str]:
    """One sentence a field, the first error of each; models' own `ValueError` texts are French sentences.

    The fields of the first row of a list are `what_1`, `price_1`: so are the ids of its inputs.
    """
    found: dict[str, str] = {}
    for each in error.errors():
        name = _field_of(each["loc"])
        if each["type"] == "value_error":
            text = translate(str(each["ctx"]["error"]))
        else:
            text = translate(SENTENCES.get(each["type"], "Cette réponse n'est pas comprise."))
            text = text.format(**each.get("ctx", {}))
        found.setdefault(name, text)
    return found


def _field_of(place: Sequence[int | str]) -> str:
    match place:
        case [str(), int() as row, str() as name, *_]:
            return f"{name}_{row + 1}"
        case [first, *_]:
            return str(first)
        case _:
            return ""
