"""What an invoice says: its VAT rate by rate, and under whose number."""

import io
from datetime import date
from decimal import Decimal

import httpx
import pytest
from facturx import get_xml_from_pdf
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from services.catalog.vat.errors import (
    ExemptionMissing,
    LinesDiffer,
    RateUnknown,
    VatNumberOfAnother,
    VatNumberWrong,
)
from services.catalog.vat.lines import VatLine, checked_number, rates_on, vat_of
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.paying import TODAY, due, say, settlements
from tests.services.catalog.test_http_contract import signed
from tests.support import Isolated

DAY = date(2026, 11, 28)
LINES = [{"rate": "20", "net_cents": 40_000}, {"rate": "5.5", "net_cents": 60_000}]
BILL = {"invoice": "F-2030-7", "invoiced_on": TODAY, "vat_lines": LINES}


def a_line(rate: str, net_cents: int) -> VatLine:
    return VatLine(rate=rate, net_cents=net_cents, exemption="franchise" if rate == "0" else None)


class TestLines:
    @given(st.lists(st.builds(a_line, st.sampled_from(sorted(rates_on(DAY))), st.integers(1, 10**10)), min_size=1))
    def test_they_sum_to_what_was_agreed_and_each_is_rounded_by_itself(self, lines: list[VatLine]) -> None:
        net = sum(line.net_cents for line in lines)
        vat = vat_of(lines, net, DAY)
        exact = sum((line.net_cents * rates_on(DAY)[line.rate].percent for line in lines), Decimal(0)) / 100
        assert abs(vat - exact) * 2 <= len(lines)
        with pytest.raises(LinesDiffer):
            vat_of(lines, net + 1, DAY)

    def test_half_a_cent_is_rounded_up(self) -> None:
        assert a_line("5.5", 100).vat_cents == 6
        assert a_line("2.1", 100).vat_cents == 2

    def test_a_rate_is_of_its_day_and_none_is_due_only_for_a_reason(self) -> None:
        with pytest.raises(RateUnknown):
            vat_of([a_line("20", 100)], 100, date(2013, 12, 31))
        for rate, exemption in (("0", None), ("0", "vacances"), ("20", "franchise")):
            with pytest.raises(ExemptionMissing):
                vat_of([VatLine(rate=rate, net_cents=100, exemption=exemption)], 100, DAY)

    def test_a_number_is_valid_and_ones_own(self) -> None:
        assert checked_number("fr 40 303 265 045", "303265045") == "FR40303265045"
        with pytest.raises(VatNumberWrong):
            checked_number("FR41303265045", "303265045")
        with pytest.raises(VatNumberOfAnother):
            checked_number("FR40303265045", "552100554")


@pytest.fixture
async def settlement(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated) -> str:
    return await due(buyer, supplier, catalog_database)


async def billed(payee: httpx.AsyncClient, settlement: str, **said: object) -> httpx.Response:
    """Bill as a program does, having read the settlement as it is now."""
    await signed(payee)
    api = settlement.replace("/payments/", "/api/v1/settlements/")
    version = (await payee.get(api)).json()["version"]
    return await payee.post(f"{api}/bill", json={**BILL, **said}, headers={"if-match": f'"{version}"'})


