"""Prevention (矛盾隐患排查): hazards found on patrols and told by phone; signals from hotline, petitions and opinion."""
