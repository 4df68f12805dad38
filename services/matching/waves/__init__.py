"""Who is solicited when, paced and fair: rows with due times, so that a restart forgets nothing."""
