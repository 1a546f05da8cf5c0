"""People who can be found: accounts by administrators, residents and owners by those who keep the registry.

Who gets names masked does not find by name either: a hit would say what the mask hides.
"""

import re

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.masking import masked_phone
from governance.models import Ownership, Residency, User
from governance.people import people_in_reach
from governance.permissions import RoleBackend
from governance.registry.querysets import KEEPS
from governance.scoping import visible_q
from governance.search.registry import Found, Searchable, searchable
from governance.search.text import joined

PHONE = re.compile(r"\+?[0-9]{7,16}")


def phone_in(query: str) -> str | None:
    """Return the telephone number a search is for: the whole of it, or None."""
    bare = query.replace(" ", "").replace("-", "")
    return bare if PHONE.fullmatch(bare) else None


def _accounts(user) -> QuerySet:
    if not RoleBackend().has_perm(user, "governance.view_user"):
        return User.objects.none()
    return people_in_reach(user).prefetch_related("appointments__unit")


def _account_named(query: str, _user) -> Q | None:
    phone = phone_in(query)
    return Q(phone=phone) if phone else Q(username=query)


def _show_account(person: User, _user) -> Found:
    posts = {f"{post.unit} · {post.get_role_display()}" for post in person.appointments.all()}
    return Found(
        kind="person",
        key=person.username,
        title=person.get_full_name(),
        detail="；".join(sorted(posts)),
        place=masked_phone(person.phone),
        url=reverse("admin:governance_user_change", args=[person.pk]),
    )


searchable(
    Searchable(
        kind="person",
        label=_("People at work"),
        rows=_accounts,
        text=joined("name", "username"),
        show=_show_account,
        named=_account_named,
        order=60,
    )
)


def _kept(rows: QuerySet, user) -> QuerySet:
    rule = visible_q(KEEPS, user)
    return rows.none() if rule is None else rows.filter(rule)


def _residencies(user) -> QuerySet:
    rows = Residency.objects.select_related("user", "dwelling__building__estate", "dwelling__entrance", "area")
    return _kept(rows.defer("area__boundary"), user)


def _ownerships(user) -> QuerySet:
    rows = Ownership.objects.select_related("user", "dwelling__building__estate", "dwelling__entrance", "area")
    return _kept(rows.defer("area__boundary"), user)


def _resident_named(query: str, _user) -> Q | None:
    phone = phone_in(query)
    return Q(user__phone=phone) if phone else None


def _owner_named(query: str, _user) -> Q | None:
    phone = phone_in(query)
    return Q(owner_phone=phone) | Q(user__phone=phone) if phone else None


def _show_tie(kind: str, row, name: str) -> Found:
    return Found(
        kind=kind,
        key=str(row.pk),
        title=name,
        detail=str(row.dwelling),
        place=str(row.area),
        url=reverse(f"admin:governance_{row._meta.model_name}_change", args=[row.pk]),
        badge=row.get_state_display(),
    )


searchable(
    Searchable(
        kind="resident",
        label=_("Residents"),
        rows=_residencies,
        text=joined("user__name", "user__username"),
        show=lambda row, _user: _show_tie("resident", row, row.user.get_full_name()),
        named=_resident_named,
        order=40,
    )
)
searchable(
    Searchable(
        kind="owner",
        label=_("Owners"),
        rows=_ownerships,
        text=joined("owner_name"),
        show=lambda row, _user: _show_tie("owner", row, row.owner_name or str(row.user)),
        named=_owner_named,
        order=41,
    )
)
