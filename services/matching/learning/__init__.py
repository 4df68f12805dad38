"""What came of asking: the answers that weights are learnt from (`boucle learn`)."""
