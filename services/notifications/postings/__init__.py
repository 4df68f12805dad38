"""What organisations are told of what others did to their postings."""
