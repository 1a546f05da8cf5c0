"""Imports and exports: files in, judged line by line and stored whole or not at all; lists out."""
