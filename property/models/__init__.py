"""Models of red property; each topic in its own file."""
