"""What opens the account of a scene's owner: sessions, keys, second factors, another provider."""

from pathlib import Path
from uuid import UUID

from services.catalog.accounts.commands import open_session_of
from services.catalog.accounts.factors import begin_factor, renew_codes
from services.catalog.accounts.models import FactorKind, LinkedIdentity
from services.catalog.accounts.queries import account_of, member_by_id
from services.catalog.accounts.vault import VAULT, Vault
from services.catalog.keys.commands import make_key
from services.catalog.keys.models import Scope
from services.catalog.keys.schemas import NewKey
from services.catalog.oidc.provider import Oidc, Provider
from shared.clock import now
from shared.identity import Identity
from shared.web.application import Application
from tests.security.scene import SECRET
from tests.support import Isolated

APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEY, SUBJECT = f"{SECRET} stock", f"{SECRET} sujet"
AWAY = Oidc(issuer="http://127.0.0.1:9", client_id="boucle", client_secret_file=Path("/nowhere"), name="Ailleurs")


async def another_session(database: Isolated, identity: Identity) -> UUID:
    """The id of a session that the same person has in another browser."""
    async with database.sessions.begin() as session:
        member = await member_by_id(session, identity.member_id)
        opened, _ = await open_session_of(session, member, now=now())
        return opened.id


async def key_of_scene(database: Isolated, identity: Identity) -> UUID:
    """The id of a key that may write everything."""
    async with database.sessions.begin() as session:
        key, _ = await make_key(session, identity, NewKey(name=KEY, scopes=[Scope.WRITE]), now=now())
        return key.id


async def factors_of_scene(app: Application, database: Isolated, identity: Identity) -> list[object]:
    """The ids of an app that is asked for at the door, and of one that is being added; both with `APP_SECRET`."""
    async with database.sessions.begin() as session:
        session.info[VAULT] = Vault(app.state.settings.link_keys_file)
        account = await account_of(session, identity.member_id)
        made: list[object] = []
        for confirmed_at in (now(), None):
            factor = await begin_factor(session, identity, account, FactorKind.APP, secret=APP_SECRET, now=now())
            factor.confirmed_at = confirmed_at
            made.append(factor.id)
        await renew_codes(session, identity, account.id)
        return made


async def link_an_identity(app: Application, database: Isolated, identity: Identity) -> None:
    """One of a provider that never answers opens somebody's account too."""
    app.state.oidc = Provider(AWAY, "http://boucle.test")
    async with database.sessions.begin() as session:
        account = await account_of(session, identity.member_id)
        session.add(LinkedIdentity(account_id=account.id, issuer=AWAY.issuer, subject=SUBJECT, linked_at=now()))
