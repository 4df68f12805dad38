"""Who takes which part of a lot: options, takings, their priority, their papers and their end."""
