"""Pages under /r/: where partners are looked for, the directory, and the own partnership."""
