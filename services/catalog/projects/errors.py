"""What may be refused about projects."""

from shared.refusal import Refusal


class HoldersOnly(Refusal):
    """Projects are held by partners and territories."""

    status = 403
    sentence = "Un projet est porté par un partenaire ou par le territoire."


class ProjectUnknown(Refusal):
    """No such project, or somebody else's."""

    status = 404
    sentence = "Ce projet n'existe pas, ou plus."


class ProjectsEnough(Refusal):
    """A hundred are a holder's, more are a mistake of a program."""

    status = 429
    field = "organisation_name"
    sentence = "Cent projets à la fois au plus : donnez leur SIRET à ceux qui en ont un."


class NotAProject(Refusal):
    """It has its SIRET already, or nobody holds it."""

    sentence = "Cette structure n'est pas, ou plus, un projet sans SIRET."


class ProjectOwnersOnly(Refusal):
    """What an organisation is in law is said by those responsible for it."""

    status = 403
    sentence = "Seul un responsable du projet lui donne son SIRET : demandez-lui."
