"""Numbers of papers: without gaps within a community and a year."""

from partners.models import NumberSeries


def number_next(area, paper: str, year: int) -> str:
    """Take the next number of a kind of paper (``JZ``) and return it whole: ``JZ-990102001002-2026-0001``.

    Call it in the transaction that stores the paper: whoever takes the next one waits until that is over.
    """
    NumberSeries.objects.bulk_create([NumberSeries(area=area, paper=paper, year=year)], ignore_conflicts=True)
    series = NumberSeries.objects.select_for_update().get(area=area, paper=paper, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{paper}-{area.code}-{year}-{series.last:04d}"
