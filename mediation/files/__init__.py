"""Files of a dispute: evidence, signed papers, documents of tracks, records of video sittings (0040, 0046)."""
