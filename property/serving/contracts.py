"""Contracts of property companies: in force, evaluated every year, handed over by a list, ended."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Avg
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Estate, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import (
    ContractEvaluation,
    ContractState,
    HandOverItem,
    PropertyContract,
    RecordState,
    ServiceList,
    ServiceRating,
    ServiceRecord,
)
from property.serving.contract_workflow import KEEPS
from property.serving.occurrences import records_leave_out
from property.serving.querysets import OWNERS

# Who takes over what a leaving company hands over: the owners' committee, or the community for it (民法典 949 [P]).
TAKES_OVER = KEEPS | OWNERS
# What is handed over: the papers of 物业管理条例 art. 29 and the rooms of art. 38 [P]; keys and money beside them [J].
HANDED_OVER = (
    "竣工总平面图、单体建筑与设备竣工图、地下管网竣工图等竣工验收资料",
    "设施设备的安装、使用和维护保养等技术资料",
    "物业质量保修文件和物业使用说明文件",
    "物业管理所必需的其他资料（业主名册、装修与维修档案、服务记录）",
    "物业服务用房",
    "共用部位和共用设施设备（含门禁、监控、消防、电梯）及钥匙、密码",
    "公共收益账目与结余",
    "预收的物业费、押金及代管款项",
)
LONGEST_NOTE = 300


def contract_of(estate: Estate) -> PropertyContract | None:
    """Return the contract by which a company looks after the estate today, or None."""
    rows = PropertyContract.objects.serving().filter(estate=estate).select_related("company", "repair_standard")
    return rows.order_by("-state", "-pk").first()


def told(contract: PropertyContract) -> dict:
    """Return what events say of a contract."""
    return {"estate": contract.estate.code, "contract": contract.pk, "company": contract.company.code}


@carries_out("property.propertycontract", "sign")
def contract_sign(contract: PropertyContract, *, actor: User, version=None, reason="", occurred_at=None,
                  photos=()) -> PropertyContract:  # fmt: skip
    """Put a contract in force. Raises Conflict while another one is: that is handed over first."""
    with atomically():
        Estate.objects.select_for_update(of=("self",)).get(pk=contract.estate_id)
        other = PropertyContract.objects.filter(estate=contract.estate_id, state=ContractState.IN_FORCE)
        if other.exclude(pk=contract.pk).exists():
            raise Conflict(
                _("Another contract of this estate is in force: begin its hand-over first."), code="in_force"
            )
        return perform(contract, "sign", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                       payload=told(contract))[0]  # fmt: skip


@carries_out("property.propertycontract", "begin_handover")
def contract_begin_handover(contract: PropertyContract, *, actor: User, version=None, reason="", occurred_at=None,
                            photos=()) -> PropertyContract:  # fmt: skip
    """Begin the hand-over: the list of what the law has handed over is drawn up, to be added to."""
    with atomically():
        fresh, _event = perform(contract, "begin_handover", actor=actor, version=version, reason=reason,
                                occurred_at=occurred_at, payload=told(contract))  # fmt: skip
        HandOverItem.objects.bulk_create(
            HandOverItem(contract=fresh, position=number, name=name) for number, name in enumerate(HANDED_OVER, 1)
        )
    return fresh


@carries_out("property.propertycontract", "end")
def contract_end(contract: PropertyContract, *, actor: User, ended_on: date | None = None, version=None, reason="",
                 occurred_at: datetime | None = None, photos=()) -> PropertyContract:  # fmt: skip
    """End a contract: what its list asked for after that day is left out, unless the company goes on by another one.

    Raises Conflict while something on its hand-over list is not settled.
    """
    with atomically():
        locked = PropertyContract.objects.lock(contract.pk)
        open_items = locked.handover.filter(is_complete=None).count()
        day = ended_on or timezone.localdate(occurred_at)
        fresh, _event = perform(contract, "end", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                                ended_on=day, payload=told(contract))  # fmt: skip
        _left_out(fresh, max(day, timezone.localdate(occurred_at)), occurred_at)
        if open_items:
            told_ = _("%(number)s items of the hand-over list are not settled yet.")
            raise Conflict(told_ % {"number": open_items}, code="not_handed_over")
    return fresh


def _left_out(contract: PropertyContract, day: date, at: datetime | None) -> None:
    """Leave out what the company's list asks for after the contract's end."""
    listed = ServiceList.objects.published().filter(estate=contract.estate_id, company=contract.company_id)
    for one in listed:
        records_leave_out(one, after=day, at=at or timezone.now(), unless_served=True)


def handover_settle(item: HandOverItem, *, actor: User, is_complete: bool, note: str = "",
                    occurred_at: datetime | None = None) -> HandOverItem:  # fmt: skip
    """Say that something was handed over in full, or what is missing.

    Raises NotPermitted, Conflict when it is settled or nothing is being handed over, Invalid without a note on what is
    missing.
    """
    at, note = occurred_at or timezone.now(), note.strip()
    if not is_complete and not note:
        raise Invalid(_("Say what is missing."), field="note", code="required")
    if len(note) > LONGEST_NOTE:
        raise Invalid(_("At most 300 characters."), field="note", code="max_length")
    with atomically():
        contract = PropertyContract.objects.lock(item.contract_id)
        grant = grant_for(TAKES_OVER, contract, actor)
        if grant is None:
            raise NotPermitted(_("You may not take this over."))
        item = HandOverItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
        if contract.state != ContractState.HANDING_OVER or item.is_complete is not None:
            raise Conflict(_("This is settled, or nothing is being handed over now."), code="settled")
        item.is_complete, item.note, item.settled_by, item.settled_at = is_complete, note, actor, at
        item.save()
        payload = told(contract) | {"position": item.position, "complete": is_complete}
        events.record("contract.item_settled", contract, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return item


def contract_evaluate(contract: PropertyContract, *, actor: User, year: int, score: int, verdict: str,
                      words: str, occurred_at: datetime | None = None) -> ContractEvaluation:  # fmt: skip
    """Evaluate the company for a year of its term: score and verdict beside the share kept and stars of that year.

    Raises NotPermitted, Conflict for a contract that was never in force or a year evaluated before, Invalid naming the
    field.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = PropertyContract.objects.lock(contract.pk)
        grant = grant_for(KEEPS, fresh, actor)
        if grant is None:
            raise NotPermitted(_("You may not evaluate this company."))
        if fresh.state == ContractState.DRAFT:
            raise Conflict(_("This contract was never in force."), code="draft")
        _check(fresh, year, score, verdict, words, at)
        if fresh.evaluations.filter(year=year).exists():
            raise Conflict(_("This year was evaluated already."), field="year", code="evaluated")
        made = ContractEvaluation.objects.create(
            contract=fresh, year=year, score=score, verdict=verdict, words=words.strip(), evaluated_by=actor,
            evaluated_at=at, **_figures(fresh, year),
        )  # fmt: skip
        payload = told(fresh) | {"year": year, "score": score, "verdict": verdict}
        events.record("contract.evaluated", fresh, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return made


def _check(contract: PropertyContract, year: int, score: int, verdict: str, words: str, at: datetime) -> None:
    last = min(contract.valid_to, timezone.localdate(at)).year
    if not contract.valid_from.year <= year <= last:
        raise Invalid(_("A year of its term is needed, up to this one."), field="year", code="out_of_range")
    if not 0 <= score <= 100:
        raise Invalid(_("Between 0 and 100."), field="score", code="out_of_range")
    if verdict not in ContractEvaluation.Verdict.values:
        raise Invalid(_("There is no such verdict."), field="verdict", code="invalid_choice")
    if not words.strip() or len(words) > 500:
        raise Invalid(_("Say why, in at most 500 characters."), field="words", code="required")


def _figures(contract: PropertyContract, year: int) -> dict:
    records = ServiceRecord.objects.filter(estate=contract.estate_id, company=contract.company_id, date__year=year)
    kept = records.filter(state__in=[RecordState.DONE, RecordState.CHECKED]).count()
    judged = kept + records.filter(state=RecordState.MISSED).count()
    ratings = ServiceRating.objects.filter(
        item__service_list__estate=contract.estate_id, item__service_list__company=contract.company_id, month__year=year
    )
    stars = ratings.aggregate(mean=Avg("stars"))["mean"]
    return {
        "share": Decimal(kept * 1000 // judged) / 10 if judged else None,
        "stars": None if stars is None else round(Decimal(stars), 2),
    }
