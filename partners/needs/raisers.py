"""Who raised a need, also those of needs merged into it: and who reads their names."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.masking import masked_name, masked_phone
from governance.models import Residency, User
from governance.scoping import grant_for
from partners.models import Need, NeedRaiser
from partners.needs.querysets import OF_DWELLING, READS_RAISERS


def family_of(need: Need) -> list[Need]:
    """Return a need and those merged into it; doors of other apps tell the answer to what each of them came of."""
    return [need, *Need.objects.filter(merged_into=need).select_related("area", "category").order_by("id")]


def people_to_tell(need: Need) -> QuerySet[User]:
    """Return the active people who raised a need, by account; and, where a dwelling's answer raised it, who lives there
    since before: which of them answered is not kept."""
    homes = NeedRaiser.objects.filter(OF_DWELLING, need=need).order_by().values("dwelling_id")
    lived = (
        Residency.objects.current()
        .order_by()
        .filter(dwelling__in=homes, valid_from__lte=timezone.localdate(need.raised_at))
    )
    found = Q(pk__in=NeedRaiser.objects.filter(need=need, user__isnull=False).order_by().values("user_id"))
    return User.objects.filter(found | Q(pk__in=lived.values("user_id")), is_active=True).order_by("pk")


def raisers_for(need: Need, user) -> list[dict]:
    """Return name, phone and whether they are masked for ``user``, in the order of raising; ``need`` from
    ``with_rows``. Nobody reads who raised an anonymous one."""
    clear = grant_for(READS_RAISERS, need, user) is not None
    rows = [*_told(need, need.raisers.all(), clear)]
    for other in Need.objects.filter(merged_into=need).with_rows().order_by("id"):
        rows += _told(other, other.raisers.all(), clear)
    return rows


def _told(need: Need, rows: Iterable[NeedRaiser], clear: bool) -> Iterable[dict]:
    for row in rows:
        name = row.name or (row.user.get_full_name() if row.user else "")
        phone = row.phone or (row.user.phone if row.user else "") or ""
        home = row.dwelling.code if row.dwelling else ""
        about = {"need": need.number, "anonymous": need.anonymous, "masked": not clear or need.anonymous}
        if need.anonymous:
            yield about | {"name": "", "phone": "", "dwelling": ""}
        elif clear:
            yield about | {"name": name, "phone": phone, "dwelling": home}
        else:
            yield about | {"name": masked_name(name), "phone": masked_phone(phone), "dwelling": ""}
