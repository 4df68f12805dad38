"""What may be refused about a file."""

from collections.abc import Mapping

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


class FileInfected(Refusal):
    """The scanner found something in it; nothing of it is kept."""

    status = 422
    field = "file"
    sentence = (
        "Un virus a été trouvé dans ce fichier : il n'a pas été gardé. Faites analyser l'appareil d'où il vient, "
        "puis envoyez une copie saine."
    )


class FileWaiting(Refusal):
    """The scanner was away when it came: it is read by nobody before it was looked at."""

    sentence = "Ce fichier est en cours d'analyse : il pourra être ouvert dans quelques minutes."

    @property
    def headers(self) -> Mapping[str, str]:
        """Time for a look at what waits."""
        return {"retry-after": "60"}


class FileWithdrawn(Refusal):
    """Something was found in it after it was sent."""

    status = 410
    sentence = "Un virus a été trouvé dans ce fichier après son envoi : il n'est plus disponible."


class ScanNeeded(Refusal):
    """What is read at once, a file to import, cannot wait for the scanner."""

    status = 503
    field = "file"
    sentence = "L'analyse antivirus ne répond pas pour le moment : renvoyez ce fichier dans quelques minutes."

    @property
    def headers(self) -> Mapping[str, str]:
        """Time for it to be started again."""
        return {"retry-after": "60"}


class StoreAway(Refusal):
    """Where files lie does not answer, or not in time."""

    status = 503
    field = "file"
    sentence = "Le fichier n'est pas disponible pour le moment. Réessayez dans quelques minutes."

    @property
    def headers(self) -> Mapping[str, str]:
        """As long as an outage of a store usually takes at least."""
        return {"retry-after": "30"}


class FileNotKept(StoreAway):
    """The same, while a file is sent: nothing of it is kept, and what was typed beside it is."""

    sentence = "Le fichier n'a pas pu être gardé : le stockage ne répond pas. Renvoyez-le dans quelques minutes."


class FilesEnough(Refusal):
    """Three for one thing."""

    status = 422
    field = "file"
    sentence = "Il y a déjà {limit} fichiers : retirez-en un pour en ajouter un autre."
