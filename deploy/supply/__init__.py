"""What Boucle is made of: the locks, a bill of materials, an audit against known weaknesses."""
