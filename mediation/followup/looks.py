"""Colours of visits and referrals, for every door."""

from mediation.models import CounsellingState as C
from mediation.models import VisitState as V

VISIT_TONES = {
    V.PLANNED: "grey", V.DUE: "amber", V.DONE: "green", V.UNREACHABLE: "amber", V.REFUSED: "grey", V.OVERDUE: "red",
    V.CANCELLED: "grey",
}  # fmt: skip
COUNSELLING_TONES = {
    C.OFFERED: "amber", C.CONSENTED: "blue", C.REFERRED: "violet", C.ATTENDED: "green", C.DECLINED: "grey",
    C.WITHDRAWN: "grey",
}  # fmt: skip
