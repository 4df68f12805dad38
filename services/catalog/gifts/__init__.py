"""Gifts: promised, valued by their donor, confirmed by their recipient, and the papers that follow."""
