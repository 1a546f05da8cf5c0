"""Bins: how fast each fills, when each will be full, and which to empty today on what way."""
