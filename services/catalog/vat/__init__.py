"""VAT: rates and exemptions by date, what each line of a bill charges, and numbers checked by their key."""
