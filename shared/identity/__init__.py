"""Who is acting: the token every service accepts, and what a role may do."""

from shared.identity.identity import Identity, Role
from shared.identity.links import LinkKeys
from shared.identity.token import TOKEN_LIFE, Signer, Verifier

__all__ = ["TOKEN_LIFE", "Identity", "LinkKeys", "Role", "Signer", "Verifier"]
