"""What an invoice says: VAT rate by rate, and the data that its supplier takes over into its own platform."""
