"""What suppliers propose for needs, how proposals compare, and which is chosen."""
