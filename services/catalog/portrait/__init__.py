"""What an organisation says of itself: its portrait, its statuses, its sites, its proofs."""
