"""Matching: who fits whom, why, and who is asked when."""
