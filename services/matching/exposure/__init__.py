"""How evenly suppliers are asked: counted every hour, shown to coordinators, and in general to everybody."""
