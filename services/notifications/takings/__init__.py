"""What becomes of parts of lots, told to whichever of the two did not do it."""
