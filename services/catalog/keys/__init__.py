"""Keys that programs act with for an organisation, within what the member who made them may do."""
