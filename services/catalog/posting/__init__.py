"""What needs, flows and offers have in common when they are written: schemas, suggestions, form parts."""
