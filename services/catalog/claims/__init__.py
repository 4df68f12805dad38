"""How one comes to act for an organisation: signing up, and claiming one that is there already."""
