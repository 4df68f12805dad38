"""What an organisation that the territory suspended still does: it reads, ends and completes, and begins nothing.

One list for pages and programs, of what may change something and goes on; whatever is not in it is refused. Commands
that begin something ask `organisation_acting` besides: letters, imports and timers come by no route.
"""

# A person is not suspended: who they are, and for whom they act; a letter is its reader's, whoever is signed in.
PERSONS = (
    "/account",
    "/session",
    "/sign-in",
    "/sign-up",
    "/links",
    "/invitations",
    "/answers/letters",
    "/claims",
    "/organisations",
    "/api/v1/claims",
    "/api/v1/token",
    "/mcp",
)

# Every other route that changes something and goes on, pages' and programs', by what it is about.
GOES_ON = frozenset(
    f"{prefix}{path}"
    for prefix in ("", "/api/v1")
    for path in (
        "/agreements/{agreement_id}/cancel",
        "/agreements/{agreement_id}/complete",
        "/agreements/{agreement_id}/milestones",
        "/answers/{answer_id}/withdraw",
        "/calls/{call_id}/withdraw",
        "/exchanges/{exchange_id}/files",
        "/campaigns/{campaign_id}/cancel",
        "/exchanges/{exchange_id}/messages",
        "/exchanges/{exchange_id}/read",
        "/flows/{flow_id}/end",
        "/flows/{flow_id}/pause",
        "/gifts/{gift_id}/deliver",
        "/gifts/{gift_id}/sheet",
        "/gifts/{gift_id}/value",
        "/gifts/{gift_id}/withdraw",
        "/invitations/{invitation_id}/withdraw",
        "/billing-mandates/{mandate_id}/end",
        "/needs/{need_id}/answer/withdraw",
        "/needs/{need_id}/close",
        "/needs/{need_id}/proposal/withdraw",
        "/needs/{need_id}/proposals/reject",
        "/needs/{need_id}/withdraw",
        "/offers/{offer_id}/pause",
        "/offers/{offer_id}/withdraw",
        "/organisation/keys/{key_id}/revoke",
        "/organisation/team/invitations/{invitation_id}/withdraw",
        "/organisation/team/leave",
        "/organisation/team/requests/{claim_id}/refuse",
        "/organisation/team/{member_id}/remove",
        "/payment-account",
        "/payments/account",
        "/payments/{settlement_id}/bill",
        "/payments/{settlement_id}/capture",
        "/payments/mandates/{mandate_id}/end",
        "/payments/{settlement_id}/confirm",
        "/payments/{settlement_id}/credit",
        "/payments/{settlement_id}/declare",
        "/payments/{settlement_id}/dispute",
        "/payments/{settlement_id}/give-back",
        "/payments/{settlement_id}/hold",
        "/payments/{settlement_id}/pay",
        "/payments/{settlement_id}/refund",
        "/payments/{settlement_id}/release",
        "/payments/{settlement_id}/take-back",
        "/pledges/{pledge_id}/withdraw",
        "/proposals/{proposal_id}/participation",
        "/proposals/{proposal_id}/reject",
        "/proposals/{proposal_id}/withdraw",
        "/questions/{question_id}/hide",
        "/questions/{question_id}/withdraw",
        "/settlements/{settlement_id}/bill",
        "/settlements/{settlement_id}/capture",
        "/settlements/{settlement_id}/confirm",
        "/settlements/{settlement_id}/credit",
        "/settlements/{settlement_id}/declare",
        "/settlements/{settlement_id}/dispute",
        "/settlements/{settlement_id}/give-back",
        "/settlements/{settlement_id}/hold",
        "/settlements/{settlement_id}/pay",
        "/settlements/{settlement_id}/refund",
        "/settlements/{settlement_id}/release",
        "/settlements/{settlement_id}/take-back",
        "/subscriptions/{subscription_id}/end",
        "/subscriptions/{subscription_id}/pause",
        "/subscriptions/{subscription_id}/refuse",
        "/takings/{taking_id}/accept",
        "/takings/{taking_id}/cancel",
        "/takings/{taking_id}/collect",
        "/takings/{taking_id}/done",
        "/takings/{taking_id}/miss",
        "/takings/{taking_id}/release",
        "/team/{member_id}/remove",
    )
)


def goes_on(path: str) -> bool:
    """True for what a member of a suspended organisation may still change, by a route's path as it is written."""
    return path in GOES_ON or any(path == each or path.startswith(f"{each}/") for each in PERSONS)
