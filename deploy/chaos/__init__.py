"""The fault rig: a whole Boucle under load and under faults, judged by a ledger that the clients keep."""
