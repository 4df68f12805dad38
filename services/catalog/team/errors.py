"""What may be refused about a team, an invitation or an organisation to act for."""

from shared.refusal import Refusal


class TeamOwnersOnly(Refusal):
    """Who is in a team is decided by those responsible for the organisation."""

    status = 403
    sentence = "Seul un responsable de la structure change l'équipe : demandez-lui."


class MemberUnknown(Refusal):
    """No such member, or another organisation's, or one who has left."""

    status = 404
    sentence = "Cette personne ne fait pas, ou plus, partie de l'équipe."


class LastOwner(Refusal):
    """Somebody must answer for the organisation."""

    field = "role"
    sentence = "Il faut au moins un responsable : donnez d'abord ce rôle à quelqu'un d'autre."


class InvitationUnknown(Refusal):
    """No such invitation that still waits, or another organisation's."""

    status = 404
    sentence = "Cette invitation n'attend plus de réponse."


class InvitationOver(Refusal):
    """It was answered, taken back, or sent again since."""

    status = 410
    sentence = "Cette invitation a déjà servi, a été retirée, ou une lettre plus récente la remplace."


class InvitationExpired(Refusal):
    """Its week is over."""

    status = 410
    sentence = "Cette invitation n'est plus valable : plus de sept jours ont passé."


class InvitationOfAnother(Refusal):
    """Whoever is signed in has another address."""

    status = 403
    sentence = "Cette invitation est pour une autre adresse que celle de votre compte."


class AlreadyInvited(Refusal):
    """One invitation at a time waits at an address."""

    field = "email"
    sentence = "Une invitation attend déjà à cette adresse : renvoyez-la, ou retirez-la."


class InvitationsEnough(Refusal):
    """Twenty a day are a team, more are a mistake of a program."""

    status = 429
    field = "email"
    sentence = "Vingt invitations par jour au plus : continuez demain."


class NotYourOrganisation(Refusal):
    """One acts only for organisations that one is a member of."""

    status = 404
    field = "organisation_id"
    sentence = "Vous n'agissez pas, ou plus, pour cette structure."
