"""What a file is by its content, and photos made safe: an ending or a declared type proves nothing."""

import io
import zipfile
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError

from services.catalog.files.errors import FileKindRefused


class Kind(StrEnum):
    """The kinds of files that people may add, by their usual ending."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    XLSX = "xlsx"
    ODS = "ods"
    PNG = "png"
    JPG = "jpg"


MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Kind.PNG: "image/png",
    Kind.JPG: "image/jpeg",
}
ACCEPTED = ", ".join(Kind)
PHOTOS = "jpg, png"

# An office document is a zip: these bounds keep one from unpacking to a disk's worth.
MOST_ENTRIES, MOST_UNPACKED = 2_000, 200 * 1024 * 1024
# A phone's photo has 12 to 50 million pixels; decoding costs four bytes each.
MOST_PIXELS = 60_000_000
PHOTO_EDGE, PREVIEW_EDGE = 1600, 480
_PDF_WITHIN = 1024


def kind_of(data: bytes) -> Kind:
    """The kind of a file's bytes; raises `FileKindRefused` for everything else, and for bombs."""
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return Kind.PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPG
    if data.startswith(b"PK\x03\x04"):
        return _office_kind(data)
    raise FileKindRefused(kinds=ACCEPTED)


def _office_kind(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise FileKindRefused(kinds=ACCEPTED)
            names = {entry.filename for entry in entries}
            declared = packed.open("mimetype").read(100).decode("ascii", "replace") if "mimetype" in names else ""
    # Of an encrypted entry zipfile says RuntimeError, of a packing it does not know NotImplementedError.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise FileKindRefused(kinds=ACCEPTED) from error
    marks = {
        Kind.DOCX: "word/document.xml" in names,
        Kind.XLSX: "xl/workbook.xml" in names,
        Kind.ODT: declared == MEDIA_TYPES[Kind.ODT],
        Kind.ODS: declared == MEDIA_TYPES[Kind.ODS],
    }
    # Macros run where they are opened: a document that brings some is refused.
    if any(name.endswith("vbaProject.bin") for name in names):
        raise FileKindRefused(kinds=ACCEPTED)
    for kind, is_it in marks.items():
        if is_it:
            return kind
    raise FileKindRefused(kinds=ACCEPTED)


def photo_of(data: bytes, edge: int = PHOTO_EDGE) -> bytes:
    """A photo as JPEG, upright, its longer edge at most `edge` pixels, without what the camera wrote into it.

    Where a photo was taken and by which phone is personal: only the pixels are kept. Raises `FileKindRefused` for what
    is no photo. It takes about a tenth of a second: call it in a thread.
    """
    if kind_of(data) not in (Kind.PNG, Kind.JPG):
        raise FileKindRefused(kinds=PHOTOS)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise FileKindRefused(kinds=PHOTOS)
            image.draft("RGB", (edge, edge))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((edge, edge))
            pixels = Image.new("RGB", upright.size, "white")
            pixels.paste(upright, mask=upright.getchannel("A") if upright.mode in ("RGBA", "LA") else None)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FileKindRefused(kinds=PHOTOS) from error
    written = io.BytesIO()
    pixels.save(written, "JPEG", quality=82, optimize=True, progressive=True)
    return written.getvalue()
