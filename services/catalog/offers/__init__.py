"""Offers: what an organisation can do, as a standing promise; « activités » on the pages."""
