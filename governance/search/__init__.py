"""Finding cases, places and people by a few words, Chinese or not, within what the searcher may see.

text      how a text is found: pairs of neighbouring characters, an index, the substring itself
registry  what can be found; each app registers its own
finder    asking all of them
"""

from governance.search.registry import Found, Searchable, searchable

__all__ = ["Found", "Searchable", "searchable"]
