"""What a party has of the own dispute: a page by link or account, the own papers, what they say."""
