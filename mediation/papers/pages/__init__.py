"""Pages of parties."""
