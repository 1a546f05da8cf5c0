"""``manage.py import_divisions FILE...``: lists of districts and streets into the tree of areas."""

from governance.exchange.commands import ImportCommand
from governance.exchange.divisions import DivisionImporter


class Command(ImportCommand):
    help = "Import lists of cities, districts, streets and communities; repeatable, whole or not at all."
    importer_key = DivisionImporter.key

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--city-root", action="append", default=[], metavar="CODE[=NAME]", help="only this city; repeatable"
        )

    def given_options(self, options):
        return {"city_root": ",".join(options["city_root"])}
