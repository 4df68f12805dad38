"""What an organisation published, as CSV and XLSX files that the imports read back."""
