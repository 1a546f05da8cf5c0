"""What questionnaires tell the rest of the house.

``answers_marked``: sent inside the transaction in which an answer was made a need, with ``mark`` (``SurveyMark``:
title, text, area, sheet, question), ``candidate`` (``needs_link.Candidate``) and ``actor``. Received in a
``handlers.py``.
"""

from django.dispatch import Signal

answers_marked = Signal()
