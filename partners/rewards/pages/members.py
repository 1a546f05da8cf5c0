"""``/r/rewards/``: the shop for members, and their own redemptions with the code to show."""

import uuid
from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import of_residents
from devices.labels import qr_svg
from governance.attachments import served
from governance.errors import Refused
from governance.scoping import grant_for
from governance.workflow import act
from partners.ledger.accounts import balance_of
from partners.models import Account, Redemption, Reward
from partners.recruiting.pages.hints import not_yet
from partners.rewards.acting import told
from partners.rewards.codes import code_of, grouped
from partners.rewards.ending import has_begun
from partners.rewards.looks import REDEMPTION_TONES
from partners.rewards.members import account_chosen, accounts_of, merchants_of, offer_for, offers_for, times_of
from partners.rewards.notices import place_of
from partners.rewards.offering import picture_of
from partners.rewards.pages.carrying import done_or_refused, refusal_of
from partners.rewards.querysets import MEMBERS
from partners.rewards.redeeming import redeem

SHOWN = 30


@resident_links
def rewards_link(user) -> list[ResidentLink]:
    """The way to the shop for members of the points bank, to the till for merchants."""
    found = []
    if accounts_of(user):
        found.append(ResidentLink(gettext("Redeem points"), reverse("residents_rewards:shop")))
    if merchants_of(user):
        found.append(ResidentLink(gettext("Take coupons"), reverse("residents_rewards:till")))
    return found


def _account(request) -> tuple[list[Account], Account]:
    accounts = accounts_of(request.user)
    found = account_chosen(accounts, request.POST.get("account") or request.GET.get("account", ""))
    if found is None:
        raise Http404
    return accounts, found


def _member(request, accounts: list[Account], account: Account) -> dict:
    return {"accounts": accounts, "account": account, "balance": balance_of(account)}


@of_residents
@require_safe
def shop(request):
    """What is offered, with what of it the points are enough for; who has no account is told how one gets it."""
    if not accounts_of(request.user):
        return not_yet(request, gettext("Redeem points"), gettext(
            "You have no points account yet. Partners of the community have one: who gives it hours, a service, goods "
            "or a room earns points, and redeems them here."
        ))  # fmt: skip
    accounts, account = _account(request)
    held = Redemption.objects.filter(account=account, state="held").count()
    context = _member(request, accounts, account) | {"offers": offers_for(account), "held": held}
    return render(request, "partners/rewards/residents/shop.html", context)


def _reward(request, pk: int, account: Account) -> Reward:
    rows = Reward.objects.visible_to(request.user).filter(area=account.area_id, state__in=["offered", "paused"])
    found = rows.with_rows().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def reward(request, pk):
    """One reward; posted, it is redeemed: the key in the form makes a double press one wish."""
    accounts, account = _account(request)
    found = _reward(request, pk, account)
    refusal = None
    if request.method == "POST":
        try:
            made = redeem(found, actor=request.user, account=account, **_wish(request))
        except Refused as error:
            refusal = refusal_of(error)
        else:
            return redirect("residents_rewards:redemption", made.pk)
    return _reward_page(request, accounts, account, found, refusal)


def _wish(request) -> dict:
    cost, starts_at = request.POST.get("cost", ""), request.POST.get("starts_at", "")
    return {
        "key": f"page:{request.POST.get('key', '')[:60]}",
        "cost": int(cost) if cost.isascii() and cost.isdecimal() and len(cost) < 10 else None,
        "starts_at": _moment(starts_at),
    }


def _moment(text: str):
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _reward_page(request, accounts, account, found: Reward, refusal):
    member, now = _member(request, accounts, account), timezone.now()
    offer = offer_for(found, account, member["balance"].spendable, now)
    context = member | {
        "reward": found,
        "offer": offer,
        "times": times_of(found, now) if not offer.why_not else [],
        "key": uuid.uuid4(),
        "picture": picture_of(found),
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/rewards/residents/reward.html", context, status=status)


@of_residents
@require_safe
def picture(request, pk):
    """The picture of a reward."""
    found = Reward.objects.visible_to(request.user).filter(pk=pk).first()
    file = picture_of(found) if found is not None else None
    if file is None:
        raise Http404
    return served(file)


@of_residents
@require_safe
def mine(request):
    """The own redemptions, newest first; those set aside on top."""
    rows = Redemption.objects.of_members(request.user).with_rows().order_by("-id")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SHOWN + 1])
    shown = found[:SHOWN]
    context = {
        "held": [(row, REDEMPTION_TONES[row.state]) for row in shown if row.state == "held"],
        "past": [(row, REDEMPTION_TONES[row.state]) for row in shown if row.state != "held"],
        "older": shown[-1].pk if len(found) > SHOWN else None,
    }
    return render(request, "partners/rewards/residents/mine.html", context)


def _own(request, pk: int) -> Redemption:
    row = Redemption.objects.of_members(request.user).with_rows().filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@of_residents
@require_safe
def redemption(request, pk):
    """One redemption with its code, as long as that is good for something."""
    return _redemption_page(request, _own(request, pk))


def _redemption_page(request, row: Redemption, refusal=None):
    code = code_of(row) if row.state == "held" and row.until > timezone.now() else None
    address = request.build_absolute_uri(reverse("residents_rewards:code", args=[code])) if code else ""
    context = {
        "row": row,
        "tone": REDEMPTION_TONES[row.state],
        "place": place_of(row),
        "code": grouped(code) if code else "",
        "qr": qr_svg(address) if code else "",
        "over": told(row),
        "may_cancel": _may_cancel(row, request.user),
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/rewards/residents/redemption.html", context, status=status)


def _may_cancel(row: Redemption, user) -> bool:
    living = row.state == "held" and not has_begun(row, timezone.now())
    return living and grant_for(MEMBERS, row, user) is not None


@of_residents
@require_POST
def cancel(request, pk):
    """Cancel the own redemption."""
    row = _own(request, pk)
    refusal = done_or_refused(lambda: act(row, "cancel", actor=request.user))
    if refusal is not None:
        return _redemption_page(request, _own(request, pk), refusal)
    return redirect("residents_rewards:redemption", pk)
