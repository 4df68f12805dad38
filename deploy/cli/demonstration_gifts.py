"""What people of the demonstration do about gifts and campaigns: each says its own part, as on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.catalog.campaigns.commands import draft_campaign, publish_campaign
from services.catalog.campaigns.pledging import pledge
from services.catalog.campaigns.schemas import CampaignDraft, PledgeAsked
from services.catalog.eligibility.commands import declare_fact, judge_fact
from services.catalog.eligibility.schemas import Declaring, Looking
from services.catalog.gifts.commands import confirm_gift, save_profile, value_gift
from services.catalog.gifts.issuing import issue_paper
from services.catalog.gifts.models import Gift
from services.catalog.gifts.schemas import Confirming, Issuing, Profile, Valuing
from shared.clock import day_of
from shared.events.facts import Origin
from shared.events.gifts import PaperKind

if TYPE_CHECKING:
    from deploy.cli.demonstration_exchanges import Scene, Step


async def describe(scene: Scene, step: Step, actor: Any) -> Any:
    """Say what papers say of one's structure."""
    return await save_profile(scene.session, actor, Profile.model_validate(step.said), now=step.moment)


async def declare(scene: Scene, step: Step, actor: Any) -> Any:
    """Declare what one may issue."""
    return await declare_fact(scene.session, actor, Declaring.model_validate(step.said), now=step.moment)


async def judge(scene: Scene, step: Step, actor: Any) -> Any:
    """A coordinator's finding about what an organisation declared."""
    looking, organisation_id = Looking.model_validate(step.said), await scene.organisation(step)
    return await judge_fact(scene.session, actor, looking, organisation_id=organisation_id, now=step.moment)


async def value(scene: Scene, step: Step, actor: Any) -> Any:
    """What one's gift is worth."""
    gift = await _gift(scene, step)
    return await value_gift(scene.session, actor, Valuing.model_validate(step.said), gift, now=step.moment)


async def receive(scene: Scene, step: Step, actor: Any) -> Any:
    """What arrived, on the day of the step."""
    gift, said = await _gift(scene, step), {"on": day_of(step.moment), **step.said}
    return await confirm_gift(scene.session, actor, Confirming.model_validate(said), gift, now=step.moment)


async def issue(scene: Scene, step: Step, actor: Any) -> Any:
    """The tax receipt of a gift."""
    gift, issuing = await _gift(scene, step), Issuing.model_validate(step.said)
    return await issue_paper(scene.session, actor, PaperKind.RECEIPT, issuing, gift_id=gift.id, now=step.moment)


async def campaign(scene: Scene, step: Step, actor: Any) -> Any:
    """A campaign that takes pledges from the day of the step on."""
    draft = CampaignDraft.model_validate(step.said)
    made = await draft_campaign(scene.session, actor, draft, now=step.moment, origin=Origin.DEMONSTRATION)
    await scene.session.flush()
    return await publish_campaign(scene.session, actor, campaign_id=made.id, now=step.moment)


async def promise(scene: Scene, step: Step, actor: Any) -> Any:
    """What a company promises to a campaign."""
    asked, campaign_id = PledgeAsked.model_validate(step.said), await scene.id_of(step)
    return await pledge(scene.session, actor, asked, campaign_id=campaign_id, now=step.moment)


async def _gift(scene: Scene, step: Step) -> Gift:
    """The gift that an agreement promises."""
    query = select(Gift).where(Gift.agreement_id == await scene.id_of(step))
    return (await scene.session.scalars(query)).one()
