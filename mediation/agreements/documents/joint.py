"""What the sheet of joint work tells (三调联动): tiers, takeovers, tracks and tasks, as they stand and as they stood
before they were put right or asked for again. Never a note, and nothing of what an organ or a department was told of
the matter: the file has that in its own words."""

from docxtpl import Listing

from mediation.agreements.documents.days import day
from mediation.models import (
    DepartmentTask,
    Dispute,
    DisputeFile,
    EscalationRequest,
    FileKind,
    TierChange,
    Track,
)

REGISTERED = "登记时确定"


def worked_jointly(dispute: Dispute) -> bool:
    """Whether another unit was ever asked about it: there is something for the sheet to tell."""
    changed = TierChange.objects.filter(dispute=dispute).count() > 1
    return changed or any(
        model.objects.filter(dispute=dispute).exists() for model in (EscalationRequest, Track, DepartmentTask)
    )


def joint_words(dispute: Dispute) -> dict:
    """Return what the sheet fills in, beside what every paper knows; the oldest rows first."""
    scans: dict[int, int] = {}
    kept = DisputeFile.objects.filter(dispute=dispute, kind=FileKind.TRACK_DOCUMENT).kept()
    for track in kept.values_list("track_id", flat=True):
        scans[track] = scans.get(track, 0) + 1
    rows = {
        model: model.objects.filter(dispute=dispute).order_by("id")
        for model in (TierChange, EscalationRequest, Track, DepartmentTask)
    }
    return {
        "tiers": [_tier(row) for row in rows[TierChange].select_related("unit")],
        "takeovers": [_takeover(row) for row in rows[EscalationRequest].select_related("from_unit", "to_unit")],
        "tracks": [_track(row, scans.get(row.pk, 0))
                   for row in rows[Track].select_related("organ").prefetch_related("former_results")],
        "tasks": [_task(row)
                  for row in rows[DepartmentTask].select_related("unit").prefetch_related("former_answers")],
    }  # fmt: skip


def _tier(row: TierChange) -> dict:
    return {"on": day(row.changed_at), "tier": str(row.get_tier_display()), "unit": row.unit.name,
            "reason": Listing(row.reason or REGISTERED)}  # fmt: skip


def _takeover(row: EscalationRequest) -> dict:
    return {
        "on": day(row.requested_at), "unit": row.from_unit.name, "to": row.to_unit.name,
        "tier": str(row.get_to_tier_display()), "reason": Listing(row.reason), "state": str(row.get_state_display()),
        "ended": day(row.ended_at, missing=""),
    }  # fmt: skip


def _track(row: Track, scans: int) -> dict:
    days = [(row.invited_at, "邀请"), (row.accepted_at, "参加"), (row.ended_at, "结束")]
    document = "，".join(filter(None, [row.document, f"附扫描件{scans}份" if scans else ""]))
    return {
        "kind": str(row.get_kind_display()), "organ": f"{row.organ.name}{'（牵头）' if row.is_lead else ''}",
        "basis": row.legal_basis, "days": "；".join(f"{day(at)}{what}" for at, what in days if at),
        "state": str(row.get_state_display()), "document": document,
        "result": _with_former(row.result, [
            f"（{day(former.given_at)}原为：{former.result}{f'，{former.document}' if former.document else ''}）"
            for former in row.former_results.all()
        ]),
    }  # fmt: skip


def _task(row: DepartmentTask) -> dict:
    return {
        "unit": row.unit.name, "on": day(row.asked_at), "question": Listing(row.question), "due": day(row.answer_by),
        "state": str(row.get_state_display()), "answered": day(row.answered_at, missing=""),
        "answer": _with_former(row.answer_text, [
            f"（{day(one.answered_at)}曾答复：{one.text}）" if one.text else f"（{day(one.answer_by)}前未答复）"
            for one in row.former_answers.all()
        ]),
    }  # fmt: skip


def _with_former(text: str, former: list[str]) -> Listing:
    """Return what stands there with what stood there before, oldest first, each on a line of its own."""
    return Listing("\n".join([text, *former] if text else former))
