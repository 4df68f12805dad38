"""Answers by e-mail: handed over by the operator's mail server, proven, cut to what was written, then posted."""
