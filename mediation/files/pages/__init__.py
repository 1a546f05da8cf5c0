"""Pages of files of disputes."""
