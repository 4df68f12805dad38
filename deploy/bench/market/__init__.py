"""A made-up market of a million offers, and the engines that are asked about it in one run."""
