"""Phone pages of devices under ``/m/``; they stand on those of cases (``cases.pages.mobile``)."""
