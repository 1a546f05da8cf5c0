"""Service lists: drafting the next edition, agreeing to it, publishing it in place of the one that holds."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.configuration import configuration_rows_save, configuration_save
from governance.errors import Invalid
from governance.models import Estate, OrgUnit, User
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import PartyOrganisation, ServiceItem, ServiceList
from property.serving.occurrences import DAYS_AHEAD, records_leave_out, records_make

COPIED = ("code", "position", "name", "group", "field", "standard", "rule", "weekdays", "month_day", "starts", "ends",
          "performer", "check_method", "needs_photo", "miss_standard_id")  # fmt: skip


def service_list_draft(*, actor: User, estate: Estate, organisation: PartyOrganisation,
                       company: OrgUnit) -> ServiceList:  # fmt: skip
    """Begin the next edition for an estate, with the items of the list that holds. Raises as ``configuration_save``."""
    with atomically():
        Estate.objects.select_for_update(of=("self",)).get(pk=estate.pk)
        last = ServiceList.objects.filter(estate=estate).aggregate(last=Max("edition"))["last"] or 0
        made = ServiceList(estate=estate, edition=last + 1, organisation=organisation, company=company)
        configuration_save(made, actor=actor, changed=["estate", "organisation", "company"])
        holding = ServiceItem.objects.filter(service_list__estate=estate, service_list__state="published")
        items = [ServiceItem(service_list=made, **{name: getattr(one, name) for name in COPIED}) for one in holding]
        configuration_rows_save(made, actor=actor, name="items", saved=items, removed=[])
        made.refresh_from_db()
    return made


def _payload(service_list: ServiceList) -> dict:
    return {"estate": service_list.estate.code, "edition": service_list.edition}


def _agree(name: str):
    def service(service_list: ServiceList, *, actor, version=None, reason="", occurred_at: datetime | None = None,
                photos=()):  # fmt: skip
        at = occurred_at or timezone.now()
        with atomically():
            if not ServiceItem.objects.filter(service_list=service_list).exists():
                raise Invalid(_("The list has no items yet."), code="empty")
            fresh, _event = perform(
                service_list, name, actor=actor, version=version, reason=reason, occurred_at=at, agreed_by=actor,
                agreed_at=at, payload=_payload(service_list),
            )  # fmt: skip
        return fresh

    carries_out("property.servicelist", name)(service)


for _name in ("agree_party", "agree_company"):
    _agree(_name)


@carries_out("property.servicelist", "publish")
def service_list_publish(service_list: ServiceList, *, actor, version=None, reason="",
                         occurred_at: datetime | None = None, photos=()) -> ServiceList:  # fmt: skip
    """Publish the draft: it holds from tomorrow's occurrences on, in place of the edition before it.

    What the earlier edition asked for after today is left out.
    """
    at = occurred_at or timezone.now()
    day, system = timezone.localdate(at), User.objects.system("timers")
    with atomically():
        Estate.objects.select_for_update(of=("self",)).get(pk=service_list.estate_id)
        before = ServiceList.objects.published().filter(estate=service_list.estate_id).first()
        if before is not None:
            perform(before, "replace", actor=system, occurred_at=at, replaced_on=day, payload=_payload(before))
            records_leave_out(before, after=day, at=at)
        fresh, _event = perform(
            service_list, "publish", actor=actor, version=version, reason=reason, occurred_at=at, published_on=day,
            payload=_payload(service_list),
        )  # fmt: skip
        records_make(day, day + timedelta(days=DAYS_AHEAD), now=at, lists=[fresh])
    return fresh
