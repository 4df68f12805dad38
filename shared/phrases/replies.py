"""What letters and who reads their answers say alike: the line above which one answers, and why one is refused."""

from typing import Final

from shared.phrases.names import Names

# The first line of a letter that may be answered: whatever mail program quotes it, what is below it is no answer.
ABOVE: Final = (
    "— Répondez au-dessus de cette ligne —",
    "— Answer above this line —",
)

REFUSED: Final[Names] = {
    "empty": (
        "Nous n'y avons trouvé aucun texte au-dessus du message cité. Écrivez votre réponse en haut de l'e-mail.",
        "We found no text in it above the quoted message. Write your answer at the top of the e-mail.",
    ),
    "too_long": (
        "Elle dépasse 4 000 caractères. Raccourcissez-la, ou joignez un fichier.",
        "It is longer than 4,000 characters. Make it shorter, or attach a file.",
    ),
    "names_author": (
        "Elle contient le nom de votre structure, que ce besoin cache : dans le texte, la signature ou le nom d'un "
        "fichier. Retirez-le.",
        "It holds the name of your organisation, which this need hides: in the text, the signature or the name of a "
        "file. Take it out.",
    ),
    "over": (
        "Cet échange est fermé : on n'y écrit plus.",
        "This exchange is closed: nobody writes in it any more.",
    ),
    "too_many": (
        "Votre structure a envoyé trop de messages en une heure. Attendez un peu.",
        "Your organisation sent too many messages within an hour. Wait a little.",
    ),
    "files_enough": (
        "Elle a plus de trois fichiers joints. Retirez-en, ou envoyez-les en plusieurs messages.",
        "It has more than three files attached. Take some away, or send them in several messages.",
    ),
    "file_too_large": (
        "Un fichier joint dépasse 10 Mo. Réduisez-le, ou partagez-en un lien.",
        "A file attached is larger than 10 MB. Make it smaller, or share a link to it.",
    ),
    "file_kind": (
        "Un fichier joint est vide, ou d'un type qui n'est pas accepté. La page de l'échange dit lesquels le sont.",
        "A file attached is empty, or of a kind that is not accepted. The page of the exchange says which ones are.",
    ),
    "file_infected": (
        "Un virus a été trouvé dans un fichier joint. Faites analyser l'appareil d'où il vient.",
        "A virus was found in a file attached. Have the device that it comes from scanned.",
    ),
    "other": (
        "Elle n'est pas acceptée telle qu'elle est. La page de l'échange dit pourquoi.",
        "It is not accepted as it is. The page of the exchange says why.",
    ),
}
