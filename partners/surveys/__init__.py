"""Questionnaires: made by the community, filled by residents or on paper, counted, published."""
