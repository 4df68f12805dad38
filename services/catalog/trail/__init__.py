"""Reading the audit log: a territory's for its coordinators, an organisation's for its owners."""
