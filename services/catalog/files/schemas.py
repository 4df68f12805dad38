"""What a program sends where files are taken."""

from dataclasses import dataclass

from litestar.datastructures import UploadFile


@dataclass
class FileAsked:
    """One file."""

    file: UploadFile
