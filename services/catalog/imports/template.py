"""A file to fill in: the headings of a kind, what each holds, and one row as an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response

from services.catalog.imports.files import REMARK
from services.catalog.imports.guide import help_of, title_of
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.postings import PostedKind
from services.catalog.imports.taking import Kind
from services.catalog.imports.uploads import OF_EVERYBODY, OF_ONES_OWN, may_import_for_all
from shared.identity import Identity
from shared.web.tables import Form, download, written


def template_kinds(member: Identity) -> Mapping[str, Kind]:
    """What a member may import, with how it reads."""
    own = {code: _owned(KINDS[code], member) for code in OF_ONES_OWN}
    return own | {code: KINDS[kind] for code, kind in OF_EVERYBODY.items() if may_import_for_all(member)}


def template_of(kind: Kind, form: Form, language: str, translate: Callable[[str], str]) -> Response[Any]:
    """The file; its second line begins with a mark that imports pass over."""
    asked = [each for each in kind.columns if each.required or each.name != "organisation"]
    helps = [help_of(kind, each, translate) for each in asked]
    rows = [[f"{REMARK} {helps[0]}".strip(), *helps[1:]], [each.example for each in asked]]
    content = written(form, kind.name, [title_of(each, language) for each in asked], rows)
    return download(content, f"boucle-{kind.name}", form)


def _owned(kind: Kind, member: Identity) -> Kind:
    return kind.owned_by(member.organisation_id) if isinstance(kind, PostedKind) else kind
