"""What may be refused about a file."""

from shared.refusal import Refusal


class FileUnknown(Refusal):
    """No such file, or not one this visitor may see."""

    status = 404
    sentence = "Ce fichier n'existe pas, ou plus."


class FileMissing(Refusal):
    """A form was sent without one."""

    status = 422
    field = "file"
    sentence = "Choisissez un fichier."


class FileTooLarge(Refusal):
    """Ten megabytes are enough for a document, and for any phone's photo."""

    status = 413
    field = "file"
    sentence = (
        "Ce fichier est trop lourd : {limit} Mo au plus. Réduisez-le, ou partagez-en un lien dans la description."
    )


class FileKindRefused(Refusal):
    """Its content is none of the kinds that are accepted, whatever its name says."""

    status = 422
    field = "file"
    sentence = "Ce type de fichier n'est pas accepté. Envoyez un fichier {kinds}."


class FilesEnough(Refusal):
    """Three for one thing."""

    status = 422
    field = "file"
    sentence = "Il y a déjà {limit} fichiers : retirez-en un pour en ajouter un autre."
