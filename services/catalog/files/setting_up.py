"""Who takes files in, by the settings."""

from services.catalog.files.keeping import Keeper
from services.catalog.files.place import S3
from services.catalog.files.scanning import Scanner
from services.catalog.files.store import FolderStore, Store
from services.catalog.settings import Settings
from shared.observability.metrics import Metrics


def keeper_from(settings: Settings, metrics: Metrics) -> Keeper:
    """The store and the scanner that the settings name; `metrics` counts looks."""

    def told(result: str) -> None:
        metrics.file_scan_total.labels(result).inc()

    scanner = Scanner(settings.clamav, told=told) if settings.clamav else None
    store = bucket_store(settings.s3) if settings.s3 else FolderStore(settings.files_dir)
    return Keeper(store, scanner)


def bucket_store(known: S3) -> Store:
    """A bucket; what asks it is loaded only where there is one."""
    from services.catalog.files.bucket import BucketStore

    return BucketStore(known)
