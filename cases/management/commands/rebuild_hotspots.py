"""Counts the cases of all hot spots anew: ``manage.py rebuild_hotspots [--again]``."""

import time

from django.core.management.base import BaseCommand

from cases.hotspots.rebuild import rebuild


class Command(BaseCommand):
    help = "Count all cases anew by place, time and category. Goes on where an interrupted run stopped."

    def add_arguments(self, parser):
        parser.add_argument("--again", action="store_true", help="begin at the first case")

    def handle(self, *args, again, **options):
        begun = time.monotonic()
        counted = rebuild(again=again, say=lambda case: self.stdout.write(f"case {case} …"))
        self.stdout.write(f"{counted} cases in {time.monotonic() - begun:.1f} s")
