"""``manage.py import_catalogue FILE --scheme ... --scheme-version ...``: a catalogue of filing standards."""

from cases.importers import CatalogueImporter
from governance.exchange.commands import ImportCommand


class Command(ImportCommand):
    help = "Import filing standards with their categories and units; repeatable, whole or not at all."
    importer_key = CatalogueImporter.key

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--scheme", required=True, help="what the catalogue is called, such as the city's name")
        parser.add_argument("--scheme-version", required=True, help="such as the year it was published")

    def given_options(self, options):
        return {name: options[name] for name in ("scheme", "scheme_version")}
