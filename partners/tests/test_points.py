"""Earning, spending, giving, setting aside, reversing, expiring, adjusting: what each comes to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.errors import Conflict
from partners.ledger.accounts import balance_of
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_spend

pytestmark = pytest.mark.django_db


def test_smoke(bank):
    t = timezone.localdate()
    bank.earn("lawyer", 10, expires_on=t + timedelta(days=5))
    bank.earn("lawyer", 10, expires_on=t + timedelta(days=2))
    lawyer = bank.account("lawyer")
    points_spend(lawyer, actor=bank.user("lawyer"), amount=15, key="a", reason="room")
    assert balance_of(lawyer).available == 5
    with pytest.raises(Conflict):
        points_spend(lawyer, actor=bank.user("lawyer"), amount=15, key="b", reason="room")
    assert invariants_broken() == []
