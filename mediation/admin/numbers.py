"""The search box of a list finds a row by the number that people are told."""

from django.db.models import QuerySet

from mediation.numbers import key_of


class FoundByNumber:
    """Looks for the number of a row first; whatever else is typed is looked for in ``rows_with_words(queryset)``. A
    number tells no word: it also finds rows of which the person has no more than that they are."""

    def rows_with_words(self, queryset: QuerySet) -> QuerySet:
        """Return the rows of which words are searched."""
        return queryset

    def get_search_results(self, request, queryset, search_term):
        key = key_of(self.opts.label_lower, search_term)
        if key is not None:
            return queryset.filter(pk=key), False
        rows = self.rows_with_words(queryset) if search_term else queryset
        return super().get_search_results(request, rows, search_term)
