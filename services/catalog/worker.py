"""What catalog does beside answering: publish its facts, hear matching's, fire its timers."""

from contextlib import AbstractAsyncContextManager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.pruning import prune_for_ever
from services.catalog.accounts.sealing import seal_for_ever
from services.catalog.accounts.vault import Vault
from services.catalog.calls.opening import run_call_timer
from services.catalog.campaigns.closing import run_campaign_timer
from services.catalog.claims.lapsing import lapse_for_ever
from services.catalog.claims.reminding import tell_teams_for_ever
from services.catalog.exchanges.pruning import prune_messages_for_ever
from services.catalog.files.rescanning import rescan_for_ever
from services.catalog.files.setting_up import keeper_from
from services.catalog.files.sweeping import sweep_for_ever
from services.catalog.flows import handlers as flows
from services.catalog.flows.planning import run_lot_timer
from services.catalog.gifts.arriving import settle_for_ever
from services.catalog.imports.working import run_import_timer
from services.catalog.needs import handlers as needs
from services.catalog.offers.resuming import run_resume_timer
from services.catalog.payments.online.calling import ask_for_ever
from services.catalog.payments.online.following import FOLLOWS
from services.catalog.payments.online.gateway import Gateway
from services.catalog.payments.online.hearing import hear_for_ever
from services.catalog.payments.online.reconciling import reconcile_for_ever
from services.catalog.payments.online.watching import watch_calls
from services.catalog.payments.reminding import remind_for_ever
from services.catalog.persons.recalling import recall_erased
from services.catalog.portrait.ending import run_status_timer
from services.catalog.portrait.foretelling import run_foretelling_timer
from services.catalog.proposals.ending import end_for_ever
from services.catalog.settings import Settings
from services.catalog.subscriptions.serving import run_serving_timer
from services.catalog.takings.expiring import run_taking_timer
from services.catalog.team.inviting import expire_for_ever
from services.catalog.territory.abandoning import abandon_for_ever
from shared.database import Database
from shared.events.contacts import MemberContact
from shared.events.matching import DemandMatched, DemandUnmatched
from shared.messaging.handling import Handlers
from shared.messaging.overtaking import Counts
from shared.messaging.worker import Link, working
from shared.observability.signals import Signals
from shared.web.upkeep import WITH_ANSWERS, forget_for_ever


async def on_demand_matched(session: AsyncSession, event: DemandMatched) -> None:
    """A demand is a need or a flow: each feature takes its own."""
    await needs.on_demand_matched(session, event)
    await flows.on_demand_matched(session, event)


async def on_demand_unmatched(session: AsyncSession, event: DemandUnmatched) -> None:
    """The same when nobody fits."""
    await needs.on_demand_unmatched(session, event)
    await flows.on_demand_unmatched(session, event)


# Where the versions of what catalog tells are counted: a restored database must go on above those that were told.
COUNTS: Counts = {
    "catalog.agreement": "agreements.version",
    "catalog.answer": "answers.version",
    "catalog.application": "call_applications.version",
    "catalog.call": "calls.version",
    "catalog.campaign": "campaigns.version",
    "catalog.eligibility": "legal_entities.version",
    "catalog.entity": "legal_entities.version",
    "catalog.flow": "flows.version",
    "catalog.gift": "gifts.version",
    "catalog.impact": "impact_exchanges.version",
    "catalog.lot": "lots.version",
    "catalog.mandate": "billing_mandates.version",
    "catalog.member": "members.version",
    "catalog.message": "exchange_messages.version",
    "catalog.need": "needs.version",
    "catalog.offer": "offers.version",
    "catalog.organisation": "organisations.version",
    "catalog.participation": "participations.version",
    "catalog.pledge": "pledges.version",
    "catalog.proposal": "proposals.version",
    "catalog.question": "questions.version",
    "catalog.settlement": "settlements.version",
    "catalog.subscription": "subscriptions.version",
    "catalog.taking": "takings.version",
    "contacts.member": "members.version",
}
# Who was erased stays erased, however far back a backup goes.
RECALLS: Handlers = {MemberContact: recall_erased}

HANDLERS: Handlers = {DemandMatched: on_demand_matched, DemandUnmatched: on_demand_unmatched}


def working_catalog(
    settings: Settings, database: Database, signals: Signals, gateway: Gateway | None
) -> AbstractAsyncContextManager[Link]:
    """Relay, consumer, timers and upkeep, until the block ends; without a gateway nothing is paid online."""
    keeper = keeper_from(settings, signals.metrics)
    timers = [
        partial(run_lot_timer, database),
        partial(run_serving_timer, database),
        partial(run_taking_timer, database),
        partial(run_resume_timer, database),
        partial(run_status_timer, database),
        partial(run_foretelling_timer, database),
        partial(run_call_timer, database),
        partial(run_campaign_timer, database),
        partial(run_import_timer, database, check_first=settings.check_first),
        partial(prune_for_ever, database),
        partial(seal_for_ever, database, Vault(settings.link_keys_file)),
        partial(sweep_for_ever, database, keeper.store),
        partial(rescan_for_ever, database, keeper),
        partial(prune_messages_for_ever, database, keeper.store),
        partial(expire_for_ever, database),
        partial(tell_teams_for_ever, database),
        partial(lapse_for_ever, database),
        partial(abandon_for_ever, database),
        partial(end_for_ever, database),
        partial(remind_for_ever, database),
        partial(settle_for_ever, database),
        partial(forget_for_ever, database, WITH_ANSWERS),
    ]
    if gateway is not None:
        watch_calls(database, signals)
        timers += [
            partial(ask_for_ever, gateway, database, FOLLOWS),
            partial(hear_for_ever, gateway, database),
            partial(reconcile_for_ever, gateway, database),
        ]
    return working(settings, database, HANDLERS, timers=timers, signals=signals)
