"""What a legal entity may issue or receive in law: declared with its article and date, checked by a coordinator."""
