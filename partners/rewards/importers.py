"""Spreadsheets of rewards: each line drafts one; offering it and entering its stock are steps of people."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.cells import choice, day, text, whole_number
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.exchange.model_importer import Listed
from governance.models import Area, Venue
from partners.models import Account, Audience, LimitPer, Reward, RewardKind
from partners.models.reward import DEAREST
from partners.rewards.offering import reward_draft

KEEP_DAYS = 7


@importer
class RewardImporter(LineByLine):
    """Rewards as drafts, in communities whose redemption is run by whoever brings the file."""

    key = "partners.rewards"
    label = gettext_lazy("Rewards")
    permission = "partners.add_reward"
    model = "partners.reward"
    most_lines = 1_000
    columns = (
        Column("code", gettext_lazy("code"), required=True, help="rice-5kg"),
        Column("area", gettext_lazy("community"), required=True, help=gettext_lazy("by its code")),
        Column("kind", gettext_lazy("kind"), required=True, help=Listed(RewardKind.choices)),
        Column("title", gettext_lazy("name"), required=True),
        Column("cost", gettext_lazy("cost in points"), required=True),
        Column("about", gettext_lazy("about the reward")),
        Column("keep_days", gettext_lazy("set aside for (days)"), help="7"),
        Column("most", gettext_lazy("at most per member")),
        Column("per", gettext_lazy("period of the limit"), help=Listed(LimitPer.choices)),
        Column("audience", gettext_lazy("for whom"), help=Listed(Audience.choices)),
        Column("offered_from", gettext_lazy("offered from"), help="2026-12-01"),
        Column("offered_to", gettext_lazy("offered to"), help="2026-12-31"),
        Column("venue", gettext_lazy("venue"), help=gettext_lazy("by its code")),
        Column("minutes", gettext_lazy("length in minutes")),
        Column("pickup_place", gettext_lazy("pick-up place")),
        Column("pickup_hours", gettext_lazy("pick-up hours")),
        Column("merchant", gettext_lazy("merchant"), help=gettext_lazy("Code of its unit.")),
        Column("worth", gettext_lazy("worth")),
    )

    def read(self, row):
        code = text(row, "code", 40)
        known = Reward.objects.filter(code=code).first()
        if known is not None:
            if not Reward.objects.all().is_visible(known, self.actor):
                raise RowError("code", _("This code is taken."))
            return Planned((code,), "same", title=known.title)
        area = _one(row, "area", Area.objects.filter(is_active=True), "code")
        merchants = Account.objects.filter(kind="merchant", area=area).with_rows()
        plan = {name: text(row, name, longest) for name, longest in TEXTS.items()}
        self.carried_out(
            reward_draft, area=area, kind=choice(row, "kind", RewardKind), code=code,
            merchant=_one(row, "merchant", merchants, "unit__code"), cost=whole_number(row, "cost", 1, DEAREST),
            keep_days=whole_number(row, "keep_days", 1, 366) or KEEP_DAYS, most=whole_number(row, "most", 1, 1000),
            per=choice(row, "per", LimitPer, LimitPer.MONTH), audience=choice(row, "audience", Audience, Audience.ALL),
            offered_from=day(row, "offered_from"), offered_to=day(row, "offered_to"),
            venue=_one(row, "venue", Venue.objects.filter(is_active=True).select_related("area"), "code"),
            minutes=whole_number(row, "minutes", 15, 720), **plan,
        )  # fmt: skip
        return Planned((code,), "add", title=plan["title"])


TEXTS = {"title": 60, "about": 1000, "pickup_place": 120, "pickup_hours": 120, "worth": 80}


def _one(row, field: str, rows, column: str):
    if not row[field]:
        return None
    found = rows.filter(**{column: row[field]}).first()
    if found is None:
        raise RowError(field, _("There is no “%(code)s”.") % {"code": row[field]})
    return found
