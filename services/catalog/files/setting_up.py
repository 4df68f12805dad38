"""Who takes files in, by the settings."""

from services.catalog.files.keeping import Keeper
from services.catalog.files.scanning import Scanner
from services.catalog.files.store import FolderStore
from services.catalog.settings import Settings
from shared.observability.metrics import Metrics


def keeper_from(settings: Settings, metrics: Metrics) -> Keeper:
    """The store and the scanner that the settings name; `metrics` counts looks."""

    def told(result: str) -> None:
        metrics.file_scan_total.labels(result).inc()

    scanner = Scanner(settings.clamav, told=told) if settings.clamav else None
    return Keeper(FolderStore(settings.files_dir), scanner)
