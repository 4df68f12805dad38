"""Catalog put together: the only file that knows every part."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from services.catalog.about import api as about_api
from services.catalog.about import pages as about
from services.catalog.accounts import factor_pages as factors
from services.catalog.accounts import link_pages as links
from services.catalog.accounts import pages as accounts
from services.catalog.accounts import profile, second_pages, security
from services.catalog.accounts.identify import SessionIdentity
from services.catalog.accounts.vault import Vault
from services.catalog.agreements import api as agreements_api
from services.catalog.agreements import carrying_pages as carrying
from services.catalog.agreements import pages as agreements
from services.catalog.answers import api as answers_api
from services.catalog.answers import letter_pages as answers_by_letter
from services.catalog.answers import need_pages
from services.catalog.answers import pages as answers
from services.catalog.behalf import api as behalf_api
from services.catalog.behalf import pages as behalf
from services.catalog.calls import api as calls_api
from services.catalog.calls import applying_pages as applying
from services.catalog.calls import deciding_pages as deciding
from services.catalog.calls import file_pages as call_files
from services.catalog.calls import pages as calls
from services.catalog.campaigns import api as campaigns_api
from services.catalog.campaigns import pages as campaigns
from services.catalog.campaigns import pledging_pages as pledges
from services.catalog.claims import api as claims_api
from services.catalog.claims import pages as claims
from services.catalog.claims import sign_up_pages as signing_up
from services.catalog.claims import territory_pages as claims_at_territory
from services.catalog.collections import agenda_pages as agenda
from services.catalog.collections import api as collections_api
from services.catalog.collections import pages as collections
from services.catalog.collections import scan_pages as scanning
from services.catalog.consents import api as consents_api
from services.catalog.desk import pages as desk
from services.catalog.directory import api as directory_api
from services.catalog.directory import pages as directory
from services.catalog.earnings import api as earnings_api
from services.catalog.earnings import pages as earnings
from services.catalog.eligibility import api as eligibility_api
from services.catalog.eligibility import pages as eligibility
from services.catalog.exchanges import api as exchanges_api
from services.catalog.exchanges import pages as exchanges
from services.catalog.exports import pages as exports
from services.catalog.files.setting_up import keeper_from
from services.catalog.flows import api as flows_api
from services.catalog.flows import pages as flows
from services.catalog.followups import pages as followups
from services.catalog.gifts import api as gifts_api
from services.catalog.gifts import pages as gifts
from services.catalog.gifts import paper_pages as gift_papers
from services.catalog.gifts import statement_pages as gift_statement
from services.catalog.home import pages as home
from services.catalog.impact import api as impact_api
from services.catalog.impact import pages as impact
from services.catalog.imports import pages as imports
from services.catalog.invoices import api as invoices_api
from services.catalog.invoices import pages as invoices
from services.catalog.keys import api as keys_api
from services.catalog.keys import pages as keys
from services.catalog.keys.identify import KeyIdentity
from services.catalog.mcp import api as mcp_api
from services.catalog.needs import api as needs_api
from services.catalog.needs import pages as needs
from services.catalog.offers import api as offers_api
from services.catalog.offers import pages as offers
from services.catalog.oidc import pages as oidc
from services.catalog.oidc.provider import Provider
from services.catalog.opendata import api as opendata_api
from services.catalog.opendata import pages as opendata
from services.catalog.organisations.register import Register
from services.catalog.organisations.suspension import goes_on
from services.catalog.parameters import api as parameters_api
from services.catalog.parameters import pages as parameters
from services.catalog.payments import api as payments_api
from services.catalog.payments import pages as payments
from services.catalog.payments.mandates import api as mandates_api
from services.catalog.payments.mandates import pages as mandates
from services.catalog.payments.online import api as online_api
from services.catalog.payments.online import pages as online_pages
from services.catalog.payments.online import webhook as stripe_webhook
from services.catalog.payments.online.gateway import gateway_from
from services.catalog.persons import pages as persons
from services.catalog.portrait import pages as portrait
from services.catalog.posting import pages as posting
from services.catalog.projects import api as projects_api
from services.catalog.projects import pages as projects
from services.catalog.proposals import api as proposals_api
from services.catalog.proposals import buyer_pages as comparing
from services.catalog.proposals import evidence_pages as evidence
from services.catalog.proposals import pages as proposals
from services.catalog.questions import api as questions_api
from services.catalog.questions import pages as questions
from services.catalog.replies.place import Replies
from services.catalog.settings import Settings
from services.catalog.subscriptions import api as subscriptions_api
from services.catalog.subscriptions import flow_pages as subscribing
from services.catalog.subscriptions import pages as subscriptions
from services.catalog.takings import api as takings_api
from services.catalog.takings import flow_pages, taking_pages
from services.catalog.takings import pages as takings
from services.catalog.team import api as team_api
from services.catalog.team import joining_pages as joining
from services.catalog.team import pages as team
from services.catalog.team import requests_pages as requests
from services.catalog.team import switching_pages as switching
from services.catalog.territory import api as territory_api
from services.catalog.territory import letter_pages as letters
from services.catalog.territory import organisation_pages as organisations_of_the_territory
from services.catalog.territory import pages as territory
from services.catalog.territory import stuck_pages as stuck
from services.catalog.trail import api as trail_api
from services.catalog.trail import pages as trail
from services.catalog.vocabulary import api as vocabulary_api
from services.catalog.vocabulary import pages as vocabulary
from services.catalog.worker import working_catalog
from shared.clock import Calendar, Clock, now
from shared.database.both import Databases, databases_of
from shared.identity import LinkKeys, Signer, Verifier
from shared.messaging.asking import Asker
from shared.messaging.standing import standing_of
from shared.messaging.worker import Job, at_work
from shared.settings import PaymentMode
from shared.vocabulary import warm_up
from shared.web.application import application
from shared.web.health import health_routes
from shared.web.suspension import SuspensionGuard

ROUTES: Sequence[ControllerRouterHandler] = [
    *home.ROUTES,
    *about.ROUTES,
    *about_api.ROUTES,
    *signing_up.ROUTES,
    *accounts.ROUTES,
    *links.ROUTES,
    *oidc.ROUTES,
    *profile.ROUTES,
    *security.ROUTES,
    *factors.ROUTES,
    *second_pages.ROUTES,
    *directory.ROUTES,
    *directory_api.ROUTES,
    *desk.ROUTES,
    *posting.ROUTES,
    *needs.ROUTES,
    *needs_api.ROUTES,
    *need_pages.ROUTES,
    *answers.ROUTES,
    *answers_by_letter.ROUTES,
    *answers_api.ROUTES,
    *proposals.ROUTES,
    *comparing.ROUTES,
    *evidence.ROUTES,
    *proposals_api.ROUTES,
    *agreements.ROUTES,
    *carrying.ROUTES,
    *agreements_api.ROUTES,
    *payments.ROUTES,
    *payments_api.ROUTES,
    *mandates.ROUTES,
    *mandates_api.ROUTES,
    *gifts.ROUTES,
    *gift_papers.ROUTES,
    *gift_statement.ROUTES,
    *gifts_api.ROUTES,
    *eligibility.ROUTES,
    *eligibility_api.ROUTES,
    *online_pages.ROUTES,
    *online_api.ROUTES,
    *stripe_webhook.ROUTES,
    *earnings.ROUTES,
    *earnings_api.ROUTES,
    *invoices.ROUTES,
    *invoices_api.ROUTES,
    *questions.ROUTES,
    *questions_api.ROUTES,
    *offers.ROUTES,
    *offers_api.ROUTES,
    *flows.ROUTES,
    *flows_api.ROUTES,
    *flow_pages.ROUTES,
    *takings.ROUTES,
    *taking_pages.ROUTES,
    *takings_api.ROUTES,
    *subscriptions.ROUTES,
    *subscribing.ROUTES,
    *subscriptions_api.ROUTES,
    *collections.ROUTES,
    *agenda.ROUTES,
    *scanning.ROUTES,
    *collections_api.ROUTES,
    *exchanges.ROUTES,
    *exchanges_api.ROUTES,
    *impact.ROUTES,
    *impact_api.ROUTES,
    *portrait.ROUTES,
    *imports.ROUTES,
    *exports.ROUTES,
    *territory.ROUTES,
    *territory_api.ROUTES,
    *stuck.ROUTES,
    *behalf.ROUTES,
    *behalf_api.ROUTES,
    *consents_api.ROUTES,
    *trail.ROUTES,
    *trail_api.ROUTES,
    *organisations_of_the_territory.ROUTES,
    *letters.ROUTES,
    *calls.ROUTES,
    *calls_api.ROUTES,
    *applying.ROUTES,
    *deciding.ROUTES,
    *call_files.ROUTES,
    *campaigns.ROUTES,
    *pledges.ROUTES,
    *campaigns_api.ROUTES,
    *followups.ROUTES,
    *parameters.ROUTES,
    *parameters_api.ROUTES,
    *team.ROUTES,
    *team_api.ROUTES,
    *joining.ROUTES,
    *switching.ROUTES,
    *requests.ROUTES,
    *claims.ROUTES,
    *claims_api.ROUTES,
    *claims_at_territory.ROUTES,
    *projects.ROUTES,
    *projects_api.ROUTES,
    *keys.ROUTES,
    *keys_api.ROUTES,
    *persons.ROUTES,
    *opendata.ROUTES,
    *opendata_api.ROUTES,
    *vocabulary.ROUTES,
    *vocabulary_api.ROUTES,
    *mcp_api.ROUTES,
    *health_routes(""),
]


def create_app(settings: Settings, *, databases: Databases | None = None, clock: Clock = now) -> Litestar:
    """The catalog application; databases given from outside are not closed."""
    kept = databases or databases_of(
        settings, works=settings.worker, clock=clock, calendar=Calendar(settings.always_open)
    )
    pages = kept.pages
    # Who cannot be sent a letter is not asked to answer one before publishing.
    pages.surround(confirmation_required=settings.sends_mail, check_first=settings.check_first)
    pages.surround(vault=Vault(settings.link_keys_file))
    for each in filter(None, kept):
        each.surround(payments_are_simulated=settings.payment_mode is PaymentMode.SIMULATED)
    signals = standing_of(settings.service, kept.work, pages)

    asker = Asker(settings.service, signals.metrics)
    gateway = gateway_from(settings.payment_mode, settings.stripe)

    @asynccontextmanager
    async def living(_app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if databases is None:
                stack.push_async_callback(kept.close)
            if gateway is not None:
                stack.push_async_callback(gateway.close)
            # Suggestions are quick from the first letter on; no page waits for that.
            warming = asyncio.create_task(asyncio.to_thread(warm_up))
            stack.callback(warming.cancel)
            if settings.worker:
                link = await stack.enter_async_context(working_catalog(settings, kept.at_work(), signals, gateway))
                # What a page commits, the relay beside it publishes at once.
                pages.surround(outbox_fresh=link.fresh)
                if settings.replies:
                    await stack.enter_async_context(at_work(signals, _taking_replies(app, settings.replies, kept)))
            await stack.enter_async_context(asker.linked(settings, signals))
            yield

    signer, verifier = Signer(settings.identity_private_key_file), Verifier(settings.identity_keys_file)
    app = application(
        settings,
        pages,
        routes=ROUTES,
        package=Path(__file__).parent,
        identify=SessionIdentity(pages, signer, verifier, programs=KeyIdentity(pages)),
        lifespan=[living],
        guards=[SuspensionGuard(goes_on)],
    )
    app.state.signals = signals
    app.state.asker = asker
    app.state.gateway = gateway
    app.state.signer = signer
    app.state.link_keys = LinkKeys(settings.link_keys_file)
    app.state.files = keeper_from(settings, signals.metrics)
    app.state.register = Register(settings.register_url)
    app.state.oidc = Provider(settings.oidc, settings.public_url) if settings.oidc else None
    return app


def _taking_replies(app: Litestar, replies: Replies, databases: Databases) -> Job:
    """Answers by e-mail are taken in; what speaks with a mail server is loaded only where there is one."""
    from services.catalog.replies.inlet import Inlet, take_in_for_ever

    counted = app.state.signals.metrics.reply_total
    inlet = Inlet(replies, databases, keys=app.state.link_keys, keeper=app.state.files, counted=counted)
    return partial(take_in_for_ever, inlet, replies)
