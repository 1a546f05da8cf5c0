"""Pages of projects for residents, partners and evaluators."""
