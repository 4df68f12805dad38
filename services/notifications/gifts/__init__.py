"""Who hears of gifts: the other side of each step; and an organisation of what is found about its eligibilities."""
