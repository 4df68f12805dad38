"""Every page that a person can open, with who looks at it, at what, and what of it is to be seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

from services.catalog.about.pages import FAMILIES
from shared.web.urls import is_api
from tests.browser.no_pages import Route


@dataclass(frozen=True)
class Look:
    """One page in one state; `address` names things of the cast in braces, `press` a button to press first.

    `fills` is a field to fill in before that, and with what.
    """

    name: str
    who: str
    address: str
    route: Route
    status: int = 200
    press: str | None = None
    fills: tuple[str, str] | None = None
    shows: str | None = None


def _looks(who: str, *rows: tuple[Any, ...]) -> list[Look]:
    """`rows` are a name, an address, the route unless it is the address, and then what `Look` says."""
    found = []
    for name, address, *more in rows:
        options = more.pop() if more and isinstance(more[-1], dict) else {}
        route = str(more[0] if more else address).partition("?")[0]
        found.append(Look(str(name), who, str(address), route.rstrip("/") or "/", **options))
    return found


# The panel of who could answer has come.
PREVIEWED = {"shows": "#preview [aria-live]"}
REFUSED = {"status": 422}
LIVE_MAP = ".map.is-live"
A_MAP = {"shows": LIVE_MAP}
PRESSED = {"press": "main form [type=submit]"}
NEED, FLOW, OFFER = "/needs/{need_id}", "/flows/{flow_id}", "/offers/{offer_id}"
ORGANISATION = "/organisations/{organisation_id}"
FACTORS, INVITATION = "/account/second-factor", "/invitations/{link_id}"
FACTOR, LINK = FACTORS + "/{factor_id}", "/links/{link_id}"
CLAIM, CLAIM_LETTER, TO_CLAIM = "/claims/{claim_id}", "/claims/links/{link_id}", ORGANISATION + "/claim"
IMPORT, STOP = "/imports/{import_id}", "/notifications/unsubscribe/{delivery_id}"
HOOKS, HOOK = "/notifications/webhooks", "/notifications/webhooks/{webhook_id}"
CALL = "/calls/{call_id}"
PROPOSAL = "/proposals/{proposal_id}"
AGREEMENT = "/agreements/{agreement_id}"
EXCHANGE = "/exchanges/{exchange_id}"
WRITES_NOTHING = {"press": "form[action$='/messages'] [type=submit]", **REFUSED}
KEYS = "/organisation/keys"
A_KEY = {"press": f"main form[action$='{KEYS}'] [type=submit]", "fills": ("#name", "Gestion de stock")}
LOOKED = "/territory/organisations/{organisation_id}"
HISTORY = "/matching/demands/{demand_id}/history"
DEMAND, DEMAND_FLOW = "/matching/needs/{demand_id}", "/matching/flows/{demand_id}"
SPLIT = DEMAND_FLOW + "/allocation"
SUBSCRIPTION, ON_FLOW_SUBSCRIBED = "/subscriptions/{subscription_id}", "/flows/{flow_id}/subscriptions"
LOT, TAKING = "/flows/lots/{lot_id}", "/takings/{taking_id}"
ANSWER_LETTER = "/answers/letters/{letter_id}"
QUESTION, ON_NEED, ON_FLOW = "/questions/{question_id}", "/needs/{row_id}/questions", "/flows/{row_id}/questions"

LOOKS: list[Look] = [
    *_looks(
        "visitor",
        ("home", "/"),
        ("needs", "/needs"),
        ("needs-of-a-kind", "/needs?kind=material"),
        ("needs-last-page", "/needs?before={first_id}"),
        ("need", "/needs/{need}", NEED),
        ("need-questions", "/needs/{long_need}/questions", ON_NEED),
        ("question", "/questions/{question}", QUESTION),
        ("flows", "/flows"),
        ("flows-none", "/flows?status=gift&before={first_id}"),
        ("flow", "/flows/{flow}", FLOW),
        ("offers", "/offers"),
        ("offer", "/offers/{offer}", OFFER),
        ("organisations", "/organisations"),
        ("organisations-none", "/organisations?q=zzzz"),
        ("organisation", "/organisations/{supplier}", ORGANISATION),
        ("project", "/organisations/{project}", ORGANISATION),
        ("claim-new-visitor", "/organisations/{unheld}/claim", TO_CLAIM),
        ("unheld", "/organisations/{unheld}", ORGANISATION),
        ("sign-in", "/sign-in"),
        ("sign-in-refused", "/sign-in", {"press": "form[action$='/sign-in'] [type=submit]", **REFUSED}),
        ("sign-up", "/sign-up"),
        ("sign-up-refused", "/sign-up", {"press": "form[action$='/sign-up'] [type=submit]", **REFUSED}),
        ("link-wanted", "/sign-in/link"),
        ("link-wanted-refused", "/sign-in/link", {"press": "main form [type=submit]", **REFUSED}),
        ("link-forgotten", "/sign-in/forgotten"),
        ("link-sent", "/sign-in/sent"),
        ("link-confirm", "/links/{confirm_link}", LINK),
        ("link-reset", "/links/{reset_link}", LINK),
        ("link-reset-refused", "/links/{reset_link}", LINK, {"press": "main form [type=submit]", **REFUSED}),
        ("link-unknown", "/links/{first_id}?key=x", LINK, {"status": 404}),
        ("invitation", "/invitations/{invitation}", INVITATION),
        (
            "invitation-refused",
            "/invitations/{invitation}",
            INVITATION,
            {"press": "main form [type=submit]", **REFUSED},
        ),
        ("invitation-over", "/invitations/{first_id}?key=x", INVITATION, {"status": 404}),
        ("answer-letter", "{answer_link}", ANSWER_LETTER),
        ("answer-letter-declines", "{answer_link}&answer=declined", ANSWER_LETTER),
        (
            "answer-letter-refused",
            "{answer_link}&answer=declined",
            ANSWER_LETTER,
            {"press": "form[action$='/declined'] [type=submit]", **REFUSED},
        ),
        ("answer-letter-given", "{answered_link}", ANSWER_LETTER),
        ("answer-letter-over", "{answer_link_over}", ANSWER_LETTER, {"status": 410}),
        ("answer-letter-unknown", "/answers/letters/{first_id}", ANSWER_LETTER, {"status": 404}),
        ("stop", "{stop_link}", STOP),
        ("stop-done", "{stop_link}", STOP, {"press": "main form [type=submit]", "shows": "main .btn-primary[href]"}),
        ("stop-over", "/notifications/unsubscribe/{first_id}?key=x", STOP, {"status": 404}),
        ("interface", "/api/v1/docs"),
        ("interface-matching", "/matching/api/v1/docs"),
        ("interface-notifications", "/notifications/api/v1/docs"),
        ("ranking", "/matching/ranking"),
        ("search", "/matching/search"),
        ("search-found", "/matching/search?q=palettes"),
        ("search-narrowed", "/matching/search?q=palettes&what=need&what=offer&place=Toulouse&within=25&sort=nearest"),
        ("search-table", "/matching/search?q=palettes&place=Toulouse&view=table"),
        ("search-map", "/matching/search?q=palettes&view=map", A_MAP),
        ("search-organisations", "/matching/search?what=organisation"),
        ("search-nothing", "/matching/search?q=zzzz"),
        ("search-too-narrow", "/matching/search?q=palettes&what=need&family=textiles&place=Foix&within=5"),
        ("search-unknown-place", "/matching/search?q=palettes&place=Nullepart"),
        ("search-several-places", "/matching/search?q=palettes&place=Saint-Denis"),
        ("map", "/matching/map", A_MAP),
        ("map-of-flows", "/matching/map?q=palettes&kind=flow", A_MAP),
        ("map-nothing", "/matching/map?q=zzzz", A_MAP),
        ("legal", "/legal"),
        ("accessibility", "/accessibility"),
        ("calls", "/calls"),
        ("call", "/calls/{call}", CALL),
        ("developers", "/developers"),
        ("open data", "/open-data"),
        ("vocabulary", "/vocabulary"),
        ("vocabulary-found", "/vocabulary?q=palettes"),
        ("vocabulary-code", "/vocabulary?q=15+01+03"),
        ("vocabulary-nothing", "/vocabulary?q=zzzz"),
        ("category-root", "/vocabulary/packaging", "/vocabulary/{category_id}"),
        ("category", "/vocabulary/wooden-pallets", "/vocabulary/{category_id}"),
        ("category-hazardous", "/vocabulary/lamps", "/vocabulary/{category_id}"),
        ("category-unknown", "/vocabulary/nothing", "/vocabulary/{category_id}", {"status": 404}),
        ("design", "/design"),
        *((f"design-{name}", f"/design?part={name}") for name in FAMILIES),
        ("not-found", "/nowhere", {"status": 404}),
        ("crash", "/broken", {"status": 500}),
        ("restarting", "/away", {"status": 503}),
    ),
    *_looks(
        "buyer",
        ("need-posted-for", "/needs/{posted_need}", NEED, {"shows": "#consent dl"}),
        ("buyer-dashboard", "/dashboard", {"shows": "#demands"}),
        ("buyer-search", "/matching/search?q=palettes", {"press": "#results details.menu > summary"}),
        ("buyer-drafts", "/dashboard?show=drafts"),
        ("buyer-ended", "/dashboard?show=ended"),
        ("buyer-account", "/account"),
        ("buyer-menu", "/account", {"press": "details.menu[name=top]:visible > summary"}),
        ("need-new", "/needs/new"),
        ("need-new-refused", "/needs/whole", {"press": "[name=then][value=publish]", **REFUSED}),
        ("need-new-list", "/needs/whole", {"press": "[name=then][value=categories]", "shows": "#categories"}),
        ("need-own", "/needs/{need}", NEED, {"shows": "#matching-matches"}),
        ("need-long", "/needs/{long_need}", NEED, {"shows": "#matching-matches"}),
        ("need-draft", "/needs/{draft_need}", NEED),
        ("need-withdraw", "/needs/{need}", NEED, {"press": "form[data-confirm] button", "shows": "dialog.ask"}),
        ("need-edit", "/needs/{need}/edit", NEED + "/edit"),
        ("need-answers", "/needs/{long_need}/answers", NEED + "/answers"),
        ("need-answers-none", "/needs/{need}/answers", NEED + "/answers"),
        ("need-proposals", "/needs/{compared_need}/proposals", NEED + "/proposals"),
        ("need-proposals-none", "/needs/{need}/proposals", NEED + "/proposals"),
        ("need-proposals-refused", "/needs/{compared_need}/proposals?price=x", NEED + "/proposals", REFUSED),
        ("proposal-received", "/proposals/{proposal}", PROPOSAL),
        (
            "proposal-choice-refused",
            "/proposals/{proposal}",
            PROPOSAL,
            {"press": "form[action$='/accept'] [type=submit]", **REFUSED},
        ),
        ("agreement-new", "/proposals/{chosen_proposal}/agreement", PROPOSAL + "/agreement"),
        (
            "agreement-new-refused",
            "/proposals/{chosen_proposal}/agreement",
            PROPOSAL + "/agreement",
            {"press": "main form > .acts [type=submit]", "fills": ("#starts_on", "2099-01-01"), **REFUSED},
        ),
        ("agreement-to-sign", "/agreements/{agreed}", AGREEMENT),
        (
            "agreement-sign-refused",
            "/agreements/{agreed}",
            AGREEMENT,
            {"press": "form[action$='/sign'] [type=submit]", **REFUSED},
        ),
        ("agreement-edit", "/agreements/{agreed}/edit", AGREEMENT + "/edit"),
        ("agreement-running", "/agreements/{running}", AGREEMENT),
        ("agreement-completed", "/agreements/{completed}", AGREEMENT, {"shows": "#counts"}),
        (
            "agreement-cancelling",
            "/agreements/{agreed}",
            AGREEMENT,
            {"press": "#cancel summary", "shows": "#cancel [name=reason]"},
        ),
        ("agreements", "/agreements"),
        ("exchanges", "/exchanges"),
        ("exchange", "/exchanges/{proposal}", EXCHANGE),
        ("exchange-chosen", "/exchanges/{chosen_proposal}", EXCHANGE),
        # Opened by nobody else: what the other side wrote last is unread.
        ("exchange-written", "/exchanges/{agreed_exchange}", EXCHANGE, {"shows": "#timeline [id^=message]"}),
        ("exchange-ended", "/exchanges/{completed_exchange}", EXCHANGE, {"shows": "#timeline [id^=message]"}),
        ("exchange-refused", "/exchanges/{proposal}", EXCHANGE, WRITES_NOTHING),
        ("need-proposed", "/needs/{compared_need}", NEED, {"shows": "#matching-matches"}),
        ("need-questions-own", "/needs/{long_need}/questions", ON_NEED),
        ("need-questions-own-none", "/needs/{need}/questions", ON_NEED),
        ("questions", "/questions"),
        ("question-to-answer", "/questions/{waiting_question}", QUESTION),
        (
            "question-to-hide",
            "/questions/{waiting_question}",
            QUESTION,
            {"press": "#hide > summary", "shows": "#reason"},
        ),
        ("question-to-correct", "/questions/{question}", QUESTION),
        ("question-withdrawn", "/questions/{withdrawn_question}", QUESTION, {"status": 410}),
        (
            "question-refused",
            "/questions/{waiting_question}",
            QUESTION,
            {"press": "form[action$='/reply'] [type=submit]", **REFUSED},
        ),
        ("need-close", "/needs/{need}/close", NEED + "/close"),
        ("need-close-refused", "/needs/{need}/close", NEED + "/close", {"press": "main [type=submit]", **REFUSED}),
        ("need-step", "/needs/{draft_need}/steps/place", "/needs/{row_id}/steps/{code}", PREVIEWED),
        ("need-review", "/needs/{draft_need}/review", "/needs/{row_id}/review"),
        ("portrait", "/organisation"),
        ("portrait-edit", "/organisation/edit"),
        ("portrait-statuses", "/organisation/statuses"),
        ("team", "/organisation/team", {"shows": "#invitations li"}),
        ("team-refused", "/organisation/team", {"press": "form[action$='/invitations'] [type=submit]", **REFUSED}),
        ("organisations-own", "/organisations/mine"),
        ("founding", "/organisations/new"),
        ("founding-refused", "/organisations/new", {"press": "main form [type=submit]", **REFUSED}),
        ("site-new", "/organisation/sites/new"),
        ("keys", "/organisation/keys"),
        ("keys-refused", "/organisation/keys", {"press": "main form[action$='/keys'] [type=submit]", **REFUSED}),
        ("hooks", HOOKS),
        ("hooks-refused", HOOKS, {"press": "main form[action$='/webhooks'] [type=submit]", **REFUSED}),
        ("hook", HOOKS + "/{hook}", HOOK),
        ("hook-page-two", HOOKS + "/{hook}?before={first_id}", HOOK),
        ("hook-sent", HOOKS + "/{hook}/deliveries/{hook_sent}", HOOK + "/deliveries/{delivery_id}"),
        ("hook-stopped", HOOKS + "/{stopped_hook}", HOOK),
        ("data-not-yet", "/account/data"),
        ("site", "/organisation/sites/{site}", "/organisation/sites/{site_id}"),
        ("need-ended", "/needs/{ended_need}", NEED),
        ("imports", "/imports"),
        ("import-new", "/imports/new"),
        ("import-new-refused", "/imports/new", {"press": "main form [type=submit]", **REFUSED}),
        ("import-columns", "/imports/{import}/columns", IMPORT + "/columns"),
        (
            "import-columns-refused",
            "/imports/{import}/columns",
            IMPORT + "/columns",
            {"press": "main [type=submit]", **REFUSED},
        ),
        ("import-tried", "/imports/{tried_import}", IMPORT, {"shows": "#refused"}),
        ("import-done", "/imports/{done_import}", IMPORT, {"shows": "#counts"}),
        ("exports", "/exports"),
        ("need-matches", "/matching/needs/{need}", DEMAND),
        ("buyer-inbox", "/notifications/"),
        ("claim-new", "/organisations/{supplier}/claim", TO_CLAIM),
        ("claim", "/claims/{claim}", CLAIM),
        ("claim-refused", "/claims/{claim}", CLAIM, {"press": "form[action$='/code'] [type=submit]", **REFUSED}),
        ("claim-letter", "/claims/links/{claim_link}", CLAIM_LETTER),
        ("claim-letter-over", "/claims/links/{first_id}?key=x", CLAIM_LETTER, {"status": 404}),
        ("buyer-organisation", "/organisations/{buyer}", ORGANISATION),
    ),
    *_looks(
        "supplier",
        ("supplier-dashboard", "/dashboard", {"shows": "#for-you .score"}),
        ("offer-new", "/offers/new"),
        ("offer-new-refused", "/offers/whole", {"press": "[name=then][value=publish]", **REFUSED, **A_MAP}),
        ("offer-own", "/offers/{offer}", OFFER),
        ("offer-step", "/offers/{offer}/steps/trade", "/offers/{row_id}/steps/{code}"),
        ("offer-where", "/offers/{offer}/steps/where", "/offers/{row_id}/steps/{code}", A_MAP),
        ("offer-review", "/offers/{offer}/review", "/offers/{row_id}/review"),
        ("offer-edit", "/offers/{offer}/edit", OFFER + "/edit", A_MAP),
        ("need-no-match", "/needs/{need}", NEED, {"shows": "#matching-mine"}),
        ("need-declining", "/needs/{need}", NEED, {"press": "#answer > * > details > summary", "shows": "#reason"}),
        ("need-answered", "/needs/{long_need}", NEED, {"shows": "#matching-mine"}),
        ("need-answer", "/needs/{long_need}/answer", NEED + "/answer"),
        ("answers", "/answers"),
        ("proposal-new", "/needs/{need}/proposal", NEED + "/proposal"),
        (
            "proposal-new-refused",
            "/needs/{need}/proposal",
            NEED + "/proposal",
            {"press": "main form > .acts [type=submit]", **REFUSED},
        ),
        ("proposal-revised", "/needs/{compared_need}/proposal", NEED + "/proposal"),
        ("proposal-own", "/proposals/{proposal}", PROPOSAL),
        ("agreement-none", "/proposals/{chosen_proposal}/agreement", PROPOSAL + "/agreement"),
        ("agreement-supplied", "/agreements/{agreed}", AGREEMENT),
        ("exchanges-of-supplier", "/exchanges?about=flows"),
        ("exchange-hidden", "/exchanges/{proposal}", EXCHANGE),
        ("exchange-of-taking", "/exchanges/{taking}", EXCHANGE),
        ("proposals", "/proposals"),
        ("need-with-proposal", "/needs/{compared_need}", NEED),
        ("need-questions-asked", "/needs/{long_need}/questions", ON_NEED),
        ("need-asking", "/needs/{need}/questions", ON_NEED),
        (
            "need-asking-refused",
            "/needs/{need}/questions",
            ON_NEED,
            {"press": "form[action$='/questions'] [type=submit]", **REFUSED},
        ),
        ("questions-asked", "/questions?show=asked"),
        ("flow-questions", "/flows/{flow}/questions", ON_FLOW),
        ("flow-seen", "/flows/{flow}", FLOW, {"shows": "#matching-mine"}),
        ("flow-taken", "/flows/{taken_flow}", FLOW, {"press": "#lots details > summary", "shows": "#lots .ladder"}),
        ("lot-take", "/flows/lots/{lot}/take", LOT + "/take"),
        ("lot-take-waste", "/flows/lots/{waste_lot}/take", LOT + "/take"),
        ("lot-take-refused", "/flows/lots/{lot}/take", LOT + "/take", {"press": "main form [type=submit]", **REFUSED}),
        ("lot-hold", "/flows/lots/{lot}/hold", LOT + "/hold"),
        ("lot-hold-refused", "/flows/lots/{lot}/hold", LOT + "/hold", {"press": "main form [type=submit]", **REFUSED}),
        ("collections", "/collections"),
        ("collection-calendar", "/collections/calendar"),
        ("taking-collect", "/takings/{begun_taking}/collect", TAKING + "/collect"),
        ("taking-disputed", "/takings/{disputed_taking}", TAKING),
        ("taking-dispute", "/takings/{disputed_taking}/collect", TAKING + "/collect"),
        ("taking-confirmed", "/takings/{confirmed_taking}", TAKING, {"shows": "#counts"}),
        ("impact", "/impact", {"press": "#sources summary", "shows": "#sources details[open]"}),
        ("impact-other-year", "/impact?period=2025"),
        ("scan", "/scan/{begun_taking}", "/scan/{label_id}"),
        ("takings", "/takings"),
        ("taking-held", "/takings/{held_taking}", TAKING),
        ("agreement-on-lot-none", "/takings/{taking}/agreement", TAKING + "/agreement"),
        ("taking", "/takings/{taking}", TAKING, {"press": "main details > summary", "shows": "#reason"}),
        ("flow-subscriptions", "/flows/{weekly_flow}/subscriptions", ON_FLOW_SUBSCRIBED),
        ("flow-weekly", "/flows/{weekly_flow}", FLOW, {"shows": "#subscriptions .row"}),
        ("subscribe", "/flows/{weekly_flow}/subscribe", FLOW + "/subscribe"),
        (
            "subscribe-refused",
            "/flows/{weekly_flow}/subscribe",
            FLOW + "/subscribe",
            {"press": "main form [type=submit]", **REFUSED},
        ),
        ("subscriptions", "/subscriptions"),
        ("subscription", "/subscriptions/{subscription}", SUBSCRIPTION),
        ("subscription-asked", "/subscriptions/{asked_subscription}", SUBSCRIPTION),
        ("for-you", "/matching/"),
        ("for-you-all", "/matching/for-you", {"shows": ".score"}),
        ("need-mine", "/matching/needs/{need}/mine", DEMAND + "/mine"),
        ("flow-mine", "/matching/flows/{flow}/mine", DEMAND_FLOW + "/mine"),
        ("history", "/matching/demands/{flow}/history", HISTORY),
        ("history-none", "/matching/demands/{first_id}/history", HISTORY, {"status": 404}),
        ("asks", "/organisation/asks"),
        ("inbox", "/notifications/", {"shows": "#inbox .row"}),
        ("inbox-unread", "/notifications/?show=unread"),
        ("inbox-read", "/notifications/?show=read"),
        ("inbox-topic", "/notifications/?topic=solicited"),
        ("inbox-topic-none", "/notifications/?topic=returned"),
        ("preferences", "/notifications/preferences"),
        ("calls-answered", "/calls"),
        ("call-apply", "/calls/{other_call}/apply", CALL + "/apply"),
        ("call-apply-refused", "/calls/{other_call}/apply", CALL + "/apply", {"press": "[value=submit]", **REFUSED}),
        ("keys-made", KEYS, {**A_KEY, "shows": "main code"}),
        ("call-withdrawn", "/calls/applications/{withdrawn}", "/calls/applications/{application_id}"),
        ("call-application", "/calls/applications/{application}", "/calls/applications/{application_id}"),
    ),
    *_looks(
        "publisher",
        ("publisher-dashboard", "/dashboard", {"shows": "#demands"}),
        ("flow-new", "/flows/new"),
        ("flow-new-refused", "/flows/whole", {"press": "[name=then][value=publish]", **REFUSED}),
        ("flow-own", "/flows/{own_flow}", FLOW, {"shows": "#matching-matches"}),
        ("flow-with-takers", "/flows/{taken_flow}", FLOW, {"shows": "#matching-matches"}),
        ("collections-given", "/collections"),
        ("scan-lot", "/scan/{lot}", "/scan/{label_id}"),
        ("agreement-on-lot-new", "/takings/{confirmed_taking}/agreement", TAKING + "/agreement"),
        (
            "agreement-on-lot-refused",
            "/takings/{taking}/agreement",
            TAKING + "/agreement",
            {"press": "main form > .acts [type=submit]", "fills": ("#starts_on", "2099-01-01"), **REFUSED},
        ),
        ("flow-subscribers", "/flows/{weekly_flow}/subscriptions", ON_FLOW_SUBSCRIBED),
        (
            "flow-terms-refused",
            "/flows/{weekly_flow}/subscriptions",
            ON_FLOW_SUBSCRIBED,
            {"press": "#terms [type=submit]", "fills": ("#call_opens_on", "2099-01-01"), **REFUSED},
        ),
        (
            "flow-call-off-refused",
            "/flows/{weekly_flow}",
            FLOW,
            {"press": "#call-off [type=submit]", "fills": ("#call-off-day", "2000-01-01"), **REFUSED},
        ),
        ("subscriptions-received", "/subscriptions/received"),
        ("subscription-running", "/subscriptions/{subscription}", SUBSCRIPTION),
        (
            "subscription-refuse",
            "/subscriptions/{asked_subscription}",
            SUBSCRIPTION,
            {"press": "main details > summary"},
        ),
        ("takings-received", "/takings/received"),
        ("taking-extended", "/takings/{held_taking}", TAKING),
        (
            "taking-over",
            "/takings/{over_taking}",
            TAKING,
            {"press": "form[data-confirm] button", "shows": "dialog.ask"},
        ),
        ("flow-paused", "/flows/{paused_flow}", FLOW, {"shows": "#matching-matches"}),
        ("flow-step", "/flows/{own_flow}/steps/material", "/flows/{row_id}/steps/{code}", PREVIEWED),
        ("flow-codes", "/flows/{own_flow}/steps/law", "/flows/{row_id}/steps/{code}", PREVIEWED),
        ("flow-review", "/flows/{own_flow}/review", "/flows/{row_id}/review"),
        ("flow-edit", "/flows/{own_flow}/edit", FLOW + "/edit"),
        ("flow-matches", "/matching/flows/{own_flow}", DEMAND_FLOW),
        ("allocation-flow", "/matching/flows/{own_flow}/allocation", SPLIT, {"shows": "main table"}),
        ("allocation-tried", "/matching/flows/{own_flow}/allocation?capacity={taker}:0.8:t", SPLIT),
        ("allocation-refused", "/matching/flows/{own_flow}/allocation?most=x", SPLIT, REFUSED),
        ("allocation-paused", "/matching/flows/{paused_flow}/allocation", SPLIT),
        ("allocation-all", "/matching/allocation", {"shows": "main table"}),
    ),
    *_looks(
        "newcomer",
        ("empty-dashboard", "/dashboard"),
        ("empty-drafts", "/dashboard?show=drafts"),
        ("empty-ended", "/dashboard?show=ended"),
        ("empty-inbox", "/notifications/"),
        ("empty-imports", "/imports"),
        ("empty-exports", "/exports"),
        ("empty-for-you", "/matching/for-you"),
        ("answers-none", "/answers"),
        ("proposals-none", "/proposals"),
        ("agreements-none", "/agreements"),
        ("exchanges-none", "/exchanges"),
        ("proposal-named", "/proposals/{proposal}", PROPOSAL),
        ("questions-none", "/questions"),
        ("questions-asked-none", "/questions?show=asked"),
        ("collections-none", "/collections"),
        ("impact-none", "/impact"),
        ("collection-calendar-none", "/collections/calendar"),
        ("scan-of-another", "/scan/{lot}", "/scan/{label_id}", {"status": 404}),
        ("takings-none", "/takings"),
        ("takings-received-none", "/takings/received"),
        ("subscriptions-none", "/subscriptions"),
        ("subscriptions-received-none", "/subscriptions/received"),
        ("allocation-none", "/matching/allocation"),
        ("empty-organisation", "/organisations/{newcomer}", ORGANISATION),
        ("unconfirmed-account", "/account"),
        ("invitation-of-another", "/invitations/{invitation}", INVITATION),
        ("email", "/account/email"),
        ("email-refused", "/account/email", {"press": "main form [type=submit]", **REFUSED}),
        ("factors-none", FACTORS),
        ("keys-none", "/organisation/keys"),
        ("hooks-none", HOOKS),
        ("data", "/account/data"),
        ("data-refused", "/account/data", {"press": "main form[action$='/erase'] [type=submit]", **REFUSED}),
        ("factor-passkey", FACTORS + "/{passkey}", FACTOR, {"shows": "[data-passkey] button"}),
        ("not-yours", "/needs/{draft_need}", NEED, {"status": 404}),
    ),
    *_looks(
        "newcomer",
        ("team-requests", "/organisation/team", {"shows": "#requests li"}),
    ),
    *_looks(
        "claimant",
        ("waiting-dashboard", "/dashboard"),
        ("waiting-organisations", "/organisations/mine"),
        ("claim-of-team", "/claims/{team_claim}", CLAIM),
    ),
    *_looks(
        "steward",
        ("project-own", "/organisation"),
        ("project-number", "/organisation/siret"),
        ("project-number-refused", "/organisation/siret", {"press": "main form [type=submit]", **REFUSED}),
    ),
    *_looks(
        "guarded",
        ("factors", FACTORS),
        ("factors-refused", FACTORS, {"press": "main form [type=submit]", **REFUSED}),
        ("factor-new", FACTORS + "/{new_app}", FACTOR),
        ("factor-new-refused", FACTORS + "/{new_app}", FACTOR, {"press": "main form [type=submit]", **REFUSED}),
        ("factor-remove", FACTORS + "/{app}", FACTOR),
        ("factor-remove-refused", FACTORS + "/{app}", FACTOR, {"press": "main form [type=submit]", **REFUSED}),
    ),
    *_looks(
        "halfway",
        ("second", "/sign-in/second"),
        ("second-refused", "/sign-in/second", {"press": "main form [type=submit]", **REFUSED}),
    ),
    *_looks(
        "viewer",
        ("forbidden", "/needs/new", {"status": 403}),
        ("team-seen", "/organisation/team"),
        ("keys-forbidden", "/organisation/keys", {"status": 403}),
        ("preferences-viewer", "/notifications/preferences"),
        ("hooks-forbidden", HOOKS, {"status": 403}),
    ),
    *_looks(
        "territory",
        ("territory-dashboard", "/dashboard"),
        ("territory-cockpit", "/territory", {"shows": "#claims li"}),
        ("territory-claim", "/territory/claims/{claim}", "/territory/claims/{claim_id}"),
        (
            "territory-claim-refused",
            "/territory/claims/{claim}",
            "/territory/claims/{claim_id}",
            {"press": "#answer-sheet [type=submit]", **REFUSED},
        ),
        ("territory-letter", "/territory/claims/{claim}/letter", "/territory/claims/{claim_id}/letter"),
        ("projects", "/projects", {"shows": "main li"}),
        ("project-new", "/projects/new"),
        ("project-new-refused", "/projects/new", {"press": "main form [type=submit]", **REFUSED}),
        ("territory-calls", "/calls"),
        ("call-new", "/calls/new"),
        ("call-draft", "/calls/{draft_call}", CALL),
        ("call-edit", "/calls/{draft_call}/edit", CALL + "/edit"),
        ("call-applications", "/calls/{call}/applications", CALL + "/applications"),
        ("call-review", "/calls/applications/{application}", "/calls/applications/{application_id}"),
        ("territory-basket", "/territory?basket=3"),
        ("territory-behalf", "/territory/organisations/{supplier}/post?what=flow", LOOKED + "/post"),
        (
            "territory-behalf-refused",
            "/territory/organisations/{supplier}/post",
            LOOKED + "/post",
            {"press": "main form [type=submit]", **REFUSED},
        ),
        ("territory-need-posted-for", "/needs/{posted_need}", NEED, {"shows": "#consent dl"}),
        ("territory-own-audit", "/organisation/audit"),
        ("territory-audit", "/territory/audit?action=needs", "/territory/audit"),
        ("territory-audit-refused", "/territory/audit?about=abc&until=hier", "/territory/audit", REFUSED),
        ("territory-audit-none", "/territory/audit?until=2020-01-01", "/territory/audit"),
        ("territory-stuck", "/territory/stuck"),
        ("territory-stuck-none", "/territory/stuck?kind=calls&basket=3"),
        ("territory-contacts", "/territory/organisations/{supplier}/contacts", LOOKED + "/contacts"),
        (
            "territory-contacts-refused",
            "/territory/organisations/{supplier}/contacts",
            LOOKED + "/contacts",
            {"press": "main form [type=submit]", **REFUSED},
        ),
        ("territory-letters", "/territory/dead-letters", {"shows": "#notifications .empty"}),
        ("territory-letters-catalog", "/territory/dead-letters/catalog"),
        ("territory-letters-matching", "/matching/dead-letters"),
        ("territory-letters-notifications", "/notifications/dead-letters"),
        ("territory-impact", "/territory/impact"),
        ("territory-impact-none", "/territory/impact?of=decoset&period=2025"),
        ("territory-parameters", "/territory/parameters"),
        ("territory-parameter", "/territory/parameters/stuck_first", "/territory/parameters/{parameter}"),
        (
            "territory-parameter-refused",
            "/territory/parameters/gift_rate",
            "/territory/parameters/{parameter}",
            {"press": "main form [type=submit]", **REFUSED},
        ),
        ("territory-import-new", "/imports/new"),
        ("territory-look", "/territory/organisations/{supplier}", LOOKED),
        ("territory-organisations", "/territory/organisations?standing=verified"),
        ("territory-organisations-none", "/territory/organisations?q=introuvable"),
        ("territory-matches", "/matching/needs/{need}", DEMAND),
        ("territory-history", "/matching/demands/{flow}/history?organisation={supplier}", HISTORY),
        ("territory-exposure", "/matching/exposure", {"shows": ".curve"}),
    ),
]


def page_routes(apps: Iterable[Litestar]) -> set[Route]:
    """What the services answer to GET, programs' interfaces and files left out."""
    return {
        route.path_format
        for app in apps
        for route in app.routes
        if "GET" in getattr(route, "methods", ()) and not _is_for_programs(route.path_format)
    }


def _is_for_programs(path: str) -> bool:
    return (is_api(path) and not path.endswith("/docs")) or path.startswith("/static")
