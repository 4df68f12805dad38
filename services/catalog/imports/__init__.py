"""Organisations, offers, needs and flows from CSV and XLSX files, through the same commands as the pages."""
