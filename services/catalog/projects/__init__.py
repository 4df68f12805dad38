"""Projects without a SIRET yet, held by a partner or the territory until they are founded."""
