"""What may be refused about open data."""

from shared.refusal import Refusal


class DatasetUnknown(Refusal):
    """Not a list that is given, or not in this form."""

    status = 404
    sentence = "Ce fichier n'existe pas : la liste est à /api/open-data.json."
