"""The maintenance fund: through an effective resolution only, never below zero, and as a plain oracle says."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.errors import Conflict, Invalid
from governance.models import Estate
from governance.workflow import act, available
from property.costs.fund import used_of
from property.costs.ledger import balance_of
from property.costs.tests.estate import moved_on
from property.models import FundEntry, FundUse, MaintenanceFund
from property.voting.workflow import ResolutionState

YUAN = Decimal


def use(estate, fund, made, amount="100.00", **given):
    given = {"actor": estate.owners_member, "booked_on": timezone.localdate(), "purpose": "屋面维修"} | given
    return act(fund, "use", use=made, amount=YUAN(amount), **given).made


@pytest.mark.parametrize("state", [one for one in ResolutionState.values if one != "effective"])
def test_money_leaves_the_fund_under_an_effective_resolution_only(estate, state):
    fund = estate.fund()
    made = estate.use(fund, state)
    with pytest.raises(Conflict) as refused:
        use(estate, fund, made)
    assert refused.value.code == "not_effective" and FundEntry.objects.count() == 1


def test_a_use_stays_within_the_resolution_and_the_balance(estate):
    fund = estate.fund("1000.00")
    made = estate.use(fund, amount="1200.00")
    use(estate, fund, made, "300.00")
    with pytest.raises(Conflict) as refused:
        use(estate, fund, made, "900.01")
    assert refused.value.code == "above_resolution"
    with pytest.raises(Conflict) as refused:
        use(estate, fund, made, "700.01")
    assert refused.value.code == "not_enough"
    line = use(estate, fund, made, "700.00")
    assert (line.balance, line.resolution) == (YUAN("0.00"), made.resolution)
    # and what is reversed may be used again
    act(fund, "reverse_entry", actor=estate.owners_member, entry=line, reason="记错")
    assert used_of(made) == YUAN("300.00") and balance_of(fund.entries) == YUAN("700.00")


def test_what_a_resolution_lets_be_used_is_stated_before_the_vote_and_for_its_estate(estate, city):
    fund = estate.fund()
    elsewhere = Estate.objects.create(code="X", name="外", area=city.area("community"))
    tries = {
        "mismatch": estate.resolution(estate=elsewhere),
        "kind": estate.resolution(kind="consultative"),
        "too_late": estate.resolution("voting"),
    }
    for code, resolution in tries.items():
        with pytest.raises(Invalid) as refused:
            act(
                fund,
                "propose_use",
                actor=estate.owners_member,
                resolution=resolution,
                amount=YUAN("1.00"),
                purpose="试",
            )
        assert (refused.value.code, refused.value.field) == (code, "resolution")
    announced = estate.resolution(noticed_at=None)
    given = {"actor": estate.owners_member, "resolution": announced, "amount": YUAN("1.00"), "purpose": "试"}
    act(fund, "propose_use", **given)
    with pytest.raises(Conflict):
        act(fund, "propose_use", **given)
    assert FundUse.objects.count() == 1


def test_the_database_refuses_a_line_that_does_not_follow(estate):
    fund = estate.fund("10.00")
    resolution = estate.resolution("effective")
    base = {"fund": fund, "purpose": "试", "booked_on": timezone.localdate(), "made_by": estate.manager}
    wrong = [
        {"ordinal": 3, "kind": "deposit", "amount": 1, "balance": 11},
        {"ordinal": 2, "kind": "deposit", "amount": 1, "balance": 12},
        {"ordinal": 2, "kind": "use", "amount": -11, "balance": -1, "resolution": resolution},
        {"ordinal": 2, "kind": "use", "amount": -1, "balance": 9},
    ]
    for row in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            FundEntry.objects.create(**base | row)
    for attempt in (lambda: fund.entries.update(amount=5), lambda: FundEntry.objects.all().delete()):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            attempt()


def test_an_estate_has_one_fund_or_none(estate):
    assert "open_fund" in _offered(estate)
    estate.fund("0.00")
    assert "open_fund" not in _offered(estate)
    assert not FundEntry.objects.exists()
    with pytest.raises(Conflict):
        estate.fund()
    assert MaintenanceFund.objects.count() == 1


def _offered(estate):
    return [step.name for step in available(type(estate.books).objects.get(), estate.user("community_staff"))]


steps = st.lists(
    st.tuples(st.just("deposit"), st.integers(1, 9000))
    | st.tuples(st.just("use"), st.integers(1, 9000))
    | st.tuples(st.just("reverse"), st.integers(0, 30))
    | st.tuples(st.just("revoke"), st.just(0)),
    max_size=12,
)


@settings(max_examples=15, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(steps=steps)
def test_the_ledger_is_a_plain_list_of_amounts(estate, steps):
    with transaction.atomic():
        play(estate, steps)
        transaction.set_rollback(True)


def play(estate, steps):
    """The oracle: a list of (fen, whether it is a use), a limit of 8,000 fen, never below zero."""
    fund = estate.fund("50.00")
    made = estate.use(fund, amount="80.00")
    lines, undone, effective = [(5000, False)], set(), True
    for name, value in steps:
        whole, used = sum(fen for fen, _use in lines), -sum(fen for fen, of_use in lines if of_use)
        if name == "revoke":
            effective = False
            moved_on(made.resolution, "revoked")
            continue
        if name == "reverse":
            place = value % len(lines)
            fen, of_use = -lines[place][0], lines[place][1]
            fits = place not in undone and whole + fen >= 0
        else:
            fen, of_use = (value, False) if name == "deposit" else (-value, True)
            fits = not of_use or (effective and used + value <= 8000 and whole >= value)
        assert done(estate, fund, made, name, value, lines) == fits
        if fits:
            if name == "reverse":
                undone |= {place, len(lines)}
            lines.append((fen, of_use))
    stored = list(FundEntry.objects.order_by("ordinal").values_list("ordinal", "amount", "balance"))
    running = 0
    for number, (fen, _use) in enumerate(lines, start=1):
        running += fen
        assert stored[number - 1] == (number, YUAN(fen) / 100, YUAN(running) / 100) and running >= 0
    assert len(stored) == len(lines)


def done(estate, fund, made, name, value, lines) -> bool:
    """Try it under a savepoint; tell whether it went through."""
    member, day = estate.owners_member, timezone.localdate()
    try:
        with transaction.atomic():
            if name == "reverse":
                entry = FundEntry.objects.get(ordinal=value % len(lines) + 1)
                act(fund, "reverse_entry", actor=member, entry=entry, reason="错")
            elif name == "use":
                use(estate, fund, made, str(YUAN(value) / 100))
            else:
                act(
                    fund, "deposit", actor=member, kind="deposit", amount=YUAN(value) / 100, booked_on=day, purpose="存"
                )
    except Conflict:
        return False
    return True
