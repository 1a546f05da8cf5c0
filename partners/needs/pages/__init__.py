"""Pages of needs for residents (``/r/``) and for people at work (``/m/``)."""
