"""``manage.py replay_incidents FILE [--mapping MAPPING]``: requests of the past played back as cases."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.translation import gettext as _

from cases.replay import Outcome, read_incidents
from cases.replay import replay as replay_rows
from cases.replay_mapping import Mapping, read_mapping
from cases.replay_set_up import replay_set_up
from governance.errors import Refused
from governance.exchange.files import Line
from governance.models import User

# What the public requests of Los Angeles mean, which the product is measured with.
MAPPING = settings.BASE_DIR / "fixtures" / "replay" / "la311.toml"
MOST_LISTED = 1000
PIECE = 100  # rows of one task; the next is fetched when it is done


class Command(BaseCommand):
    help = (
        "Play back past requests as cases, each with its whole life at the historical times. Stopped, it goes on where"
        " it was: what is loaded is skipped. Columns: id, created_at, closed_at, due_at (optional), type, owner,"
        " assigned_to, status, address, latitude, longitude."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help=".csv or .csv.gz")
        parser.add_argument(
            "--mapping", type=Path, default=MAPPING, help="TOML file, see cases/replay_mapping.py (default: la311.toml)"
        )
        parser.add_argument("--area", metavar="CODE", help="another area than the mapping's: six digits")
        parser.add_argument(
            "--set-up", metavar="NAME", help="first make area, units, categories and accounts, as this administrator"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="only the N oldest rows")
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes side by side (default 1)")

    def handle(self, *, file, mapping, area, set_up, limit, jobs, **options):
        for name, value in (("--limit", limit), ("--jobs", jobs)):
            if value is not None and value < 1:
                raise CommandError(_("%(name)s: a number from 1 on is needed.") % {"name": name})
        try:
            mapping = read_mapping(mapping)
            mapping = replace(mapping, area=area) if area else mapping
            if set_up:
                self._set_up(mapping, set_up)
            rows = read_incidents(file)[:limit]
            outcome = self._replay(rows, mapping, jobs)
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        self._tell(outcome)

    def _set_up(self, mapping: Mapping, name: str) -> None:
        actor = User.objects.filter(username=name, is_active=True).first()
        if actor is None:
            raise CommandError(_("There is no person “%(name)s”.") % {"name": name})
        ground = replay_set_up(mapping, actor=actor)
        self.stdout.write(_("Set up: %(area)s.") % {"area": f"{ground.area.code} {ground.area}"})

    def _replay(self, rows: list[Line], mapping: Mapping, jobs: int) -> Outcome:
        begun, total = time.monotonic(), len(rows)

        def progress(outcome: Outcome) -> None:
            rate = outcome.loaded / max(time.monotonic() - begun, 0.001)
            told = {"seen": outcome.seen, "total": total, "loaded": outcome.loaded, "rate": f"{rate:.1f}"}
            self.stdout.write(_("%(seen)s of %(total)s rows, %(loaded)s cases, %(rate)s a second") % told, ending="\r")
            self.stdout.flush()

        if jobs == 1:
            return replay_rows(rows, mapping=mapping, actor=User.objects.system("replay"), progress=progress)
        return _side_by_side(rows, mapping, jobs, progress)

    def _tell(self, outcome: Outcome) -> None:
        self.stdout.write("")
        for row in outcome.refused[:MOST_LISTED]:
            self.stderr.write(f"{row.line} {row.external_id} [{row.field}] {row.detail}")
        counts = {"loaded": outcome.loaded, "skipped": outcome.skipped, "refused": len(outcome.refused)}
        text = _("%(loaded)s cases loaded, %(skipped)s were there before, %(refused)s rows cannot be loaded.")
        self.stdout.write(text % counts)


def _side_by_side(rows: list[Line], mapping: Mapping, jobs: int, progress: Callable[[Outcome], None]) -> Outcome:
    """Replay pieces of the rows in processes of their own; each request is loaded once all the same."""
    User.objects.system("replay")  # made before they all ask for it
    _let_go_of_the_database()  # a connection must not be shared by forked processes
    whole = Outcome()
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        pieces = [pool.submit(_piece, rows[start : start + PIECE], mapping) for start in range(0, len(rows), PIECE)]
        for piece in as_completed(pieces):
            whole.add(piece.result())
            progress(whole)
    whole.refused.sort(key=lambda row: row.line)
    return whole


def _piece(rows: list[Line], mapping: Mapping) -> Outcome:
    return replay_rows(rows, mapping=mapping, actor=User.objects.system("replay"))


def _let_go_of_the_database() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()
