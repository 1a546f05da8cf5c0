"""Pages of redemption for members and merchants."""
