"""``manage.py rebuild_scores``: read the facts that figures are counted from anew, or check a frozen period."""

from django.core.management.base import BaseCommand, CommandError

from cases.models import ScorePeriod
from cases.scoring.keeping import rebuild
from cases.scoring.periods import differences


class Command(BaseCommand):
    help = "Read all facts of scoring anew from the Event table; with --check, compare a computed period with it."

    def add_arguments(self, parser):
        parser.add_argument("--check", type=int, metavar="PERIOD", help="key of a computed or published period")

    def handle(self, *, check, **_options):
        if check is None:
            count = rebuild(say=lambda done: self.stdout.write(f"{done} cases"))
            self.stdout.write(f"the facts of {count} cases were read anew")
            return
        period = ScorePeriod.objects.select_related("area").filter(pk=check, as_of__isnull=False).first()
        if period is None:
            raise CommandError(f"there is no computed period {check}")
        found = 0
        for found, difference in enumerate(differences(period), start=1):  # noqa: B007 - counted
            told = ", ".join(
                f"{name}: {kept!r} kept, {read!r} read" for name, (kept, read) in difference.columns.items()
            )
            self.stdout.write(f"case {difference.case_id}: {told}")
        if found:
            raise CommandError(f"{found} facts differ from what the events tell")
        self.stdout.write("every fact is what the events tell")
