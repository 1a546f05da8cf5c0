"""红色议事厅: the standing assembly, its sessions, their agenda, minutes, and what is followed up."""
