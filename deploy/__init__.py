"""Ways to run Boucle; may import services, nothing imports it."""
