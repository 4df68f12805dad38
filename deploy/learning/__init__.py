"""`boucle learn`: from answers to a table of weights, held against weeks that it has not seen."""
