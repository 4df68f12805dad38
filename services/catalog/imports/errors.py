"""Why a whole file, or one of its rows, is refused by the import itself; other reasons come from forms and rules."""

from shared.refusal import Refusal


class FileUnreadable(Refusal):
    """Neither a table of text nor a spreadsheet."""

    status = 422
    field = "file"
    sentence = "Ce fichier ne se lit pas comme un tableau CSV ou XLSX : {why}"


class FileEmpty(Refusal):
    """No heading line."""

    status = 422
    field = "file"
    sentence = "Ce fichier est vide : sa première ligne nomme les colonnes."


class ColumnMissing(Refusal):
    """A required column was recognised in no heading."""

    status = 422
    sentence = (
        "Il manque la colonne « {column} ». Colonnes lues : {headings}. "
        'Si elle s\'appelle autrement, dites-le : --map {column}="Titre de la colonne".'
    )


class FieldUnknown(Refusal):
    """`--map` names a field that this kind of row does not have."""

    status = 422
    sentence = "Le champ « {field} » n'existe pas ici. Champs : {known}."


class FieldsMissing(Refusal):
    """No column of the file is taken for a field that every row needs."""

    status = 422
    field = "column_0"
    sentence = "Dites quelle colonne du fichier tient lieu de : {fields}."


class HeadingUnknown(Refusal):
    """`--map` names a heading that the file does not have."""

    status = 422
    sentence = "Aucune colonne ne s'appelle « {heading} ». Colonnes lues : {headings}."


class TooManyCells(Refusal):
    """A row is longer than the heading line: a separator too many."""

    status = 422
    sentence = "Cette ligne a plus de cases que de colonnes : sans doute un séparateur de trop."


class ExternalIdMissing(Refusal):
    """Nothing to know the row by when it comes again."""

    status = 422
    field = "external_id"
    sentence = "Donnez à chaque ligne un identifiant à elle : c'est lui qui évite les doublons."


class TwiceInTheFile(Refusal):
    """The same external id again, of the same owner."""

    field = "external_id"
    sentence = "« {external_id} » est déjà à la ligne {line} de ce fichier."


class SiretTwiceInTheFile(Refusal):
    """The same establishment again under another name."""

    field = "siret"
    sentence = "Le SIRET {siret} est déjà à la ligne {line} de ce fichier."


class SiretMissing(Refusal):
    """Only made-up organisations may do without."""

    status = 422
    field = "siret"
    sentence = "Indiquez le SIRET : quatorze chiffres."


class SiretOfAnother(Refusal):
    """An organisation known by another external id has this SIRET."""

    field = "siret"
    sentence = "Le SIRET {siret} est déjà celui de {name}, importée sous l'identifiant « {external_id} »."


class SiretChanged(Refusal):
    """An establishment that moves is another establishment."""

    field = "siret"
    sentence = "{name} est connue sous le SIRET {siret} : un autre SIRET est une autre structure."


class HeldByItsMembers(Refusal):
    """People act for it now: what they wrote is theirs."""

    sentence = "{name} est tenue par ses membres : un import ne change pas ce qu'ils ont écrit."


class OwnerUnknown(Refusal):
    """No organisation has this external id or SIRET."""

    field = "organisation"
    sentence = "Aucune structure n'a l'identifiant ou le SIRET « {organisation} ». Importez d'abord les structures."


class OwnerAnother(Refusal):
    """Members import for their own organisation only."""

    status = 403
    field = "organisation"
    sentence = "Cette ligne est d'une autre structure : « {organisation} »."


class OwnerMissing(Refusal):
    """Somebody has to stand behind a posting."""

    status = 422
    field = "organisation"
    sentence = "Indiquez la structure : son identifiant, ou son SIRET."


class StateUnknown(Refusal):
    """Not a state a row may ask for."""

    status = 422
    field = "state"
    sentence = "L'état « {state} » n'est pas prévu ici : {known}."


class StateUnreachable(Refusal):
    """What is public does not become a draft again."""

    field = "state"
    sentence = "L'état « {state} » n'est plus possible : la ligne est déjà {current} sur Boucle."


class TakenMeanwhile(Refusal):
    """Somebody made the same record at the same moment."""

    sentence = "Quelqu'un vient d'enregistrer la même chose : relancez l'import."


class ImportUnknown(Refusal):
    """No such import, or another organisation's."""

    status = 404
    sentence = "Cet import n'existe pas, ou plus."


class ImportUnderWay(Refusal):
    """It is being tried or taken, or has been."""

    sentence = "Cet import est déjà lancé."


class ImportNotReady(Refusal):
    """It has not been tried yet."""

    sentence = "Dites d'abord ce que sont les colonnes : l'essai vient ensuite, puis l'import."


class KindUnknown(Refusal):
    """Not a kind of rows, or not one that this member may import or export."""

    status = 422
    field = "what"
    sentence = "Choisissez une des réponses proposées."


class SheetTooLarge(Refusal):
    """As large as a document may be."""

    status = 413
    field = "file"
    sentence = "Ce fichier est trop lourd : {limit} Mo au plus. Coupez-le en plusieurs."


class SheetTooLong(Refusal):
    """A hundred thousand rows are a territory's."""

    status = 422
    field = "file"
    sentence = "Ce fichier a trop de lignes ou de colonnes : {lines} lignes et {columns} colonnes au plus."
