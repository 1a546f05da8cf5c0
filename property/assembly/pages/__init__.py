"""Phone pages of assemblies: under /r/ for residents, under /m/ for who runs them and who does what was agreed."""
