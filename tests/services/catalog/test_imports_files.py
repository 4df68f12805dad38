"""Files as people have them: separators, encodings, spreadsheets, and cells."""

import io
import zipfile
from datetime import date

import pytest

from services.catalog.imports.cells import as_cents, as_day, as_flag, as_permit, as_siret, as_time, coded, listed
from services.catalog.imports.columns import Columns, key_of, reading_of
from services.catalog.imports.errors import ColumnMissing, FieldUnknown, FileEmpty, FileUnreadable, HeadingUnknown
from services.catalog.imports.fields import FLOW_COLUMNS, NEED_COLUMNS, OFFER_COLUMNS, ORGANISATION_COLUMNS
from services.catalog.imports.files import Sheet, sheet_of
from shared.phrases.names import NEED_KINDS

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_separator_is_found_by_itself(separator: str) -> None:
    rows = (("nom", "ville"), ("L'Atelier", '"31000 Toulouse"'))
    sheet = sheet_of("\r\n".join(separator.join(row) for row in rows).encode())
    assert sheet.headings == ("nom", "ville")
    assert sheet.lines[0].cells == ("L'Atelier", "31000 Toulouse")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_survive_every_usual_encoding(encoding: str) -> None:
    sheet = sheet_of("dénomination;ville\nL’Étoile, « été » à 5 €;Nîmes\n".encode(encoding))
    assert sheet.headings[0] == "dénomination"
    assert sheet.lines[0].cells[0] == "L’Étoile, « été » à 5 €"


def test_a_line_keeps_the_number_that_a_spreadsheet_shows() -> None:
    sheet = sheet_of(b'a;b\n1;"two\nlines"\n;\n3;4\n')
    assert [line.number for line in sheet.lines] == [2, 4]


@pytest.mark.parametrize("content", [b"", b"\n\n", b";;\n1;2\n"])
def test_a_file_without_a_heading_line_is_refused(content: bytes) -> None:
    with pytest.raises(FileEmpty):
        sheet_of(content)


@pytest.mark.parametrize("content", [b"a;b\n\0\0;1\n", b'a;b\n"never closed;1\n', b"PK\x03\x04 not a spreadsheet"])
def test_what_is_no_table_is_refused_with_why(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        sheet_of(content)


def a_spreadsheet(*rows: str) -> bytes:
    """The smallest xlsx file: cells as they stand in its XML."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="Feuille" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{relations}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>'
        + "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, start=1))
        + "</sheetData></worksheet>",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return written.getvalue()


def test_a_spreadsheet_s_cells_read_as_they_were_typed() -> None:
    text = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    heading = text.format("A1", "siret") + text.format("B1", "date") + text.format("C1", "quantité")
    row = '<c r="A2"><v>55208131766522</v></c><c r="B2" s="1"><v>46367</v></c><c r="C2"><v>2.5</v></c>'
    sheet = sheet_of(a_spreadsheet(heading, row))
    assert sheet.headings == ("siret", "date", "quantité")
    assert sheet.lines[0].cells == ("55208131766522", "2026-12-11", "2.5")


def test_columns_are_known_by_their_usual_french_and_english_headings() -> None:
    sheet = Sheet(("N° SIRET", "Dénomination", "Ville", "Code APE", "Couleur"), ())
    reading = reading_of(sheet, ORGANISATION_COLUMNS, {})
    assert {column.name for column in reading.positions} == {"siret", "organisation_name", "place", "naf"}
    assert reading.ignored == ("Couleur",)


def test_a_column_may_be_named_by_hand() -> None:
    sheet = Sheet(("Nom court", "nom", "ville"), ())
    reading = reading_of(sheet, ORGANISATION_COLUMNS, {"organisation_name": "nom court"})
    assert {column.name: at for column, at in reading.positions.items()} == {"organisation_name": (0,), "place": (2,)}


def test_a_wrong_mapping_names_what_there_is() -> None:
    sheet = Sheet(("nom", "ville"), ())
    with pytest.raises(FieldUnknown, match="organisation_name"):
        reading_of(sheet, ORGANISATION_COLUMNS, {"colour": "nom"})
    with pytest.raises(HeadingUnknown, match="nom, ville"):
        reading_of(sheet, ORGANISATION_COLUMNS, {"naf": "code"})


def test_a_missing_required_column_refuses_the_file() -> None:
    with pytest.raises(ColumnMissing, match="external_id"):
        reading_of(Sheet(("titre", "lieu"), ()), NEED_COLUMNS, {})


@pytest.mark.parametrize("columns", [ORGANISATION_COLUMNS, NEED_COLUMNS, OFFER_COLUMNS, FLOW_COLUMNS])
def test_no_two_columns_of_a_kind_answer_to_one_heading(columns: Columns) -> None:
    keys = [key for each in columns for key in {key_of(heading) for heading in (each.name, *each.headings)}]
    assert sorted(set(keys)) == sorted(keys)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("+21", "2026-12-14"),
        ("-3", "2026-11-20"),
        ("+0", "2026-11-23"),
        ("11/12/2026", "2026-12-11"),
        ("1.2.2027", "2027-02-01"),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, day: str) -> None:
    assert as_day(typed, TODAY) == day


def test_what_is_not_understood_is_handed_on_to_be_refused_by_the_form_s_model() -> None:
    assert as_day("demain", TODAY) == "demain"
    assert as_flag("peut-être", TODAY) == "peut-être"
    assert as_cents("gratuit", TODAY) == "gratuit"
    assert coded(NEED_KINDS)("truc", TODAY) == "truc"


def test_cells_mean_what_their_column_says() -> None:
    assert [as_flag(word, TODAY) for word in ("Oui", "x", "VRAI", "non", "0")] == [True, True, True, False, False]
    assert listed(coded(NEED_KINDS))("Achat | csr", TODAY) == ["procurement", "csr"]
    assert as_cents("-40,5 €", TODAY) == -4050
    assert as_time("8h30", TODAY) == "08:30"
    assert as_time("17h", TODAY) == "17:00"
    assert as_permit("waste_transport:+365", TODAY) == {"code": "waste_transport", "expires_on": "2027-11-23"}
    assert as_permit("insurance", TODAY) == {"code": "insurance", "expires_on": None}


def test_a_siret_that_a_spreadsheet_took_for_a_number_gets_its_zeros_back() -> None:
    assert as_siret("5580856500013", TODAY) == "05580856500013"
    assert as_siret("732 829 320 00074", TODAY) == "73282932000074"
    assert as_siret("123", TODAY) == "123"
