"""The three applications, made but not started."""

import pytest

from services.catalog.app import create_app as create_catalog
from services.catalog.settings import Settings as CatalogSettings
from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from services.notifications.app import create_app as create_notifications
from services.notifications.settings import Settings as NotificationsSettings


@pytest.fixture(scope="session")
def apps(
    catalog_settings: CatalogSettings,
    matching_settings: MatchingSettings,
    notifications_settings: NotificationsSettings,
) -> dict[str, object]:
    return {
        "catalog": create_catalog(catalog_settings),
        "matching": create_matching(matching_settings),
        "notifications": create_notifications(notifications_settings),
    }
