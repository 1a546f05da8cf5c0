"""Prevention (矛盾隐患排查): hazards found on patrols or told by phone; signals of hotline, petitions and opinion."""
