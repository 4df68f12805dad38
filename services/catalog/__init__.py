"""Catalog: who is who, who needs and offers what, what they agree, exchange and pay."""
