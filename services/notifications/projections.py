"""What notifications keeps of catalog's facts, so that it can be built again: organisations, members, contacts."""

from services.notifications.audience.handlers import keep_contact, keep_member, on_organisation
from shared.events.catalog import (
    MemberChanged,
    MemberJoined,
    MemberLeft,
    OrganisationRegistered,
    OrganisationSuspended,
    OrganisationUpdated,
    OrganisationVerified,
)
from shared.events.contacts import MemberContact
from shared.messaging.projection import Projection

PROJECTIONS = (
    Projection(
        service="notifications",
        stream="CATALOG",
        table="organisations",
        keepers={
            OrganisationRegistered: on_organisation,
            OrganisationUpdated: on_organisation,
            OrganisationVerified: on_organisation,
            OrganisationSuspended: on_organisation,
        },
    ),
    Projection(
        service="notifications",
        stream="CATALOG",
        table="members",
        keepers={MemberJoined: keep_member, MemberChanged: keep_member, MemberLeft: keep_member},
        ended="l.has_left",
        end="has_left = true",
    ),
    # A tombstone is a contact like any other: erased stays erased.
    Projection(service="notifications", stream="CONTACTS", table="contacts", keepers={MemberContact: keep_contact}),
)
