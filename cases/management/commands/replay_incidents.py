"""``manage.py replay_incidents FILE --mapping MAPPING``: requests of the past played back as cases."""

import time
from dataclasses import replace
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cases.replay import Outcome, read_incidents
from cases.replay import replay as replay_rows
from cases.replay_mapping import Mapping, read_mapping
from cases.replay_set_up import replay_set_up
from governance.errors import Refused
from governance.models import User

MOST_LISTED = 1000


class Command(BaseCommand):
    help = (
        "Play back past requests as cases, each with its whole life at the historical times. Stopped, it goes on where"
        " it was: what is loaded is skipped. Columns: id, created_at, closed_at, due_at (optional), type, owner,"
        " assigned_to, status, address, latitude, longitude."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help=".csv or .csv.gz")
        parser.add_argument("--mapping", type=Path, required=True, help="TOML file, see cases/replay_mapping.py")
        parser.add_argument("--area", metavar="CODE", help="another area than the mapping's: six digits")
        parser.add_argument(
            "--set-up", metavar="NAME", help="first make area, units, categories and accounts, as this administrator"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="only the N oldest rows")

    def handle(self, *, file, mapping, area, set_up, limit, **options):
        try:
            mapping = read_mapping(mapping)
            mapping = replace(mapping, area=area) if area else mapping
            if set_up:
                self._set_up(mapping, set_up)
            rows = read_incidents(file)[:limit]
            outcome = self._replay(rows, mapping)
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        self._tell(outcome)

    def _set_up(self, mapping: Mapping, name: str) -> None:
        actor = User.objects.filter(username=name, is_active=True).first()
        if actor is None:
            raise CommandError(_("There is no person “%(name)s”.") % {"name": name})
        ground = replay_set_up(mapping, actor=actor)
        self.stdout.write(_("Set up: %(area)s.") % {"area": f"{ground.area.code} {ground.area}"})

    def _replay(self, rows: list, mapping: Mapping) -> Outcome:
        begun, total = time.monotonic(), len(rows)

        def progress(outcome: Outcome) -> None:
            rate = outcome.loaded / max(time.monotonic() - begun, 0.001)
            told = {"seen": outcome.seen, "total": total, "loaded": outcome.loaded, "rate": f"{rate:.1f}"}
            self.stdout.write(_("%(seen)s of %(total)s rows, %(loaded)s cases, %(rate)s a second") % told, ending="\r")
            self.stdout.flush()

        return replay_rows(rows, mapping=mapping, actor=User.objects.system("replay"), progress=progress)

    def _tell(self, outcome: Outcome) -> None:
        self.stdout.write("")
        for row in outcome.refused[:MOST_LISTED]:
            self.stderr.write(f"{row.line} {row.external_id} [{row.field}] {row.detail}")
        counts = {"loaded": outcome.loaded, "skipped": outcome.skipped, "refused": len(outcome.refused)}
        text = _("%(loaded)s cases loaded, %(skipped)s were there before, %(refused)s rows cannot be loaded.")
        self.stdout.write(text % counts)
