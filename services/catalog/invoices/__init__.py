"""The data of an invoice, which its supplier takes over into its own platform."""
