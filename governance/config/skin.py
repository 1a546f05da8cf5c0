"""The admin's skin (django-unfold): its settings are named here and nowhere else."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

RULES, SCORES = _("Rules"), _("Scores")
# Groups of the side bar: title, then (model, icon). Left out: models without an admin or not this person's to view.
SIDEBAR = [
    (
        _("Work"),
        [
            ("cases.case", "assignment"),
            ("cases.patrol", "directions_walk"),
            ("cases.daytally", "local_fire_department"),
            ("cases.hotspotsignal", "crisis_alert"),
            ("devices.alarm", "notification_important"),
            ("devices.shelving", "notifications_paused"),
            ("devices.device", "sensors"),
            ("devices.devicerefusal", "block"),
            ("devices.devicecommand", "send_to_mobile"),
            ("devices.deviceforecast", "battery_alert"),
            ("devices.collectionrun", "local_shipping"),
            ("cases.intakesource", "hub"),
            ("cases.deadletter", "unsubscribe"),
            ("cases.openrequest", "public"),
            ("governance.notice", "notifications"),
        ],
    ),
    (
        SCORES,
        [
            ("cases.scoreperiod", "leaderboard"),
            ("cases.scoreappeal", "gavel"),
            ("cases.scoreformula", "functions"),
        ],
    ),
    (
        _("Places and residents"),
        [
            ("governance.estate", "location_city"),
            ("governance.building", "apartment"),
            ("governance.dwelling", "door_front"),
            ("governance.residency", "family_restroom"),
            ("governance.ownership", "real_estate_agent"),
        ],
    ),
    (
        _("Mediation"),
        [
            ("mediation.hazard", "warning"),
            ("mediation.signal", "campaign"),
            ("mediation.signalsource", "input"),
            ("mediation.signalbatch", "inventory_2"),
            ("mediation.dispute", "balance"),
            ("mediation.recusal", "person_off"),
            ("mediation.disputetype", "category"),
            ("mediation.mediationrule", "rule"),
            ("mediation.papertext", "history_edu"),
            ("mediation.escalationrequest", "move_up"),
            ("mediation.track", "account_tree"),
            ("mediation.departmenttask", "assignment_ind"),
            ("mediation.sitting", "event_seat"),
            ("mediation.mediationnote", "edit_note"),
            ("mediation.respectedhelper", "elderly"),
            ("mediation.helperinvitation", "mail"),
            ("mediation.agreement", "contract"),
            ("mediation.obligation", "task_alt"),
            ("mediation.judicialconfirmation", "gavel"),
            ("mediation.earlywarning", "notification_important"),
            ("mediation.hotissue", "local_fire_department"),
            ("mediation.warningwatch", "radar"),
            ("mediation.disputeaccess", "visibility"),
            ("mediation.followupvisit", "event_repeat"),
            ("mediation.counsellingreferral", "psychology_alt"),
        ],
    ),
    (
        _("Red property"),
        [
            ("property.assembly", "groups"),
            ("property.assemblysession", "event"),
            ("property.agendaitem", "topic"),
            ("property.followupitem", "checklist"),
            ("property.neighbourevent", "celebration"),
            ("property.signup", "how_to_reg"),
            ("property.volunteering", "volunteer_activism"),
            ("property.eventphoto", "photo_library"),
            ("property.eventfeedback", "reviews"),
            ("property.skillentry", "handshake"),
            ("property.skillmatch", "sync_alt"),
            ("property.partyorganisation", "flag"),
            ("property.partymembership", "groups"),
            ("property.crossappointment", "swap_horiz"),
            ("property.servicelist", "checklist"),
            ("property.servicerecord", "task_alt"),
            ("property.servicerating", "star"),
            ("property.propertycontract", "contract"),
            ("property.parcel", "package_2"),
            ("property.carereceiver", "elderly"),
            ("property.carevisit", "volunteer_activism"),
            ("property.resolution", "how_to_vote"),
            ("property.ruleset", "balance"),
        ],
    ),
    (
        _("Red stewards"),
        [
            ("property.stewardteam", "diversity_3"),
            ("property.stewardmember", "badge"),
            ("property.stewardplan", "calendar_month"),
            ("property.stewardshift", "schedule"),
            ("property.shiftduty", "how_to_reg"),
            ("property.joinrequest", "person_add"),
            ("property.outreachvisit", "campaign"),
            ("property.disputesighting", "visibility"),
            ("property.hoursentry", "hourglass"),
        ],
    ),
    (
        _("Community partners"),
        [
            ("partners.partner", "handshake"),
            ("partners.offer", "redeem"),
            ("partners.offerslot", "event"),
            ("partners.offerplace", "event_seat"),
            ("partners.qualification", "workspace_premium"),
            ("partners.partneragreement", "contract"),
            ("partners.recruitment", "campaign"),
            ("partners.project", "deployed_code"),
            ("partners.claim", "front_hand"),
            ("partners.evaluation", "fact_check"),
        ],
    ),
    (
        _("Needs of residents"),
        [
            ("partners.need", "volunteer_activism"),
            ("partners.needvisit", "home_pin"),
            ("partners.survey", "quiz"),
            ("partners.surveyanswersheet", "fact_check"),
            ("partners.surveymark", "lightbulb"),
        ],
    ),
    (
        _("Credit files"),
        [
            ("partners.creditprofile", "verified_user"),
            ("partners.creditnote", "trending_down"),
            ("partners.creditappeal", "gavel"),
            ("partners.creditlist", "emoji_events"),
            ("partners.creditformula", "functions"),
        ],
    ),
    (
        _("Points bank"),
        [
            ("partners.servicerecord", "handshake"),
            ("partners.donation", "redeem"),
            ("partners.account", "savings"),
            ("partners.transfer", "swap_horiz"),
            ("partners.hold", "lock_clock"),
            ("partners.adjustment", "rule"),
            ("partners.earning", "functions"),
            ("partners.volunteerhours", "schedule"),
            ("partners.hourscertificate", "workspace_premium"),
            ("partners.settlementsheet", "receipt_long"),
            ("partners.settlementrate", "currency_yuan"),
            ("partners.monthlyclosing", "event_available"),
            ("partners.servicekind", "category"),
            ("partners.earningrule", "gavel"),
            ("partners.reward", "redeem"),
            ("partners.redemption", "shopping_bag"),
            ("partners.stockentry", "inventory_2"),
        ],
    ),
    (
        _("Venues and bookings"),
        [
            ("governance.venue", "meeting_room"),
            ("governance.booking", "event_available"),
            ("governance.bookingseries", "event_repeat"),
            ("governance.calendarfeed", "calendar_add_on"),
        ],
    ),
    (
        _("Shared costs"),
        [
            ("property.estatebooks", "menu_book"),
            ("property.costperiod", "receipt_long"),
            ("property.charge", "request_quote"),
            ("property.payment", "payments"),
            ("property.incomeentry", "savings"),
            ("property.maintenancefund", "account_balance_wallet"),
            ("property.disclosure", "campaign"),
        ],
    ),
    (
        RULES,
        [
            ("cases.dispatchrule", "fork_right"),
            ("cases.filingstandard", "rule"),
            ("cases.casecategory", "category"),
            ("cases.unitalias", "alt_route"),
            ("cases.textmodel", "model_training"),
            ("cases.duplicaterule", "content_copy"),
            ("cases.stagelimit", "timer"),
            ("cases.scene", "dashboard"),
            ("cases.patrolroute", "route"),
            ("cases.patrolplan", "event_repeat"),
            ("cases.hotspotrule", "radar"),
            ("devices.deviceprofile", "tune"),
            ("devices.readingretention", "auto_delete"),
            ("devices.collectionround", "recycling"),
            ("property.disclosurerule", "rule_settings"),
            ("property.skillcategory", "category"),
            ("property.termreminder", "alarm"),
            ("partners.evaluationform", "checklist"),
            ("partners.needcategory", "category"),
            ("partners.needlimit", "timer"),
            ("partners.surveytemplate", "quiz"),
            ("governance.calendarday", "event"),
        ],
    ),
    (
        _("Organisation"),
        [
            ("governance.area", "map"),
            ("governance.orgunit", "account_balance"),
            ("governance.user", "group"),
            ("governance.appointment", "badge"),
        ],
    ),
    (
        _("Notices"),
        [
            ("governance.noticerule", "campaign"),
            ("governance.noticetemplate", "article"),
            ("governance.noticechannel", "send"),
            ("governance.delivery", "outbox"),
        ],
    ),
    (
        _("Records"),
        [
            ("governance.event", "history"),
            ("governance.importrun", "upload_file"),
            ("governance.attachment", "attach_file"),
            ("governance.timer", "schedule"),
            ("governance.heartbeat", "monitor_heart"),
            ("governance.linkedidentity", "link"),
        ],
    ),
]


def navigation(request) -> list[dict]:
    """Return the side bar of this person."""
    shown = {model._meta.label_lower: model_admin for model, model_admin in admin.site._registry.items()}
    groups = [{"items": [{"title": _("My work"), "icon": "task_alt", "link": reverse_lazy("admin:index")}]}]
    for title, entries in SIDEBAR:
        items = []
        for label, icon in entries:
            if label in shown and shown[label].has_view_permission(request):
                items += _entries(request, label, shown[label], icon)
        if title == SCORES and items:
            items.insert(0, _figures(request, items))
        if title == RULES and request.user.has_perm("governance.change_area"):  # administrators
            items.append(
                {"title": _("Practice packages"), "icon": "inventory_2", "link": reverse_lazy("admin:practice")}
            )
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _entries(request, label: str, model_admin, icon: str) -> list[dict]:
    """Return the pages of a list and the list itself, whose address begins theirs: only one of them is here."""
    pages, listed = list(model_admin.side_pages(request)), _list_of(label, model_admin, icon)
    if any(request.path.startswith(str(page["link"])) for page in pages):
        listed["active"] = False
    return [*pages, listed]


def _list_of(label: str, model_admin, icon: str) -> dict:
    return {
        "title": model_admin.model._meta.verbose_name_plural,
        "icon": icon,
        "link": reverse_lazy(f"admin:{label.replace('.', '_')}_changelist"),
    }


def _figures(request, items: list[dict]) -> dict:
    """Return the entry of the live figures, whose page lies under that of the periods: only one of the two is here."""
    here = request.path.startswith(reverse("admin:cases_scoreperiod_live"))
    if here:
        items[0]["active"] = False
    link = reverse_lazy("admin:cases_scoreperiod_live")
    return {"title": _("Figures"), "icon": "query_stats", "link": link, "active": here}


def _weights(*lightness_chroma: tuple[float, float], hue: float) -> dict[str, str]:
    names = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")
    return {
        name: f"oklch({light}% {chroma} {hue})" for name, (light, chroma) in zip(names, lightness_chroma, strict=True)
    }


UNFOLD = {
    "SITE_TITLE": _("Jiceng"),
    "SITE_HEADER": _("Jiceng"),
    "SITE_SUBHEADER": _("Grassroots governance"),
    "SITE_SYMBOL": "hub",
    "SITE_URL": "/r/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("governance/favicon.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "5px",
    "DASHBOARD_CALLBACK": "governance.admin.my_work.first_page",
    "STYLES": [lambda request: static("governance/admin.css")],
    "COLORS": {
        # A sober blue, dark enough for white text (contrast above 4.5:1 from 600 on).
        "primary": _weights(
            (97.3, 0.012),
            (94, 0.027),
            (88.5, 0.055),
            (80.5, 0.09),
            (68, 0.125),
            (57, 0.14),
            (49, 0.138),
            (43, 0.122),
            (37, 0.1),
            (32, 0.08),
            (24, 0.06),
            hue=252,
        ),  # fmt: skip
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": navigation},
}
