"""Background jobs of credit files. All may run twice."""

from procrastinate.contrib.django import app

from partners.credit.nightly import files_compute


@app.periodic(cron="45 2 * * *")
@app.task(name="partners.compute_credit_files", queueing_lock="partners.compute_credit_files")
def compute_credit_files(timestamp: int) -> int:
    """Compute all credit files; return how many."""
    return files_compute()
