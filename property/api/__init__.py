"""REST door of red property."""
