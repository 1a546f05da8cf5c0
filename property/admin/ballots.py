"""Admin of ballots: the desk where papers are read twice, what is to be settled and decided, and the list of them."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from cases.admin.scores import PostedForm
from governance.admin.base import ReadOnlyAdmin
from governance.admin.refusals import STATUS_OF, refusal_page
from governance.errors import Conflict, Invalid, Refused
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge
from property.admin.resolution_forms import KEYS, DecideForm, DeskForm, SettleForm
from property.models import Ballot, BallotReading, BallotStage, Channel, Choice, Resolution, RollEntry, Secrecy
from property.voting.ballots import Held, ballots_by_entry, conflict_decide
from property.voting.papers import ballot_settle, ballots_read
from property.voting.resolutions import grant_to_run
from property.voting.secrecy import shown
from property.voting.workflow import LEADS, RUNS

STAGE_TONES = {BallotStage.READ_ONCE: "amber", BallotStage.DIFFERS: "red", BallotStage.COMPLETE: "green"}
LOG_LINES = 15


@admin.register(Ballot)
class BallotAdmin(PostedForm, ReadOnlyAdmin):
    """Ballots; of a secret vote only whether there is one. Papers are read and settled from here."""

    list_display = ["resolution_link", "number", "channel", "sheet", "stage_badge", "says", "cast_at"]
    list_display_links = None
    export_display = ("resolution", "number", "channel", "sheet", "stage", "says", "cast_at")
    list_filter = ["channel", "stage"]
    linked_by = ("entry__roll",)
    list_select_related = ["entry__roll__resolution"]
    search_fields = ["entry__dwelling__code"]
    search_help_text = gettext_lazy("Dwelling")
    ordering = ["-id"]

    def get_search_results(self, request, queryset, search_term):
        """A search by dwelling tells whose ballot it is: it finds none of a secret vote."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        if search_term:
            found = found.exclude(entry__roll__resolution__secrecy=Secrecy.SECRET)
        return found, doubled

    def get_urls(self):
        def named(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=f"property_ballot_{name}")

        return [
            named("desk/<int:resolution_id>/", self.desk_view, "desk"),
            named("open/<int:resolution_id>/", self.open_view, "open"),
            named("<int:ballot_id>/settle/", self.settle_view, "settle"),
            named("decide/<int:ballot_id>/", self.decide_view, "decide"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """A ballot has no page: who may see that there is one sees it in the list."""
        raise Http404

    @display(description=gettext_lazy("resolution"))
    def resolution_link(self, obj):
        url = reverse("admin:property_resolution_change", args=[obj.entry.roll.resolution.pk])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.entry.roll.resolution)

    @display(description=gettext_lazy("resolution"))
    def resolution(self, obj):
        return str(obj.entry.roll.resolution)

    @display(description=gettext_lazy("ballot number"), ordering="entry__number")
    def number(self, obj):
        return obj.entry.number

    @display(description=gettext_lazy("stage"), ordering="stage")
    def stage_badge(self, obj):
        return badge(obj.get_stage_display(), STAGE_TONES[obj.stage])

    @display(description=gettext_lazy("choice"))
    def says(self, obj):
        return label_of(obj, obj.entry.roll.resolution)

    def _resolution(self, request, pk: int) -> Resolution:
        """Return a resolution with a frozen roll whose ballots this person handles; 404 otherwise."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Resolution.objects.visible_to(request.user).with_rows().filter(roll__frozen_at__isnull=False)
        found = rows.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def desk_view(self, request, resolution_id):
        """The desk: type a ballot number and its key, press Enter, take the next paper."""
        resolution = self._resolution(request, resolution_id)
        page = reverse("admin:property_resolution_change", args=[resolution.pk])
        try:
            grant_to_run(resolution, request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=page)
        form, status, read = DeskForm(request.POST if request.method == "POST" else None), 200, ()
        if request.method == "POST":
            if form.is_valid():
                try:
                    read = ballots_read(resolution, actor=request.user, **form.cleaned_data)
                    form = DeskForm()
                except (Invalid, Conflict) as error:
                    form.add_error("typed", error.detail)
                    status = STATUS_OF[type(error)]
            else:
                status = 400
        context = {
            **self.admin_site.each_context(request), "title": _("Reading papers"), "title_part": _("Reading papers"),
            "subtitle": str(resolution), "opts": self.opts, "resolution": resolution, "form": form, "back": page,
            "read": [(row, STAGE_TONES[row.stage], label_of(row, resolution)) for row in read],
            "keys": [(key, Choice(choice).label) for key, choice in KEYS.items()],
            **desk_figures(resolution, request.user),
        }  # fmt: skip
        return TemplateResponse(request, "property/admin/desk.html", context, status=status)

    def open_view(self, request, resolution_id):
        """What stands in the way of counting: differing readings, contradicting ballots, papers read once."""
        resolution = self._resolution(request, resolution_id)
        if grant_for(LEADS | RUNS, resolution, request.user) is None:
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request), "title": _("To be settled"), "title_part": _("To be settled"),
            "subtitle": str(resolution), "opts": self.opts, "resolution": resolution,
            "back": reverse("admin:property_resolution_change", args=[resolution.pk]), **open_matters(resolution),
            "attempts": attempts_of(resolution) if grant_for(LEADS, resolution, request.user) else None,
        }  # fmt: skip
        return TemplateResponse(request, "property/admin/open_ballots.html", context)

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def settle_view(self, request, ballot_id):
        """Settle what a paper says that two people read differently."""
        ballot = self.get_queryset(request).select_related("entry__roll__resolution").filter(pk=ballot_id).first()
        if ballot is None or not self.has_view_permission(request):
            raise Http404
        resolution = self._resolution(request, ballot.entry.roll.resolution.pk)
        back = reverse("admin:property_ballot_open", args=[resolution.pk])

        def carry_out(given):
            ballot_settle(resolution, ballot, actor=request.user, **given)
            messages.success(request, _("Settled."))
            return back

        form = SettleForm(request.POST if request.method == "POST" else None)
        return self.form_page(
            request, form, title=_("Ballot %(number)s") % {"number": ballot.entry.number}, button=_("Settle"),
            carry_out=carry_out, lead=_("Take the paper itself and look again."), back=back,
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def decide_view(self, request, ballot_id):
        """Decide which ballot of a dwelling counts; named by a ballot: an entry's key stands beside its dwelling."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ballot = self.get_queryset(request).select_related("entry__roll__resolution").filter(pk=ballot_id).first()
        if ballot is None:
            raise Http404
        entry = ballot.entry
        resolution = self._resolution(request, entry.roll.resolution.pk)
        back = reverse("admin:property_ballot_open", args=[resolution.pk])

        def carry_out(given):
            conflict_decide(resolution, entry, actor=request.user, **given)
            messages.success(request, _("Decided."))
            return back

        ballots = [named(row) for row in Ballot.objects.filter(entry=entry).order_by("sheet")]
        posted = request.POST if request.method == "POST" else None
        form = DecideForm(posted, ballots=ballots, shown=lambda row: label_of(row, resolution))
        return self.form_page(
            request, form, title=_("Ballot %(number)s") % {"number": entry.number}, button=_("Decide"),
            carry_out=carry_out, lead=_("The reason is kept with the decision."), back=back,
        )  # fmt: skip


def label_of(row, resolution: Resolution) -> str:
    """Return the choice in words where it may be shown; of a secret vote nothing."""
    choice = shown(row, resolution)
    return str(Choice(choice).label) if choice else ""


def named(ballot: Ballot) -> Ballot:
    """Give a ballot the name people call it by: online, or the paper of a sheet."""
    sheet = _("paper %(sheet)s") % {"sheet": ballot.sheet}
    ballot.name = sheet if ballot.channel == Channel.PAPER else _("online")
    return ballot


def desk_figures(resolution: Resolution, user) -> dict:
    """Return how far the reading is: papers complete, read once by this person and by others, to be settled."""
    papers = Ballot.objects.filter(entry__roll=resolution.roll_id, channel=Channel.PAPER)
    own = BallotReading.objects.filter(ballot=OuterRef("pk"), read_by=user)
    once = papers.filter(stage=BallotStage.READ_ONCE).annotate(is_own=Exists(own))
    readings = BallotReading.objects.filter(read_by=user, ballot__entry__roll=resolution.roll_id)
    log = readings.select_related("ballot__entry").order_by("-id")[:LOG_LINES]
    return {
        "complete": papers.filter(stage=BallotStage.COMPLETE).count(),
        "differing": papers.filter(stage=BallotStage.DIFFERS).count(),
        "for_others": once.filter(is_own=True).count(),
        "for_you": list(
            once.filter(is_own=False).order_by("entry__number").values_list("entry__number", flat=True)[:200]
        ),
        "log": [(row, STAGE_TONES[row.ballot.stage], label_of(row, resolution)) for row in log],
    }


def open_matters(resolution: Resolution) -> dict:
    """Return the ballots that cannot be counted yet, by what they need; of a secret vote without what they say."""
    held = {pk: one for pk, one in ballots_by_entry(resolution).items() if one.is_unfinished}
    entries = RollEntry.objects.filter(pk__in=held).select_related("dwelling__building__estate", "dwelling__entrance")
    readings = BallotReading.objects.filter(ballot__entry__in=held).select_related("read_by").order_by("ordinal")
    by_ballot: dict[int, list] = {}
    for row in readings:
        by_ballot.setdefault(row.ballot_id, []).append((row, label_of(row, resolution)))
    differing, contradicting, once = [], [], []
    for entry in entries.order_by("number"):
        _sort_out(entry, held[entry.pk], by_ballot, (differing, contradicting, once), resolution)
    return {"differing": differing, "contradicting": contradicting, "once": once}


def _sort_out(entry: RollEntry, held: Held, by_ballot: dict, lists: tuple, resolution: Resolution) -> None:
    differing, contradicting, once = lists
    for ballot in held.ballots:
        if ballot.stage == BallotStage.DIFFERS:
            differing.append((entry, named(ballot), by_ballot[ballot.pk]))
        elif ballot.stage == BallotStage.READ_ONCE:
            once.append((entry, named(ballot), by_ballot[ballot.pk]))
    if held.may_be_decided:
        contradicting.append((entry, [(named(row), label_of(row, resolution)) for row in held.ballots]))


def attempts_of(resolution: Resolution) -> list[tuple[str, list[BallotReading]]]:
    """Return who entered papers of dwellings that have another ballot, with each reading; for who leads the vote.

    A paper that somebody made up lies beside the voter's own ballot: who entered many such is asked about them.
    """
    several = Ballot.objects.filter(entry__roll=resolution.roll_id).order_by().values("entry")
    several = several.annotate(number=Count("pk")).filter(number__gt=1).values("entry")
    readings = BallotReading.objects.filter(ballot__entry__in=several).select_related("read_by", "ballot__entry")
    found: dict[str, list[BallotReading]] = {}
    for reading in readings.order_by("read_at"):
        found.setdefault(str(reading.read_by), []).append(reading)
    return sorted(found.items(), key=lambda pair: -len(pair[1]))
