"""Projects made of needs (项目化运作): published, claimed by partners, evaluated by three parties, paid."""
