"""Disputes (纠纷): what they are about, between whom, who handles them, and how they end."""