class TestBill:
    async def test_its_vat_is_the_sum_of_its_lines(
        self, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        answer = await billed(supplier, settlement)
        assert (answer.status_code, answer.json()["vat_cents"]) == (200, 11_300)
        assert [line["vat_cents"] for line in answer.json()["vat_lines"]] == [8_000, 3_300]
        (row,) = await settlements(catalog_database)
        assert (row.vat_cents, len(row.vat_lines)) == (11_300, 2)

    async def test_the_same_sum_again_keeps_its_lines_and_another_one_does_not(
        self, supplier: httpx.AsyncClient, settlement: str
    ) -> None:
        await billed(supplier, settlement)
        again = await billed(supplier, settlement, invoice="F-8", vat_lines=[], vat_cents=11_300)
        assert (again.json()["invoice"], len(again.json()["vat_lines"])) == ("F-8", 2)
        other = await billed(supplier, settlement, vat_lines=[], vat_cents=20_000)
        assert other.json()["vat_lines"] == []

    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            ({"vat_lines": LINES[:1]}, ("LinesDiffer", "vat_lines")),
            ({"vat_lines": [{"rate": "19.6", "net_cents": 100_000}]}, ("RateUnknown", "vat_lines")),
            ({"vat_cents": 1}, ("VatDiffers", "vat_cents")),
            ({"vat_number": "FR41303265045"}, ("VatNumberWrong", "vat_number")),
            ({"invoiced_on": "2000-01-01", "vat_lines": []}, ("InvoicedFarAway", "invoiced_on")),
            ({"invoiced_on": "2099-01-01"}, ("InvoicedFarAway", "invoiced_on")),
        ],
    )
    async def test_what_is_wrong_is_refused_naming_the_field(
        self, supplier: httpx.AsyncClient, settlement: str, said: dict[str, object], refusal: tuple[str, str]
    ) -> None:
        answer = await billed(supplier, settlement, **said)
        assert answer.status_code == 422
        assert all(each in answer.text for each in refusal)


class TestFacturX:
    async def test_both_sides_read_data_that_its_schema_allows(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str
    ) -> None:
        lines = [*LINES[:1], {"rate": "0", "net_cents": 60_000, "exemption": "association"}]
        assert (await billed(supplier, settlement, vat_lines=lines)).status_code == 200
        for each in (supplier, buyer):
            answer = await each.get(f"{settlement.replace('/payments/', '/api/v1/settlements/')}/factur-x")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
            name, xml = get_xml_from_pdf(answer.content, check_xsd=True)
            assert name == "factur-x.xml"
            for said in (
                b"F-2030-7",
                b"<ram:GrandTotalAmount>1080.00<",
                b"VATEX-FR-CGI261-7",
                b"urn:factur-x.eu:1p0:basicwl",
                b'schemeID="FC"',
            ):
                assert said in xml
            (words,) = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
            assert "pas une facture" in " ".join(words.split())

    async def test_without_vat_by_rate_there_is_none_and_nobody_else_reads_it(
        self, supplier: httpx.AsyncClient, settlement: str, sign_up: SignUp
    ) -> None:
        address = f"{settlement.replace('/payments/', '/api/v1/settlements/')}/factur-x"
        refused = await supplier.get(address)
        assert (refused.status_code, "NotBilledByRate" in refused.text) == (422, True)
        assert (await (await sign_up()).get(address)).status_code == 404


class TestForm:
    async def test_one_rate_is_one_line_and_both_sides_find_the_file(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        bill = {"invoice": "F-9", "invoiced_on": TODAY, "vat_rate": "5.5"}
        assert (await say(supplier, settlement, "bill", **bill)).status_code == 303
        (row,) = await settlements(catalog_database)
        assert (row.vat_cents, row.vat_lines) == (
            5_500,
            [{"rate": "5.5", "net_cents": 100_000, "exemption": None}],
        )
        for each in (buyer, supplier):
            page = (await each.get(f"/fr{settlement}")).text
            assert f"{settlement}/factur-x" in page
            assert "plateforme agréée de qui est payé" in " ".join(page.replace("\u00a0", " ").split())
            paper = await each.get(f"/fr{settlement}/factur-x")
            assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
        assert "approved platform of whoever is paid" in (await buyer.get(f"/en{settlement}")).text

    async def test_no_vat_is_due_for_a_reason(
        self, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated
    ) -> None:
        await say(supplier, settlement, "bill", invoice="F-9", invoiced_on=TODAY, vat_rate="franchise")
        (row,) = await settlements(catalog_database)
        assert (row.vat_cents, [each["exemption"] for each in row.vat_lines]) == (0, ["franchise"])

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"vat_rate": "19.6"}, "vat_rate"),
            ({"vat_rate": "5.5", "vat_euros": "200"}, "vat_euros"),
            ({"vat_rate": "20", "vat_number": "FR41303265045"}, "vat_number"),
        ],
    )
    async def test_an_error_names_its_field(
        self, supplier: httpx.AsyncClient, settlement: str, said: dict[str, str], field: str
    ) -> None:
        answer = await say(supplier, settlement, "bill", invoice="F-9", invoiced_on=TODAY, **said)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
