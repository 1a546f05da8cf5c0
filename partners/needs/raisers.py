"""Who raised a need, also those of needs merged into it: and who reads their names."""

from collections.abc import Iterable

from governance.masking import masked_name, masked_phone
from governance.scoping import grant_for
from partners.models import Need, NeedRaiser
from partners.needs.querysets import READS_RAISERS


def family_of(need: Need) -> list[Need]:
    """Return a need and those merged into it; doors of other apps tell the answer to what each of them came of."""
    return [need, *Need.objects.filter(merged_into=need).select_related("area", "category").order_by("id")]


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
