"""Reading reports: text models trained, kept in versions, and asked by the dispatch hub."""
