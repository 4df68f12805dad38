"""Campaigns: a project of the social economy asks for money by a day, and companies pledge it, as promises of gifts."""
