"""An exchange is answered by e-mail: by who was written to, proven, once, and by the rules of the form."""

from email import message_from_bytes, policy

import httpx
import pytest
from sqlalchemy import text

from services.catalog.exchanges.models import LONGEST
from services.catalog.files.errors import FileNotKept
from services.catalog.files.store import FolderStore
from tests.services.catalog.exchanging import kept, of, told, wrote
from tests.services.catalog.proposing import made, rejected, withdrawn
from tests.services.catalog.replying import (
    BUYER,
    PROVEN,
    SUPPLIER,
    Server,
    a_mail,
    address,
    exchange,
    refused,
    server,
    words_in,
)
from tests.services.catalog.suppliers import a_need
from tests.support import Isolated

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"

__all__ = ["address", "exchange", "server"]


class TestPosting:
    async def test_it_becomes_a_message_of_the_exchange_without_what_it_quotes(
        self, server: Server, buyer: httpx.AsyncClient, exchange: str, address: str, catalog_database: Isolated
    ) -> None:
        quoted = "Oui, dès mardi.\n\nLe 3 mars 2026 à 10:00, Boucle <b@exemple.fr> a écrit :\n> Un message pour vous\n"
        assert (await server.hand_over(a_mail(quoted), address)).startswith("250")
        assert await words_in(buyer, exchange) == ["Oui, dès mardi.", "Livrez-vous le mardi ?"]
        # The buyer is told of it, as of any other; whoever answers has read.
        assert [each["unread"] for each in await told(catalog_database)] == [1, 1]
        details = text("SELECT details->>'by' FROM audit WHERE action = 'message.posted' ORDER BY id")
        async with catalog_database.sessions() as session:
            assert list(await session.scalars(details)) == [None, "email"]

    async def test_come_again_it_is_one_message(self, server: Server, address: str, catalog_database: Isolated) -> None:
        for _ in range(2):
            assert (await server.hand_over(a_mail(), address)).startswith("250")
        assert len(await kept(catalog_database)) == 2

    async def test_mail_may_lose_the_case_of_its_address(self, server: Server, address: str) -> None:
        assert len(address.partition("@")[0]) <= 64
        answer = await server.hand_over(a_mail(author="Personne2@Exemple.fr"), address.upper())
        assert answer.startswith("250")
        assert server.counted("posted") == 1

    async def test_files_come_with_it_and_pictures_of_a_signature_do_not(
        self, server: Server, address: str, catalog_database: Isolated
    ) -> None:
        mail = a_mail("Voici le plan.")
        mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="plan.pdf")
        mail.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="logo.gif", disposition="inline")
        list(mail.iter_attachments())[-1]["Content-ID"] = "<logo@exemple.fr>"
        assert (await server.hand_over(mail, address)).startswith("250")
        async with catalog_database.sessions() as session:
            assert list(await session.scalars(text("SELECT name FROM files"))) == ["plan.pdf"]

    async def test_of_html_alone_the_text_is_read(
        self, server: Server, buyer: httpx.AsyncClient, exchange: str, address: str
    ) -> None:
        mail = a_mail()
        mail.set_content(
            "<style>p{}</style><p>Oui,<br>mardi &amp; jeudi.</p><div>Le 3 mars 2026, Boucle a écrit :</div>"
            "<blockquote>Un message</blockquote>",
            subtype="html",
        )
        await server.hand_over(mail, address)
        assert (await words_in(buyer, exchange))[0] == "Oui,\nmardi & jeudi."

    async def test_a_suspended_organisation_writes_as_by_the_form(
        self, server: Server, address: str, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE organisations SET state = 'suspended' WHERE name LIKE 'Traiteur%'"))
        await server.hand_over(a_mail(), address)
        assert server.counted("posted") == 1


class TestProof:
    @pytest.mark.parametrize(
        "proof",
        [
            None,
            "mx.exemple.fr; dmarc=fail header.from=exemple.fr",
            "mx.exemple.fr; dmarc=pass header.from=ailleurs.fr",
            "mx.exemple.fr; dmarc=pass",
            "mx.exemple.fr; dkim=pass header.d=ailleurs.fr",
            "mx.exemple.fr; dkim=pass header.d=fr",
            "mx.exemple.fr; spf=pass smtp.mailfrom=exemple.fr",
            "mx.exemple.fr; dmarc=fail header.from=exemple.fr; dkim=pass header.d=exemple.fr",
            "mx.attaquant.fr; dmarc=pass header.from=exemple.fr",
            "mx.exemple.fr.attaquant.fr; dmarc=pass header.from=exemple.fr",
            "mx.attaquant.fr (mx.exemple.fr; dmarc=pass header.from=exemple.fr); none",
            "mx.exemple.fr; " + "(" * 3000,
        ],
    )
    async def test_from_alone_and_what_others_found_prove_nothing(
        self, server: Server, address: str, proof: str | None, catalog_database: Isolated
    ) -> None:
        """INVARIANT: nobody writes in another's name: only our mail server's word for the author's domain counts."""
        assert (await server.hand_over(a_mail(proof=proof), address)).startswith("550 5.7.1")
        assert len(await kept(catalog_database)) == 1
        assert server.counted("unproven") == 1
        # No letter either: it would reach who did not write.
        assert await refused(catalog_database) == []

    @pytest.mark.parametrize(
        "proof",
        [
            PROVEN,
            "MX.exemple.fr 1; dmarc=pass header.from=Exemple.fr",
            "mx.exemple.fr; dkim=pass (2048-bit key) header.d=exemple.fr header.s=s1 header.b=AbC; "
            "dmarc=none header.from=exemple.fr; spf=fail smtp.mailfrom=x@ailleurs.fr",
        ],
    )
    async def test_dmarc_or_a_signature_of_its_own_domain_does(self, server: Server, address: str, proof: str) -> None:
        assert (await server.hand_over(a_mail(proof=proof), address)).startswith("250")

    async def test_of_several_headers_of_our_own_name_the_topmost_counts(self, server: Server, address: str) -> None:
        mail = a_mail(proof="mx.exemple.fr; dmarc=fail header.from=exemple.fr")
        mail["Authentication-Results"] = PROVEN  # came with the mail, below
        assert (await server.hand_over(mail, address)).startswith("550 5.7.1")

    @pytest.mark.parametrize(
        "name", ["=?utf-8?q?mx=2Eexemple=2Efr?=", "=?us-ascii?b?bXguZXhlbXBsZS5mcg==?=", "mx.=?utf-8?q?exemple?=.fr"]
    )
    async def test_our_servers_name_in_another_spelling_is_not_ours(
        self, server: Server, address: str, name: str
    ) -> None:
        """What the mail server takes away from what came with the mail it finds by its plain name."""
        proof = PROVEN.partition(";")
        assert proof[0] == "mx.exemple.fr"
        sent = bytes(a_mail()).replace(proof[0].encode(), name.encode(), 1)
        mail = message_from_bytes(sent, policy=policy.compat32)
        assert name.encode() in bytes(mail)
        assert (await server.hand_over(mail, address)).startswith("550 5.7.1")

    @pytest.mark.parametrize(
        "author",
        [
            "personne2@exemple.fr (x",
            "x:;, personne2@exemple.fr",
            ", <personne2@exemple.fr>",
            "x: personne2@exemple.fr;",
        ],
    )
    async def test_an_author_whom_a_mail_server_may_not_find_is_none(
        self, server: Server, address: str, author: str
    ) -> None:
        """What finds no author looks at nothing, and leaves what came with the mail."""
        sent = bytes(a_mail()).replace(b"Claire Vidal <personne2@exemple.fr>", author.encode(), 1)
        mail = message_from_bytes(sent, policy=policy.compat32)
        assert author.encode() in bytes(mail)
        assert (await server.hand_over(mail, address)).startswith("550 5.7.1")

    async def test_somebody_elses_address_takes_nothing(
        self, server: Server, address: str, catalog_database: Isolated
    ) -> None:
        for author in (BUYER, "autre@exemple.fr"):
            assert (await server.hand_over(a_mail(author=author), address)).startswith("550 5.7.1")
        two = a_mail()
        two.replace_header("From", f"{SUPPLIER}, autre@exemple.fr")
        assert (await server.hand_over(two, address)).startswith("550 5.7.1")
        # The buyer wrote it: nobody of theirs answers it.
        assert (await server.hand_over(a_mail(author=BUYER), await server.address_for(BUYER))).startswith("550 5.1.1")
        assert len(await kept(catalog_database)) == 1

    @pytest.mark.parametrize("change", ["secret", "id", "short", "domain", "prefix"])
    async def test_an_address_that_we_did_not_make_is_refused_before_the_mail_is_sent(
        self, server: Server, address: str, change: str
    ) -> None:
        local, _, domain = address.partition("@")
        other = "a" if local[-1] != "a" else "b"
        made = {
            "secret": f"{local[:-1]}{other}@{domain}",
            "id": f"{local[:8]}{'a' if local[8] != 'a' else 'b'}{local[9:]}@{domain}",
            "short": f"{local[:-1]}@{domain}",
            "domain": f"{local}@ailleurs.fr",
            "prefix": f"x{local}@{domain}",
        }
        assert (await server.hand_over(a_mail(), made[change])).startswith("550 5.1.1")
        assert server.counted("unknown") == 1

    async def test_an_address_ends_with_its_time_its_members_role_and_their_membership(
        self, server: Server, address: str, catalog_database: Isolated
    ) -> None:
        changes = (
            "UPDATE exchange_messages SET at = at - interval '31 days'",
            "UPDATE members SET role = 'viewer'",
            "UPDATE members SET left_at = now()",
        )
        for change in changes:
            async with catalog_database.sessions() as session:
                await session.begin()
                await session.execute(text(change))
                assert (await server.hand_over(a_mail(), address)).startswith("550 5.1.1"), change
                await session.rollback()
        assert (await server.hand_over(a_mail(), address)).startswith("250")

    async def test_once_they_changed_their_address_the_old_one_proves_nothing(
        self, server: Server, address: str, catalog_database: Isolated
    ) -> None:
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE accounts SET email = 'neuve@exemple.fr' WHERE email LIKE 'personne2%'"))
        assert (await server.hand_over(a_mail(), address)).startswith("550 5.7.1")


class TestRefusing:
    async def refuses(self, server: Server, address: str, mail: object, reason: str, database: Isolated) -> None:
        before = len(await kept(database))
        assert (await server.hand_over(mail, address)).startswith("250")  # type: ignore[arg-type]
        assert len(await kept(database)) == before
        assert [each["reason"] for each in await refused(database)] == [reason]
        assert server.counted("refused") == 1

    async def test_too_long_and_empty(self, server: Server, address: str, catalog_database: Isolated) -> None:
        await self.refuses(server, address, a_mail("a" * (LONGEST + 1)), "too_long", catalog_database)
        (event,) = await refused(catalog_database)
        assert event["title"]
        await server.hand_over(a_mail("> tout est cité"), address)
        assert [each["reason"] for each in await refused(catalog_database)] == ["too_long", "empty"]

    @pytest.mark.parametrize(
        ("files", "reason"),
        [
            ([("a.pdf", PDF)] * 4, "files_enough"),
            ([("page.html", b"<html>")], "file_kind"),
            ([("grand.pdf", PDF + b"\0" * (10 * 1024 * 1024))], "file_too_large"),
        ],
    )
    async def test_files_as_the_form(
        self, server: Server, address: str, catalog_database: Isolated, files: list[tuple[str, bytes]], reason: str
    ) -> None:
        mail = a_mail()
        for name, data in files:
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        await self.refuses(server, address, mail, reason, catalog_database)

    async def test_what_is_over_or_taken_back(
        self, server: Server, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        need = await a_need(buyer)
        proposal = await made(supplier, need)
        await wrote(supplier, of(proposal), "Une précision.")
        address = await server.address_for(BUYER)
        await withdrawn(supplier, need)
        mail = a_mail(author=BUYER)
        # To the buyer, what was taken back is not there any more: no title tells of it.
        await self.refuses(server, address, mail, "over", catalog_database)
        assert (await refused(catalog_database))[0]["title"] == ""

    async def test_what_ended_long_ago(
        self, server: Server, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        proposal = await made(supplier, await a_need(buyer))
        await wrote(buyer, of(proposal), "Bonjour.")
        address = await server.address_for(SUPPLIER)
        await rejected(buyer, proposal)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE proposals SET decided_at = decided_at - interval '31 days'"))
        await self.refuses(server, address, a_mail(), "over", catalog_database)

    async def test_a_hidden_author_may_not_name_themselves_by_mail_either(
        self, server: Server, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        """INVARIANT: neither a signature nor a file's name tells who a hidden author is."""
        proposal = await made(supplier, await a_need(buyer, author_hidden="true"))
        await wrote(supplier, of(proposal), "À quelle heure ?")
        address = await server.address_for(BUYER)
        signed = a_mail("À huit heures.\n\nClaire Vidal\nHexaplane Systèmes", author=BUYER)
        await self.refuses(server, address, signed, "names_author", catalog_database)
        # Below the line that begins a signature nobody reads.
        cut = a_mail("À huit heures.\n-- \nHexaplane Systèmes", author=BUYER)
        assert (await server.hand_over(cut, address)).startswith("250")
        assert (await words_in(supplier, of(proposal)))[0] == "À huit heures."


class TestPrograms:
    @pytest.mark.parametrize(
        "headers",
        [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<liste.exemple.fr>"}, {}],
    )
    async def test_what_no_person_wrote_goes_nowhere(
        self, server: Server, address: str, headers: dict[str, str], catalog_database: Isolated
    ) -> None:
        """INVARIANT: two programs never answer each other through us."""
        sender = SUPPLIER if headers else ""
        assert (await server.hand_over(a_mail("Je suis absent.", **headers), address, sender=sender)).startswith("250")
        assert server.counted("automatic") == 1
        assert len(await kept(catalog_database)) == 1
        assert await refused(catalog_database) == []

    async def test_what_cannot_be_read_is_refused_for_good(
        self, server: Server, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def breaks(*_: object) -> str:
            raise LookupError

        monkeypatch.setattr("services.catalog.replies.inlet.words_of", breaks)
        assert (await server.hand_over(a_mail(), address)).startswith("554")

    async def test_while_something_is_away_the_mail_server_keeps_it(
        self, server: Server, address: str, catalog_database: Isolated, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """INVARIANT: an answer is posted or its mail server has it still."""
        mail = a_mail()
        mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="plan.pdf")
        with monkeypatch.context() as away:

            async def keeps_nothing(*_: object) -> str:
                raise FileNotKept

            away.setattr(FolderStore, "keep", keeps_nothing)
            assert (await server.hand_over(mail, address)).startswith("451")
        with monkeypatch.context() as away:

            async def no_database(*_: object, **__: object) -> None:
                raise OSError

            away.setattr("services.catalog.replies.inlet.addressee_of", no_database)
            assert (await server.hand_over(mail, address)).startswith("451")
        assert server.counted("later") == 2
        assert await refused(catalog_database) == []
        assert (await server.hand_over(mail, address)).startswith("250")
        assert len(await kept(catalog_database)) == 2
