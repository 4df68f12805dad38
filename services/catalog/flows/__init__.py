"""Flows: material given, sold or paid to be taken, once or again, in dated lots; « gisements » on the pages."""
