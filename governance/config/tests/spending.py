"""A program for ``test_ledger_killed``: spends points under keys of its own, and says after each commit which.

``python -m governance.config.tests.spending furnish`` makes MEMBERS members with PLENTY points each; ``spend NAME``
goes on until it is killed, one wish after the other, and writes a line ``KEY TRANSFER`` once the spending is durable;
``replay`` reads keys, a line each, wishes each anew and writes ``KEY TRANSFER``; ``check`` writes what is broken.
"""

import random
import sys

import django

django.setup()

from governance.models import Area, User  # noqa: E402
from partners.ledger.accounts import account_open  # noqa: E402
from partners.ledger.audit import invariants_broken  # noqa: E402
from partners.ledger.points import points_earn, points_spend  # noqa: E402
from partners.models import Account  # noqa: E402

MEMBERS, PLENTY, MOST = 3, 100_000, 20_000


def furnish() -> None:
    """Make a community and its members."""
    above = None
    for kind, code in (("city", "990100"), ("district", "990102"), ("street", "990102001"),
                       ("community", "990102001001")):  # fmt: skip
        above = Area.objects.create(kind=kind, code=code, name=kind, parent=above)
    above.refresh_from_db()
    system = User.objects.system("imports")
    for number in range(MEMBERS):
        account = account_open(above, actor=system, user=User.objects.create(username=f"m{number}", name=f"m{number}"))
        points_earn(account, actor=system, amount=PLENTY, key=f"grant:{number}", reason="test",
                    evidence=("partners.grant", number))  # fmt: skip


def accounts() -> list[Account]:
    """The members' accounts, in one order."""
    return list(Account.objects.filter(kind="member").select_related("area", "user").order_by("id"))


def wish(key: str, members: list[Account]) -> int:
    """Spend what a key stands for; return the number of the transfer."""
    chosen = random.Random(key)
    account, amount = chosen.choice(members), chosen.randint(1, 5)
    return points_spend(account, actor=account.user, amount=amount, key=key, reason="room").pk


def tell(*words) -> None:
    """Write a line, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(act: str, *more: str) -> None:
    """Do what the arguments say."""
    if act == "furnish":
        furnish()
    elif act == "check":
        tell("; ".join(invariants_broken()))
    elif act == "replay":
        members = accounts()
        for line in sys.stdin:
            tell(line.strip(), wish(line.strip(), members))
    else:
        members = accounts()
        tell("ready")
        for number in range(MOST):
            key = f"{more[0]}:{number}"
            tell(key, wish(key, members))


if __name__ == "__main__":
    main(*sys.argv[1:])
