"""Names of what happens to visits and referrals. Payloads: ids, codes, states, days; never names or words."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "followup.planned": _("Follow-up visit planned"),
    "followup.moved": _("Follow-up visit moved"),
    "followup.due": _("Follow-up visit due"),
    "followup.overdue": _("Follow-up visit overdue"),
    "followup.urged": _("Follow-up visit urged by the superior"),
    "followup.done": _("Follow-up visit made"),
    "followup.corrected": _("Record of a follow-up visit corrected"),
    "followup.unreachable": _("Nobody reached at a follow-up visit"),
    "followup.refused": _("Follow-up visit refused"),
    "followup.cancelled": _("Follow-up visit cancelled"),
    "followup.back": _("Follow-up visit to be made after all"),
    "counselling.offered": _("Counselling was offered"),
    "counselling.consented": _("Party consented to counselling"),
    "counselling.referred": _("Party referred to a counsellor"),
    "counselling.passed_on": _("Party passed on to another counsellor"),
    "counselling.attended": _("Party attended counselling"),
    "counselling.attendance_corrected": _("Attendance of counselling corrected: recorded by mistake"),
    "counselling.declined": _("Party declined counselling"),
    "counselling.withdrawn": _("Offer of counselling taken back by the mediator"),
}.items():
    register(name, label, close=True)
