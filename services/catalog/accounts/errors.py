"""What may be refused at sign-up and sign-in."""

from shared.refusal import Refusal


class EmailAlreadyUsed(Refusal):
    """An account has this address."""

    status = 409
    field = "email"
    sentence = "Un compte existe déjà avec cette adresse. Connectez-vous, ou utilisez une autre adresse."


class CredentialsWrong(Refusal):
    """Unknown address or wrong password: never said which."""

    status = 422
    field = "password"
    sentence = "Adresse ou mot de passe incorrect. Vérifiez les deux."


class NoOrganisationLeft(Refusal):
    """The password is right, and nobody's organisation is left to act for."""

    status = 403
    field = "email"
    sentence = (
        "Ce compte n'agit plus pour aucune structure. Demandez à l'un de ses responsables de vous inviter : "
        "le lien de la lettre vous fera entrer."
    )


class AlreadyMember(Refusal):
    """The account acts for the organisation already."""

    field = "email"
    sentence = "Cette personne fait déjà partie de l'équipe."


class PasswordTooCommon(Refusal):
    """Among the passwords everybody tries first."""

    status = 422
    field = "password"
    sentence = "Ce mot de passe est trop connu. Choisissez par exemple trois mots qui ne vont pas ensemble."


class TooManyAttempts(Refusal):
    """Too many wrong passwords in a short time for this address."""

    status = 429
    sentence = "Trop d'essais pour cette adresse. Réessayez dans un quart d'heure."


class PasswordWrong(Refusal):
    """A signed-in person did not type their own password."""

    status = 422
    field = "password"
    sentence = "Ce n'est pas votre mot de passe. Vérifiez-le, ou demandez un lien pour en choisir un autre."


class SessionUnknown(Refusal):
    """No living session of this person has the id."""

    status = 404
    sentence = "Cette session est déjà terminée."


class CodeWrong(Refusal):
    """Neither the app's code of now, nor a recovery code; or one that was used."""

    status = 422
    field = "code"
    sentence = "Ce code n'est pas le bon, ou il a déjà servi. Attendez le suivant, ou prenez un code de secours."


class FactorUnknown(Refusal):
    """No such proof of this person."""

    status = 404
    sentence = "Cette page n'existe pas, ou plus."


class HalfwayOver(Refusal):
    """Nobody is halfway in with this browser, or not any more."""

    status = 401
    sentence = "Trop de temps a passé depuis le mot de passe. Recommencez."


class PasskeyRefused(Refusal):
    """The browser's answer proves nothing: another key, another site, another question, or none at all."""

    status = 422
    field = "passkey"
    sentence = "Cette clé d'accès n'est pas reconnue ici. Essayez encore, ou prenez un code."
