"""What may be refused about an organisation's own page."""

from shared.refusal import Refusal


class SiteUnknown(Refusal):
    """No such site, or another organisation's."""

    status = 404
    sentence = "Ce site n'existe pas, ou plus."


class SitesEnough(Refusal):
    """Fifty are a company's, more are a mistake of a program."""

    sentence = "Cinquante sites au plus : écrivez-nous pour en avoir davantage."


class OwnersOnly(Refusal):
    """What an organisation is in law is said by those responsible for it."""

    status = 403
    sentence = "Seul un responsable de la structure change cela : demandez-lui."
