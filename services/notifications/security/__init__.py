"""Letters about somebody's account: to the person alone, at once, and in no inbox."""
