"""Boucle in containers: what docker-compose.yml at the top builds, starts and mounts."""
